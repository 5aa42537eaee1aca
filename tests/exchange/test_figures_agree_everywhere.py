"""A world with known truth, released twice: every file and every page tells the same figures, and they are true."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import docx
import duckdb
import golden_world
import openpyxl
import pyreadstat
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from survey_app import cli
from survey_app.aggregation import alike
from survey_app.fieldwork.rights import Post
from survey_app.foundation.settings import Settings
from survey_app.ledger import read_half_before
from survey_app.main import create_app
from survey_app.paper import printing
from survey_app.protection.protected import Coordinates, ProtectedCell, ProtectedTable, Status
from survey_app.report.folder import read_release, read_tables
from survey_app.report.release import ReleaseFacts
from survey_app.report.tables_csv import COLUMNS
from survey_app.web.console.accounts import add_member

PASSWORD = "four words are enough"
NOW, BEFORE = "2026-H1", "2025-H2"


@dataclass(frozen=True)
class Released:
    app: FastAPI
    browser: TestClient
    folders: dict[str, Path]

    @property
    def folder(self) -> Path:
        return self.folders[NOW]

    def tables(self, half: str = NOW) -> tuple[ProtectedTable, ...]:
        tables = read_tables(self.folders[half], read_release(self.folders[half]).document)
        assert tables
        return tables

    def page(self, address: str) -> str:
        reply = self.browser.get(address)
        assert reply.status_code == 200, address
        return unescape(reply.text)


@pytest.fixture(scope="module", autouse=True)
def alike_in_releases_of_several_projects() -> Iterator[None]:
    """How alike answers are is counted here in releases of several projects too: a harder world than what leaves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alike, "MOST_PROJECTS", 3)
        yield


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Released]:
    folder = tmp_path_factory.mktemp("golden")
    app = create_app(Settings(data_dir=folder))
    golden_world.fill(app)
    folders = {half: golden_world.release(app, half, folder / "releases" / half).folder for half in (BEFORE, NOW)}
    add_member(app.state.database, "rita", PASSWORD, Post("reviewer"))
    headers = {"sec-fetch-site": "same-origin", "accept-language": "en"}
    with TestClient(app, headers=headers, follow_redirects=False) as browser:
        assert browser.post("/console/sign-in", data={"name": "rita", "password": PASSWORD}).status_code == 303
        yield Released(app, browser, folders)


def truth(person: dict[str, Any], item: str, answer: str) -> bool:
    """Say whether a person counts for an answer or a sum of answers, by the words of the documentation."""
    base, _colon, option = item.partition(":")
    if base == "alike":
        return is_alike([person[each] for each in ("helpful", "speaking", "doctor")], answer)
    said = person[base]
    off = isinstance(said, str) and said in {"not-understood", "no-answer"}
    sums = {
        "total": True,
        "answered": not off,
        "off-scale": off,
        "positive": said in ("a-lot", "a-little"),
        "negative": said in ("not-much", "not-at-all"),
        "other-reasons": off and said != "not-understood",
        "chosen": not off and option in said,
        "not-chosen": not off and option not in said,
    }
    return sums.get(answer, said == answer)


def is_alike(said: list[str], answer: str) -> bool:
    """Say whether somebody who said this to the three questions counts for a sum of answers that are all alike."""
    is_same = len(set(said)) == 1 and said[0] in golden_world.SCALE
    is_top = is_same and said[0] == "a-lot"
    told = {"all-same": is_same, "all-top": is_top, "all-same-below": is_same and not is_top}
    return answer == "total" or (not is_same if answer == "other-answers" else told[answer])


