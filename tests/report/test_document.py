"""The report for people, where there is little to say: it says so in its place, and no withheld figure becomes a number."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import docx as reader
import pytest

from survey_app.aggregation.facts import RegisterFact
from survey_app.paper import printing
from survey_app.protection.protected import ProtectedTables, Status
from survey_app.report.blocks import Paragraph, Points, Section, Table
from survey_app.report.document import Document, write_document
from survey_app.report.reading import Earlier, Reading
from survey_app.report.release import ReleaseFacts
from survey_app.report.report_files import report_files
from survey_app.report.told import Told
from survey_app.report.wording import Wording

Protect = Callable[..., ProtectedTables]
BASE = 10
ENGLISH = Wording("en", items={"helpful": "Does the group help you?"}, projects={"work": "Работа 🎉"})


def written(protected: ProtectedTables, facts: ReleaseFacts, earlier: Earlier | None = None) -> Document:
    return write_document(Reading(Told(facts, ENGLISH), protected.tables, BASE, earlier), protected)


def section(document: Document, key: str) -> Section:
    return next(each for each in document.sections if each.key == key)


def sentences(part: Document | Section) -> Iterator[str]:
    for each in part.sections if isinstance(part, Document) else (part,):
        for block in each.blocks:
            match block:
                case Paragraph():
                    yield block.text
                case Points():
                    yield from block.lines
                case Table():
                    yield from (text for row in block.rows for text in (row.head, *row.cells))


def tables(document: Document) -> list[Table]:
    return [block for each in document.sections for block in each.blocks if isinstance(block, Table)]


def text_of(printed: bytes, tmp_path: Path) -> str:
    path = tmp_path / "report.pdf"
    path.write_bytes(printed)
    asked = ["pdftotext", "-layout", "-enc", "UTF-8", str(path), "-"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def test_where_nothing_may_be_shown_each_part_says_so_and_no_figure_or_picture_stands_in_its_place(
    protect: Protect, facts: ReleaseFacts
) -> None:
    document = written(protect(lambda _at: True), facts)
    found = tables(document)
    assert found
    for table in found:
        assert not table.has_bars
        assert {cell for row in table.rows for cell in row.cells} <= {"withheld", "not counted", "-"}
    assert "“Does the group help you?”: how many say yes can not be shown." in sentences(document)
    assert "Anything about “Does the group help you?”: its numbers are not shown." in sentences(document)
    assert "Too few people answered to say how a sentence was understood." in sentences(section(document, "sentences"))
    figures = ("summary", "indicator", "answers", "coverage", "wishes", "sentences")
    said = " ".join(line for key in figures for line in sentences(section(document, key)))
    assert not re.search(r"\d", said.replace("R.2.9", "").replace("18-60", "").replace("18", "").replace("60", ""))


def test_each_part_has_something_to_read_in_every_world(protect: Protect, facts: ReleaseFacts) -> None:
    few = protect(responses=())
    for protected in (protect(), few, protect(registers=()), protect(lambda _at: True)):
        document = written(protected, facts)
        assert [each.key for each in document.sections][:2] == ["summary", "indicator"]
        for each in document.sections:
            assert each.blocks, each.key
            assert all(any(line for line in sentences(replace(each, blocks=(block,)))) for block in each.blocks), (
                each.key
            )


def test_without_a_register_nobody_is_said_to_be_silent(protect: Protect, facts: ReleaseFacts) -> None:
    document = written(protect(registers=()), facts)
    assert "Nobody knows how many could have answered: not every project has typed in its register." in sentences(
        section(document, "coverage")
    )
    assert "What those think who did not answer: nobody knows how many they are." in sentences(document)
    assert not [line for line in sentences(section(document, "summary")) if "registered" in line]


def test_a_register_smaller_than_the_answers_is_named_and_gives_no_share(protect: Protect, facts: ReleaseFacts) -> None:
    registers = (
        RegisterFact("work", "female", "18-60", 10),
        *(RegisterFact(p, "male", "18-60", 2) for p in ("garden", "sewing")),
    )
    document = written(protect(registers=registers), facts)
    assert "more than registered" in sentences(section(document, "coverage"))
    assert [line for line in sentences(section(document, "not-concluded")) if "the register is not whole" in line]
    assert not re.search(r"\d%", " ".join(sentences(section(document, "coverage"))))


@pytest.mark.parametrize(
    ("day", "is_over"), [(datetime(2026, 6, 30, 12, tzinfo=UTC), False), (datetime(2026, 7, 1, 12, tzinfo=UTC), True)]
)
def test_a_period_that_has_not_ended_is_named(
    protect: Protect,
    facts: ReleaseFacts,
    day: datetime,
    is_over: bool,  # noqa: FBT001 - a row of the table
) -> None:
    said = "What the whole period says: it had not ended on the day of this report."
    assert (said in sentences(written(protect(), replace(facts, created=day)))) is not is_over


def test_why_nothing_is_compared_is_said(protect: Protect, facts: ReleaseFacts) -> None:
    def why(protected: ProtectedTables, told: ReleaseFacts, earlier: Earlier | None = None) -> str:
        return " ".join(sentences(section(written(protected, told, earlier), "changes")))

    assert why(protect(), facts).startswith("No release of the half-year before")
    assert why(protect(), replace(facts, period="..2026-H1")).startswith("This period begins with the programme")
    hidden = Earlier("2025-H2", protect(lambda _at: True).tables)
    assert why(protect(), facts, hidden).startswith("No question of the half-year before can be compared")
    assert "cannot tell" in why(protect(), facts, Earlier("2025-H2", protect().tables))


def test_two_scales_are_two_tables_and_are_never_added_up(protect: Protect, facts: ReleaseFacts) -> None:
    protected = protect()
    first = next(table for table in protected.tables if table.name.startswith("indicator"))
    cells = {codes: replace(cell, at=replace(cell.at, item="helpful@much-3-1")) for codes, cell in first.cells.items()}
    both = replace(
        protected, tables=(*protected.tables, replace(first, name="indicator:helpful@much-3-1", cells=cells))
    )
    titles = [block.title for block in section(written(both, facts), "indicator").blocks if isinstance(block, Table)]
    assert titles[:2] == ["Does the group help you?", "Does the group help you? (scale much-3-1)"]


def rounded(protected: ProtectedTables) -> ProtectedTables:
    return replace(
        protected,
        tables=tuple(
            replace(
                table,
                cells={
                    codes: replace(cell, value=cell.value - cell.value % 5, status=Status.ROUNDED)
                    for codes, cell in table.cells.items()
                    if cell.value is not None
                },
            )
            for table in protected.tables
        ),
    )


def test_a_letter_without_a_drawing_and_a_rounded_figure_do_not_keep_a_report_from_paper(
    protect: Protect, facts: ReleaseFacts, tmp_path: Path
) -> None:
    of_project = replace(facts, organisation="charleroi", project="work", synthetic=True)
    files = report_files(rounded(protect()), of_project, ENGLISH)
    text = text_of(files["report-en.pdf"], tmp_path)
    assert "Работа \N{REPLACEMENT CHARACTER}" in text
    assert "stands for a letter that can not be printed here" in text
    assert re.search(r"~\s\d*[05]\b", text)
    assert "SYNTHETIC DATA" in text
    assert "Small differences: these numbers are rounded, and no range of chance is told of them." in text
    paragraphs = [paragraph.text for paragraph in reader.Document(io.BytesIO(files["report-en.docx"])).paragraphs]
    assert any("Работа 🎉" in paragraph for paragraph in paragraphs)


def test_the_same_report_is_the_same_bytes_and_names_nobody(protect: Protect, facts: ReleaseFacts) -> None:
    first, again = (report_files(protect(), facts, ENGLISH) for _ in range(2))
    assert first == again
    about = reader.Document(io.BytesIO(first["report-en.docx"])).core_properties
    assert (about.author, about.last_modified_by, about.comments) == ("", "", "")
    assert about.created == datetime(2026, 7, 21, tzinfo=about.created.tzinfo if about.created else None)


def test_where_nothing_prints_the_report_to_edit_is_there_alone(
    protect: Protect, facts: ReleaseFacts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(printing, "FONTS", tmp_path)
    printing._fonts.cache_clear()
    try:
        assert set(report_files(protect(), facts, ENGLISH)) == {"report-en.docx"}
    finally:
        printing._fonts.cache_clear()
