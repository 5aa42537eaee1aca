"""R.2.9 of several instances added up: exact where exact totals were sent, a range where only a protected release came.

A range is worked out from what the release shows and from nothing else, so that it gives nothing away: a withheld figure lies
between 0 and the smallest figure shown that contains it; one that repeats an earlier release is at least that; a rounded one
lies as far off as its release says. People asked with different scales are never added up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from survey_app.protection.protected import ProtectedCell, ProtectedTable, Status
from survey_app.report.table11 import TOTAL, Indicator, indicators_of

MARGINS: Final = (
    (TOTAL, TOTAL),
    ("female", TOTAL),
    ("male", TOTAL),
    (TOTAL, "under-18"),
    (TOTAL, "18-60"),
    (TOTAL, "over-60"),
)
"""Gender and age of each row: the total and what the law's table asks for, each alone."""

Breakdown = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Range:
    """A number of people: at least ``low``, at most ``high``; ``None`` where nothing that is shown contains it."""

    low: int
    high: int | None

    @property
    def is_exact(self) -> bool:
        """Say whether the number is known."""
        return self.low == self.high

    def __add__(self, other: Range) -> Range:
        high = None if self.high is None or other.high is None else self.high + other.high
        return Range(self.low + other.low, high)


Rows = Mapping[str, Mapping[Breakdown, Range]]
"""Who found it helpful, by item (with its scale, where there are several) and breakdown."""


def read_exact(document: bytes) -> Rows:
    """Read an ``indicator.json`` that is known to be as it was written."""
    return {
        str(total["item"]): {
            (row["gender"], row["age"]): Range(row["people"], row["people"])
            for row in total["helpful"]
            if (row["gender"], row["age"]) in MARGINS
        }
        for total in json.loads(document)["totals"]
    }


def read_protected(tables: Sequence[ProtectedTable], reach: int = 0) -> Rows:
    """Return what a release tells of R.2.9. ``reach``: how far a rounded figure may be off."""
    return {each.cells["positive", TOTAL, TOTAL].at.item: _ranges(each, reach) for each in indicators_of(tables)}


def _ranges(indicator: Indicator, reach: int) -> dict[Breakdown, Range]:
    found = {row: _range(indicator, row, reach) for row in MARGINS if ("positive", *row) in indicator.cells}
    whole = found[TOTAL, TOTAL]
    genders = sum(range_.low for (gender, _age), range_ in found.items() if gender != TOTAL)
    ages = sum(range_.low for (_gender, age), range_ in found.items() if age != TOTAL)
    return {**found, (TOTAL, TOTAL): Range(max(whole.low, genders, ages), whole.high)}


def _range(indicator: Indicator, row: Breakdown, reach: int) -> Range:
    cell = indicator.cells["positive", *row]
    if cell.status is Status.PUBLISHED and cell.value is not None:
        return Range(cell.value, cell.value)
    if cell.status is Status.ROUNDED and cell.value is not None:
        return Range(max(0, cell.value - reach), cell.value + reach)
    known = cell.value if cell.status is Status.HELD and cell.value is not None else 0
    around = [upper for each in _containing(indicator, row) if (upper := _upper_end(each, reach)) is not None]
    return Range(known, max(known, min(around)) if around else None)


def _containing(indicator: Indicator, row: Breakdown) -> Iterator[ProtectedCell]:
    """Give every figure that counts all of these people and perhaps others: those who answered, those of both genders."""
    gender, age = row
    for answer in ("positive", "answered", TOTAL):
        for wider in {(gender, age), (TOTAL, age), (gender, TOTAL), (TOTAL, TOTAL)}:
            if (answer, *wider) in indicator.cells and (answer, *wider) != ("positive", *row):
                yield indicator.cells[answer, *wider]


def _upper_end(cell: ProtectedCell, reach: int) -> int | None:
    if cell.value is None or cell.status is Status.HELD:
        return None
    return cell.value + reach if cell.status is Status.ROUNDED else cell.value


def add_up(parts: Iterable[Rows]) -> Rows:
    """Add up what several instances tell, scale by scale, in the rows that each part of a scale has."""
    found: dict[str, dict[Breakdown, Range]] = {}
    for part in parts:
        for item, rows in part.items():
            before = found.get(item)
            found[item] = (
                dict(rows) if before is None else {row: before[row] + rows[row] for row in before if row in rows}
            )
    return found
