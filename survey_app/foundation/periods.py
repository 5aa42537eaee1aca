"""Reporting periods, as in Article 42 of Regulation (EU) 2021/1060: half-years, alone or from the start of the programme."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from survey_app.foundation.errors import RequestMistakenError

_PERIOD = re.compile(r"^(\.\.)?(20[0-9]{2})-H([12])$")
START: Final = date(
    2021, 1, 1
)  # Article 63(2): expenditure of the programmes of 2021 to 2027 is eligible from this day


@dataclass(frozen=True, slots=True)
class Period:
    """A half-year, or all of them up to its end. ``first`` and ``last`` are dates that both belong to it."""

    code: str
    first: date
    last: date

    @property
    def half(self) -> str:
        """Return the code of its (last) half-year."""
        return self.code.removeprefix("..")

    @property
    def is_cumulative(self) -> bool:
        """Say whether it runs from the start of the programme."""
        return self.code != self.half

    @property
    def before(self) -> Period | None:
        """Return the half-year before; ``None`` for a period from the start of the programme, which contains it."""
        return None if self.is_cumulative else period_of(self.first - timedelta(days=1))

    @property
    def name(self) -> str:
        """Return a name that a file can have."""
        return f"until-{self.half}" if self.is_cumulative else self.code


def read_period(code: str) -> Period:
    """Read a half-year, ``2026-H1``, or all up to its end from the start of the programme, ``..2026-H1``.

    Raises:
        RequestMistakenError: the code is not a period.
    """
    match = _PERIOD.match(code)
    if match is None:
        message = (
            f'period "{code}" is not a half-year. Write it as 2026-H1, or ..2026-H1 from the start of the programme.'
        )
        raise RequestMistakenError(message)
    year = int(match[2])
    first, last = ((1, 1), (6, 30)) if match[3] == "1" else ((7, 1), (12, 31))
    return Period(code, START if match[1] else date(year, *first), date(year, *last))


def period_of(day: date) -> Period:
    """Return the half-year that a date lies in."""
    return read_period(f"{day.year}-H{1 if day.month <= 6 else 2}")  # noqa: PLR2004 - June is the 6th month
