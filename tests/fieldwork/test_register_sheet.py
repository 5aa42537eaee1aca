"""Register counts from a sheet: as offices write it, all faults at once with row and column, nothing half read."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook

from survey_app.fieldwork.register_sheet import (
    LARGEST_SHEET,
    LARGEST_UNPACKED,
    Column,
    SheetFault,
    read_register_sheet,
)
from survey_app.fieldwork.structure import RegisterCount

WORDS: dict[Column, dict[str, str]] = {
    "gender": {"female": "female", "vrouw": "female", "male": "male", "m": "male"},
    "age": {"18-60": "18-60", "over-60": "over-60", "plus de 60 ans": "over-60"},
}
READ = (RegisterCount("p", "female", "18-60", 84), RegisterCount("p", "male", "over-60", 0))


def read(content: bytes) -> tuple[Any, ...]:
    return read_register_sheet(content, "p", WORDS)


def write_workbook(*rows: tuple[Any, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"gender,age,people\nfemale,18-60,84\nmale,over-60,0\n",
        "\ufeffGeslacht;Leeftijd;Aantal\r\nVrouw;18-60;84\r\n\r\nm;over-60;0\r\n".encode(),
        "Âge;Sexe;Personnes;Remarque\n18-60;female;84;x\nPlus de 60 ans;M;0;\n".encode("cp1252"),
        b"gender\tage\tpeople\nfemale\t18-60\t84\nmale\tover-60\t0",
        write_workbook(("Gender", "Age", "People"), ("female", "18-60", 84), ("male", "over-60", 0.0)),
    ],
    ids=["commas", "excel-nl", "excel-fr", "tabs", "workbook"],
)
def test_a_sheet_is_read_as_offices_write_it(content: bytes) -> None:
    assert read(content) == READ


@pytest.mark.parametrize("is_workbook", [False, True])
def test_every_fault_is_told_at_once_with_its_row_and_column(*, is_workbook: bool) -> None:
    rows = [
        ("gender", "age", "people"),
        ("female", "18-60", "84"),
        ("queen", "18-60", "many"),
        ("", "", ""),
        ("female", "18-60", "1"),
        ("male", "", "-3"),
    ]
    content = write_workbook(*rows) if is_workbook else "\n".join(",".join(row) for row in rows).encode()
    assert read(content) == (
        SheetFault("unknown", 3, "A", "gender", "queen"),
        SheetFault("no-number", 3, "C", "people", "many"),
        SheetFault("twice", 5, "A", "gender", "female"),
        SheetFault("missing", 6, "B", "age"),
        SheetFault("no-number", 6, "C", "people", "-3"),
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"gender,age,people\n", "empty"),
        (b"name,age,people\nx,18-60,2\n", "no-column"),
        (b"\x00\x01\x02", "not-a-sheet"),
        (b"PK\x03\x04 and then nothing", "not-a-sheet"),
        (b"x" * (LARGEST_SHEET + 1), "too-large"),
        (b"gender,age,people\n" + b"female,18-60,1\n" * 100, "too-many-rows"),
    ],
)
def test_what_is_no_small_sheet_is_refused_whole(content: bytes, problem: str) -> None:
    (fault, *_) = read(content)
    assert fault.problem == problem


def test_a_workbook_that_unpacks_to_a_bomb_is_not_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b" " * (LARGEST_UNPACKED + 1))
    assert len(packed.getvalue()) < LARGEST_SHEET
    assert read(packed.getvalue()) == (SheetFault("not-a-sheet"),)
