"""Rule 7: the exact totals that the law requires, no figure more, and a warning for each that could point at somebody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from protection_worlds import FULL_SCALE, Person, Place, Project, World, count

from survey_app.aggregation.tables import TOTAL, LinkedTables
from survey_app.protection.assurance import NARROWED, attack_counts
from survey_app.protection.engine import protect
from survey_app.protection.exact_totals import ExactTotals, GendersByAge, take_exact_totals
from survey_app.protection.knowledge import Known
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import EarlierRelease, ProtectedCell, ProtectedTables, Refused, Status

pytestmark = pytest.mark.usefixtures("without_tau_argus")
PUBLIC = load_policy("public")


def people(*groups: tuple[int, str, str, str]) -> World:
    """One project of these many people who answered so, of this gender and age."""
    made = [Person("g1", "m1", gender, age, {"helpful": answer}) for n, answer, gender, age in groups for _ in range(n)]
    return World((Place("ghent"),), (Project("g1", "ghent", ("helpful",)),), tuple(made), FULL_SCALE, has_modules=False)


GROUP = people(
    (30, "a-lot", "female", "18-60"),
    (12, "a-little", "female", "over-60"),
    (20, "a-lot", "male", "18-60"),
    (3, "a-little", "male", "under-18"),
    (2, "a-lot", "non-binary", "18-60"),
    (1, "a-little", "undisclosed", "undisclosed"),
    (15, "not-much", "male", "18-60"),
    (4, "not-understood", "female", "18-60"),
    (11, "no-answer", "female", "18-60"),
)


def take(world: World, by: GendersByAge = "crossed") -> ExactTotals:
    (taken,) = take_exact_totals(count(world), PUBLIC, by)
    return taken


def rows(taken: ExactTotals) -> dict[tuple[str, str], int]:
    return {(row.at.gender, row.at.age): row.people for row in taken.rows}


def warned(taken: ExactTotals, why: str) -> set[tuple[str, str, str]]:
    return {(one.at.answer, one.at.gender, one.at.age) for one in taken.warnings if one.why == why}


def test_the_rows_are_those_of_the_law_and_their_numbers_are_exact() -> None:
    assert rows(take(GROUP)) == {
        (TOTAL, TOTAL): 68,
        ("female", TOTAL): 42,
        ("male", TOTAL): 23,
        (TOTAL, "under-18"): 3,
        (TOTAL, "18-60"): 52,
        (TOTAL, "over-60"): 12,
        ("female", "under-18"): 0,
        ("female", "18-60"): 30,
        ("female", "over-60"): 12,
        ("male", "under-18"): 3,
        ("male", "18-60"): 20,
        ("male", "over-60"): 0,
    }


def test_non_binary_and_undisclosed_are_in_the_total_and_nowhere_else() -> None:
    assert all(
        {gender, age} <= {TOTAL, "female", "male", "under-18", "18-60", "over-60"} for gender, age in rows(take(GROUP))
    )
    assert rows(take(GROUP))[TOTAL, TOTAL] == 42 + 23 + 3


def test_by_margins_nothing_is_crossed() -> None:
    assert len(rows(take(GROUP, "margins"))) == 6
    assert all(TOTAL in row for row in rows(take(GROUP, "margins")))


def test_beside_it_stand_the_answers_of_the_whole_and_of_nobody_else() -> None:
    beside = take(GROUP).beside
    assert [(each.at.measure, each.at.answer, each.people) for each in beside] == [
        ("asked", TOTAL, 98),
        ("answered", "answered", 83),
        ("people", "a-lot", 52),
        ("people", "positive", 68),
        ("people", "not-understood", 4),
        ("people", "no-answer", 11),
    ]
    assert {(each.at.gender, each.at.age) for each in beside} == {(TOTAL, TOTAL)}


def test_no_figure_names_a_place() -> None:
    assert {(each.at.organisation, each.at.project, each.at.module) for each in take(GROUP).figures} == {("", "", "")}


def test_each_number_below_the_smallest_count_is_warned_of() -> None:
    low = warned(take(GROUP), "low-count")
    assert low == {("positive", TOTAL, "under-18"), ("positive", "male", "under-18"), ("not-understood", TOTAL, TOTAL)}


def test_so_is_what_is_left_of_a_total_beside_its_rows() -> None:
    rest = warned(take(GROUP), "low-rest")
    assert rest == {
        ("positive", TOTAL, TOTAL),  # three of other genders, one without an age
        ("positive", TOTAL, "18-60"),  # two of other genders
    }
    assert ("positive", TOTAL, "18-60") not in warned(take(GROUP, "margins"), "low-rest")


def test_a_group_that_agrees_is_warned_of() -> None:
    agreed = people(
        (30, "a-lot", "female", "18-60"), (20, "a-little", "male", "18-60"), (1, "not-much", "male", "18-60")
    )
    assert warned(take(agreed), "nearly-all") == {("positive", TOTAL, TOTAL)}
    assert warned(take(GROUP), "nearly-all") == set()


def test_a_large_even_group_is_warned_of_nothing() -> None:
    large = people(
        *((30, answer, gender, age) for answer in ("a-lot", "a-little", "not-much")
          for gender in ("female", "male") for age in ("under-18", "18-60", "over-60"))
    )  # fmt: skip
    assert take(large).warnings == ()


def test_what_the_law_asks_for_is_told_where_a_release_is_refused_and_every_number_is_warned_of() -> None:
    few = people((3, "a-lot", "female", "18-60"))
    assert isinstance(protect(count(few), PUBLIC), Refused)
    assert rows(take(few))[TOTAL, TOTAL] == 3
    assert {("positive", TOTAL, TOTAL), ("positive", "female", "18-60")} <= warned(take(few), "low-count")


def remembered(taken: ExactTotals, world: World) -> EarlierRelease:
    cells = tuple(ProtectedCell(figure.at, figure.people, Status.PUBLISHED) for figure in taken.figures)
    sizes = dict.fromkeys(world.sessions, len(world.people))
    return EarlierRelease("return", datetime(2026, 7, 1, tzinfo=UTC), "public", world.sessions, cells, sizes)


def told(linked: LinkedTables, taken: ExactTotals) -> list[Known]:
    at = {cell.at: cell.atoms for table in linked.tables for cell in table.cells.values()}
    facts = [(at[figure.at], figure.people) for figure in taken.figures]
    return [Known(atoms, people, people) for atoms, people in facts if isinstance(atoms, frozenset)]


def lost(linked: LinkedTables, result: ProtectedTables, known: Iterable[Known]) -> set[str]:
    """How cells of a release are lost to somebody who has read the return too."""
    tables = {table.name: table for table in result.tables}
    statuses = {
        (number, codes): tables[table.name].cells[codes].status
        for number, table in enumerate(linked.tables)
        for codes in table.cells
    }
    return {one.attack for one in attack_counts(linked, statuses, load_policy("inside"), tuple(known)).violations}


def test_a_release_after_a_return_is_protected_from_who_has_read_it_and_would_not_be_if_it_were_forgotten() -> None:
    world, inside = GROUP, load_policy("inside")
    linked, taken = count(world), take(GROUP)
    knowing = told(linked, taken)
    forgotten = protect(linked, inside, ())
    aware = protect(linked, inside, [remembered(taken, world)])
    assert isinstance(forgotten, ProtectedTables)
    assert isinstance(aware, ProtectedTables)
    assert NARROWED in lost(linked, forgotten, knowing)
    assert lost(linked, aware, knowing) == set()
