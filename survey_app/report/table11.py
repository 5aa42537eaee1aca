"""R.2.9 in the columns of Annex VII, Table 11 of Regulation (EU) 2021/1060, and what has to be read beside it.

The breakdown is that of Regulation (EU) 2021/1147, Annex VIII: total, gender, age bracket, and both crossed. "Helpful"
is the positive answers of the scale (lenient); the top answer alone is given beside it (strict). Nothing is grossed up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from xlsxwriter.worksheet import Worksheet

from survey_app.protection.protected import ProtectedCell, ProtectedTable, ProtectedTables, Status
from survey_app.report.sheets import HEADER_ROW, Book
from survey_app.report.told import Told
from survey_app.report.wording import split_item

TOTAL: Final = "total"
TOTAL_ROW: Final = (TOTAL, TOTAL)
GENDERS: Final = ("female", "male", "non-binary", "undisclosed")
AGES: Final = ("under-18", "18-60", "over-60", "undisclosed")
BREAKDOWNS: Final = (
    TOTAL_ROW,
    *((gender, TOTAL) for gender in GENDERS),
    *((TOTAL, age) for age in AGES),
    *product(GENDERS, AGES),
)
"""(gender, age) of each row in the Regulation's order: the total, each gender, each age bracket, then both crossed."""
INDICATORS: Final = {"indicator", "indicator-gender", "indicator-age"}  # crossed, or two margins
REGISTERED: Final = {"registered", "registered-gender", "registered-age"}
ACHIEVED: Final = 9  # column of "Values achieved"
COMMENTS: Final = 10
BESIDE: Final = 11  # first column beside the Commission's own
WIDTHS: Final = (24, 14, 52, 30, 16, 15, 12, 16, 18, 14, 44, 12, 12, 12, 14, 14, 14, 12)


def column_heads(book: Book, day: str = "") -> list[str]:
    """Return the eleven heads of Table 11, with ``day`` (the release's) for dd/mm/yy, and seven of our own."""
    _ = book.wording.gettext
    date = {"date": day or book.date()}
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
        *count_heads(book),
    ]


def count_heads(told: Told) -> tuple[str, ...]:
    """Return the heads of what is counted in each row of R.2.9, in workbook and document alike."""
    _ = told.wording.gettext
    return (
        _("n asked"),
        _("n answered"),
        _("n helpful, strict (top answer)"),
        _("n helpful, lenient (positive answers)"),
        _("n did not understand"),
        _("n refused"),
    )


@dataclass(frozen=True, slots=True)
class Indicator:
    """R.2.9 as it was asked with one scale. ``cells``: by (answer, gender, age); ``top``: the best answer of the scale."""

    cells: Mapping[tuple[str, str, str], ProtectedCell]
    top: str

    def breakdowns(self) -> Iterator[tuple[str, str]]:
        """Give (gender, age) of each row: the total, each gender, each age bracket, then both crossed where they are."""
        return (row for row in BREAKDOWNS if ("positive", *row) in self.cells)


def add_table11(book: Book, protected: ProtectedTables) -> None:
    """Add the sheet: one row for each breakdown, for each scale that R.2.9 was asked with."""
    _ = book.wording.gettext
    sheet = book.add_sheet(_("Table 11"), _("Result indicator R.2.9 (Annex VII, Table 11)"), WIDTHS)
    sheet.set_row(HEADER_ROW, 92)
    for column, head in enumerate(column_heads(book)):
        sheet.write_string(HEADER_ROW, column, head, book.header)
    registered = find_registered(protected)
    row = HEADER_ROW
    for indicator in indicators(protected):
        for breakdown in indicator.breakdowns():
            row += 1
            _write_row(book, sheet, row, indicator, breakdown)
            book.write_cell(sheet, row, BESIDE, registered.get(breakdown))
    if row == HEADER_ROW:
        sheet.write_string(row + 1, 0, _("R.2.9 was not asked in this period."), book.plain)
    book.freeze(sheet, 4)
    sheet.set_selection(HEADER_ROW + 1, ACHIEVED, HEADER_ROW + 1, ACHIEVED)


