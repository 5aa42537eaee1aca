"""Rule 4: what nobody could choose, what nobody chose and what is hidden are told apart inside, outside as little as can be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from protection_worlds import Place, count, one_project, rows, table_of

from survey_app.aggregation.tables import TOTAL, Coordinates, NotAsked
from survey_app.protection import engine
from survey_app.protection.assurance import attack
from survey_app.protection.empty_cells import show_cell
from survey_app.protection.engine import protect
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import ProtectedCell, ProtectedTables, Status

pytestmark = pytest.mark.usefixtures("without_tau_argus")
INSIDE = load_policy("inside")
AT = Coordinates("item:helpful", "people")
AGREED = one_project({"a-lot": 12})


def test_a_withheld_zero_a_withheld_one_and_a_withheld_many_look_the_same() -> None:
    shown = {show_cell(AT, people, Status.WITHHELD, None) for people in (0, 1, 400)}
    assert shown == {ProtectedCell(AT, None, Status.WITHHELD)}


def test_what_nobody_could_choose_is_an_open_zero_whatever_was_decided() -> None:
    for status in Status:
        assert show_cell(AT, NotAsked(), status, None) == ProtectedCell(AT, 0, Status.PUBLISHED)


def test_a_held_cell_repeats_the_earlier_figure_and_never_the_new_one() -> None:
    assert show_cell(AT, 13, Status.HELD, 12) == ProtectedCell(AT, 12, Status.HELD)


def test_a_question_that_is_not_asked_somewhere_does_not_cost_the_figures_of_where_it_is() -> None:
    world = rows(
        (Place("ghent"), Place("liege")),
        {"g1": ("ghent", {"a-lot": 30, "not-much": 25}), "l1": ("liege", {"a-lot": 40, "not-much": 25})},
    )
    result = protect(count(world), INSIDE)
    assert isinstance(result, ProtectedTables)
    assert table_of(result.tables, "item:helpful").cells["a-lot", TOTAL].value == 70


def test_without_the_rule_the_zeros_of_a_group_that_agrees_say_what_all_of_it_said(monkeypatch) -> None:
    def tell_zeros(at, people, status, held) -> ProtectedCell:
        cell = show_cell(at, people, status, held)
        return replace(cell, value=0, status=Status.PUBLISHED) if people == 0 else cell

    sound = protect(count(AGREED), INSIDE)
    monkeypatch.setattr(engine, "show_cell", tell_zeros)
    told = protect(count(AGREED), INSIDE)
    assert isinstance(sound, ProtectedTables)
    assert isinstance(told, ProtectedTables)
    assert attack(sound.tables, INSIDE, sound.folded).violations == ()
    assert attack(told.tables, INSIDE, told.folded).violations