@pytest.mark.parametrize("half", [BEFORE, NOW])
def test_what_is_published_is_what_people_really_answered(released: Released, half: str) -> None:
    compared = Counter[str]()
    for table in released.tables(half):
        if not table.name.startswith(("item:", "indicator", "alike", "by-")):
            continue
        for cell in table.cells.values():
            home = cell.at.organisation.removesuffix("-own")
            projects = [
                code
                for code, organisation in golden_world.PROJECTS.items()
                if cell.at.project in {code, "total", ""}
                and (
                    home in {"total", "", organisation} or (cell.at.organisation == "gent" and organisation == "aalst")
                )
            ]
            people = [
                person
                for person in golden_world.everybody(half, projects)
                if all(
                    getattr(cell.at, column) in {"", "total", person[column]}
                    for column in ("gender", "age", "mode", "language")
                )
            ]
            compared[cell.status.value] += 1
            if cell.status is Status.PUBLISHED:
                assert cell.value == sum(truth(person, cell.at.item, cell.at.answer) for person in people), cell
    assert compared["published"] > 100
    assert compared["withheld"] > 10


# -- the report for people -----------------------------------------------------------------------------------------------


def said(cell: ProtectedCell, language: str) -> str:
    words = {"fr": "masqué", "nl": "verborgen"}
    return words[language] if cell.value is None else str(cell.value)


def docx_tables(released: Released, language: str) -> list[list[list[str]]]:
    document = docx.Document(str(released.folder / f"report-{language}.docx"))
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


def own_places(cells: Mapping[tuple[str, ...], ProtectedCell]) -> list[str]:
    return list(dict.fromkeys(place for _answer, place in cells))


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_each_figure_of_the_report_is_that_of_the_protected_tables(released: Released, language: str) -> None:
    tables = {table.name: table for table in released.tables()}
    indicator, places, answers, changes, coverage, wishes, *_languages = docx_tables(released, language)
    cells = {
        (codes[0], cell.at.gender or "total", cell.at.age or "total"): cell
        for name, table in tables.items()
        if name.partition(":")[0] == "indicator"
        for codes, cell in table.cells.items()
    }
    rows = [place for place in dict.fromkeys(key[1:] for key in cells) if cells["total", *place].value != 0]
    counted = ("total", "answered", "a-lot", "positive", "not-understood", "no-answer")
    expected = [[said(cells[answer, *place], language) for answer in counted] for place in rows]
    assert sorted(row[1:] for row in indicator[1:]) == sorted(expected)
    assert len(expected) > 5

    own = tables["item:helpful"].cells
    by_place = [
        [said(own[code, place], language) for code in (*golden_world.SCALE, "answered")] for place in own_places(own)
    ]
    assert sorted(row[1:6] for row in places[1:]) == sorted(by_place)
    assert len(by_place) == 8

    for row, item in zip(answers[1:], ("helpful", "speaking", "doctor"), strict=True):
        own = tables[f"item:{item}"].cells
        assert row[1:6] == [said(own[code, "total"], language) for code in (*golden_world.SCALE, "answered")]
        share = own["positive", "total"].value / own["answered", "total"].value
        assert flat(row[6]).replace(" ", "") == f"{round(100 * share)}%"
    for row, option in zip(wishes[1:4], ("more-hours", "slower", "talk-more"), strict=True):
        own = tables[f"item:change:{option}"].cells
        assert row[1:3] == [said(own[code, "total"], language) for code in ("chosen", "answered")]
    assert coverage[1][1:3] == [str(sum(golden_world.REGISTERED.values())), str(len(golden_world.everybody(NOW)))]
    assert [row[-1] for row in changes[1:]] == {
        "fr": ["plus", "on ne peut pas le dire", "on ne peut pas le dire"],
        "nl": ["meer", "niet te zeggen", "niet te zeggen"],
    }[language]


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_how_people_answered_is_told_alike_in_report_workbook_and_page(released: Released, language: str) -> None:
    tables = {table.name: table for table in released.tables()}
    alike, mode, tongue = docx_tables(released, language)[-3:]
    cells = tables["alike"].cells
    expected = [
        [said(cells["total", place], language), *shares(cells, place, ("all-top", "all-same"), "total", language)]
        for place in own_places(cells)
    ]
    assert sorted(row[1:] for row in alike[1:]) == sorted(expected)
    for name, told, codes in (
        ("mode", mode, {"answered": "total", "positive": "positive"}),
        ("language", tongue, {"total": "total", "answered": "answered", "positive": "positive"}),
    ):
        cells = tables[f"by-{name}:helpful"].cells
        groups = [group for group in tables[f"by-{name}:helpful"].axes[1].codes[1:] if cells["total", group].value]
        expected = [
            [
                *(said(cells[code, group], language) for code in codes.values()),
                *shares(cells, group, ("positive",), codes["answered"], language),
            ]
            for group in groups
        ]
        assert [row[1 : 2 + len(codes)] for row in told[1:]] == expected
        assert len(expected) >= 2
    book = openpyxl.load_workbook(released.folder / f"workbook-{language}.xlsx")
    title = {"fr": "Comment les gens ont répondu", "nl": "Hoe mensen geantwoord hebben"}[language]
    sheet = [[cell.value for cell in row] for row in book[title].iter_rows(min_row=5)]
    groups = {row[0].strip(): row for row in sheet if row[0]}
    for row in (*alike[1:], *mode[1:], *tongue[1:]):
        assert str(groups[row[0].strip()][1]) == row[1], row


