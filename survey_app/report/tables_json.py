"""``tables.json``: the same cells as ``tables.csv``, and how they add up, for programs and for audits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, Final

from survey_app.protection.protected import Axis, Coordinates, ProtectedCell, ProtectedTable, ProtectedTables, Status
from survey_app.report.canonical import canonical_json
from survey_app.report.release import ReleaseFacts
from survey_app.report.tables_csv import ADDED, COLUMNS, DIMENSIONS, cells_in_order


def tables_json(protected: ProtectedTables, facts: ReleaseFacts) -> bytes:
    """Return the file: the release's id, whether it is synthetic, the columns, the tables' axes, and each cell."""
    return canonical_json(
        {
            "release": facts.id,
            "synthetic": facts.synthetic,
            "columns": list(COLUMNS),
            "tables": [_table_as_json(table) for table in protected.tables],
            "cells": [cell_as_json(cell) for cell in cells_in_order(protected)],
        }
    )


def cell_as_json(cell: ProtectedCell, columns: Sequence[str] = COLUMNS) -> dict[str, Any]:
    """Return a cell with a number, or ``null`` where it is withheld. ``columns``: those of the release's format."""
    where = {name: getattr(cell.at, name) for name in DIMENSIONS if name in columns}
    return {**where, "value": cell.value, "status": cell.status.value}


def read_tables_json(content: bytes) -> tuple[ProtectedTable, ...]:
    """Read the tables back.

    Raises:
        ValueError: it is not such a file, or a cell stands outside its table's axes.
    """
    try:
        document = json.loads(content)
        cells = [_cell_of(line) for line in document["cells"]]
        tables = tuple(_table_of(table, cells) for table in document["tables"])
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not the tables of a release ({type(error).__name__})") from error
    if len({table.name for table in tables}) != len(tables) or sum(len(table.cells) for table in tables) != len(cells):
        raise ValueError("a figure stands twice, or in no table")
    return tables


_COLUMNS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "place": ("organisation", "project"),
    "tally": ("answer",),
    "leaving": ("item", "answer"),
}


def _columns_of(axis: str) -> tuple[str, ...]:
    """Return the columns in which the codes of an axis are told."""
    return _COLUMNS_OF.get(axis, (axis,))


def _table_as_json(table: ProtectedTable) -> dict[str, Any]:
    places: list[dict[str, list[str]]] = [{} for _ in table.axes]
    for codes, cell in table.cells.items():
        for axis, code, known in zip(table.axes, codes, places, strict=True):
            known.setdefault(code, [getattr(cell.at, column) for column in _columns_of(axis.name)])
    axes = [
        {
            "name": axis.name,
            "columns": list(_columns_of(axis.name)),
            "codes": [
                {"code": code, "parent": axis.parents.get(code, ""), "values": known[code]} for code in axis.codes
            ],
        }
        for axis, known in zip(table.axes, places, strict=True)
    ]
    return {"name": table.name, "answer_axis": table.answer_axis, "axes": axes}


def _table_of(table: Mapping[str, Any], cells: list[ProtectedCell]) -> ProtectedTable:
    axes = tuple(_axis_of(axis) for axis in table["axes"])
    codes_of = [{tuple(each["values"]): each["code"] for each in axis["codes"]} for axis in table["axes"]]
    found = {}
    for cell in cells:
        if cell.at.table == table["name"]:
            told = (tuple(getattr(cell.at, column) for column in axis["columns"]) for axis in table["axes"])
            found[tuple(codes[values] for codes, values in zip(codes_of, told, strict=True))] = cell
    if len(found) != prod(len(axis.codes) for axis in axes):
        raise ValueError(f'table "{table["name"]}" has holes')
    return ProtectedTable(table["name"], axes, found, table["answer_axis"])


def _axis_of(axis: Mapping[str, Any]) -> Axis:
    """Read a tree: each code once, after the one that it adds up to."""
    seen: set[str] = set()
    for each in axis["codes"]:
        if each["code"] in seen or (each["parent"] and each["parent"] not in seen):
            raise ValueError(f'axis "{axis["name"]}" is no tree')
        seen.add(each["code"])
    return Axis(axis["name"], {each["code"]: each["parent"] for each in axis["codes"] if each["parent"]})


def _cell_of(line: Mapping[str, Any]) -> ProtectedCell:
    at = Coordinates(**{name: line.get(name, "") if name in ADDED else line[name] for name in DIMENSIONS})
    return ProtectedCell(at, line["value"], Status(line["status"]))
