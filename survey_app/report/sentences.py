"""One sheet for those who write and translate: which sentences need work, the worst first."""

from __future__ import annotations

from survey_app.protection.protected import ProtectedTables, Status
from survey_app.report.sheets import HEADER_ROW, Book
from survey_app.report.tables_csv import cells_in_order
from survey_app.report.understanding import Sentence, judge_sentences

_COUNTED = ("language:", "leaving")
_WIDTHS = (44, 16, 44, 14, 10, 14, 16, 16, 16, 16)


def add_sentences(book: Book, protected: ProtectedTables, smallest_base: int) -> None:
    """Add the sheet, where understanding was counted. ``smallest_base``: the fewest people for a percentage."""
    if not any(table.name.startswith(_COUNTED) for table in protected.tables):
        return
    _ = book.wording.gettext
    title = _("These sentences need work")
    sheet = book.add_sheet(title, title, _WIDTHS)
    heads = (
        _("Question"),
        _("Language"),
        _("As people read it"),
        _("Did not understand"),
        _("Asked"),
        _("Share who did not understand"),
        _("Verdict"),
        _("Listened again, share of those who finished"),
        _("Needed more than 30 seconds, share of those who finished"),
        _("Left at this question, share of those who began"),
    )
    for column, head in enumerate(heads):
        sheet.write_string(HEADER_ROW, column, head, book.header)
    sheet.set_row(HEADER_ROW, 62)
    row = HEADER_ROW
    for sentence in judge_sentences(cells_in_order(protected), smallest_base):
        if not _is_worth_a_row(sentence):
            continue
        row += 1
        sheet.write_string(row, 0, book.wording.item(sentence.item), book.wrapped)
        sheet.write_string(row, 1, book.wording.language_of(sentence.language), book.plain)
        sheet.write_string(row, 2, book.wording.sentence(sentence.item, sentence.language), book.wrapped)
        book.write_cell(sheet, row, 3, sentence.not_understood)
        book.write_cell(sheet, row, 4, sentence.asked)
        book.write_share(sheet, (row, 5), sentence.not_understood, sentence.asked, smallest_base)
        sheet.write_string(row, 6, _("Write it anew") if sentence.needs_work else "", book.header)
        for column, share in enumerate((sentence.replayed, sentence.long, sentence.left), start=7):
            if share is not None:
                sheet.write_number(row, column, share / 100, book.share)
    book.freeze(sheet, 1)


def _is_worth_a_row(sentence: Sentence) -> bool:
    """Leave out the languages in which nobody was asked or that are withheld whole."""
    asked = sentence.asked
    return not sentence.language or (asked.status in {Status.PUBLISHED, Status.ROUNDED} and bool(asked.value))
