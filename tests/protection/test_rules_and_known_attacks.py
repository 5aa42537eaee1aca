import pytest
from protection_worlds import (
    Person,
    Place,
    Project,
    World,
    count,
    demo,
    one_project,
    rows,
    small_policy,
    table_of,
)

from survey_app.aggregation.tables import TOTAL, NotAsked
from survey_app.protection.assurance import attack
from survey_app.protection.class_disclosure import gave_one_answer
from survey_app.protection.engine import protect
from survey_app.protection.low_counts import is_low
from survey_app.protection.percentages import percentage_of
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import ProtectedTables, Status
from survey_app.protection.reasons import Reason

pytestmark = pytest.mark.usefixtures("without_tau_argus")
INSIDE = load_policy("inside")


def protected(world, policy=INSIDE, earlier=()) -> ProtectedTables:
    result = protect(count(world), policy, earlier)
    assert isinstance(result, ProtectedTables), result
    return result


def value(result, table, *codes: str) -> int | None:
    return table_of(result.tables, table).cells[codes].value


def is_withheld(result, table, *codes: str) -> bool:
    return table_of(result.tables, table).cells[codes].status is Status.WITHHELD


@pytest.mark.parametrize(("people", "low"), [(0, False), (1, True), (4, True), (5, False)])
def test_a_low_count_is_from_one_to_just_below_the_smallest_count(people, low) -> None:
    assert is_low(people, INSIDE) is low


@pytest.mark.parametrize(
    ("size", "commonest", "discloses"),
    [(12, 12, True), (12, 10, True), (12, 9, False), (19, 17, True), (20, 20, False), (0, 0, False), (1, 1, True)],
)
def test_a_small_group_of_which_all_but_two_gave_one_answer_discloses(size, commonest, discloses) -> None:
    assert gave_one_answer(size, commonest, INSIDE) is discloses


def test_a_group_that_agrees_is_shown_by_its_size_only() -> None:
    result = protected(one_project({"a-lot": 12}))
    shown = table_of(result.tables, "item:helpful").cells
    assert shown[TOTAL, "ghent"].value == 12
    assert all(cell.status is Status.WITHHELD for (answer, _), cell in shown.items() if answer != TOTAL)


def test_a_large_group_that_agrees_is_shown() -> None:
    result = protected(one_project({"a-lot": 40}))
    assert value(result, "item:helpful", "a-lot", "ghent") == 40
    assert result.certificate.narrowest_interval is None


def test_the_dissenter_of_a_small_group_cannot_be_seen() -> None:
    result = protected(one_project({"a-lot": 11, "not-at-all": 1}))
    assert value(result, "item:helpful", TOTAL, TOTAL) == 12
    assert is_withheld(result, "item:helpful", "a-lot", TOTAL)
    assert is_withheld(result, "item:helpful", "a-little", TOTAL)


def test_a_title_that_says_how_many_minus_the_published_answers_tells_nothing() -> None:
    result = protected(one_project({"a-lot": 30, "a-little": 10, "missing": 2}))
    shown = {
        answer: cell.value
        for (answer, place), cell in table_of(result.tables, "item:helpful").cells.items()
        if place == TOTAL
    }
    known_sums = [shown[TOTAL], shown["answered"], shown["off-scale"]]
    assert known_sums.count(None) != 1
    assert shown["off-scale"] is None


def test_two_ones_in_a_row_with_a_total_are_not_told_by_it() -> None:
    result = protected(one_project({"a-lot": 30, "not-much": 1, "not-at-all": 1, "missing": 8}))
    assert is_withheld(result, "item:helpful", "not-much", TOTAL)
    assert is_withheld(result, "item:helpful", "negative", TOTAL)
    assert attack(result.tables, INSIDE).is_clean


def test_what_is_withheld_in_one_table_is_withheld_in_all() -> None:
    result = protected(demo())
    by_person_group = {}
    for table in result.tables:
        for codes, cell in table.cells.items():
            named = dict(zip((axis.name for axis in table.axes), codes, strict=True))
            if all(code == TOTAL for axis, code in named.items() if axis != "answer"):
                by_person_group.setdefault((cell.at.item, named["answer"]), set()).add(cell.status)
    assert len(by_person_group) > 50
    assert all(len(statuses) == 1 for statuses in by_person_group.values())


PARTNERS = (Place("charleroi"), Place("binche", "charleroi"))


def test_a_partner_with_two_people_is_folded_into_its_lead() -> None:
    world = rows(PARTNERS, {"c1": ("charleroi", {"a-lot": 30, "not-much": 8}), "b1": ("binche", {"a-lot": 2})})
    result = protected(world)
    places = table_of(result.tables, "item:helpful").axes[1].codes
    assert result.folded == {"binche": "charleroi"}
    assert "binche" not in places
    assert "b1" not in places
    assert not any(cell.at.project == "b1" for table in result.tables for cell in table.cells.values())


