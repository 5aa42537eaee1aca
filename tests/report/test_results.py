"""What the figures of a release say of each question, and that a withheld one says nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from survey_app.protection.protected import Coordinates, ProtectedCell, ProtectedTable, ProtectedTables, Status
from survey_app.report.intervals import wilson
from survey_app.report.results import Answers, bounds, compare, coverage, of_all, options, rank, read_answers, scales

Protect = Callable[..., ProtectedTables]
BASE = 10


def of_item(protected: ProtectedTables, item: str, place: tuple[str, str] = ("total", "total")) -> Answers:
    (found,) = (
        each
        for each in read_answers(protected.tables)
        if each.item == item and (each.at.organisation, each.at.project) == place
    )
    return found


def test_each_item_and_each_option_is_told_once_for_all_people(protect: Protect) -> None:
    everybody = of_all(read_answers(protect().tables))
    assert [each.item for each in everybody] == ["helpful", "doctor", "change:slower", "change:childcare"]
    assert [each.item for each in scales(everybody)] == ["helpful", "doctor"]
    assert [each.item for each in options(everybody)] == ["change:slower", "change:childcare"]
    assert [each.at.module for each in of_all(read_answers(protect().tables, "module"))] == ["total"] * 4


def test_places_stand_below_what_they_are_a_part_of(protect: Protect) -> None:
    helpful = [each for each in read_answers(protect().tables) if each.item == "helpful"]
    assert [(each.at.organisation, each.at.project, each.depth, each.is_group) for each in helpful[:4]] == [
        ("total", "total", 0, False),
        ("charleroi", "total", 1, True),
        ("charleroi-own", "total", 2, False),
        ("charleroi", "work", 3, False),
    ]


def test_a_share_has_the_interval_of_those_who_answered_out_of_the_register(protect: Protect) -> None:
    helpful = of_item(protect(), "helpful")
    found = helpful.estimate("positive", BASE)
    assert found is not None
    assert found.share == 25 / 36
    assert found.interval == wilson(25, 36, 53)
    own = of_item(protect(), "helpful", ("charleroi", "work")).estimate("positive", BASE)
    assert own is not None
    assert own.interval == wilson(19, 19, 30)


def test_an_item_that_was_not_asked_of_everybody_is_not_a_part_of_the_register(protect: Protect) -> None:
    def without_one_asked(protected: ProtectedTables) -> ProtectedTables:
        return changed(protected, "doctor", "total", value=30)

    assert of_item(protect(), "doctor").registered is not None
    assert of_item(without_one_asked(protect()), "doctor").registered is None


def changed(protected: ProtectedTables, item: str, answer: str, **changes: object) -> ProtectedTables:
    def change(cell: ProtectedCell) -> ProtectedCell:
        is_meant = cell.at.table == f"item:{item}" and cell.at.answer == answer
        return replace(cell, **changes) if is_meant else cell  # type: ignore[arg-type]

    tables = (replace(t, cells={codes: change(cell) for codes, cell in t.cells.items()}) for t in protected.tables)
    return replace(protected, tables=tuple(tables))


@pytest.mark.parametrize("hidden", ["positive", "answered"])
def test_a_withheld_figure_gives_no_share_no_interval_no_rank_and_no_verdict(protect: Protect, hidden: str) -> None:
    def withhold(at: Coordinates) -> bool:
        return at.item == "helpful" and at.answer == hidden

    silent, told = of_item(protect(withhold), "helpful"), of_item(protect(), "helpful")
    assert silent.share("positive", BASE) is None
    assert silent.estimate("positive", BASE) is None
    assert bounds(silent, BASE) is None
    assert compare(silent, told, BASE) is None
    assert compare(told, silent, BASE) is None
    assert [one.answers.item for one in rank([silent], BASE)] == []


def test_a_withheld_register_corrects_nothing_and_bounds_nothing(protect: Protect) -> None:
    helpful = of_item(protect(lambda at: at.measure == "registered"), "helpful")
    found = helpful.estimate("positive", BASE)
    assert found is not None
    assert found.interval == wilson(25, 36)
    assert bounds(helpful, BASE) is None


def test_a_share_of_too_few_answers_is_not_told(protect: Protect) -> None:
    garden = of_item(protect(), "helpful", ("binche", "garden"))
    assert garden.cells["answered"].value == 6
    assert garden.estimate("positive", BASE) is None


def test_rounded_figures_have_a_share_and_no_interval(protect: Protect) -> None:
    tables = tuple(
        replace(t, cells={codes: replace(cell, status=Status.ROUNDED) for codes, cell in t.cells.items()})
        for t in protect().tables
    )
    rounded = of_item(replace(protect(), tables=tables), "helpful")
    found = rounded.estimate("positive", BASE)
    assert found is not None
    assert found.share == 25 / 36
    assert found.interval is None
    assert bounds(rounded, BASE) is None
    assert compare(rounded, rounded, BASE) is None
    assert rank([rounded], BASE) == ()


def test_figures_repeated_from_an_earlier_release_give_no_share(protect: Protect) -> None:
    held = of_item(changed(protect(), "helpful", "positive", status=Status.HELD), "helpful")
    assert held.estimate("positive", BASE) is None


def test_worst_and_best_case_let_all_the_silent_say_no_or_yes(protect: Protect) -> None:
    found = bounds(of_item(protect(), "helpful"), BASE)
    assert found is not None
    assert (found.low, found.high) == (25 / 53, (25 + 53 - 36) / 53)


def test_coverage_is_told_of_all_and_of_each_place_and_a_register_that_is_too_small_is_named(protect: Protect) -> None:
    by_place = {(one.at.organisation, one.at.project): one for one in coverage(protect().tables, BASE)}
    assert by_place["total", "total"].share == pytest.approx(37 / 53)
    assert by_place["ghent", "sewing"].share == 12 / 15
    assert by_place["binche", "garden"].share is None  # eight registered: too few for a percentage
    small = tuple(
        changed_register(table, 4) if table.name.startswith("registered") else table for table in protect().tables
    )
    whole = coverage(small, BASE)[0]
    assert whole.is_exceeded
    assert whole.share is None
    assert coverage(protect(registers=()).tables, BASE) == ()


def changed_register(table: ProtectedTable, people: int) -> ProtectedTable:
    return replace(table, cells={codes: replace(cell, value=people) for codes, cell in table.cells.items()})


def test_a_change_between_two_periods_has_an_interval_and_a_plain_verdict(protect: Protect) -> None:
    now = of_item(protect(), "helpful")
    worse = of_item(changed(protect(), "helpful", "positive", value=6), "helpful")
    better = compare(now, worse, BASE)
    assert better is not None
    assert better.verdict == "more"
    assert better.change == pytest.approx(19 / 36)
    fewer = compare(worse, now, BASE)
    assert fewer is not None
    assert fewer.verdict == "fewer"
    same = compare(now, now, BASE)
    assert same is not None
    assert same.verdict == "cannot-tell"
    assert same.interval.low < 0 < same.interval.high


def test_two_scales_or_two_items_are_never_compared(protect: Protect) -> None:
    helpful, doctor = of_item(protect(), "helpful"), of_item(protect(), "doctor")
    assert compare(helpful, doctor, BASE) is None
    assert compare(helpful, replace(helpful, item="helpful@much-3-1"), BASE) is None


def test_items_that_can_not_be_told_apart_share_a_rank(protect: Protect) -> None:
    protected = changed(protect(), "helpful", "positive", value=3)
    first, second = rank(scales(of_all(read_answers(protected.tables))), BASE)
    assert (first.answers.item, first.rank) == ("doctor", 1)
    assert (second.answers.item, second.rank) == ("helpful", 2)
    alike = rank(scales(of_all(read_answers(changed(protect(), "helpful", "positive", value=34).tables))), BASE)
    assert [one.rank for one in alike] == [1, 1]


def test_a_release_about_one_project_reads_the_same_way(about_one_project: ProtectedTables) -> None:
    found = read_answers(about_one_project.tables)
    assert {each.depth for each in found} == {0}
    helpful = found[0].estimate("positive", BASE)
    assert helpful is not None
    assert helpful.interval == wilson(0, 11, 15)
    assert [one.share for one in coverage(about_one_project.tables, BASE)] == [12 / 15]
