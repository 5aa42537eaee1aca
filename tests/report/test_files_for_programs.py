"""The files for programs, opened by the programs of their trade: the same cells in each, and old releases readable for ever."""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import csvw
import duckdb
import jsonschema
import pyreadstat
import pytest
from pysdmx.io import read_sdmx

from survey_app.exchange.audit import audit
from survey_app.protection.protected import Coordinates, ProtectedTables, Status
from survey_app.report.folder import read_release, read_tables, verify_files, write_release
from survey_app.report.release import ReleaseFacts
from survey_app.report.sav import sav
from survey_app.report.schemas import release_schema, tables_schema
from survey_app.report.tables_csv import COLUMNS
from survey_app.report.wording import Wording

Protect = Callable[..., ProtectedTables]
ROOT = Path(__file__).parents[2]
LEFT = Path(__file__).with_name("left")
"""Releases as earlier versions wrote them; one of each format, never edited."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, protect: Protect, facts: ReleaseFacts, french: Wording) -> Path:
    def hide(at: Coordinates) -> bool:
        return at.organisation == "binche"

    written = tmp_path_factory.mktemp("programs") / "release"
    write_release(written, protect(hide), replace(facts, synthetic=True), (french, Wording("nl")))
    return written


def csv_rows(folder: Path) -> list[tuple[Any, ...]]:
    lines = csv.DictReader(io.StringIO((folder / "tables.csv").read_text("utf-8")))
    return [tuple(_read(name, line[name]) for name in COLUMNS) for line in lines]


def _read(name: str, text: str) -> str | int | None:
    return text if name != "value" else int(text) if text else None


def test_parquet_holds_the_same_cells_with_no_number_where_one_is_withheld(folder: Path) -> None:
    found = duckdb.sql(f"select * from '{folder / 'tables.parquet'}'")
    assert tuple(found.columns) == COLUMNS
    assert {str(kind) for name, kind in zip(found.columns, found.types, strict=True) if name != "value"} == {"VARCHAR"}
    rows = found.fetchall()
    assert rows == csv_rows(folder)
    assert {row[COLUMNS.index("status")] for row in rows if row[COLUMNS.index("value")] is None} == {"withheld"}
    assert sum(row[COLUMNS.index("value")] is None for row in rows) > 10


def test_spss_holds_the_same_cells_and_says_what_each_code_means(folder: Path) -> None:
    frame, about = pyreadstat.read_sav(folder / "tables-fr.sav")
    assert tuple(frame.columns) == COLUMNS
    rows = [tuple(row) for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False)]
    assert rows == csv_rows(folder)
    labels = about.variable_value_labels
    assert labels["answer"]["a-lot"] == "Oui, beaucoup"
    assert labels["item"]["helpful"] == "Le groupe m'aide pour ma vie en Belgique ?"
    assert labels["organisation"]["charleroi"] == "CPAS de Charleroi and its partners"
    assert labels["project"]["work"] == "Travail"
    assert about.column_names_to_labels["value"] == "Number of people; empty where it is withheld"
    assert about.notes[0].startswith("SYNTHETIC DATA")
    assert about.creation_time == datetime(2026, 7, 21)  # noqa: DTZ001 - the format knows no zone


def test_a_code_that_means_two_things_keeps_its_code_in_spss(
    protect: Protect, facts: ReleaseFacts, tmp_path: Path
) -> None:
    words = Wording("fr", answers={("helpful", "a-lot"): "Oui, beaucoup", ("doctor", "a-lot"): "Souvent"})
    (tmp_path / "tables.sav").write_bytes(sav(protect(), facts, words))
    _frame, about = pyreadstat.read_sav(tmp_path / "tables.sav")
    assert about.variable_value_labels["answer"]["a-lot"] == "a-lot"


def test_the_dictionary_explains_every_column_and_every_code_in_each_language(folder: Path) -> None:
    lines = list(csv.DictReader(io.StringIO((folder / "dictionary.csv").read_text("utf-8"))))
    assert list(lines[0]) == ["column", "item", "code", "fr", "nl"]
    assert {line["column"] for line in lines if not line["code"]} == set(COLUMNS)
    assert all(line["fr"] and line["nl"] for line in lines)
    explained = {(line["column"], line["item"], line["code"]) for line in lines}
    used = set()
    for row in csv_rows(folder):
        cell = dict(zip(COLUMNS, row, strict=True))
        used |= {(name, cell["item"] if name == "answer" else "", cell[name]) for name in COLUMNS if name != "value"}
    assert {entry for entry in used if entry[2]} <= explained
    assert len(used) > 50
    assert ("answer", "change:slower", "chosen") in explained


def test_csvw_describes_every_column_so_that_each_line_fits(folder: Path) -> None:
    about = json.loads((folder / "tables.csv-metadata.json").read_bytes())
    assert about["@context"] == "http://www.w3.org/ns/csvw"
    assert (folder / about["url"]).is_file()
    columns = about["tableSchema"]["columns"]
    assert tuple(column["name"] for column in columns) == COLUMNS
    for column in columns:
        assert set(column["dc:description"]) == {"fr", "nl"}
    kinds: Mapping[str, Any] = {column["name"]: column for column in columns}
    for row in csv_rows(folder):
        line = dict(zip(COLUMNS, row, strict=True))
        assert re.fullmatch(kinds["status"]["datatype"]["format"], line["status"])
        assert line["value"] is None or line["value"] >= kinds["value"]["datatype"]["minimum"]
        assert all(line[name] for name, column in kinds.items() if column["required"])


def test_a_csvw_reader_of_the_field_finds_every_line_as_described_and_a_wrong_one_not(
    folder: Path, tmp_path: Path
) -> None:
    metadata = tmp_path / "tables.csv-metadata.json"
    metadata.write_bytes((folder / metadata.name).read_bytes())
    table = (folder / "tables.csv").read_text("utf-8")
    for text, is_right in ((table, True), (table.replace(",withheld", ",lost", 1), False)):
        (tmp_path / "tables.csv").write_text(text, "utf-8", newline="")
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")  # by them it learns whether a line is right
            assert csvw.CSVW(str(metadata), validate=True).is_valid is is_right


# -- the published form --------------------------------------------------------------------------------------------------

SCHEMAS = {"release": release_schema(), "tables": tables_schema()}


@pytest.mark.parametrize("name", list(SCHEMAS))
def test_the_published_form_is_the_committed_one_and_every_release_has_it(name: str, folder: Path) -> None:
    committed = json.loads((ROOT / "docs" / f"{name}.schema.json").read_bytes())
    assert committed == SCHEMAS[name], f"run: survey-app release schema {name} > docs/{name}.schema.json"
    checks = jsonschema.Draft202012Validator(SCHEMAS[name])
    checks.check_schema(SCHEMAS[name])
    for left in (folder, *sorted(LEFT.iterdir())):
        checks.validate(json.loads((left / f"{name}.json").read_bytes()))


def test_a_withheld_number_or_a_strange_part_does_not_have_the_published_form(folder: Path) -> None:
    tables = json.loads((folder / "tables.json").read_bytes())
    hidden = next(cell for cell in tables["cells"] if cell["status"] == "withheld")
    checks = jsonschema.Draft202012Validator(SCHEMAS["tables"])
    hidden["value"] = 0
    assert not checks.is_valid(tables)
    hidden["value"] = None
    assert checks.is_valid(tables)
    release = json.loads((folder / "release.json").read_bytes())
    assert not jsonschema.Draft202012Validator(SCHEMAS["release"]).is_valid({**release, "respondents": []})


# -- for ever ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", sorted(LEFT.iterdir()), ids=lambda path: path.name)
def test_a_release_of_an_earlier_version_is_read_verified_and_attacked_as_on_its_first_day(left: Path) -> None:
    read = read_release(left)
    assert f"format-{read.document['format']}" == left.name
    assert verify_files(left) == ()
    tables = read_tables(left, read.document)
    assert tables is not None
    assert sum(len(table.cells) for table in tables) == len(read.cells)
    assert sum(cell.status is Status.WITHHELD for cell in read.cells) >= 10
    (found,) = audit([left])
    assert found.faults == ()
    assert found.cells_attacked >= 10


def test_statistical_offices_read_the_structure_and_find_every_cell_in_it(folder: Path) -> None:
    """Read by pysdmx against the schemas of the standard; then each line is held against what pysdmx read."""
    (structure,) = [each for each in read_sdmx(folder / "tables-sdmx.xml", validate=True).structures if is_dsd(each)]
    lines = list(csv.DictReader(io.StringIO((folder / "tables-sdmx.csv").read_text("utf-8"))))
    cells = read_release(folder).cells
    assert len(lines) == len(cells)
    coded = {each.id: {code.id for code in each.enumeration} for each in structure.components if each.enumeration}
    assert {"TABLE", "ANSWER", "MODE", "OBS_STATUS", "CONF_STATUS"} <= coded.keys()
    assert {each.id for each in structure.components} | {"STRUCTURE", "STRUCTURE_ID", "ACTION"} == set(lines[0])
    statuses = Counter[str]()
    for line, cell in zip(lines, cells, strict=True):
        assert all(line[name] in codes for name, codes in coded.items()), line
        assert (line["STRUCTURE"], line["STRUCTURE_ID"]) == ("dataflow", "SURVEY_APP:TABLES(1.0.0)")
        assert line["OBS_VALUE"] == ("" if cell.value is None else str(cell.value))
        assert (line["OBS_STATUS"] == "Q") == (line["CONF_STATUS"] == "C") == (cell.value is None)
        assert line["ITEM"].replace("$", ":") == (cell.at.item or "_Z").replace("total", "_T")
        assert line["TIME_PERIOD"] == cell.at.period.removeprefix("..").replace("H", "S")
        statuses[line["OBS_STATUS"]] += 1
    assert statuses["A"] > 50
    assert statuses["Q"] > 5
    keys = {tuple(line[each.id] for each in structure.components.dimensions) for line in lines}
    assert len(keys) == len(lines), "each observation has a key of its own"


def is_dsd(structure: object) -> bool:
    return type(structure).__name__ == "DataStructureDefinition"