def test_the_lead_minus_the_folded_partner_cannot_be_computed() -> None:
    world = rows(
        PARTNERS, {"c1": ("charleroi", {"a-lot": 30, "not-much": 8}), "b1": ("binche", {"a-lot": 2, "not-much": 1})}
    )
    result = protected(world)
    cells = table_of(result.tables, "item:helpful").cells
    for answer in ("a-lot", "not-much", TOTAL, "answered"):
        assert None in (cells[answer, "charleroi-own"].value, cells[answer, "c1"].value)


def test_a_partner_that_is_large_enough_keeps_its_rows() -> None:
    world = rows(PARTNERS, {"c1": ("charleroi", {"a-lot": 30}), "b1": ("binche", {"a-lot": 25})})
    result = protected(world)
    assert result.folded == {}
    assert value(result, "item:helpful", "a-lot", "binche") == 25


def test_a_question_that_was_not_asked_is_published_as_nobody() -> None:
    projects = (Project("g1", "ghent", ("helpful", "work")), Project("l1", "liege", ("helpful",)))
    people = tuple(Person("g1", "m1", "female", "18-60", {"helpful": "a-lot", "work": "a-lot"}) for _ in range(30))
    people += tuple(Person("l1", "m1", "female", "18-60", {"helpful": "a-lot"}) for _ in range(30))
    world = World((Place("ghent"), Place("liege")), projects, people, has_modules=False, has_indicator=False)
    assert isinstance(table_of(count(world).tables, "item:work").cells["a-lot", "l1"].atoms, NotAsked)
    cell = table_of(protected(world).tables, "item:work").cells["a-lot", "l1"]
    assert (cell.value, cell.status) == (0, Status.PUBLISHED)


def test_a_zero_of_a_group_that_agrees_looks_like_any_withheld_cell() -> None:
    cells = table_of(protected(one_project({"a-lot": 12})).tables, "item:helpful").cells
    assert cells["not-much", "ghent"].value is None
    assert cells["not-much", "ghent"].status is cells["a-lot", "ghent"].status


def test_a_project_that_asks_two_questions_does_not_tell_one_size_by_the_other() -> None:
    projects = (Project("g1", "ghent", ("helpful", "work")), Project("g2", "ghent", ("helpful", "work")))
    people = tuple(Person("g1", "m1", "female", "18-60", {"helpful": "a-lot", "work": "not-much"}) for _ in range(40))
    people += tuple(Person("g2", "m1", "female", "18-60", {"helpful": "a-lot", "work": "a-lot"}) for _ in range(3))
    result = protected(World((Place("ghent"),), projects, people, has_modules=False, has_indicator=False))
    for item in ("item:helpful", "item:work"):
        assert is_withheld(result, item, TOTAL, "g2")
        assert is_withheld(result, item, TOTAL, "g1")


def test_a_percentage_is_withheld_with_its_count_and_below_its_base() -> None:
    result = protected(one_project({"a-lot": 30, "a-little": 20, "not-much": 2}))
    cells = table_of(result.tables, "item:helpful").cells
    assert percentage_of(cells["a-lot", TOTAL], cells[TOTAL, TOTAL], INSIDE.smallest_percentage_base) == pytest.approx(
        57.69, abs=0.01
    )
    assert percentage_of(cells["not-much", TOTAL], cells[TOTAL, TOTAL], INSIDE.smallest_percentage_base) is None
    small = protected(one_project({"a-lot": 4, "not-much": 4}), small_policy())
    cells = table_of(small.tables, "item:helpful").cells
    assert cells[TOTAL, TOTAL].value == 8
    assert (
        percentage_of(cells[TOTAL, TOTAL], cells[TOTAL, TOTAL], load_policy("network").smallest_percentage_base) is None
    )


def test_tables_that_do_not_add_up_are_refused() -> None:
    linked = count(one_project({"a-lot": 30}))
    table = linked.tables[0]
    broken = dict(table.cells)
    broken["answered", TOTAL] = broken["off-scale", TOTAL]
    from dataclasses import replace

    refused = protect(replace(linked, tables=(replace(table, cells=broken),)), INSIDE)
    assert refused.reasons[0] == Reason("does-not-add-up", slots={"table": table.name})


def test_nobody_answered_is_no_secret() -> None:
    result = protected(one_project({}))
    assert value(result, "item:helpful", TOTAL, TOTAL) == 0
    assert result.withheld_primary == 0


def test_the_typical_first_release_still_says_something() -> None:
    result = protected(demo())
    totals = [value(result, "item:helpful", answer, TOTAL) for answer in (TOTAL, "answered", "positive")]
    assert all(isinstance(total, int) for total in totals)
    assert value(result, "item:helpful", TOTAL, "ghent") == 118
    assert value(result, "item:speaking", "a-lot", TOTAL) is not None
    assert value(result, "indicator", TOTAL, "female", TOTAL) == 135
    assert value(result, "indicator", TOTAL, TOTAL, "18-60") == 192
    assert attack(result.tables, INSIDE, result.folded).is_clean


def test_a_release_is_protected_the_same_way_twice() -> None:
    assert protected(demo(3)).tables == protected(demo(3)).tables


def test_a_register_that_says_more_than_the_release_could_hide_does_not_stop_it() -> None:
    result = protected(demo(), load_policy("public"))
    assert result.certificate.narrowest_interval == 6  # people in the partner's register