def find_registered(protected: ProtectedTables) -> dict[tuple[str, str], ProtectedCell]:
    """Return how many people are registered, by gender and age; empty where a register is missing."""
    return {
        _demographics(cell): cell
        for table in protected.tables
        if table.name in REGISTERED
        for cell in table.cells.values()
    }


def indicators(protected: ProtectedTables) -> Iterator[Indicator]:
    """Give R.2.9 as a release tells it: once, or once for each scale it was asked with."""
    return indicators_of(protected.tables)


def indicators_of(told: Iterable[ProtectedTable]) -> Iterator[Indicator]:
    """Give R.2.9 as tables tell it."""
    tables: dict[str, list[ProtectedTable]] = {}
    for table in told:
        kind, _colon, scale = table.name.partition(":")
        if kind in INDICATORS:
            tables.setdefault(scale, []).append(table)
    for parts in tables.values():
        cells = {(codes[0], *_demographics(cell)): cell for table in parts for codes, cell in table.cells.items()}
        yield Indicator(cells, parts[0].axes[0].children("positive")[0])


def _demographics(cell: ProtectedCell) -> tuple[str, str]:
    """Return gender and age of a cell; a table that does not use one of them tells its total."""
    return cell.at.gender or TOTAL, cell.at.age or TOTAL


def _write_row(book: Book, sheet: Worksheet, row: int, indicator: Indicator, breakdown: tuple[str, str]) -> None:
    achieved = indicator.cells["positive", *breakdown]
    write_texts(book, sheet, row, breakdown, _comment(book, achieved, breakdown))
    book.write_cell(sheet, row, ACHIEVED, achieved)
    answers = (TOTAL, "answered", indicator.top, "positive", "not-understood", "no-answer")
    for column, answer in enumerate(answers, start=BESIDE + 1):
        book.write_cell(sheet, row, column, indicator.cells[answer, *breakdown])


def write_texts(book: Book, sheet: Worksheet, row: int, breakdown: tuple[str, str], comment: str) -> None:
    """Write what stands in a row in words: the indicator, its breakdown, its unit, and a comment."""
    _ = book.wording.gettext
    unit = _("Number")
    texts = {
        0: _("2: legal migration and integration"),
        1: "R.2.9",
        2: _("Number of participants who report that the activity was helpful for their integration"),
        3: breakdown_name(book, *breakdown),
        4: unit,
        7: unit,
        COMMENTS: comment,
    }
    for column, text in texts.items():
        sheet.write_string(row, column, text, book.wrapped)


def breakdown_name(told: Told, gender: str, age: str) -> str:
    """Name a row's breakdown."""
    _ = told.wording.gettext
    if gender == TOTAL:
        return told.wording.age(age)
    if age == TOTAL:
        return told.wording.gender(gender)
    names = {"gender": told.wording.gender(gender), "age": told.wording.age(age)}
    return _("%(gender)s, %(age)s") % names


def _comment(book: Book, achieved: ProtectedCell, breakdown: tuple[str, str]) -> str:
    """Say what a reader of this row must know; most on the total."""
    _ = book.wording.gettext
    said = []
    if breakdown == TOTAL_ROW:
        said.append(_("Anonymous survey at the end of the activity; people who said so, not grossed up."))
        said.append(_("The managing authority fills in baseline, target and planned values."))
    scale = split_item(achieved.at.item)[1]
    if scale:
        said.append(_("Only people asked with scale %(scale)s.") % {"scale": scale})
    if achieved.status is Status.HELD:
        said.append(_("The value of an earlier release, repeated."))
    if achieved.status is Status.ROUNDED:
        said.append(_("Rounded, so that nobody can be recognised."))
    if achieved.status is Status.WITHHELD:
        said.append(_("Withheld, so that nobody can be recognised."))
    return " ".join(said)
