"""R.2.9 in the columns of Annex VII, Table 11 of Regulation (EU) 2021/1060, and what has to be read beside it.

The breakdown is that of Regulation (EU) 2021/1147, Annex VIII: total, gender, age bracket, and both crossed. "Helpful"
is the positive answers of the scale (lenient); the top answer alone is given beside it (strict). Nothing is grossed up.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from xlsxwriter.worksheet import Worksheet

from survey_app.protection.protected import ProtectedCell, ProtectedTable, ProtectedTables, Status
from survey_app.report.sheets import HEADER_ROW, Book
from survey_app.report.wording import split_item

TOTAL: Final = "total"
_ACHIEVED: Final = 9  # column of "Values achieved"
_COMMENTS: Final = 10
_BESIDE: Final = 11  # first column beside the Commission's own
_WIDTHS: Final = (24, 14, 52, 30, 16, 15, 12, 16, 18, 14, 44, 12, 12, 12, 14, 14, 14, 12)


def column_heads(book: Book) -> list[str]:
    """Return the eleven heads of Table 11, with the release's day for dd/mm/yy, and seven of our own."""
    _ = book.wording.gettext
    date = {"date": book.date()}
    return [
        _("Specific objective"),
        _("ID"),
        _("Indicator name"),
        _("Indicator breakdown (of which)"),
        _("Measurement unit (for indicators and baseline)"),
        _("Baseline"),
        _("Target 2029"),
        _("Measurement unit (for target)"),
        _("Planned values in selected operations [%(date)s]") % date,
        _("Values achieved [%(date)s]") % date,
        _("Comments"),
        _("n registered"),
        _("n asked"),
        _("n answered"),
        _("n helpful, strict (top answer)"),
        _("n helpful, lenient (positive answers)"),
        _("n did not understand"),
        _("n refused"),
    ]


def add_table11(book: Book, protected: ProtectedTables) -> None:
    """Add the sheet: one row for each breakdown, for each scale that R.2.9 was asked with."""
    _ = book.wording.gettext
    sheet = book.add_sheet(_("Table 11"), _("Result indicator R.2.9 (Annex VII, Table 11)"), _WIDTHS)
    sheet.set_row(HEADER_ROW, 92)
    for column, head in enumerate(column_heads(book)):
        sheet.write_string(HEADER_ROW, column, head, book.header)
    registered = next((table for table in protected.tables if table.name == "registered"), None)
    row = HEADER_ROW
    for table in indicator_tables(protected):
        for gender, age in breakdowns(table):
            row += 1
            _write_row(book, sheet, row, table, (gender, age))
            register = registered.cells.get((gender, age)) if registered else None
            book.write_cell(sheet, row, _BESIDE, register)
    if row == HEADER_ROW:
        sheet.write_string(row + 1, 0, _("R.2.9 was not asked in this period."), book.plain)
    book.freeze(sheet, 4)
    sheet.set_selection(HEADER_ROW + 1, _ACHIEVED, HEADER_ROW + 1, _ACHIEVED)


def indicator_tables(protected: ProtectedTables) -> Iterator[ProtectedTable]:
    """Give the tables of R.2.9: one, or one for each scale it was asked with."""
    return (table for table in protected.tables if table.name.partition(":")[0] == "indicator")


def breakdowns(table: ProtectedTable) -> Iterator[tuple[str, str]]:
    """Give (gender, age) of each row: the total, each gender, each age bracket, then both crossed."""
    _answers, gender, age = table.axes
    yield TOTAL, TOTAL
    yield from ((code, TOTAL) for code in gender.leaves)
    yield from ((TOTAL, code) for code in age.leaves)
    yield from product(gender.leaves, age.leaves)


def _write_row(book: Book, sheet: Worksheet, row: int, table: ProtectedTable, breakdown: tuple[str, str]) -> None:
    _ = book.wording.gettext
    unit = _("Number")
    texts = {
        0: _("2: legal migration and integration"),
        1: "R.2.9",
        2: _("Number of participants who report that the activity was helpful for their integration"),
        3: breakdown_name(book, *breakdown),
        4: unit,
        7: unit,
        _COMMENTS: _comment(book, table, breakdown),
    }
    for column, text in texts.items():
        sheet.write_string(row, column, text, book.wrapped)
    top = table.axes[0].children("positive")[0]
    book.write_cell(sheet, row, _ACHIEVED, table.cells[("positive", *breakdown)])
    answers = (TOTAL, "answered", top, "positive", "not-understood", "no-answer")
    for column, answer in enumerate(answers, start=_BESIDE + 1):
        book.write_cell(sheet, row, column, table.cells[(answer, *breakdown)])


def breakdown_name(book: Book, gender: str, age: str) -> str:
    """Name a row's breakdown."""
    _ = book.wording.gettext
    if gender == TOTAL:
        return book.wording.age(age)
    if age == TOTAL:
        return book.wording.gender(gender)
    names = {"gender": book.wording.gender(gender), "age": book.wording.age(age)}
    return _("%(gender)s, %(age)s") % names


def _comment(book: Book, table: ProtectedTable, breakdown: tuple[str, str]) -> str:
    """Say what a reader of this row must know; most on the total."""
    _ = book.wording.gettext
    achieved: ProtectedCell = table.cells[("positive", *breakdown)]
    said = []
    if breakdown == (TOTAL, TOTAL):
        said.append(_("Anonymous survey at the end of the activity; people who said so, not grossed up."))
        said.append(_("The managing authority fills in baseline, target and planned values."))
    scale = split_item(achieved.at.item)[1]
    if scale:
        said.append(_("Only people asked with scale %(scale)s.") % {"scale": scale})
    if achieved.status is Status.HELD:
        said.append(_("The value of an earlier release, repeated."))
    if achieved.status is Status.WITHHELD:
        said.append(_("Withheld, so that nobody can be recognised."))
    return " ".join(said)
