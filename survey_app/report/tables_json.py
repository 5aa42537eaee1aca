"""``tables.json``: the same cells as ``tables.csv``, for programs that would rather not parse CSV."""

from __future__ import annotations

from typing import Any

from survey_app.protection.protected import ProtectedCell, ProtectedTables
from survey_app.report.canonical import canonical_json
from survey_app.report.release import ReleaseFacts
from survey_app.report.tables_csv import COLUMNS, DIMENSIONS, cells_in_order


def tables_json(protected: ProtectedTables, facts: ReleaseFacts) -> bytes:
    """Return the file: the release's id, whether it is synthetic, the columns, and each cell with all its columns."""
    return canonical_json(
        {
            "release": facts.id,
            "synthetic": facts.synthetic,
            "columns": list(COLUMNS),
            "cells": [cell_as_json(cell) for cell in cells_in_order(protected)],
        }
    )


def cell_as_json(cell: ProtectedCell) -> dict[str, Any]:
    """Return a cell with a number, or ``null`` where it is withheld."""
    where = {name: getattr(cell.at, name) for name in DIMENSIONS}
    return {**where, "value": cell.value, "status": cell.status.value}
