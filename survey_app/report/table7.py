"""O.2.3 in the columns of Annex VII, Table 7 of Regulation (EU) 2021/1060: how many people took part.

An anonymous survey cannot count participants. What stands here comes from the registers that the organisations typed in,
protected like every other figure; what no register says is a word, never 0. Names: Regulation (EU) 2021/1147, Annex VIII.
"""

from __future__ import annotations

from typing import Final

from xlsxwriter.worksheet import Worksheet

from survey_app.protection.protected import ProtectedCell, ProtectedTables, Status
from survey_app.report.sheets import HEADER_ROW, Book
from survey_app.report.table11 import BREAKDOWNS, TOTAL_ROW, breakdown_name, find_registered

_ACHIEVED: Final = 8  # column of "Values achieved"
_COMMENTS: Final = 9
_WIDTHS: Final = (24, 10, 60, 30, 14, 12, 12, 18, 14, 60)


def table7_heads(book: Book) -> list[str]:
    """Return the ten heads of Table 7, with the release's day for dd/mm/yy."""
    _ = book.wording.gettext
    date = {"date": book.date()}
    return [
        _("Specific objective"),
        _("ID"),
        _("Indicator name"),
        _("Indicator breakdown (of which)"),
        _("Measurement unit"),
        _("Milestone (2024)"),
        _("Target (2029)"),
        _("Planned values in selected operations [%(date)s]") % date,
        _("Values achieved [%(date)s]") % date,
        _("Comments"),
    ]


def add_table7(book: Book, protected: ProtectedTables) -> None:
    """Add the sheet: O.2.3 by gender and age as the registers have it, and its three parts, which they do not have."""
    _ = book.wording.gettext
    sheet = book.add_sheet(_("Table 7"), _("Output indicator O.2.3 (Annex VII, Table 7)"), _WIDTHS)
    sheet.set_row(HEADER_ROW, 62)
    for column, head in enumerate(table7_heads(book)):
        sheet.write_string(HEADER_ROW, column, head, book.header)
    registered = find_registered(protected)
    told = [breakdown for breakdown in BREAKDOWNS if breakdown in registered] or [TOTAL_ROW]
    row = HEADER_ROW
    for row, breakdown in enumerate(told, start=HEADER_ROW + 1):
        cell = registered.get(breakdown)
        comment = _comment(book, cell) if breakdown == TOTAL_ROW else ""
        _write_row(book, sheet, row, ("O.2.3", _("Number of participants supported"), comment), breakdown)
        book.write_cell(sheet, row, _ACHIEVED, cell)
    for part in _parts(book):
        row += 1
        _write_row(book, sheet, row, part, TOTAL_ROW)
        book.write_cell(sheet, row, _ACHIEVED, None)
    book.freeze(sheet, 4)
    sheet.set_selection(HEADER_ROW + 1, _ACHIEVED, HEADER_ROW + 1, _ACHIEVED)


def _parts(book: Book) -> list[tuple[str, str, str]]:
    _ = book.wording.gettext
    elsewhere = _("Only the organisations' own files know it; the survey does not count it.")
    return [
        ("O.2.3.1", _("Number of participants in a language course"), elsewhere),
        ("O.2.3.2", _("Number of participants in a civic orientation course"), elsewhere),
        ("O.2.3.3", _("Number of participants who received personal professional guidance"), elsewhere),
    ]


def _write_row(book: Book, sheet: Worksheet, row: int, said: tuple[str, str, str], breakdown: tuple[str, str]) -> None:
    _ = book.wording.gettext
    code, name, comment = said
    texts = (_("2: legal migration and integration"), code, name, breakdown_name(book, *breakdown), _("Number"))
    for column, text in enumerate(texts):
        sheet.write_string(row, column, text, book.wrapped)
    sheet.write_string(row, _COMMENTS, comment, book.wrapped)


def _comment(book: Book, cell: ProtectedCell | None) -> str:
    """Say on the total where the number comes from, and what it is not."""
    _ = book.wording.gettext
    if cell is None:
        return _("Not every project of the scope has typed in its register.")
    said = [_("From the registers that the organisations typed in; never joined with answers.")]
    if cell.status is Status.ROUNDED:
        said.append(_("Rounded, so that nobody can be recognised."))
    if cell.status is Status.HELD:
        said.append(_("The value of an earlier release, repeated."))
    if cell.status is Status.WITHHELD:
        said.append(_("Withheld, so that nobody can be recognised."))
    said.append(_("The managing authority fills in milestone, target and planned values."))
    return " ".join(said)
