"""Organisations, projects, modules and register counts, as ``survey-app setup`` writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col

from survey_app.fieldwork.structure import Module, Organisation, Project, RegisterCount
from survey_app.foundation.errors import RequestMistakenError
from survey_app.storage.database import Database
from survey_app.storage.tables import ModuleRow, OrganisationRow, ProjectRow, RegisterCountRow

_IS_THERE: Final = {"aside_since": None}
"""An organisation that is named again is no longer put aside."""
PROJECT_COLUMNS: Final = (
    col(ProjectRow.code),
    col(ProjectRow.organisation),
    col(ProjectRow.name),
    col(ProjectRow.questionnaire),
    col(ProjectRow.version),
    col(ProjectRow.activities),
    col(ProjectRow.languages),
    col(ProjectRow.synthetic),
    col(ProjectRow.voices),
    col(ProjectRow.first_day),
    col(ProjectRow.last_day),
    col(ProjectRow.keep_months),
    col(ProjectRow.keep_set_on),
    col(ProjectRow.aside_since),
)


def project_of(row: Sequence[Any]) -> Project:
    """Make a project from a row of ``PROJECT_COLUMNS``."""
    code, organisation, name, questionnaire, version, activities, languages, synthetic, voices, *clock = row
    return Project(
        code=code,
        organisation=organisation,
        name=name,
        questionnaire=questionnaire,
        version=version,
        activities=frozenset(activities),
        languages=tuple(languages),
        synthetic=synthetic,
        voices=tuple(sorted((voices or {}).items())),  # none before revision 0003
        first_day=clock[0],
        last_day=clock[1],
        keep_months=clock[2],
        keep_set_on=clock[3],
        aside_since=clock[4],
    )


def write_structure(
    db: Database,
    organisations: Iterable[Organisation] = (),
    projects: Iterable[Project] = (),
    modules: Iterable[Module] = (),
    register_counts: Iterable[RegisterCount] = (),
) -> None:
    """Add what is new and change what differs, all or nothing. The same call again changes nothing.

    Raises:
        RequestMistakenError: something names an organisation or a project that does not exist.
    """
    leads_first = sorted(organisations, key=lambda organisation: organisation.lead is not None)
    try:
        with db.writing() as connection:
            _upsert(connection, OrganisationRow, [asdict(one) | _IS_THERE for one in leads_first])
            _upsert(connection, ProjectRow, [_project_row(project) for project in projects])
            _upsert(connection, ModuleRow, [asdict(module) for module in modules])
            _upsert(connection, RegisterCountRow, [asdict(count) for count in register_counts])
    except IntegrityError:
        raise RequestMistakenError(
            "an organisation, a project, a module or a register count names an organisation or a project that does not "
            "exist, or counts fewer than 0 people. Add what is missing and try again."
        ) from None


def _project_row(project: Project) -> dict[str, Any]:
    return {
        "code": project.code,
        "organisation": project.organisation,
        "name": project.name,
        "questionnaire": project.questionnaire,
        "version": project.version,
        "activities": sorted(project.activities),
        "languages": list(project.languages),
        "synthetic": project.synthetic,
        "voices": dict(project.voices),
        "first_day": project.first_day,
        "last_day": project.last_day,
        "keep_months": project.keep_months,
        "keep_set_on": project.keep_set_on,
        "aside_since": project.aside_since,
    }


def _upsert(connection: Connection, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
    keys = [column.name for column in table.__table__.primary_key]  # type: ignore[attr-defined]
    changed = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def list_organisations(db: Database) -> tuple[Organisation, ...]:
    """Return all organisations by code; those that are put aside are told by ``aside``."""
    query = select(col(OrganisationRow.code), col(OrganisationRow.name), col(OrganisationRow.lead))
    query = query.where(col(OrganisationRow.aside_since).is_(None))
    with db.reading() as connection:
        rows = connection.execute(query.order_by(col(OrganisationRow.code)))
        return tuple(Organisation(*row) for row in rows)


def list_projects(db: Database) -> tuple[Project, ...]:
    """Return all projects by code, also those that are put aside."""
    with db.reading() as connection:
        rows = connection.execute(select(*PROJECT_COLUMNS).order_by(col(ProjectRow.code)))
        return tuple(project_of(row) for row in rows)


def find_project(db: Database, code: str) -> Project | None:
    """Return the project with this code."""
    with db.reading() as connection:
        row = connection.execute(select(*PROJECT_COLUMNS).where(col(ProjectRow.code) == code)).one_or_none()
    return None if row is None else project_of(row)


def list_modules(db: Database, project: str | None = None) -> tuple[Module, ...]:
    """Return the modules, of one project or of all, by project and code, also those that are put aside."""
    query = select(col(ModuleRow.code), col(ModuleRow.name), col(ModuleRow.project), col(ModuleRow.aside_since))
    if project is not None:
        query = query.where(col(ModuleRow.project) == project)
    with db.reading() as connection:
        rows = connection.execute(query.order_by(col(ModuleRow.project), col(ModuleRow.code)))
        return tuple(Module(*row) for row in rows)


def list_groups(db: Database, project: str | None = None) -> tuple[Module, ...]:
    """Return the modules in which a session can be started: all that are not put aside."""
    return tuple(module for module in list_modules(db, project) if module.aside_since is None)


def list_register_counts(db: Database, project: str | None = None) -> tuple[RegisterCount, ...]:
    """Return the register counts, of one project or of all, by project, gender and age."""
    with db.reading() as connection:
        return read_register_counts(connection, project)


def read_register_counts(connection: Connection, project: str | None = None) -> tuple[RegisterCount, ...]:
    """Return the same, in a transaction that is open."""
    keys = (col(RegisterCountRow.project), col(RegisterCountRow.gender), col(RegisterCountRow.age))
    query = select(*keys, col(RegisterCountRow.people))
    if project is not None:
        query = query.where(col(RegisterCountRow.project) == project)
    return tuple(RegisterCount(*row) for row in connection.execute(query.order_by(*keys)))
