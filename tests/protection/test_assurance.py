from dataclasses import replace

import pytest
from protection_worlds import Person, Place, Project, World, count, demo, one_project, rows, small_policy

from survey_app.aggregation.tables import TOTAL
from survey_app.protection.assurance import GROUPS, LOW_COUNT, NARROWED, NOT_POSSIBLE, attack, attack_counts
from survey_app.protection.engine import protect
from survey_app.protection.knowledge import Known, ceiling_of, from_registers
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import ProtectedCell, ProtectedTable, Status

INSIDE = load_policy("inside")


def published(world, withheld=()) -> list[ProtectedTable]:
    """Publish everything but what is named."""
    return [
        ProtectedTable(
            table.name,
            table.axes,
            {
                codes: ProtectedCell(cell.at, None, Status.WITHHELD)
                if (table.name, codes) in withheld
                else ProtectedCell(cell.at, _people(linked, cell), Status.PUBLISHED)
                for codes, cell in table.cells.items()
            },
            table.answer_axis,
        )
        for linked in (count(world),)
        for table in linked.tables
    ]


def _people(linked, cell) -> int:
    people = linked.count(cell)
    return people if isinstance(people, int) else 0


def found(tables) -> set[tuple[tuple[str, ...], str]]:
    return {(violation.where[1], violation.attack) for violation in attack(tables, INSIDE).violations}


ROW = one_project({"a-lot": 30, "a-little": 12, "not-much": 2, "not-at-all": 9})
MARGINS = [("item:helpful", ("not-much", place)) for place in (TOTAL, "ghent", "g1")]


def test_a_low_count_in_print_is_found() -> None:
    assert (("not-much", TOTAL), LOW_COUNT) in found(published(ROW))


def test_a_single_hole_in_a_row_is_filled() -> None:
    assert (("not-much", TOTAL), NARROWED) in found(published(ROW, MARGINS))


def test_two_holes_that_only_share_a_few_people_are_too_narrow() -> None:
    world = one_project({"a-lot": 30, "not-much": 2, "not-at-all": 1, "missing": 7})
    holes = [
        ("item:helpful", (answer, place)) for answer in ("not-much", "not-at-all") for place in (TOTAL, "ghent", "g1")
    ]
    assert {attack for _, attack in found(published(world, holes))} == {NARROWED, LOW_COUNT}


def test_a_group_that_agreed_in_print_is_found() -> None:
    assert (("a-lot", TOTAL), GROUPS) in found(published(one_project({"a-lot": 12})))


def test_figures_that_contradict_each_other_are_no_release() -> None:
    tables = published(ROW, MARGINS)
    cells = dict(tables[0].cells)
    cells["answered", TOTAL] = replace(cells["answered", TOTAL], value=99)
    assert {attack for _, attack in found([replace(tables[0], cells=cells)])} >= {NOT_POSSIBLE}


def test_a_margin_shown_by_another_table_fills_the_hole() -> None:
    world = demo()
    holes = [("item:helpful", ("not-much", TOTAL)), ("item:helpful", ("not-at-all", TOTAL))]
    assert any(codes == ("not-much", TOTAL) for codes, attack in found(published(world, holes)) if attack == NARROWED)


def test_a_register_narrows_what_is_withheld() -> None:
    places = (Place("ghent"),)
    world = rows(
        places, {"g1": ("ghent", {"a-lot": 40}), "g2": ("ghent", {"a-lot": 4}), "g3": ("ghent", {"a-lot": 40})}
    )
    linked = count(replace(world, registered={"g1": 41}))
    answers = {TOTAL, "answered", "positive", "a-lot"}
    statuses = {
        (0, codes): Status.WITHHELD if codes[0] in answers and codes[1] in {"g1", "g2"} else Status.PUBLISHED
        for codes in linked.tables[0].cells
    }
    free = attack_counts(linked, statuses, INSIDE)
    capped = attack_counts(linked, statuses, INSIDE, from_registers(linked))
    assert free.is_clean
    assert {violation.where[1][1] for violation in capped.violations} == {"g2"}


def test_a_register_that_is_behind_is_no_ceiling() -> None:
    linked = count(replace(ROW, registered={"g1": 3}))
    assert from_registers(linked) == ()


def test_ceilings_add_up_over_projects() -> None:
    known = [Known(frozenset({1, 2}), greatest=4), Known(frozenset({3}), greatest=3), Known(frozenset({9}), greatest=1)]
    assert ceiling_of(frozenset({1, 3}), known) == 7
    assert ceiling_of(frozenset({1, 5}), known) == float("inf")


def test_an_earlier_figure_that_pins_a_cell_is_used_against_its_neighbours() -> None:
    linked = count(one_project({"a-lot": 30, "a-little": 12, "not-much": 2, "not-at-all": 9}))
    table = linked.tables[0]
    low = {"not-much", "not-at-all", "negative"}
    statuses = {
        (0, codes): Status.WITHHELD if codes[0] in low - {"negative"} else Status.PUBLISHED for codes in table.cells
    }
    told = table.cells["not-at-all", TOTAL]
    known = [Known(told.atoms, 9, 9)]
    assert attack_counts(linked, statuses, INSIDE).is_clean
    assert not attack_counts(linked, statuses, INSIDE, known).is_clean


@pytest.mark.parametrize("folded", [{}, {"binche": "charleroi"}])
def test_the_reader_of_a_folded_row_knows_that_it_counts_more_than_its_projects(folded, without_tau_argus) -> None:
    world = rows(
        (Place("charleroi"), Place("binche", "charleroi")),
        {"c1": ("charleroi", {"a-lot": 40, "not-much": 20}), "b1": ("binche", {"a-lot": 3})},
    )
    result = protect(count(world), INSIDE)
    assert attack(result.tables, INSIDE, folded).is_clean is bool(folded)


def test_facilitators_who_know_how_many_came_are_one_of_the_attackers() -> None:
    from survey_app.protection.knowledge import from_facilitators

    linked = count(demo())
    facts = from_facilitators(linked)
    assert {fact.least for fact in facts} >= {4, 59}
    assert all(fact.least == fact.greatest == sum(linked.atoms[atom] for atom in fact.atoms) for fact in facts)


def test_who_knows_how_many_came_to_a_room_must_not_find_the_answer_that_is_left() -> None:
    """Seven came, five said "a lot": readers who are not told the seven do not know of the other two."""
    from survey_app.protection.knowledge import from_facilitators

    project = Project("g1", "ghent", ("helpful",), ("m1", "m2"))
    rooms = {"m1": {"a-lot": 5, "not-much": 2}, "m2": {"a-lot": 20, "not-much": 12}}
    people = tuple(
        Person("g1", module, "female", "18-60", {"helpful": answer})
        for module, answers in rooms.items()
        for answer, number in answers.items()
        for _ in range(number)
    )
    linked = count(World((Place("ghent"),), (project,), people, has_indicator=False))
    assert linked.tables[1].name == "module:helpful"
    hidden = {(1, (answer, module)) for answer in (TOTAL, "answered", "negative", "not-much") for module in rooms}
    statuses = {
        (number, codes): Status.WITHHELD if (number, codes) in hidden else Status.PUBLISHED
        for number, table in enumerate(linked.tables)
        for codes in table.cells
    }
    lenient = small_policy(k=3, dissenters=1, group=3)
    assert attack_counts(linked, statuses, lenient).is_clean
    found = attack_counts(linked, statuses, lenient, from_facilitators(linked))
    assert ("not-much", "m1") in {violation.where[1] for violation in found.violations}
