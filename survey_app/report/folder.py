"""The release folder: written whole or not at all, never over another one, and read back for the audit."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from survey_app.protection.protected import ProtectedCell, ProtectedTable, ProtectedTables
from survey_app.report.canonical import canonical_json, sha256
from survey_app.report.csvw import csvw, csvw_name
from survey_app.report.dictionary import dictionary
from survey_app.report.parquet import parquet
from survey_app.report.reading import Earlier
from survey_app.report.release import ReleaseFacts
from survey_app.report.release_json import release_document, release_hash
from survey_app.report.report_files import report_files
from survey_app.report.sav import sav
from survey_app.report.sdmx import sdmx_csv, sdmx_structure
from survey_app.report.tables_csv import read_tables_csv, tables_csv
from survey_app.report.tables_json import cell_as_json, read_tables_json, tables_json
from survey_app.report.wording import Wording
from survey_app.report.workbook import workbook

RELEASE, CSV, JSON, PARQUET, DICTIONARY, SDMX, SDMX_STRUCTURE = (
    "release.json",
    "tables.csv",
    "tables.json",
    "tables.parquet",
    "dictionary.csv",
    "tables-sdmx.csv",
    "tables-sdmx.xml",
)


@dataclass(frozen=True, slots=True)
class WrittenRelease:
    """A release that now stands on disk. ``hash`` is what the next release is chained to."""

    folder: Path
    hash: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadRelease:
    """A release read back: the content of ``release.json``, its hash, and the cells of ``tables.csv``."""

    document: Mapping[str, Any]
    hash: str
    cells: tuple[ProtectedCell, ...]


@dataclass(frozen=True, slots=True)
class FileFault:
    """A file of a release that is not what ``release.json`` says. ``different``: CSV and JSON show other cells."""

    name: str
    problem: Literal["missing", "changed", "unexpected", "unreadable", "different"]


class DamagedRelease(ValueError):  # noqa: N818  # it names what is wrong, as its message does
    """A folder that cannot be read as a release. The message names the file."""


def workbook_name(language: str) -> str:
    """Return the file name of the workbook in a language."""
    return f"workbook-{language}.xlsx"


def release_files(
    protected: ProtectedTables, facts: ReleaseFacts, wordings: Sequence[Wording], earlier: Earlier | None = None
) -> dict[str, bytes]:
    """Return every file of the release by its name, ``release.json`` last. ``earlier``: what the reports compare with."""
    files = {CSV: tables_csv(protected), JSON: tables_json(protected, facts)}
    files |= {
        csvw_name(CSV): csvw(facts, CSV, wordings),
        DICTIONARY: dictionary(protected, wordings),
        PARQUET: parquet(protected),
        SDMX: sdmx_csv(protected, facts),
        SDMX_STRUCTURE: sdmx_structure(protected, facts, wordings),
    }
    for wording in wordings:
        files[f"tables-{wording.language}.sav"] = sav(protected, facts, wording)
    files |= {workbook_name(wording.language): workbook(protected, facts, wording) for wording in wordings}
    for wording in wordings:
        files |= report_files(protected, facts, wording, earlier)
    return {**files, RELEASE: canonical_json(release_document(protected, facts, files))}


def write_release(  # noqa: PLR0913 - all that stands in a release, and who is told before it shows
    folder: Path,
    protected: ProtectedTables,
    facts: ReleaseFacts,
    wordings: Sequence[Wording],
    before_it_shows: Callable[[WrittenRelease], None] = lambda _written: None,
    *,
    earlier: Earlier | None = None,
) -> WrittenRelease:
    """Write the whole release into a new folder, durably, in one step that other programs can see.

    ``before_it_shows`` is called when every file is on disk and before the folder has its name: where it raises, there
    is no release. The folder may exist if it is empty. ``earlier``: what the reports compare with.

    Raises ``FileExistsError`` where something is in the folder already, ``OSError`` where the disk refuses; in both
    cases nothing is left behind.
    """
    files = release_files(protected, facts, wordings, earlier)
    written = WrittenRelease(folder, sha256(files[RELEASE]), tuple(files))
    write_folder(folder, files, facts.id, lambda: before_it_shows(written))
    return written


def write_folder(folder: Path, files: Mapping[str, bytes], own: str, before_it_shows: Callable[[], None]) -> None:
    """Write files into a new folder, durably, in one step that other programs can see. ``own``: an id nobody else has.

    Raises as ``write_release`` does, and whatever ``before_it_shows`` raises; then nothing is left behind.
    """
    refuse_to_write_over(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name(f".{folder.name}.{own}.unfinished")
    unfinished.mkdir()
    try:
        for name, content in files.items():
            _write_durably(unfinished / name, content)
        _flush_folder(unfinished)
        before_it_shows()
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    _flush_folder(folder.parent)


def refuse_to_write_over(folder: Path) -> None:
    """Raise ``FileExistsError`` where a release cannot become this folder: something is there, or in it, already."""
    if folder.is_symlink() or (folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))):
        raise FileExistsError(f'"{folder}" is there already; a release is never written over. Name a new folder.')


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # elsewhere a folder cannot be opened, and its rename is durable by itself
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_release(folder: Path) -> ReadRelease:
    """Read a release folder.

    Raises ``DamagedRelease`` where ``release.json`` or ``tables.csv`` is missing or is not what it should be.
    """
    document = _read_document(folder)
    try:
        cells = read_tables_csv((folder / CSV).read_bytes())
    except (OSError, ValueError) as error:
        raise DamagedRelease(f'"{folder}": {CSV} cannot be read ({error})') from error
    return ReadRelease(document, release_hash(document), cells)


def read_tables(folder: Path, document: Mapping[str, Any]) -> tuple[ProtectedTable, ...] | None:
    """Read the tables of a release; ``None`` where the file is not here or is not the one that ``document`` names."""
    try:
        content = (folder / JSON).read_bytes()
    except OSError:
        return None
    named = document["files"].get(JSON, {})
    return read_tables_json(content) if named.get("sha256") == sha256(content) else None


def _read_document(folder: Path) -> dict[str, Any]:
    try:
        content = (folder / RELEASE).read_bytes()
        document = json.loads(content)
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedRelease(f'"{folder}": {RELEASE} cannot be read ({error})') from error
    if not isinstance(document, dict) or not _describes_a_release(document):
        raise DamagedRelease(f'"{folder}": {RELEASE} does not describe a release')
    if canonical_json(document) != content:
        raise DamagedRelease(f'"{folder}": {RELEASE} was written by another hand; its hash would not be its own')
    return document


def _describes_a_release(document: Mapping[str, Any]) -> bool:
    """Say whether the parts that are read have the shape that they are written in."""
    maps = [document.get(name, {}) for name in ("policy", "certificate", "folded")]
    files = document.get("files")
    if not isinstance(files, dict) or not all(isinstance(each, dict) for each in (*maps, *files.values())):
        return False
    texts = [*(each.get("sha256") for each in files.values()), *document.get("folded", {}).values()]
    return all(isinstance(text, str) for text in texts)


def verify_files(folder: Path) -> tuple[FileFault, ...]:
    """Compare each file with the hash in ``release.json``, and the cells of the two tables with each other.

    Returns every fault, none for a sound release. Raises ``DamagedRelease`` where ``release.json`` cannot be read.
    """
    named: Mapping[str, Any] = _read_document(folder)["files"]
    present = {path.name for path in folder.iterdir()} - {RELEASE}
    faults = [FileFault(name, "missing") for name in sorted(named.keys() - present)]
    faults += [FileFault(name, "unexpected") for name in sorted(present - named.keys())]
    for name in sorted(present & named.keys()):
        if (folder / name).is_symlink():
            faults.append(FileFault(name, "unexpected"))
            continue
        try:
            content = (folder / name).read_bytes()
        except OSError:
            faults.append(FileFault(name, "unreadable"))
            continue
        if sha256(content) != named[name]["sha256"]:
            faults.append(FileFault(name, "changed"))
    if not faults and not _cells_agree(folder):
        faults.append(FileFault(JSON, "different"))
    return tuple(faults)


def changed_files(folder: Path, own: str) -> tuple[str, ...]:
    """Return the names of the files that are not as they left; ``own`` is the hash of ``release.json`` then."""
    try:
        document = _read_document(folder)
    except DamagedRelease:
        return (RELEASE,)
    if release_hash(document) != own:
        return (RELEASE,)
    return tuple(name for name, said in sorted(document["files"].items()) if _hash_of(folder / name) != said["sha256"])


def _hash_of(path: Path) -> str:
    try:
        return sha256(path.read_bytes())
    except OSError:
        return ""


def _cells_agree(folder: Path) -> bool:
    try:
        document = json.loads((folder / JSON).read_bytes())
        cells = read_tables_csv((folder / CSV).read_bytes())
        return bool(document["cells"] == [cell_as_json(cell, document["columns"]) for cell in cells])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
