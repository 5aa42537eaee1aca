"""The report as DOCX, for staff who must edit it: real headings, lists and tables, and the same words as the PDF."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime, time
from typing import TYPE_CHECKING, Final

from survey_app.report.blocks import Block, Paragraph, Points, Table
from survey_app.report.document import Document

if TYPE_CHECKING:
    from docx.document import Document as Draft

_LOCALES: Final = {"fr": "fr-BE", "nl": "nl-BE", "en": "en-GB"}
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the first day that an archive can name: the same report has the same bytes


def docx(document: Document, made: datetime) -> bytes:
    """Return the file; no person's name and no clock time are in it. ``made``: the day of the release."""
    import docx as writer  # noqa: PLC0415 - imported when a release is made
    from docx.shared import Mm, Pt  # noqa: PLC0415 - as above

    draft = writer.Document()
    about = draft.core_properties
    about.title, about.author, about.comments, about.last_modified_by = document.title, "", "", ""
    about.language = _LOCALES.get(document.language, document.language)
    about.created = about.modified = datetime.combine(made.date(), time())
    page = draft.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(18)
    draft.styles["Normal"].font.size = Pt(10)
    page.footer.paragraphs[0].text = document.line
    if document.warning:
        page.header.paragraphs[0].text = document.warning
    draft.add_heading(document.title, level=1)
    draft.add_paragraph(document.line)
    for section in document.sections:
        draft.add_heading(section.title, level=2)
        for block in section.blocks:
            _add(draft, block)
    written = io.BytesIO()
    draft.save(written)
    return _without_times(written.getvalue())


def _add(draft: Draft, block: Block) -> None:
    match block:
        case Paragraph():
            draft.add_paragraph(block.text)
        case Points():
            bullet = draft.styles["List Bullet"].style_id  # looked up once: it is slow
            for line in block.lines:
                draft.add_paragraph(line)._p.style = bullet  # noqa: SLF001 - as above
        case Table():
            _add_table(draft, block)


def _add_table(draft: Draft, table: Table) -> None:
    from docx.oxml import OxmlElement  # noqa: PLC0415 - as above
    from docx.shared import Mm, Pt  # noqa: PLC0415 - as above

    draft.add_paragraph().add_run(table.title).bold = True
    drawn = draft.add_table(rows=1, cols=len(table.heads), style="Table Grid")
    for cell, head in zip(drawn.rows[0].cells, table.heads, strict=True):
        cell.paragraphs[0].add_run(head).bold = True
    drawn.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - its only way to a header row
    for row in table.rows:
        cells = drawn.add_row().cells
        cells[0].paragraphs[0].paragraph_format.left_indent = Mm(3 * row.depth)
        for cell, text in zip(cells, (row.head, *row.cells), strict=True):
            cell.text = text
    for cell in (cell for row in drawn.rows for cell in row.cells):
        for run in cell.paragraphs[0].runs:
            run.font.size = Pt(8)
    draft.add_paragraph()


def _without_times(content: bytes) -> bytes:
    """Return the archive with each file at the same moment."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in _parts(old):
            new.writestr(zipfile.ZipInfo(name, _EPOCH), part, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    return ((name, archive.read(name)) for name in archive.namelist())
