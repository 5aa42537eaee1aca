"""R.2.9 by mode and by language: who answered alone, with a helper or on paper, and in which language; all organisations only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from survey_app.protection.protected import ProtectedCell, ProtectedTable, Status
from survey_app.report.intervals import Interval, Verdict, difference, judge, wilson
from survey_app.report.results import Estimate, estimate_of

Circumstance = Literal["mode", "language"]
CIRCUMSTANCES: Final[tuple[Circumstance, ...]] = ("mode", "language")
TOTAL: Final = "total"
_TOLD: Final[Mapping[Circumstance, Mapping[str, str]]] = {
    "mode": {"answered": TOTAL, "positive": "positive"},
    "language": {TOTAL: TOTAL, "answered": "answered", "positive": "positive"},
}
"""Under which codes each table tells what: by mode only those who answered are told."""


@dataclass(frozen=True, slots=True)
class Group:
    """People of one mode or language. ``item``: the indicator.

    ``cells``: answered and positive, and of a language asked (``total``).

    ``verdict``: whether more or fewer of them gave positive answers than of all others; ``cannot-tell`` where the numbers do
    not carry it.
    """

    circumstance: Circumstance
    code: str
    item: str
    cells: Mapping[str, ProtectedCell]
    estimate: Estimate | None
    verdict: Verdict

    @property
    def is_told(self) -> bool:
        """Say whether it is shown that anybody is in it."""
        return bool(next(iter(self.cells.values())).value)


def read_groups(tables: Iterable[ProtectedTable], circumstance: Circumstance, smallest_base: int) -> tuple[Group, ...]:
    """Return the groups that a release tells apart, in the order of its tables; nothing where it tells none."""
    return tuple(
        group
        for table in tables
        if table.name.startswith(f"by-{circumstance}:")
        for group in _groups(table, circumstance, smallest_base)
    )


def _groups(table: ProtectedTable, circumstance: Circumstance, smallest_base: int) -> Iterator[Group]:
    codes = _TOLD[circumstance]
    whole = {answer: table.cells[shown, TOTAL] for answer, shown in codes.items()}
    for code in table.axes[1].codes[1:]:
        cells = {answer: table.cells[shown, code] for answer, shown in codes.items()}
        here = estimate_of(cells["positive"], cells["answered"], smallest_base)
        verdict = _compare(here, _others(cells, whole, smallest_base))
        yield Group(circumstance, code, cells["answered"].at.item, cells, here, verdict)


def _others(
    cells: Mapping[str, ProtectedCell], whole: Mapping[str, ProtectedCell], smallest_base: int
) -> tuple[float, Interval] | None:
    """Return the share of all others, where all four numbers are shown and enough others answered."""
    told = [cell for each in (cells, whole) for cell in (each["positive"], each["answered"])]
    values = [cell.value for cell in told if cell.status is Status.PUBLISHED and cell.value is not None]
    if len(values) < len(told):
        return None
    positive, answered = values[2] - values[0], values[3] - values[1]
    if answered < max(smallest_base, 1):
        return None
    return positive / answered, wilson(positive, answered, None)


def _compare(here: Estimate | None, others: tuple[float, Interval] | None) -> Verdict:
    if here is None or here.interval is None or others is None:
        return "cannot-tell"
    return judge(difference(here.share, here.interval, *others))
