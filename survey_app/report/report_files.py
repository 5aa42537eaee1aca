"""The report as files in each language of its readers: DOCX for who edits it, PDF for who reads and prints it."""

from __future__ import annotations

from collections.abc import Iterator

from survey_app.paper.printing import NoPaperError
from survey_app.protection.protected import ProtectedTables
from survey_app.report.document import Document, write_document
from survey_app.report.docx_file import docx
from survey_app.report.guide import number_of
from survey_app.report.pdf import pdf
from survey_app.report.reading import Earlier, Reading
from survey_app.report.release import ReleaseFacts
from survey_app.report.told import Told
from survey_app.report.wording import Wording


def report_name(language: str, kind: str) -> str:
    """Return the file name of the report in a language; ``kind``: ``pdf`` or ``docx``."""
    return f"report-{language}.{kind}"


def report_files(
    protected: ProtectedTables, facts: ReleaseFacts, wording: Wording, earlier: Earlier | None = None
) -> dict[str, bytes]:
    """Return the report's files by their names. Where this computer cannot print, there is no PDF; the words are in DOCX.

    ``earlier``: what it is compared with.
    """
    base = number_of(protected.policy, "smallest_percentage_base")
    document = write_document(Reading(Told(facts, wording), protected.tables, base, earlier), protected)
    return {report_name(wording.language, kind): content for kind, content in _draw(document, facts, wording)}


def _draw(document: Document, facts: ReleaseFacts, wording: Wording) -> Iterator[tuple[str, bytes]]:
    yield "docx", docx(document, facts.created)
    try:
        yield "pdf", print_in_words(document, wording)
    except NoPaperError:
        return


def print_in_words(document: Document, wording: Wording) -> bytes:
    """Return a document as PDF. ``wording``: in its own language.

    Raises:
        NoPaperError: the printer is not installed.
    """
    _ = wording.gettext
    words = {
        "chart": _("Per hundred people who answered"),
        "no_chart": _("no chart: withheld, or too few answers"),
        "letters": _("� stands for a letter that can not be printed here; the report to edit has it."),
    }
    return pdf(document, words)
