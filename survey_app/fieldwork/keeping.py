"""How long the answers of a project are kept: a clock that starts when a half-year, or the whole project, is over.

In: a project and a half-year. Out: the day on which the answers of that half-year are deleted. Knows nothing of: the
database, what was answered.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from survey_app.fieldwork.structure import Project
from survey_app.foundation.periods import Period

SHORTEST: Final = 1
LONGEST: Final = 180
"""Months: a programme of seven years, its accounts, and the five years of Regulation (EU) 2021/1060, Article 82."""
CHOICES: Final = (6, 12, 24, 36, 60, 84, 120)
"""Months that a page offers; a set-up file may say any number from ``SHORTEST`` to ``LONGEST``."""
DAYS_TO_THINK: Final = 30
"""Nothing is deleted within so many days after a period was set: until then a mistake costs nothing."""


def due_on(project: Project, half_year: Period) -> date | None:
    """Return the day on which the answers of a half-year are deleted, ``None`` where nobody decided how long to keep them.

    While a project has no last day, each half-year counts from its own end; one that has keeps all of its half-years
    until that day and the months after it, for figures from its start are made until then.
    """
    if project.keep_months is None:
        return None
    last = project.last_day
    end = half_year.last if last is None or last < half_year.first else last
    due = _months_after(end, project.keep_months)
    return due if project.keep_set_on is None else max(due, project.keep_set_on + timedelta(days=DAYS_TO_THINK))


def _months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of that month where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def date_setting(project: Project, before: Project | None, today: date) -> Project:
    """Return a project that bears the day on which its period of keeping was set: today, where it is another one."""
    if before is not None and before.keep_months == project.keep_months:
        return replace(project, keep_set_on=before.keep_set_on)
    return replace(project, keep_set_on=None if project.keep_months is None else today)
