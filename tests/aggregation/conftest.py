"""Reads what was counted in a small world."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from survey_app.aggregation.facts import NothingToCount
from survey_app.aggregation.tables import LinkedTables, UnprotectedTable


class Reading:
    """Reads a linked set by the names of its tables and codes."""

    def __init__(self, linked: LinkedTables | NothingToCount) -> None:
        assert isinstance(linked, LinkedTables)
        self.linked = linked
        self.tables = {table.name: table for table in linked.tables}

    def table(self, name: str) -> UnprotectedTable:
        return self.tables[name]

    def count(self, table: str, *codes: str) -> object:
        return self.linked.count(self.tables[table].cells[codes])

    def atoms(self, table: str, *codes: str) -> object:
        return self.tables[table].cells[codes].atoms


@pytest.fixture
def read() -> Callable[[LinkedTables | NothingToCount], Reading]:
    return Reading
