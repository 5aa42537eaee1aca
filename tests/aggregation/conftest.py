"""Builders of small worlds: two leads, one with a partner, and a questionnaire of six items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from survey_app.aggregation.facts import (
    ItemFact,
    NothingToCount,
    Population,
    QuestionnaireFact,
    ResponseFact,
    SessionFact,
)
from survey_app.aggregation.tables import LinkedTables, UnprotectedTable

FOUR = ("a-lot", "a-little", "not-much", "not-at-all")


def scale_item(code: str, role: str = "domain") -> ItemFact:
    return ItemFact(
        code, "scale", FOUR, role=role, positive=FOUR[:2], negative=FOUR[2:], scale="much-4", scale_version=1
    )


HELPFUL = scale_item("helpful", "indicator")
ITEMS = (
    HELPFUL,
    scale_item("doctor"),
    scale_item("housing"),
    ItemFact("change", "several", ("slower", "childcare"), role="change"),
    ItemFact("age", "single", ("under-18", "18-60", "over-60"), role="age"),
    ItemFact("gender", "single", ("female", "male", "non-binary"), role="gender"),
)
EXIT = QuestionnaireFact("exit", 1, ITEMS)


class Worlds:
    """What a test builds its world from."""

    exit = EXIT
    helpful = HELPFUL
    four = FOUR

    @staticmethod
    def session(code: str = "111111", **changes: Any) -> SessionFact:
        plain = SessionFact(
            code,
            "ghent",
            None,
            "sewing",
            "basic",
            "exit",
            1,
            frozenset({"helpful", "doctor", "change", "age", "gender"}),
        )
        return replace(plain, **changes)

    @staticmethod
    def response(session: str = "111111", off: dict[str, str] | None = None, **answers: Any) -> ResponseFact:
        return ResponseFact(session, answers, off or {})

    @staticmethod
    def population(*sessions: SessionFact, **changes: Any) -> Population:
        return replace(Population("2026-H1", None, sessions, (EXIT,)), **changes)


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
def worlds() -> type[Worlds]:
    return Worlds


@pytest.fixture
def read() -> Callable[[LinkedTables | NothingToCount], Reading]:
    return Reading
