"""A small world for reports, and a stand-in for the protection that withholds what a test tells it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from small_worlds import population, response, session

from survey_app.aggregation.build import build_linked_tables
from survey_app.aggregation.facts import OneProject, RegisterFact, ResponseFact
from survey_app.aggregation.tables import Coordinates, LinkedTables
from survey_app.protection.protected import Certificate, ProtectedCell, ProtectedTable, ProtectedTables, Quality, Status
from survey_app.protection.reasons import EngineUsed
from survey_app.report.release import QuestionnaireUsed, ReleaseFacts
from survey_app.report.wording import Wording

POLICY = {
    "name": "network",
    "version": 1,
    "smallest_count": {"value": 5, "reason": "OECD", "source": "glossary"},
    "smallest_percentage_base": {"value": 10, "reason": "rule 2", "source": "disclosure"},
    "dissenters": 3,
    "group_at_risk": 20,
    "interval_width": 5,
}


SESSIONS = (
    session("1", organisation="charleroi", project="work"),
    session("2", organisation="binche", lead="charleroi", project="garden"),
    session("3", module="advanced"),
)


def _people(session: str, number: int, helpful: str, gender: str) -> list[ResponseFact]:
    said = response(session, helpful=helpful, doctor="a-little", change=["slower"], age="18-60", gender=gender)
    return [said] * number


RESPONSES = (
    *_people("1", 12, "a-lot", "female"),
    *_people("1", 7, "a-little", "male"),
    *_people("2", 6, "a-lot", "female"),
    *_people("3", 9, "not-much", "female"),
    *_people("3", 2, "not-at-all", "male"),
    response("3", {"helpful": "not-understood", "doctor": "not-for-me"}, gender="male"),
)
REGISTERS = (
    RegisterFact("work", "female", "18-60", 20),
    RegisterFact("work", "male", "18-60", 10),
    RegisterFact("garden", "female", "18-60", 8),
    RegisterFact("sewing", "female", "18-60", 15),
)

Withholding = Callable[[Coordinates], bool]


def nothing(_at: Coordinates) -> bool:
    return False


def stand_in_for_protect(linked: LinkedTables, withhold: Withholding = nothing) -> ProtectedTables:
    """Withholds what it is told to: the protection's own tests are elsewhere."""
    tables = []
    for table in linked.tables:
        cells = {}
        for codes, cell in table.cells.items():
            value = linked.count(cell)
            assert isinstance(value, int)
            hidden = withhold(cell.at)
            status = Status.WITHHELD if hidden else Status.PUBLISHED
            cells[codes] = ProtectedCell(cell.at, None if hidden else value, status)
        tables.append(ProtectedTable(table.name, table.axes, cells, table.answer_axis))
    certificate = Certificate(
        cells_attacked=3,
        narrowest_interval=6,
        attacks=("additivity", "whole-persons"),
        engines=(EngineUsed("tau-argus", "pytauargus 0.6.0", 3, 4),),
        step="no-modules",
        quality=Quality(figures=210, withheld=120, information_kept=71, people_shown=64, withheld_for_others=40),
    )
    return ProtectedTables(tuple(tables), POLICY, certificate, {"ninove": "ghent"})


@pytest.fixture(scope="session")
def protect() -> Callable[..., ProtectedTables]:
    def make(withhold: Withholding = nothing, **changes: Any) -> ProtectedTables:
        plain = population(*SESSIONS, registers=REGISTERS)
        responses = changes.pop("responses", RESPONSES)
        linked = build_linked_tables(replace(plain, **changes), responses)
        assert isinstance(linked, LinkedTables)
        return stand_in_for_protect(linked, withhold)

    return make


@pytest.fixture
def about_one_project(protect: Callable[..., ProtectedTables]) -> ProtectedTables:
    of_project = tuple(response for response in RESPONSES if response.session == "3")
    return protect(sessions=SESSIONS[2:], scope=OneProject("ghent", "sewing"), responses=of_project)


@pytest.fixture(scope="session")
def facts() -> ReleaseFacts:
    return ReleaseFacts(
        id="2026-H1-network-1",
        created=datetime(2026, 7, 21, 16, 45, 12, tzinfo=UTC),
        tier="network",
        period="2026-H1",
        questionnaires=(QuestionnaireUsed("exit", 1, (("much-4", 1),)),),
    )


@pytest.fixture(scope="session")
def french() -> Wording:
    """A catalogue that translates three sentences, as one that is half done would."""
    words = {"withheld": "masqué", "Table 11": "Tableau 11", "How to read this": "Comment lire"}
    return Wording(
        "fr",
        lambda sentence: words.get(sentence, sentence),
        items={"helpful": "Le groupe m'aide pour ma vie en Belgique ?", "doctor": "=HYPERLINK(1)"},
        answers={("helpful", "a-lot"): "Oui, beaucoup", ("change", "slower"): "Aller plus lentement"},
        organisations={"charleroi": "CPAS de Charleroi", "ninove": "OCMW Ninove"},
        projects={"work": "Travail"},
        modules={"basic": "Débutants"},
    )
