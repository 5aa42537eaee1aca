"""The clock of a project: when the answers of a half-year are deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from survey_app.fieldwork.keeping import date_setting, due_on
from survey_app.fieldwork.structure import Project
from survey_app.foundation.periods import read_period

PROJECT = Project("ensemble", "charleroi", "Ensemble", "amif-exit", 1, keep_months=12)
FIRST_HALF = read_period("2026-H1")


def test_answers_that_nobody_decided_on_are_kept() -> None:
    assert due_on(replace(PROJECT, keep_months=None), FIRST_HALF) is None


@pytest.mark.parametrize(
    ("months", "last_day", "due"),
    [
        (12, None, date(2027, 6, 30)),
        (6, None, date(2026, 12, 30)),
        (8, None, date(2027, 2, 28)),
        (20, None, date(2028, 2, 29)),
        (12, date(2027, 12, 31), date(2028, 12, 31)),
        (12, date(2026, 3, 31), date(2027, 3, 31)),
        (12, date(2025, 3, 31), date(2027, 6, 30)),
    ],
)
def test_the_clock_starts_at_the_end_of_the_project_or_of_the_half_year_while_it_is_open(months, last_day, due) -> None:
    assert due_on(replace(PROJECT, keep_months=months, last_day=last_day), FIRST_HALF) == due


def test_a_period_that_was_set_by_mistake_costs_nothing_for_thirty_days() -> None:
    set_late = replace(PROJECT, keep_months=6, keep_set_on=date(2028, 1, 10))
    assert due_on(set_late, FIRST_HALF) == date(2028, 2, 9)


def test_the_day_of_the_setting_changes_with_the_setting_only() -> None:
    today, earlier = date(2026, 11, 27), date(2026, 1, 5)
    known = replace(PROJECT, keep_set_on=earlier)
    assert date_setting(PROJECT, None, today).keep_set_on == today
    assert date_setting(replace(PROJECT, name="Other"), known, today).keep_set_on == earlier
    assert date_setting(replace(PROJECT, keep_months=6), known, today).keep_set_on == today
    assert date_setting(replace(PROJECT, keep_months=None), known, today).keep_set_on is None
