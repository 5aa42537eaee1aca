"""Sessions, organisations, projects, modules and register counts in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import builders
import pytest

from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Module, Organisation, Project, RegisterCount
from survey_app.foundation.errors import RequestMistakenError
from survey_app.storage import sessions, structure
from survey_app.storage.database import Database

CLOSED = datetime(2026, 5, 12, 16, tzinfo=UTC)


def test_a_session_is_found_by_its_code_with_its_project(db: Database) -> None:
    session = builders.open_session(db)
    assert session == Session(builders.CODE, "ensemble", "language", 12, date(2026, 5, 12))
    project = structure.find_project(db, "ensemble")
    assert project is not None
    assert project.activities == builders.ACTIVITIES
    assert sessions.find_with_project(db, builders.CODE) == (session, project)
    assert sessions.find(db, "999999") is None
    assert sessions.find_with_project(db, "999999") is None


def test_a_code_is_used_once(db: Database) -> None:
    session = builders.open_session(db)
    with pytest.raises(RequestMistakenError):
        sessions.add(db, session)
    assert sessions.list_codes(db) == {builders.CODE}


def test_a_session_belongs_to_a_module_of_its_project(db: Database) -> None:
    with pytest.raises(RequestMistakenError, match="module"):
        sessions.add(db, Session("555555", "ensemble", "cooking", 12, date(2026, 5, 12)))


def test_closing_twice_keeps_the_first_moment(db: Database) -> None:
    builders.open_session(db)
    assert sessions.close(db, builders.CODE, CLOSED)
    assert not sessions.close(db, builders.CODE, CLOSED.replace(hour=17))
    found = sessions.find(db, builders.CODE)
    assert found is not None
    assert found.closed_at == CLOSED
    assert found.closed_at.tzinfo is not None


def test_sessions_are_listed_by_state_period_and_project(db: Database) -> None:
    builders.open_session(db, "100001")
    for code, day in (("100002", date(2026, 1, 1)), ("100003", date(2026, 6, 30)), ("100004", date(2026, 7, 1))):
        builders.open_session(db, code, opened_on=day, closed_at=CLOSED)
    first_half = (date(2026, 1, 1), date(2026, 6, 30))
    assert [found.code for found in sessions.list_open(db)] == ["100001"]
    assert [found.code for found in sessions.list_closed(db, *first_half)] == ["100002", "100003"]
    assert [found.code for found in sessions.list_closed(db, *first_half, project="ensemble")] == ["100002", "100003"]
    assert sessions.list_closed(db, *first_half, project="other") == ()
    assert [found.code for found in sessions.list_all(db)] == ["100004", "100003", "100001", "100002"]


def test_a_project_keeps_the_voice_of_each_language(db: Database) -> None:
    project = structure.find_project(db, "ensemble")
    assert project is not None
    assert project.voices == ()
    structure.write_structure(db, projects=[replace(project, voices=(("so", "ymm"),))])
    session = builders.open_session(db)
    found = sessions.find_with_project(db, session.code)
    assert found is not None
    assert found[1].voice_of("so") == "ymm"


def test_there_is_no_counter_without_a_session(db: Database) -> None:
    assert sessions.counter(db, "999999") is None


def test_writing_the_structure_again_changes_only_what_differs(db: Database) -> None:
    before = structure.list_organisations(db), structure.list_projects(db), structure.list_modules(db)
    builders.write_structure(db)
    assert (structure.list_organisations(db), structure.list_projects(db), structure.list_modules(db)) == before

    project = replace(before[1][0], name="Tous ensemble", languages=("ti",))
    structure.write_structure(
        db,
        [Organisation("binche", "CPAS de Binche", lead="charleroi")],
        [project],
        [Module("computer", "Informatique", "ensemble")],
        [RegisterCount("ensemble", "female", "18-60", 14), RegisterCount("ensemble", "male", "18-60", 9)],
    )
    structure.write_structure(db, register_counts=[RegisterCount("ensemble", "male", "18-60", 10)])
    assert structure.list_organisations(db) == (
        Organisation("binche", "CPAS de Binche", lead="charleroi"),
        Organisation("charleroi", "Charleroi"),
    )
    assert structure.list_projects(db) == (project,)
    assert [module.code for module in structure.list_modules(db, "ensemble")] == ["computer", "creative", "language"]
    assert structure.list_register_counts(db, "ensemble") == (
        RegisterCount("ensemble", "female", "18-60", 14),
        RegisterCount("ensemble", "male", "18-60", 10),
    )
    assert structure.list_register_counts(db, "other") == ()


def test_a_structure_with_a_missing_part_is_refused_as_a_whole(db: Database) -> None:
    project = Project("new", "nowhere", "New", "amif-exit", 1)
    with pytest.raises(RequestMistakenError, match="does not exist"):
        structure.write_structure(db, [Organisation("ghent", "Gent")], [project])
    assert structure.find_project(db, "new") is None
    assert [found.code for found in structure.list_organisations(db)] == ["binche", "charleroi"]
