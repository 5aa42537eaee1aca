"""Which sentences need work: from protected figures, the worst first, by the rule of one in ten."""

from __future__ import annotations

import io

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from survey_app.protection.protected import Axis, Certificate, ProtectedCell, ProtectedTable, ProtectedTables, Status
from survey_app.protection.protected import Coordinates as At
from survey_app.report.release import ReleaseFacts
from survey_app.report.tables_csv import read_tables_csv, tables_csv
from survey_app.report.understanding import judge_sentences
from survey_app.report.wording import Wording
from survey_app.report.workbook import workbook

TOTAL = "total"
LANGUAGES = Axis("language", {"fr": TOTAL, "ti": TOTAL, "ps": TOTAL})
UNDERSTOOD = Axis("answer", {"not-understood": TOTAL, "other-answers": TOTAL})


def cell(at: At, value: int | None) -> ProtectedCell:
    return ProtectedCell(at, value, Status.WITHHELD if value is None else Status.PUBLISHED)


def language_table(item: str, counts: dict[str, tuple[int | None, int | None]]) -> ProtectedTable:
    cells = {}
    for language, (missed, asked) in counts.items():
        others = None if missed is None or asked is None else asked - missed
        for answer, value in (("not-understood", missed), ("other-answers", others), (TOTAL, asked)):
            at = At(f"language:{item}", "people", period="2026-H1", item=item, answer=answer, language=language)
            cells[answer, language] = cell(at, value)
    return ProtectedTable(f"language:{item}", (UNDERSTOOD, LANGUAGES), cells, "answer")


def tally_table(name: str, item: str, counts: dict[str, int | None]) -> ProtectedTable:
    axis = Axis("tally", {code: TOTAL for code in counts if code != TOTAL})
    at = {code: At(f"{name}:{item}", "met", period="2026-H1", item=item, answer=code) for code in counts}
    return ProtectedTable(f"{name}:{item}", (axis,), {(code,): cell(at[code], n) for code, n in counts.items()})


TABLES = (
    language_table("helpful", {TOTAL: (9, 100), "fr": (0, 60), "ti": (9, 30), "ps": (None, 10)}),
    language_table("change", {TOTAL: (12, 100), "fr": (6, 60), "ti": (6, 30), "ps": (0, 10)}),
    tally_table("replays", "helpful", {TOTAL: 90, "replayed-never": 60, "replayed-once": 20, "replayed-more": 10}),
    tally_table("time", "helpful", {TOTAL: 90, "quick": None, "usual": None, "long": None}),
)
PROTECTED = ProtectedTables(TABLES, {"smallest_percentage_base": 10, "name": "network"}, Certificate(1, 5, (), ()))


def test_the_worst_sentence_comes_first_and_what_cannot_be_judged_last() -> None:
    cells = read_tables_csv(tables_csv(PROTECTED))
    found = [(s.item, s.language, s.share and round(s.share)) for s in judge_sentences(cells, 10)]
    assert found[:3] == [("helpful", "ti", 30), ("change", "ti", 20), ("change", "", 12)]
    assert found[-1] == ("helpful", "ps", None)


def test_more_than_one_in_ten_is_to_be_written_anew_and_exactly_one_in_ten_is_not() -> None:
    cells = read_tables_csv(tables_csv(PROTECTED))
    verdicts = {(s.item, s.language): s.needs_work for s in judge_sentences(cells, 10)}
    assert verdicts["change", ""]
    assert not verdicts["change", "fr"]
    assert not verdicts["helpful", "ps"]


def test_percentages_obey_the_policy() -> None:
    cells = read_tables_csv(tables_csv(PROTECTED))
    shares = {(s.item, s.language): s.share for s in judge_sentences(cells, 31)}
    assert shares["helpful", "ti"] is None
    assert shares["helpful", ""] == 9.0


def test_what_tablets_tallied_stands_beside_all_languages() -> None:
    found = {(s.item, s.language): s for s in judge_sentences(read_tables_csv(tables_csv(PROTECTED)), 10)}
    assert round(found["helpful", ""].replayed or 0) == 33
    assert found["helpful", ""].long is None, "withheld"
    assert found["helpful", "ti"].replayed is None


def sheet_of(wording: Wording, release: ReleaseFacts) -> Worksheet:
    book = openpyxl.load_workbook(io.BytesIO(workbook(PROTECTED, release, wording)))
    return book.worksheets[-2]


def test_the_workbook_shows_each_sentence_in_its_language(facts: ReleaseFacts) -> None:
    wording = Wording(
        "en", items={"helpful": "Does it help?"}, languages={"ti": "ትግርኛ"}, spoken={("helpful", "ti"): "ይሕግዝ?"}
    )
    sheet = sheet_of(wording, facts)
    assert sheet.title == "These sentences need work"
    rows = [[box.value for box in row] for row in sheet.iter_rows(min_row=5)]
    assert rows[0][:7] == ["Does it help?", "ትግርኛ", "ይሕግዝ?", 9, 30, 0.3, "Write it anew"]
    assert "withheld" in [box for row in rows for box in row]
