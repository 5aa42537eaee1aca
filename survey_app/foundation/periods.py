"""Reporting half-years, as in Article 42 of Regulation (EU) 2021/1060."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from survey_app.foundation.errors import RequestMistakenError

_PERIOD = re.compile(r"^(20[0-9]{2})-H([12])$")


@dataclass(frozen=True, slots=True)
class Period:
    """A half-year. ``first`` and ``last`` are dates that both belong to it."""

    code: str
    first: date
    last: date


def read_period(code: str) -> Period:
    """Read ``2026-H1`` or ``2026-H2``.

    Raises:
        RequestMistakenError: the code is not a half-year.
    """
    match = _PERIOD.match(code)
    if match is None:
        message = f'period "{code}" is not a half-year. Write it as 2026-H1 or 2026-H2.'
        raise RequestMistakenError(message)
    year, half = int(match[1]), int(match[2])
    if half == 1:
        return Period(code, date(year, 1, 1), date(year, 6, 30))
    return Period(code, date(year, 7, 1), date(year, 12, 31))


def period_of(day: date) -> Period:
    """Return the half-year that a date lies in."""
    return read_period(f"{day.year}-H{1 if day.month <= 6 else 2}")  # noqa: PLR2004 - June is the 6th month
