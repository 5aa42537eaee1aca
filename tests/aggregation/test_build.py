"""Small worlds: every number here was counted by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import small_worlds as worlds

from survey_app.aggregation.build import build_linked_tables
from survey_app.aggregation.facts import (
    ContradictoryFacts,
    ItemFact,
    NothingToCount,
    OneProject,
    QuestionnaireFact,
    RegisterFact,
    ResponseDocument,
)
from survey_app.aggregation.tables import LinkedTables, Place


@pytest.fixture
def charleroi() -> Any:
    """Charleroi with its partner Binche, and Ghent: 2 + 1 + 3 people."""
    sessions = (
        worlds.session("111111"),
        worlds.session(
            "222222",
            organisation="charleroi",
            project="work",
            module="advanced",
            asked=frozenset({"helpful", "housing", "age", "gender"}),
        ),
        worlds.session("333333", organisation="binche", lead="charleroi", project="garden"),
    )
    one = worlds.response
    responses = (
        one(helpful="a-lot", doctor="a-lot", change=["slower"], age="18-60", gender="female"),
        one(helpful="a-little", doctor="not-at-all", change=["slower", "childcare"], age="18-60", gender="female"),
        one(off={"helpful": "not-understood", "change": "no-answer"}, age="over-60", gender="male"),
        one("222222", helpful="a-lot", housing="not-much", age="under-18", gender="male"),
        one("222222", helpful="not-at-all", off={"housing": "not-for-me", "gender": "no-answer"}),
        one("333333", helpful="a-lot", doctor="a-little", change=[], age="18-60", gender="non-binary"),
    )
    return worlds.population(*sessions), responses


@pytest.fixture
def linked(charleroi: Any, read: Any) -> Any:
    return read(build_linked_tables(*charleroi))


def test_the_indicator_is_counted_by_gender_and_age(linked: Any) -> None:
    count = linked.count
    assert count("indicator", "total", "total", "total") == 6
    assert count("indicator", "answered", "total", "total") == 5
    assert count("indicator", "positive", "total", "total") == 4
    assert count("indicator", "a-lot", "total", "total") == 3
    assert count("indicator", "negative", "total", "total") == 1
    assert count("indicator", "not-understood", "total", "total") == 1
    assert count("indicator", "positive", "female", "total") == 2
    assert count("indicator", "positive", "female", "18-60") == 2
    assert count("indicator", "positive", "male", "under-18") == 1
    assert count("indicator", "not-at-all", "undisclosed", "undisclosed") == 1
    assert count("indicator", "total", "total", "18-60") == 3


def test_a_partner_stands_in_the_group_of_its_lead_and_the_lead_has_a_part_of_its_own(linked: Any) -> None:
    places = linked.table("item:helpful").axes[1]
    assert places.codes == (
        "total",
        "charleroi",
        "charleroi-own",
        "charleroi/work",
        "binche",
        "binche/garden",
        "ghent",
        "ghent/sewing",
    )
    assert linked.count("item:helpful", "a-lot", "charleroi") == 2
    assert linked.count("item:helpful", "a-lot", "charleroi-own") == 1
    assert linked.count("item:helpful", "total", "binche/garden") == 1
    assert linked.count("item:helpful", "answered", "ghent") == 2
    at = linked.table("item:helpful").cells["a-lot", "charleroi/work"].at
    assert (at.organisation, at.project, at.measure, at.item, at.period) == (
        "charleroi",
        "work",
        "people",
        "helpful",
        "2026-H1",
    )
    assert linked.linked.places == (Place("charleroi"), Place("binche", "charleroi"), Place("ghent"))


def test_an_item_that_a_place_was_not_asked_has_no_row_there_and_a_zero_is_a_zero(linked: Any) -> None:
    assert linked.table("item:doctor").axes[1].codes == (
        "total",
        "charleroi",
        "binche",
        "binche/garden",
        "ghent",
        "ghent/sewing",
    )
    assert linked.count("item:doctor", "total", "total") == 4
    assert linked.count("item:doctor", "missing", "total") == 1
    assert linked.count("item:doctor", "not-much", "total") == 0
    assert linked.count("item:housing", "not-for-me", "charleroi/work") == 1
    assert linked.count("item:housing", "total", "total") == 2


def test_tables_stand_in_the_order_in_which_the_questionnaire_asks(linked: Any) -> None:
    by_place = [table.name for table in linked.linked.tables if table.name.startswith("item:")]
    assert by_place == ["item:helpful", "item:doctor", "item:housing", "item:change:slower", "item:change:childcare"]
    assert linked.linked.tables[0].name == "indicator"


def test_each_option_of_several_is_split_by_itself(linked: Any) -> None:
    assert linked.count("item:change:slower", "chosen", "total") == 2
    assert linked.count("item:change:slower", "not-chosen", "total") == 1
    assert linked.count("item:change:childcare", "chosen", "total") == 1
    assert linked.count("item:change:childcare", "no-answer", "total") == 1
    assert linked.table("item:change:childcare").cells["chosen", "total"].at.item == "change:childcare"


def test_the_people_off_the_scale_are_the_same_for_each_option(linked: Any) -> None:
    slower = linked.atoms("item:change:slower", "off-scale", "total")
    assert slower == linked.atoms("item:change:childcare", "off-scale", "total")
    assert slower != linked.atoms("item:doctor", "off-scale", "total")


def test_modules_are_counted_over_all_places(linked: Any) -> None:
    assert linked.table("module:helpful").axes[1].codes == ("total", "advanced", "basic")
    assert linked.count("module:helpful", "a-lot", "basic") == 2
    assert linked.count("module:doctor", "total", "basic") == 4
    assert linked.table("module:doctor").axes[1].codes == ("total", "basic")


def test_gender_and_age_never_meet_a_place_or_a_module(linked: Any) -> None:
    tables = linked.linked.tables
    assert len(tables) == 1 + 2 * 5 + 1
    for table in tables:
        names = {axis.name for axis in table.axes}
        assert not names & {"gender", "age"} or not names & {"place", "module"}
        assert all(not (c.at.gender and (c.at.organisation or c.at.module)) for c in table.cells.values())


def test_every_identity_holds_and_every_table_adds_up(linked: Any) -> None:
    atoms, tables = linked.linked.atoms, linked.linked.tables
    assert linked.linked.identities
    for left, right in linked.linked.identities:
        assert left
        assert right
        assert sum(atoms[a] for a in left) == sum(atoms[a] for a in right)
    for table in tables:
        assert set(table.cells) == set(product(*(axis.codes for axis in table.axes)))
        for codes, cell in table.cells.items():
            for position, axis in enumerate(table.axes):
                children = axis.children(codes[position])
                parts = [table.cells[(*codes[:position], c, *codes[position + 1 :])].atoms for c in children]
                assert not parts or cell.atoms == frozenset().union(*parts)
                assert sum(len(part) for part in parts) in {0, len(cell.atoms)}


def test_stored_documents_count_like_plain_facts(charleroi: Any) -> None:
    population, responses = charleroi
    documents = (
        ResponseDocument(
            response.session,
            json.dumps(
                {"language": "ar", "mode": "alone", "answers": response.answers, "off_scale": response.off_scale}
            ),
        )
        for response in responses
    )
    assert build_linked_tables(population, documents) == build_linked_tables(population, responses)


def test_the_order_of_sessions_and_responses_changes_nothing(charleroi: Any) -> None:
    population, responses = charleroi
    reverse = worlds.population(*reversed(population.sessions))
    assert build_linked_tables(reverse, reversed(responses)) == build_linked_tables(population, responses)


def test_without_a_closed_session_there_is_nothing_to_count() -> None:
    assert build_linked_tables(worlds.population(), ()) == NothingToCount("2026-H1", None)


def test_a_session_without_a_response_counts_as_zero(read: Any) -> None:
    linked = read(build_linked_tables(worlds.population(worlds.session()), ()))
    assert linked.count("indicator", "total", "total", "total") == 0
    assert linked.linked.people == 0
    assert linked.linked.sessions == {"111111"}


def test_a_release_about_one_project_has_no_places_and_stands_at_the_project(read: Any) -> None:
    population = worlds.population(worlds.session(), scope=OneProject("ghent", "sewing"))
    linked = read(build_linked_tables(population, [worlds.response(helpful="a-lot")]))
    assert [axis.name for axis in linked.table("item:helpful").axes] == ["answer"]
    assert linked.count("item:helpful", "a-lot") == 1
    cells = [cell for table in linked.linked.tables for cell in table.cells.values()]
    assert {(cell.at.organisation, cell.at.project) for cell in cells} == {("ghent", "sewing")}


def test_another_projects_session_in_a_release_about_one_project_is_refused() -> None:
    population = worlds.population(worlds.session(), scope=OneProject("ghent", "cooking"))
    with pytest.raises(ContradictoryFacts, match="other projects"):
        build_linked_tables(population, ())


def test_scales_of_three_and_four_answers_never_meet_in_one_figure(read: Any) -> None:
    three = ItemFact(
        "helpful",
        "scale",
        ("a-lot", "a-little", "not-at-all"),
        role="indicator",
        positive=("a-lot", "a-little"),
        negative=("not-at-all",),
        scale="much-3",
        scale_version=1,
    )
    simple = QuestionnaireFact("simple", 1, (three, *worlds.EXIT.items[1:]))
    population = worlds.population(
        worlds.session("111111"),
        worlds.session("222222", questionnaire="simple"),
        questionnaires=(worlds.EXIT, simple),
    )
    responses = [
        worlds.response("111111", helpful="a-lot", doctor="a-lot"),
        worlds.response("222222", helpful="a-lot", doctor="a-lot"),
        worlds.response("222222", helpful="not-at-all", doctor="a-lot"),
    ]
    linked = read(build_linked_tables(population, responses))
    assert linked.count("item:helpful@much-4-1", "a-lot", "total") == 1
    assert linked.count("item:helpful@much-3-1", "total", "total") == 2
    assert linked.count("indicator:helpful@much-3-1", "a-lot", "total", "total") == 1
    assert linked.count("indicator:helpful@much-4-1", "a-lot", "total", "total") == 1
    assert "item:helpful" not in linked.tables
    assert linked.count("item:doctor", "a-lot", "total") == 3
    assert all(
        sum(linked.linked.atoms[a] for a in left) == sum(linked.linked.atoms[a] for a in right)
        for left, right in linked.linked.identities
    )


def test_a_scale_that_was_changed_between_two_versions_is_never_added_up(read: Any) -> None:
    changed = QuestionnaireFact("exit", 2, (replace(worlds.HELPFUL, scale_version=2), *worlds.EXIT.items[1:]))
    population = worlds.population(
        worlds.session("111111"), worlds.session("222222", version=2), questionnaires=(worlds.EXIT, changed)
    )
    responses = [worlds.response(code, helpful="a-lot", doctor="a-lot") for code in ("111111", "222222", "222222")]
    linked = read(build_linked_tables(population, responses))
    assert {name for name in linked.tables if "helpful" in name} == {
        f"{table}:helpful@much-4-{version}"
        for table in ("item", "module", "indicator", "language")
        for version in (1, 2)
    } & set(linked.tables)
    assert [linked.count(f"item:helpful@much-4-{version}", "a-lot", "total") for version in (1, 2)] == [1, 2]
    assert linked.count("item:doctor", "a-lot", "total") == 3
    assert linked.linked.scales["helpful"] == {"much-4-1": {"111111"}, "much-4-2": {"222222"}}


def test_versions_with_the_same_scale_meet_and_a_new_option_counts_where_it_was_offered(read: Any) -> None:
    change = ItemFact("change", "several", ("slower", "childcare", "more-hours"))
    second = QuestionnaireFact("exit", 2, (*worlds.EXIT.items[:3], change, *worlds.EXIT.items[4:]))
    population = worlds.population(
        worlds.session("111111"), worlds.session("222222", version=2), questionnaires=(worlds.EXIT, second)
    )
    responses = [
        worlds.response("111111", helpful="a-lot", change=["slower"]),
        worlds.response("222222", helpful="a-lot", change=["slower", "more-hours"]),
    ]
    linked = read(build_linked_tables(population, responses))
    assert linked.count("item:helpful", "a-lot", "total") == 2
    assert linked.count("item:change:slower", "chosen", "total") == 2
    assert linked.count("item:change:more-hours", "total", "total") == 1


def register(project: Any, **people: Any) -> Any:
    brackets = {"women": ("female", "18-60"), "men": ("male", "18-60"), "other": ("non-binary", "18-60")}
    return tuple(RegisterFact(project, *brackets[name], number) for name, number in people.items())


def test_registers_are_counted_and_cap_what_an_attacker_thinks_possible(read: Any) -> None:
    population = worlds.population(worlds.session(), registers=register("sewing", women=7, men=2))
    one = worlds.response
    responses = [
        one(helpful="a-lot", gender="female", age="18-60"),
        one(helpful="a-lot", gender="male", age="18-60"),
    ]
    linked = read(build_linked_tables(population, responses))
    assert linked.count("registered", "total", "total") == 9
    assert linked.count("registered", "female", "18-60") == 7
    assert linked.count("registered", "non-binary", "total") == 0
    assert linked.count("registered:place", "ghent/sewing") == 9
    ceilings = dict(linked.linked.ceilings)
    assert ceilings[linked.atoms("item:helpful", "total", "ghent/sewing")] == 9
    assert ceilings[linked.atoms("indicator", "total", "male", "18-60")] == 2
    assert ceilings[linked.atoms("indicator", "total", "non-binary", "total")] == 0


def test_a_register_that_the_responses_exceed_is_not_taken_for_knowledge(read: Any) -> None:
    population = worlds.population(worlds.session(), registers=register("sewing", women=1))
    responses = [worlds.response(gender="female", age="18-60"), worlds.response(gender="female", age="18-60")]
    linked = read(build_linked_tables(population, responses))
    assert linked.count("registered", "total", "total") == 1
    for atoms, people in linked.linked.ceilings:
        assert sum(linked.linked.atoms[a] for a in atoms) <= people


def test_without_every_projects_register_no_sum_of_registers_is_shown(read: Any) -> None:
    population = worlds.population(
        worlds.session("111111"),
        worlds.session("222222", project="cooking"),
        registers=register("sewing", women=7),
    )
    linked = read(build_linked_tables(population, [worlds.response(helpful="a-lot")]))
    assert not {"registered", "registered:place"} & set(linked.tables)
    assert (linked.atoms("item:helpful", "total", "ghent/sewing"), 7) in linked.linked.ceilings


@pytest.mark.parametrize(
    "answers",
    [
        {"helpful": "wonderful"},
        {"housing": "a-lot"},
        {"helpful": ["a-lot"]},
        {"change": "slower"},
        {"change": ["slower", "wonderful"]},
    ],
)
def test_a_response_that_does_not_fit_stops_the_count_and_is_not_shown(answers: Any) -> None:
    with pytest.raises(ContradictoryFacts) as refused:
        build_linked_tables(worlds.population(worlds.session()), [worlds.response(**answers)])
    assert "111111" in str(refused.value)
    assert "wonderful" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_an_item_both_answered_and_off_the_scale_stops_the_count() -> None:
    both = worlds.response(helpful="a-lot", off={"helpful": "no-answer"})
    with pytest.raises(ContradictoryFacts):
        build_linked_tables(worlds.population(worlds.session()), [both])


def test_a_response_of_a_session_that_is_not_counted_stops_the_count() -> None:
    with pytest.raises(ContradictoryFacts, match="999999"):
        build_linked_tables(worlds.population(worlds.session()), [worlds.response("999999", helpful="a-lot")])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"questionnaire": "other"}, "unknown"),
        ({"asked": frozenset({"helpful", "weather"})}, "weather"),
        ({"lead": "ghent"}, "never itself"),
    ],
)
def test_facts_that_contradict_each_other_are_refused_by_name(changes: Any, reason: Any) -> None:
    with pytest.raises(ContradictoryFacts, match=reason):
        build_linked_tables(worlds.population(worlds.session(**changes)), ())


def test_the_same_session_twice_a_project_of_two_and_a_lead_with_a_lead_are_refused() -> None:
    one = worlds.session
    for others in (
        [one("111111")],
        [one("222222", organisation="antwerp")],
        [one("222222", organisation="eeklo", lead="ghent", project="b"), one("3", organisation="x", lead="eeklo")],
        [one("222222", organisation="ghent-own", project="b"), one("3", organisation="x", lead="ghent", project="c")],
    ):
        with pytest.raises(ContradictoryFacts):
            build_linked_tables(worlds.population(one("111111"), *others), ())


@pytest.mark.parametrize(
    "item",
    [
        {"kind": "single", "answers": ("yes", "yes")},
        {"kind": "single", "answers": ("yes", "missing")},
        {"kind": "single", "answers": ()},
        {"kind": "scale", "answers": ("yes", "no")},
        {"kind": "single", "answers": ("woman",), "role": "gender"},
        {"kind": "scale", "answers": ("yes",), "positive": ("yes",), "negative": ("yes",), "scale": "s"},
    ],
)
def test_an_item_whose_codes_could_be_counted_twice_is_refused(item: Any) -> None:
    with pytest.raises(ContradictoryFacts):
        ItemFact("strange", **{"scale_version": 1, **item} if item["kind"] == "scale" else item)


def test_the_result_is_the_type_that_protection_takes(charleroi: Any) -> None:
    linked = build_linked_tables(*charleroi)
    assert isinstance(linked, LinkedTables)
    assert linked.people == 6
    assert linked.sessions == {"111111", "222222", "333333"}


@pytest.mark.parametrize(("modules", "projects", "is_told"), [(6, 1, True), (7, 1, False), (2, 2, False)])
def test_answers_that_are_all_alike_are_counted_in_releases_about_one_project_of_few_groups(
    read: Any,
    modules: int,
    projects: int,
    is_told: bool,  # noqa: FBT001 - a case
) -> None:
    asked = frozenset({"helpful", "doctor", "housing"})
    sessions = [
        worlds.session(f"{number}", project=f"p{number % projects}", module=f"m{number}", asked=asked)
        for number in range(modules)
    ]
    people = [worlds.response(each.code, helpful="a-lot", doctor="a-lot", housing="a-lot") for each in sessions]
    found = read(build_linked_tables(worlds.population(*sessions), people))
    assert ("alike" in found.tables) is is_told
    assert found.count("item:housing", "a-lot", "total") == modules
