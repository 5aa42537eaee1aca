"""One sheet for each item: how the answers are distributed, by place and by module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from xlsxwriter.worksheet import Worksheet

from survey_app.protection.protected import Axis, ProtectedTable, ProtectedTables
from survey_app.report.sheets import HEADER_ROW, Book
from survey_app.report.wording import split_item

_LABEL_WIDTH, _WIDTH, _MOST_COLUMNS = 38.0, 13.0, 24
_BY_PLACE: Final = "item:"
_BY_MODULE: Final = "module:"
TOTAL: Final = "total"


def add_distributions(book: Book, protected: ProtectedTables, smallest_base: int) -> None:
    """Add the sheets. ``smallest_base``: the fewest answers that a percentage is computed on."""
    for item, tables in tables_by_item(protected).items():
        title = book.wording.items.get(item, item)
        sheet = book.add_sheet(title, title, [_LABEL_WIDTH, *[_WIDTH] * _MOST_COLUMNS])
        row = HEADER_ROW
        for table in tables:
            row = _write_block(book, sheet, row, table, smallest_base) + 2
        book.freeze(sheet, 1)


def tables_by_item(protected: ProtectedTables) -> dict[str, list[ProtectedTable]]:
    """Return the tables of each item id: its scales and options in turn, each by place and then by module."""
    found: dict[str, list[ProtectedTable]] = {}
    for table in protected.tables:
        for prefix in (_BY_PLACE, _BY_MODULE):
            if table.name.startswith(prefix):
                found.setdefault(split_item(table.name.removeprefix(prefix))[0], []).append(table)
    return found


def _write_block(book: Book, sheet: Worksheet, row: int, table: ProtectedTable, smallest_base: int) -> int:
    """Write one table, its header in ``row``; return the row after its last."""
    answers = table.axes[0]
    shares = list(shares_of(answers))
    _write_header(book, sheet, row, table, shares)
    for codes, label, depth in rows_of(book, table):
        row += 1
        sheet.write_string(row, 0, label, book.indent(depth))
        for column, answer in enumerate(answers.codes, start=1):
            book.write_cell(sheet, row, column, table.cells[(answer, *codes)])
        for column, answer in enumerate(shares, start=1 + len(answers.codes)):
            part, base = table.cells[(answer, *codes)], table.cells[("answered", *codes)]
            book.write_share(sheet, (row, column), part, base, smallest_base)
    return row + 1


def _write_header(book: Book, sheet: Worksheet, row: int, table: ProtectedTable, shares: Sequence[str]) -> None:
    _ = book.wording.gettext
    answers = table.axes[0]
    item = next(iter(table.cells.values())).at.item
    sheet.write_string(row, 0, _row_head(book, table, item), book.header)
    for column, answer in enumerate(answers.codes, start=1):
        sheet.write_string(row, column, book.wording.answer(item, answer), book.header)
    for column, answer in enumerate(shares, start=1 + len(answers.codes)):
        words = {"answer": book.wording.answer(item, answer)}
        sheet.write_string(row, column, _("%(answer)s, share of those who answered") % words, book.header)
    sheet.set_row(row, 62)


def _row_head(book: Book, table: ProtectedTable, item: str) -> str:
    _ = book.wording.gettext
    words = {"item": book.wording.item(item)}
    if table.name.startswith(_BY_MODULE):
        return _("%(item)s – by module") % words
    return _("%(item)s – by place") % words if len(table.axes) > 1 else words["item"]


def shares_of(answers: Axis) -> Iterator[str]:
    """Give the answers whose share among those who answered is shown."""
    for code in answers.codes:
        above = answers.parents.get(code)
        while above not in {None, "answered"}:
            above = answers.parents.get(str(above))
        if above == "answered":
            yield code


def rows_of(book: Book, table: ProtectedTable) -> Iterator[tuple[tuple[str, ...], str, int]]:
    """Give for each row its codes beside the answer, its label and how deep it stands."""
    if len(table.axes) == 1:
        yield (), book.scope(), 0
        return
    axis = table.axes[1]
    for code in _reading_order(axis, TOTAL):
        at = table.cells["total", code].at
        if axis.name == "module":
            yield (code,), book.wording.module(code), 0 if code == "total" else 1
        else:
            parts = (table.cells["total", child].at for child in axis.children(code))
            is_group = any(part.project == "total" for part in parts)
            yield (code,), book.wording.place(at, is_group=is_group), _depth(axis, code)


def _reading_order(axis: Axis, code: str) -> Iterator[str]:
    """Give a code and then all that adds up to it, so that a row stands below what it is a part of."""
    yield code
    for child in axis.children(code):
        yield from _reading_order(axis, child)


def _depth(axis: Axis, code: str) -> int:
    parent = axis.parents.get(code)
    return 0 if parent is None else 1 + _depth(axis, parent)
