"""One sheet: whose answers are all alike, group by group, and R.2.9 by mode and by language."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

from survey_app.protection.protected import ProtectedTables
from survey_app.report.alike import Alike, read_alike
from survey_app.report.answering import alike_heads, circumstance_heads, name_circumstance, name_group
from survey_app.report.circumstances import CIRCUMSTANCES, Group, read_groups
from survey_app.report.reading import Reading
from survey_app.report.sheets import HEADER_ROW, Book

_WIDTHS = (38, 14, 14, 14, 14, 14, 18)


def add_answering(book: Book, protected: ProtectedTables, smallest_base: int) -> None:
    """Add the sheet where a release tells any of it. ``smallest_base``: the fewest people for a percentage."""
    reading = Reading(book, protected.tables, smallest_base)
    alike = read_alike(protected.tables, smallest_base)
    by = {each: read_groups(protected.tables, each, smallest_base) for each in CIRCUMSTANCES}
    if not alike and not any(by.values()):
        return
    title = book.wording.gettext("How people answered")
    sheet = book.add_sheet(title, title, _WIDTHS)
    row = HEADER_ROW
    if alike:
        row = _write_alike(book, sheet, row, alike) + 2
    for circumstance, groups in by.items():
        if groups:
            _write_heads(book, sheet, row, circumstance_heads(book, circumstance))
            row = _write_groups(reading, book, sheet, row, groups) + 2
    book.freeze(sheet, 1)


def _write_heads(book: Book, sheet: Worksheet, row: int, heads: Sequence[str]) -> None:
    for column, head in enumerate(heads):
        sheet.write_string(row, column, head, book.header)
    sheet.set_row(row, 62)


def _write_alike(book: Book, sheet: Worksheet, row: int, found: Sequence[Alike]) -> int:
    _write_heads(book, sheet, row, alike_heads(book))
    for each in found:
        row += 1
        sheet.write_string(row, 0, name_group(book, each), book.indent(each.depth))
        book.write_cell(sheet, row, 1, each.asked)
        for column, part in enumerate((each.all_top, each.all_same), start=2):
            book.write_share(sheet, (row, column), part, each.asked, each.smallest_base)
    return row


def _write_groups(reading: Reading, book: Book, sheet: Worksheet, row: int, groups: Sequence[Group]) -> int:
    for group in groups:
        if not group.is_told:
            continue
        row += 1
        sheet.write_string(row, 0, name_circumstance(reading, group), book.plain)
        for column, cell in enumerate(group.cells.values(), start=1):
            book.write_cell(sheet, row, column, cell)
        part, base, share = group.cells["positive"], group.cells["answered"], len(group.cells) + 1
        book.write_share(sheet, (row, share), part, base, reading.smallest_base)
        if group.estimate is not None and group.estimate.interval is not None:
            sheet.write_string(row, share + 1, reading.say_interval(group.estimate.interval), book.word)
        sheet.write_string(row, share + 2, reading.say_verdict(group.verdict), book.plain)
    return row
