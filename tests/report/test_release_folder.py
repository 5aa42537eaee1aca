from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from survey_app.protection.protected import ProtectedTables
from survey_app.report.folder import DamagedRelease, FileFault, read_release, verify_files, write_release
from survey_app.report.release import ReleaseFacts
from survey_app.report.release_json import release_hash
from survey_app.report.wording import Wording

Protect = Callable[..., ProtectedTables]


@pytest.fixture(scope="module")
def written_once(
    tmp_path_factory: pytest.TempPathFactory, protect: Protect, facts: ReleaseFacts, french: Wording
) -> Path:
    folder = tmp_path_factory.mktemp("release") / "first"
    write_release(folder, protect(), facts, (french, Wording("en")))
    return folder


@pytest.fixture
def written(tmp_path: Path, written_once: Path) -> Path:
    return Path(shutil.copytree(written_once, tmp_path / "first"))


def test_a_release_has_its_files_and_says_their_hashes(written: Path) -> None:
    names = {path.name for path in written.iterdir()}
    reports = {f"report-{language}.{kind}" for language in ("fr", "en") for kind in ("pdf", "docx")}
    tables = {"tables.csv", "tables.csv-metadata.json", "tables.json", "tables.parquet", "dictionary.csv"}
    tables |= {"tables-sdmx.csv", "tables-sdmx.xml"}
    labelled = {"tables-fr.sav", "tables-en.sav", "workbook-fr.xlsx", "workbook-en.xlsx"}
    assert names == {"release.json", *tables, *labelled, *reports}
    document = json.loads((written / "release.json").read_bytes())
    assert set(document["files"]) == names - {"release.json"}
    for name, said in document["files"].items():
        assert said["sha256"] == sha256((written / name).read_bytes()).hexdigest()
    assert verify_files(written) == ()


def test_release_json_says_how_it_was_made(written: Path) -> None:
    document = json.loads((written / "release.json").read_bytes())
    assert document["id"] == "2026-H1-network-1"
    assert document["created"] == "2026-07-21T16:45:12Z"
    assert document["period"] == "2026-H1"
    assert document["tier"] == "network"
    assert document["scope"] == {"kind": "all-organisations"}
    assert document["synthetic"] is False
    assert document["previous"] is None
    assert document["policy"]["smallest_count"]["value"] == 5
    assert document["policy"]["group_at_risk"] == 20
    assert document["questionnaires"] == [{"id": "exit", "version": 1, "scales": [{"id": "much-4", "version": 1}]}]
    assert document["certificate"] == {
        "cells_attacked": 3,
        "narrowest_interval": 6,
        "attacks": ["additivity", "whole-persons"],
        "engines": [{"code": "tau-argus", "name": "pytauargus 0.6.0", "done": 3, "tables": 4}],
        "step": "no-modules",
        "quality": {
            "figures": 210,
            "withheld": 120,
            "information_kept": 71,
            "people_shown": 64,
            "withheld_for_others": 40,
        },
        "rounded": None,
    }
    assert document["folded"] == {"ninove": "ghent"}
    assert "primary" not in json.dumps(document)  # how many exactly are withheld for their own sake helps an attacker


def test_the_next_release_is_chained_to_the_one_before(
    tmp_path: Path, protect: Protect, facts: ReleaseFacts, french: Wording
) -> None:
    first = write_release(tmp_path / "first", protect(), facts, (french,))
    second = write_release(tmp_path / "second", protect(), replace(facts, id="2", previous=first.hash), (french,))
    read = read_release(tmp_path / "second")
    assert read.document["previous"] == first.hash == read_release(tmp_path / "first").hash
    assert first.hash == sha256((tmp_path / "first" / "release.json").read_bytes()).hexdigest()
    assert release_hash(read.document) == read.hash == second.hash


def test_the_same_release_has_the_same_hash_wherever_it_is_written(
    tmp_path: Path, protect: Protect, facts: ReleaseFacts, french: Wording
) -> None:
    one = write_release(tmp_path / "one", protect(), facts, (french,))
    other = write_release(tmp_path / "deep" / "other", protect(), facts, (french,))
    assert one.hash == other.hash


def test_a_release_is_never_written_over(written: Path, protect: Protect, facts: ReleaseFacts) -> None:
    before = {path.name: path.read_bytes() for path in written.iterdir()}
    with pytest.raises(FileExistsError, match="never written over"):
        write_release(written, protect(), facts, ())
    assert {path.name: path.read_bytes() for path in written.iterdir()} == before