def shares(cells, code: str, answers: Iterable[str], base: str, language: str) -> list[str]:
    """The shares as texts, computed from the two numbers beside each other."""
    told = []
    for answer in answers:
        part, whole = cells[answer, code], cells[base, code]
        if part.value is None or whole.value is None or whole.value < 10:
            told.append({"fr": "masqué", "nl": "verborgen"}[language])
        else:
            percent = math.floor(100 * part.value / whole.value + 0.5)
            told.append(f"{percent}\N{NO-BREAK SPACE}%" if language == "fr" else f"{percent}%")
    return told


def test_who_answered_with_help_is_compared_with_all_others(released: Released) -> None:
    section = released.page(f"/console/results/{NOW}-network-golden").partition('id="answering"')[2]
    assert "Answers that are all alike" in section
    assert "With a helper" in section
    assert section.count("cannot tell") >= 2, "no mode and no language was made to differ"


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_the_printed_report_says_what_the_one_to_edit_says(released: Released, language: str) -> None:
    path = released.folder / f"report-{language}.pdf"
    about = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"^Tagged:\s+yes$", about, re.MULTILINE)
    assert 4 <= int(re.search(r"^Pages:\s+(\d+)$", about, re.MULTILINE)[1]) <= 8  # type: ignore[index]
    read = ["pdftotext", "-layout", "-enc", "UTF-8", str(path), "-"]
    printed = subprocess.run(read, capture_output=True, text=True, check=True).stdout
    assert "\N{SOFT HYPHEN}" not in printed, "a word is broken"
    lines = [flat(line) for line in printed.split("\n")]
    figures = [flat(" ".join(row[1:])) for table in docx_tables(released, language)[:1] for row in table[1:]]
    assert [row for row in figures if not any(line.endswith(row) for line in lines)] == []
    assert len(figures) > 5
    document = docx.Document(str(released.folder / f"report-{language}.docx"))
    words = set(re.findall(r"\w+", " ".join(lines)))
    hyphenated = {"".join(pair) for line in lines for pair in re.findall(r"(\w+)- ?(\w+)", line)}
    for paragraph in document.paragraphs:
        assert set(re.findall(r"\w+", paragraph.text)) <= words | hyphenated, paragraph.text


