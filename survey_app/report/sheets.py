"""How every sheet of a workbook looks: title, warning, header row, widths, print set-up; text stays text."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime, time
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from survey_app.protection.percentages import percentage_of
from survey_app.protection.protected import ProtectedCell, Status
from survey_app.report.release import ReleaseFacts
from survey_app.report.told import Told, synthetic_warning
from survey_app.report.wording import Wording

HEADER_ROW: Final = 3  # under the title, the release in a line, and the warning or an empty row
A4: Final = 9
_LONGEST_NAME: Final = 31  # of a sheet, in Excel
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
TEXT_ONLY: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


class Book(Told):
    """A workbook in one language while it is drawn."""

    def __init__(self, facts: ReleaseFacts, wording: Wording) -> None:
        super().__init__(facts, wording)
        self._bytes = io.BytesIO()
        self._book = Workbook(self._bytes, TEXT_ONLY)
        self._names = {"history"}  # Excel keeps this name for itself
        self._describe()
        look = self._book.add_format
        top = {"valign": "top", "text_wrap": True}
        self.heading = look({"bold": True, "font_size": 14})
        self.warning = look({"bold": True, "font_color": "#9C0006", "bg_color": "#FFE9E9"})
        self.plain = look({"valign": "top"})
        self.wrapped = look(top)
        self.header = look({**top, "bold": True, "bg_color": "#E7ECF5", "border": 1})
        self.word = look({"align": "right", "italic": True, "valign": "top"})
        self.count = look({"num_format": "#,##0", "valign": "top"})
        self.held = look({"num_format": '#,##0"*"', "valign": "top"})
        self.rounded = look({"num_format": '"≈ "#,##0', "valign": "top"})
        self.share = look({"num_format": "0%", "valign": "top"})
        self._indents = [look({"indent": depth, "valign": "top"}) for depth in range(5)]

    def indent(self, depth: int) -> Format:
        """Return the look of a label so deep in its tree."""
        return self._indents[min(depth, len(self._indents) - 1)]

    def _describe(self) -> None:
        """Set document properties without a person's name and without a clock time."""
        day = datetime.combine(self.facts.created.date(), time())
        properties = {"title": self.title(), "author": "", "comments": self.facts.id, "created": day}
        self._book.set_properties(properties)

    def add_sheet(self, name: str, title: str, columns: Sequence[float]) -> Worksheet:
        """Add a sheet with its title rows, column widths (characters) and print set-up.

        The caller fills it from ``HEADER_ROW`` on.
        """
        sheet = self._book.add_worksheet(self.legal_name(name))
        for column, width in enumerate(columns):
            sheet.set_column(column, column, width)
        sheet.write_string(0, 0, title, self.heading)
        sheet.write_string(1, 0, self.release_line(), self.plain)
        if self.facts.synthetic:
            sheet.write_string(2, 0, synthetic_warning(self.wording), self.warning)
        sheet.set_paper(A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5)
        warning = synthetic_warning(self.wording) if self.facts.synthetic else ""
        sheet.set_header(f"&L{_literal(title)}&R{_literal(warning)}")
        sheet.set_footer(f"&L{_literal(self.release_line())}&R&P / &N")
        return sheet

    def freeze(self, sheet: Worksheet, columns: int) -> None:
        """Keep the header row, and so many columns, in sight; repeat the header on each printed page."""
        sheet.freeze_panes(HEADER_ROW + 1, columns)
        sheet.repeat_rows(HEADER_ROW)

    def legal_name(self, wanted: str) -> str:
        """Return a name that Excel takes and no other sheet has."""
        legal = " ".join(_FORBIDDEN.sub(" ", wanted).split()).strip("'") or "-"
        name, number = legal[:_LONGEST_NAME].rstrip(" '"), 1
        while name.casefold() in self._names:
            number += 1
            end = f" ({number})"
            name = legal[: _LONGEST_NAME - len(end)].rstrip() + end
        self._names.add(name.casefold())
        return name

    def write_cell(self, sheet: Worksheet, row: int, column: int, cell: ProtectedCell | None) -> None:
        """Write a count; a word where it is withheld or where nothing was counted, a sign where it is held (*) or rounded (≈)."""
        _ = self.wording.gettext
        if cell is None:
            sheet.write_string(row, column, _("not counted"), self.word)
        elif cell.value is None:
            sheet.write_string(row, column, self.withheld(), self.word)
        else:
            formats = {Status.HELD: self.held, Status.ROUNDED: self.rounded}
            sheet.write_number(row, column, cell.value, formats.get(cell.status, self.count))

    def write_share(
        self,
        sheet: Worksheet,
        at: tuple[int, int],
        part: ProtectedCell,
        base: ProtectedCell,
        smallest_base: int,
    ) -> None:
        """Write part / base as a percentage where the rule allows one, and what stands in its place where it does not."""
        percentage = percentage_of(part, base, smallest_base)
        if percentage is not None:
            sheet.write_number(*at, percentage / 100, self.share)
        elif part.status is base.status and part.status is not Status.WITHHELD and part.status is not Status.HELD:
            sheet.write_string(*at, "-", self.word)
        else:
            sheet.write_string(*at, self.withheld(), self.word)

    def content(self) -> bytes:
        """Close the workbook and return the file."""
        self._book.close()
        return self._bytes.getvalue()


def _literal(text: str) -> str:
    """Return a text for a printed header, where ``&`` is a command; Excel takes 255 characters for all its parts."""
    return text.replace("&", "&&")[:110]