def test_an_empty_folder_that_somebody_made_may_become_the_release(
    tmp_path: Path, protect: Protect, facts: ReleaseFacts, french: Wording
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert write_release(empty, protect(), facts, (french,)).folder == empty
    assert verify_files(empty) == ()


def test_a_ledger_that_refuses_leaves_no_folder(
    tmp_path: Path, protect: Protect, facts: ReleaseFacts, french: Wording
) -> None:
    def refuse(written: object) -> None:
        assert list(tmp_path.glob(".*.unfinished")) != []
        raise RuntimeError(type(written).__name__)

    with pytest.raises(RuntimeError, match="WrittenRelease"):
        write_release(tmp_path / "first", protect(), facts, (french,), before_it_shows=refuse)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def write(protect: Protect, facts: ReleaseFacts, french: Wording) -> Callable[[Path], object]:
    return lambda folder: write_release(folder, protect(), facts, (french,))


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_disk_that_refuses_leaves_nothing_behind(
    tmp_path: Path, write: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def refuse(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr(os if call == "fsync" else Path, call, refuse)
    with pytest.raises(OSError, match="disk full"):
        write(tmp_path / "first")
    assert list(tmp_path.iterdir()) == []


def test_cells_are_read_back_for_the_audit(written: Path, protect: Protect) -> None:
    cells = read_release(written).cells
    assert sorted(cells, key=lambda c: c.at) == sorted(
        (cell for table in protect().tables for cell in table.cells.values()), key=lambda c: c.at
    )


def test_a_changed_a_missing_and_a_strange_file_are_each_named(written: Path) -> None:
    table = written / "tables.csv"
    table.write_bytes(table.read_bytes().replace(b",25,published", b",26,published", 1))
    (written / "workbook-en.xlsx").unlink()
    (written / "notes.txt").write_text("seen")
    assert verify_files(written) == (
        FileFault("workbook-en.xlsx", "missing"),
        FileFault("notes.txt", "unexpected"),
        FileFault("tables.csv", "changed"),
    )


def test_two_tables_that_tell_different_stories_are_found_although_their_hashes_are_right(written: Path) -> None:
    table = written / "tables.csv"
    table.write_bytes(table.read_bytes().replace(b",25,published", b",26,published", 1))
    document = json.loads((written / "release.json").read_bytes())
    document["files"]["tables.csv"]["sha256"] = sha256(table.read_bytes()).hexdigest()
    _write_canonically(written, document)
    assert verify_files(written) == (FileFault("tables.json", "different"),)


def _write_canonically(folder: Path, document: dict[str, Any]) -> None:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    (folder / "release.json").write_text(text + "\n", encoding="utf-8")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"files": {}}', b"\xff"])
def test_a_release_json_of_another_hand_is_refused(written: Path, content: bytes) -> None:
    (written / "release.json").write_bytes(content)
    with pytest.raises(DamagedRelease, match=r"release\.json"):
        read_release(written)
    with pytest.raises(DamagedRelease, match=r"release\.json"):
        verify_files(written)


def test_a_folder_without_tables_is_refused(written: Path, tmp_path: Path) -> None:
    (written / "tables.csv").unlink()
    with pytest.raises(DamagedRelease, match=r"tables\.csv"):
        read_release(written)
    with pytest.raises(DamagedRelease):
        read_release(tmp_path / "nowhere")


def test_a_synthetic_release_says_so_in_json_and_leaves_the_csv_unchanged(
    tmp_path: Path, written: Path, protect: Protect, facts: ReleaseFacts
) -> None:
    write_release(tmp_path / "demo", protect(), replace(facts, synthetic=True), ())
    assert json.loads((tmp_path / "demo" / "release.json").read_bytes())["synthetic"] is True
    assert json.loads((tmp_path / "demo" / "tables.json").read_bytes())["synthetic"] is True
    assert (tmp_path / "demo" / "tables.csv").read_bytes() == (written / "tables.csv").read_bytes()


def test_a_moment_without_a_time_zone_or_a_project_without_its_organisation_is_refused(facts: ReleaseFacts) -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(facts, created=facts.created.replace(tzinfo=None))
    with pytest.raises(ValueError, match="organisation"):
        replace(facts, project="sewing")
