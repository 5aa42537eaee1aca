"""The workbook for people: Tables 11 and 7 first, a sheet for each item, then how people answered, and the guide last."""

from __future__ import annotations

from survey_app.protection.protected import ProtectedTables
from survey_app.report.answering_sheet import add_answering
from survey_app.report.distribution import add_distributions
from survey_app.report.guide import add_guide, number_of
from survey_app.report.release import ReleaseFacts
from survey_app.report.sentences import add_sentences
from survey_app.report.sheets import Book
from survey_app.report.table7 import add_table7
from survey_app.report.table11 import add_table11
from survey_app.report.wording import Wording


def workbook(protected: ProtectedTables, facts: ReleaseFacts, wording: Wording) -> bytes:
    """Return the workbook as an .xlsx file, the same bytes for the same release and words.

    Raises ``KeyError`` where the policy does not say on how many answers a percentage may be computed.
    """
    smallest_base = number_of(protected.policy, "smallest_percentage_base")
    book = Book(facts, wording)
    add_table11(book, protected)
    add_table7(book, protected)
    add_distributions(book, protected, smallest_base)
    add_answering(book, protected, smallest_base)
    add_sentences(book, protected, smallest_base)
    add_guide(book, protected)
    return book.content()
