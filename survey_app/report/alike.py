"""How many gave one answer to every question, group by group: a sign of how people answered, never a reason to leave one out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from survey_app.protection.percentages import percentage_of
from survey_app.protection.protected import Axis, Coordinates, ProtectedCell, ProtectedTable

TOTAL: Final = "total"
ALL_SAME, ALL_TOP = "all-same", "all-top"
_KINDS: Final = ("alike", "alike-module")


@dataclass(frozen=True, slots=True)
class Alike:
    """A group: who was asked at least three questions of a scale, and of them who answered all alike, or all with the best.

    ``at``: where the number of people asked stands. ``depth``: how many groups it is a part of. ``is_group``: a lead with its
    partners. Shares are from 0 to 1, ``None`` where they may not be computed.
    """

    at: Coordinates
    asked: ProtectedCell
    all_same: ProtectedCell
    all_top: ProtectedCell
    depth: int
    smallest_base: int
    is_group: bool = False

    @property
    def share_same(self) -> float | None:
        return self._share(self.all_same)

    @property
    def share_top(self) -> float | None:
        return self._share(self.all_top)

    def _share(self, part: ProtectedCell) -> float | None:
        percentage = percentage_of(part, self.asked, self.smallest_base)
        return None if percentage is None else percentage / 100


def read_alike(tables: Iterable[ProtectedTable], smallest_base: int) -> tuple[Alike, ...]:
    """Return every group: all together first, then by place, then by module where there are several; scale by scale."""
    return tuple(
        alike for table in tables if table.name.partition(":")[0] in _KINDS for alike in _groups(table, smallest_base)
    )


def read_pace(tables: Iterable[ProtectedTable]) -> tuple[ProtectedCell, ProtectedCell] | None:
    """Return who answered every question before it could be heard, and of how many tablets counted it; ``None`` if none did."""
    table = next((table for table in tables if table.name == "pace"), None)
    return None if table is None else (table.cells["fast",], table.cells[TOTAL,])


def _groups(table: ProtectedTable, smallest_base: int) -> Iterator[Alike]:
    is_by_module = table.name.startswith("alike-module")
    axis = table.axes[1] if len(table.axes) > 1 else Axis("", {})
    if is_by_module and len(axis.leaves) == 1:
        return  # the one module is the whole
    for code, depth in _reading_order(axis, TOTAL):
        if is_by_module and code == TOTAL:
            continue  # told by place
        rest = (code,) if len(table.axes) > 1 else ()
        cells = {answer: table.cells[(answer, *rest)] for answer in (TOTAL, ALL_SAME, ALL_TOP)}
        parts = [table.cells[TOTAL, child].at for child in axis.children(code)]
        yield Alike(
            cells[TOTAL].at,
            cells[TOTAL],
            cells[ALL_SAME],
            cells[ALL_TOP],
            depth,
            smallest_base,
            is_group=code != TOTAL and not is_by_module and any(part.project == TOTAL for part in parts),
        )


def _reading_order(axis: Axis, code: str, depth: int = 0) -> Iterator[tuple[str, int]]:
    yield code, depth
    for child in axis.children(code):
        yield from _reading_order(axis, child, depth + 1)
