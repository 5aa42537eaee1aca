"""``tables.csv``: one line a cell, for programs.

UTF-8, comma, line feed; every cell of each grid, in the grids' order. New columns come last (``language``, then
``mode``), so that readers who count columns from the left find what they found before.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import product

from survey_app.protection.protected import Coordinates, ProtectedCell, ProtectedTables, Status

COLUMNS = (
    "table",
    "measure",
    "organisation",
    "project",
    "module",
    "period",
    "item",
    "answer",
    "gender",
    "age",
    "value",
    "status",
    "language",
    "mode",
)
ADDED = ("language", "mode")
"""Columns that earlier formats did not have, in the order in which they came; no table of theirs needs them."""
COLUMNS_AT_FIRST = COLUMNS[: -len(ADDED)]
_EVER = tuple(COLUMNS[: len(COLUMNS_AT_FIRST) + number] for number in range(len(ADDED) + 1))
DIMENSIONS = tuple(name for name in COLUMNS if name not in {"value", "status"})


class UnfitTables(ValueError):  # noqa: N818  # it names what is wrong, as its message does
    """The protected tables break their own promise, so that nothing may be written from them."""


def cells_in_order(protected: ProtectedTables) -> Iterator[ProtectedCell]:
    """Give every cell, table by table, in the reading order of the axes.

    Raises ``UnfitTables`` for a cell that is missing from its grid or outside it, or whose value and status disagree.
    """
    for table in protected.tables:
        grid = tuple(product(*(axis.codes for axis in table.axes)))
        if len(grid) != len(table.cells):
            raise UnfitTables(f'table "{table.name}" has {len(table.cells)} cells where its grid has {len(grid)}')
        for codes in grid:
            cell = table.cells.get(codes)
            if cell is None:
                raise UnfitTables(f'table "{table.name}" has no cell at {codes}')
            if (cell.value is None) != (cell.status is Status.WITHHELD):
                raise UnfitTables(f'table "{table.name}": value and status disagree at {codes}')
            yield cell


def row_of(cell: ProtectedCell) -> tuple[str, ...]:
    """Return a cell as the texts of its line; an empty value exactly where the cell is withheld."""
    told = {"value": "" if cell.value is None else str(cell.value), "status": cell.status.value}
    return tuple(told[name] if name in told else getattr(cell.at, name) for name in COLUMNS)


def tables_csv(protected: ProtectedTables) -> bytes:
    """Return the file."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    lines.writerows(row_of(cell) for cell in cells_in_order(protected))
    return text.getvalue().encode()


def read_tables_csv(content: bytes) -> tuple[ProtectedCell, ...]:
    """Read the cells back, in their order; of a release of an earlier format too.

    Raises ``ValueError``, naming the line, for anything that is not such a file.
    """
    lines = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    try:
        columns = tuple(next(lines, ()))
        if columns not in _EVER:
            raise ValueError(f"tables.csv line 1: the columns are not {','.join(COLUMNS)}")
        return tuple(_cell(number, columns, line) for number, line in enumerate(lines, start=2))
    except csv.Error as error:
        raise ValueError(f"tables.csv line {lines.line_num}: {error}") from None


def _cell(number: int, columns: Sequence[str], line: list[str]) -> ProtectedCell:
    try:
        told = dict(zip(columns, line, strict=True))
        value, status = told.pop("value"), told.pop("status")
        at = Coordinates(**told)  # type: ignore[arg-type]
        cell = ProtectedCell(at, int(value) if value else None, Status(status))
    except ValueError:
        raise ValueError(f"tables.csv line {number}: not a line of a release") from None
    if (cell.value is None) != (cell.status is Status.WITHHELD):
        raise ValueError(f"tables.csv line {number}: value and status disagree")
    return cell