@pytest.mark.slow
@pytest.mark.skipif(
    not shutil.which("soffice"),
    reason="needs LibreOffice: apt-get install libreoffice-calc-nogui libreoffice-writer-nogui",
)
def test_an_office_opens_workbook_and_report_and_finds_what_they_hold(released: Released, tmp_path: Path) -> None:
    """What LibreOffice writes again after it opened them: every cell, and every word of the report."""
    where = [f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--outdir", str(tmp_path)]
    for name, form in (("workbook-fr.xlsx", "xlsx"), ("report-fr.docx", "pdf")):
        opened = ["soffice", "--headless", "--convert-to", form, *where, str(released.folder / name)]
        subprocess.run(opened, check=True, capture_output=True, timeout=120)
    ours, theirs = (openpyxl.load_workbook(folder / "workbook-fr.xlsx") for folder in (released.folder, tmp_path))
    assert ours.sheetnames == theirs.sheetnames
    cells = [(cell, theirs[sheet.title][cell.coordinate]) for sheet in ours for row in sheet for cell in row]
    assert [one.coordinate for one, other in cells if not same(one.value, other.value)] == []
    assert sum(isinstance(one.value, int) for one, _ in cells) > 300
    text = subprocess.run(
        ["pdftotext", tmp_path / "report-fr.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    for paragraph in docx.Document(str(released.folder / "report-fr.docx")).paragraphs:
        assert run_together(paragraph.text) in run_together(text)


def run_together(text: str) -> str:
    """A line that ends in a hyphen loses it when a PDF is read."""
    return re.sub(r"[\s-]+", "", text)


def same(one: object, other: object) -> bool:
    """An empty text is an empty cell there, and of a share 15 digits are kept."""
    if isinstance(one, float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-14)
    return (one or None) == (other or None) or one == other


def test_each_file_for_programs_holds_the_cells_of_the_protected_tables(released: Released) -> None:
    expected = {
        (cell.at, cell.value, cell.status.value) for table in released.tables() for cell in table.cells.values()
    }
    columns = [column for column in COLUMNS if column not in {"value", "status"}]

    def read(rows: list[dict[str, Any]]) -> set[tuple[Coordinates, int | None, str]]:
        return {(Coordinates(**{name: row[name] for name in columns}), row["value"], row["status"]) for row in rows}

    found = duckdb.sql(f"select * from '{released.folder / 'tables.parquet'}'")
    assert read([dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]) == expected
    for language in ("fr", "nl", "en"):
        frame, _about = pyreadstat.read_sav(released.folder / f"tables-{language}.sav")
        assert read(frame.astype(object).where(frame.notna(), None).to_dict("records")) == expected


def test_a_report_compares_with_the_half_year_before_as_it_left_and_with_nothing_that_was_changed(
    released: Released,
) -> None:
    facts = ReleaseFacts("again", golden_world.MADE_ON[NOW], "network", NOW)
    beside = released.folder.parent
    earlier = read_half_before(released.app.state.database, facts, beside)
    assert earlier is not None
    assert earlier.period == BEFORE
    assert read_half_before(released.app.state.database, replace(facts, tier="public"), beside) is None
    assert read_half_before(released.app.state.database, replace(facts, period=BEFORE), beside) is None
    table = released.folders[BEFORE] / "tables.json"
    whole = table.read_bytes()
    try:
        table.write_bytes(whole.replace(b'"value":', b'"value" :', 1))
        assert read_half_before(released.app.state.database, facts, beside) is None
    finally:
        table.write_bytes(whole)


# -- the desk "Results" ------------------------------------------------------------------------------------------------


def test_the_list_of_results_holds_released_tables_only_and_can_be_narrowed(released: Released) -> None:
    listed = released.page("/console/results")
    assert f"/console/results/{NOW}-network-golden" in listed
    assert f"/console/results/{BEFORE}-network-golden" in listed
    narrowed = released.page(f"/console/results?period={NOW}&tier=network&scope=all")
    assert f"/console/results/{BEFORE}-network-golden" not in narrowed
    assert f"/console/results/{NOW}-network-golden" in narrowed
    assert "No release fits" in released.page("/console/results?tier=public")


def test_each_row_of_a_result_says_what_the_released_table_says(released: Released) -> None:
    text = released.page(f"/console/results/{NOW}-network-golden")
    tables = {table.name: table for table in released.tables()}
    for item in ("helpful", "speaking", "doctor"):
        cells = tables[f"item:{item}"].cells
        expected = [cells[code, "total"].value for code in (*golden_world.SCALE, "answered")]
        assert row_of(text, item)[:5] == ["withheld" if value is None else str(value) for value in expected]
    helpful = row_of(text, "helpful")
    assert re.fullmatch(r"\d+%", helpful[5])
    assert re.fullmatch(r"\d+% to \d+%", helpful[6])
    low, high = (int(found) for found in re.findall(r"(\d+)%", helpful[6]))
    assert low < int(helpful[5].rstrip("%")) < high
    assert '<svg class="bar-chart"' in text


def row_of(text: str, item: str) -> list[str]:
    row = re.search(rf'<tr role="row"[^>]*data-item="{item}">(.*?)</tr>', text, re.DOTALL)
    assert row is not None, item
    return re.findall(r"<td role=\"cell\" data-head=[^>]*>([^<]*)</td>", row[1])


def test_a_change_since_the_half_year_before_has_a_plain_verdict(released: Released) -> None:
    text = released.page(f"/console/results/{NOW}-network-golden")
    changes = text.partition('id="changes"')[2].partition("</section>")[0]
    helpful = row_of(changes, "helpful")
    assert helpful[3] == "more"
    assert int(helpful[2].split()[0]) > 10
    assert row_of(changes, "speaking")[3] == "cannot tell"
    first = released.page(f"/console/results/{BEFORE}-network-golden")
    assert 'id="changes"' not in first


def test_the_desk_of_review_says_what_changed_and_how_people_answered(released: Released) -> None:
    text = released.page(f"/console/review?period={NOW}")
    changes = text.partition('id="changes"')[2].partition("</section>")[0]
    assert [row_of(changes, item)[3] for item in ("helpful", "speaking")] == ["more", "cannot tell"]
    assert "With a helper" in text.partition('id="answering"')[2].partition("</section>")[0]
    first = released.page(f"/console/review?period={BEFORE}").partition('id="changes"')[2].partition("</section>")[0]
    assert "Nothing can be compared" in first


def test_a_question_is_told_by_place_and_period_by_period(released: Released) -> None:
    text = released.page(f"/console/results/{NOW}-network-golden/items/helpful")
    assert "OCMW Gent and its partners" in text
    assert "CPAS de Liège" in text
    periods = text.partition('id="periods"')[2]
    assert re.findall(r'<th scope="row" role="rowheader">([^<]*)</th>', periods) == [BEFORE, NOW]


def test_who_answered_is_told_beside_the_register(released: Released) -> None:
    text = released.page(f"/console/results/{NOW}-network-golden").partition('id="coverage"')[2]
    registered = sum(golden_world.REGISTERED.values())
    assert re.findall(r'data-head="n (?:registered|asked)">(\d+)<', text)[:2] == [
        str(registered),
        str(len(golden_world.everybody(NOW))),
    ]


@pytest.mark.parametrize("address", ["items/nothing", "items/..%2F..", "items/HELPFUL"])
def test_a_question_that_was_not_asked_is_no_page(released: Released, address: str) -> None:
    assert released.browser.get(f"/console/results/{NOW}-network-golden/{address}").status_code == 404


def test_a_release_that_was_changed_shows_nothing(released: Released) -> None:
    table = released.folder / "tables.json"
    whole = table.read_bytes()
    try:
        table.write_bytes(whole.replace(b'"value":', b'"value" :', 1))
        for address in ("", "/items/helpful"):
            text = released.page(f"/console/results/{NOW}-network-golden{address}")
            assert "The files are not here" in text
            assert "<table" not in text
    finally:
        table.write_bytes(whole)


# -- last: it adds a release ---------------------------------------------------------------------------------------------


def test_where_nothing_prints_a_release_leaves_all_the_same_and_says_what_it_lacks(
    released: Released, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SURVEY_APP_DATA_DIR", str(released.folder.parent.parent))
    monkeypatch.setattr(printing, "FONTS", tmp_path)
    printing._fonts.cache_clear()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    out = tmp_path / "out"
    asked = ("--tier", "inside", "--period", NOW, "--project", "gent-samen", "--out", str(out))
    try:
        assert cli.run(("release", "create", *asked)) == 0
    finally:
        printing._fonts.cache_clear()
    told = capsys.readouterr().err
    assert "The reports have no PDF" in told
    stages = [told.index(each) for each in ("counting", "protecting", "writing", "100%")]
    assert stages == sorted(stages), "a terminal shows how far it is"
    names = {path.name for path in out.iterdir()}
    assert {"report-fr.docx", "report-nl.docx", "workbook-fr.xlsx", "tables.csv"} <= names
    assert not [name for name in names if name.endswith(".pdf")]
