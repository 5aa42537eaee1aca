"""Register counts in a small sheet: gender, age, people, one line each, as CSV or as a workbook.

In: the bytes of a file, and what its words may be. Out: the counts, or every fault at once, each with its row and its
column as a spreadsheet names them. Knows nothing of: the database, the web.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from survey_app.fieldwork.structure import RegisterCount

MOST_ROWS: Final = 100
MOST_PEOPLE: Final = 1_000_000
LARGEST_SHEET: Final = 200_000  # bytes
LARGEST_UNPACKED: Final = 5_000_000  # bytes: a workbook is a zip, and a zip can be a bomb
_DIGITS: Final = len(str(MOST_PEOPLE))
_WORKBOOK: Final = b"PK\x03\x04"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Column = Literal["gender", "age", "people"]
HEADINGS: Final[Mapping[Column, frozenset[str]]] = {
    "gender": frozenset({"gender", "genre", "sexe", "geslacht"}),
    "age": frozenset({"age", "âge", "leeftijd"}),
    "people": frozenset({"people", "personnes", "personen", "nombre", "aantal", "number"}),
}
SheetProblem = Literal[
    "not-a-sheet", "too-large", "empty", "too-many-rows", "no-column", "unknown", "no-number", "twice", "missing"
]


@dataclass(frozen=True, slots=True)
class SheetFault:
    """What is wrong at a place: ``row`` counts from 1, ``column`` is a letter; 0 and empty where it is the whole sheet.

    ``given``: what stands there; ``about``: the column's meaning.
    """

    problem: SheetProblem
    row: int = 0
    column: str = ""
    about: Column | Literal[""] = ""
    given: str = ""


def read_register_sheet(
    content: bytes, project: str, words: Mapping[Column, Mapping[str, str]]
) -> tuple[RegisterCount, ...] | tuple[SheetFault, ...]:
    """Read a sheet; return its counts, or all its faults in the order of rows.

    Args:
        content: the file: CSV (UTF-8, or as Excel writes it) or a workbook, whose first sheet is read.
        project: code of the project that the counts are for.
        words: column -> what may stand in it, small letters -> the code that is meant.
    """
    if len(content) > LARGEST_SHEET:
        return (SheetFault("too-large"),)
    rows = _read_rows(content)
    if rows is None:
        return (SheetFault("not-a-sheet"),)
    filled = [(number, row) for number, row in enumerate(rows, start=1) if any(cell for cell in row)]
    if len(filled) < 2:  # noqa: PLR2004 - the heading and one line
        return (SheetFault("empty"),)
    if len(filled) > MOST_ROWS:
        return (SheetFault("too-many-rows"),)
    places = _find_columns(filled[0][1])
    absent = [about for about in HEADINGS if about not in places]
    if absent:
        return tuple(SheetFault("no-column", filled[0][0], about=about) for about in absent)
    return _read_counts(filled[1:], places, project, words)


def _read_counts(
    rows: Sequence[tuple[int, Sequence[str]]],
    places: Mapping[Column, int],
    project: str,
    words: Mapping[Column, Mapping[str, str]],
) -> tuple[RegisterCount, ...] | tuple[SheetFault, ...]:
    faults: list[SheetFault] = []
    counts: dict[tuple[str, str], RegisterCount] = {}
    for number, row in rows:
        cells = {about: row[place] if place < len(row) else "" for about, place in places.items()}
        found = list(_find_faults(number, cells, places, words))
        faults += found
        if found:
            continue
        key = (words["gender"][cells["gender"].casefold()], words["age"][cells["age"].casefold()])
        if key in counts:
            faults.append(SheetFault("twice", number, _letter(places["gender"]), "gender", cells["gender"]))
        counts[key] = RegisterCount(project, *key, people=int(cells["people"]))
    return tuple(faults) if faults else tuple(counts.values())


def _find_faults(
    number: int,
    cells: Mapping[Column, str],
    places: Mapping[Column, int],
    words: Mapping[Column, Mapping[str, str]],
) -> Iterator[SheetFault]:
    for about, given in cells.items():
        column = _letter(places[about])
        if not given:
            yield SheetFault("missing", number, column, about)
        elif about == "people":
            if not (given.isascii() and given.isdigit() and int(given[:8]) <= MOST_PEOPLE and len(given) <= _DIGITS):
                yield SheetFault("no-number", number, column, about, given[:40])
        elif given.casefold() not in words[about]:
            yield SheetFault("unknown", number, column, about, given[:40])


def _find_columns(heading: Sequence[str]) -> dict[Column, int]:
    found: dict[Column, int] = {}
    for place, word in enumerate(heading[: len(_LETTERS)]):
        for about, names in HEADINGS.items():
            if word.casefold() in names:
                found.setdefault(about, place)
    return found


def _letter(place: int) -> str:
    return _LETTERS[place]


def _read_rows(content: bytes) -> list[list[str]] | None:
    return _read_workbook(content) if content.startswith(_WORKBOOK) else _read_csv(content)


def _read_csv(content: bytes) -> list[list[str]] | None:
    """Read what spreadsheets write: UTF-8 or the Windows code page, with commas, semicolons or tabs."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        return None
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except csv.Error:
        return None


def _read_workbook(content: bytes) -> list[list[str]] | None:
    """Read the first sheet of a workbook; ``None`` where it is none, or unpacks to more than a small sheet is."""
    from openpyxl import load_workbook  # noqa: PLC0415 - only who hands in a workbook waits for it

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                return None
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=len(_LETTERS), values_only=True)
            return [[_write_cell(cell) for cell in row] for row in rows]
        finally:
            book.close()
    except Exception:  # noqa: BLE001 - whatever a broken file does to its reader, it is no sheet
        return None


def _write_cell(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
