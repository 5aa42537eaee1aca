"""What was made by mistake and is put aside: organisations, projects and modules.

A session is started in none of them, and nobody is invited to them. What something names (a session, a comment, a signal)
is only put aside, and can be brought back at any time: its figures stay as they are. What nothing names is deleted after
``BROUGHT_BACK_WITHIN``, and until then it can be brought back. The foreign keys of the database hold the same line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import SQLModel, col

from survey_app.fieldwork.structure import Organisation
from survey_app.storage import audit
from survey_app.storage.audit import MACHINE, Deed
from survey_app.storage.database import Database
from survey_app.storage.staff import is_open
from survey_app.storage.tables import (
    CommentGroupRow,
    CommentRow,
    DeviceRow,
    ModuleRow,
    NewsRow,
    OneTimeLinkRow,
    OrganisationRow,
    PostRow,
    ProjectRow,
    RegisterBeforeRow,
    RegisterCountRow,
    SessionRow,
    SignalNoteRow,
    SignalRow,
)

BROUGHT_BACK_WITHIN: Final = timedelta(days=30)
"""How long what nothing names can be brought back; then it is deleted."""


class Kept(Enum):
    """Why something was not put aside."""

    SESSION_RUNS = "session-runs"
    LAST_MODULE = "last-module"
    IN_USE = "in-use"


@dataclass(frozen=True, slots=True)
class Named:
    """What something names of a project: its modules that have sessions, by code, and the project itself."""

    modules: frozenset[str]
    is_project: bool


def put_project_aside(db: Database, project: str, deed: Deed, at: datetime) -> Kept | None:
    """Put a project aside; return why not, where a session of it runs."""
    with db.writing() as connection:
        if _runs(connection, col(SessionRow.project) == project):
            return Kept.SESSION_RUNS
        _set_aside(connection, ProjectRow, _is_project(project), deed, at)
    return None


def put_module_aside(db: Database, project: str, module: str, deed: Deed, at: datetime) -> Kept | None:
    """Put a module aside; return why not, where a session of it runs or the project has no other."""
    others = select(col(ModuleRow.code)).where(col(ModuleRow.project) == project, col(ModuleRow.code) != module)
    with db.writing() as connection:
        if _runs(connection, and_(col(SessionRow.project) == project, col(SessionRow.module) == module)):
            return Kept.SESSION_RUNS
        if connection.execute(others.where(col(ModuleRow.aside_since).is_(None)).limit(1)).first() is None:
            return Kept.LAST_MODULE
        _set_aside(connection, ModuleRow, _is_module(project, module), deed, at)
    return None


def put_organisation_aside(db: Database, organisation: str, deed: Deed, at: datetime) -> Kept | None:
    """Put an organisation aside; return why not, where a project, a partner, a tablet or an account names it."""
    with db.writing() as connection:
        if connection.execute(select(_names_organisation(organisation, at))).scalar_one():
            return Kept.IN_USE
        _set_aside(connection, OrganisationRow, col(OrganisationRow.code) == organisation, deed, at)
    return None


def bring_project_back(db: Database, project: str, deed: Deed, at: datetime) -> None:
    """Bring a project back as it was; one that is there stays as it is."""
    _bring_back(db, ProjectRow, _is_project(project), deed, at)


def bring_module_back(db: Database, project: str, module: str, deed: Deed, at: datetime) -> None:
    """Bring a module back as it was; one that is there stays as it is."""
    _bring_back(db, ModuleRow, _is_module(project, module), deed, at)


def bring_organisation_back(db: Database, organisation: str, deed: Deed, at: datetime) -> None:
    """Bring an organisation back as it was; one that is there stays as it is."""
    _bring_back(db, OrganisationRow, col(OrganisationRow.code) == organisation, deed, at)


def find_named(db: Database, project: str) -> Named:
    """Return what of a project something names, so that it is never deleted."""
    held = select(col(SessionRow.module)).where(col(SessionRow.project) == project).distinct()
    with db.reading() as connection:
        modules = frozenset(connection.execute(held).scalars())
        return Named(modules, bool(connection.execute(select(_names_project(project))).scalar_one()))


def list_organisations_aside(db: Database) -> tuple[tuple[Organisation, datetime], ...]:
    """Return the organisations that are put aside, by code, each with the moment until which it can be brought back."""
    columns = (col(OrganisationRow.code), col(OrganisationRow.name), col(OrganisationRow.lead))
    query = select(*columns, col(OrganisationRow.aside_since)).where(col(OrganisationRow.aside_since).is_not(None))
    with db.reading() as connection:
        rows = connection.execute(query.order_by(col(OrganisationRow.code)))
        return tuple(
            (Organisation(row.code, row.name, row.lead), row.aside_since + BROUGHT_BACK_WITHIN) for row in rows
        )


def list_unused_organisations(db: Database, now: datetime) -> frozenset[str]:
    """Return the codes of the organisations that nothing names: those that can be put aside."""
    query = select(col(OrganisationRow.code)).where(~_names_organisation(col(OrganisationRow.code), now))
    with db.reading() as connection:
        return frozenset(connection.execute(query).scalars())


def delete_aside(db: Database, now: datetime) -> tuple[str, ...]:
    """Delete what was put aside long enough ago and what nothing names; return what it was, as the log says it."""
    with db.writing() as connection:
        gone = (*_delete_modules(connection, now), *_delete_projects(connection, now), *_delete_places(connection, now))
        for subject in gone:
            audit.add(connection, Deed(MACHINE, "aside-deleted", subject), now)
    return gone


def _delete_modules(connection: Connection, now: datetime) -> list[str]:
    due = select(col(ModuleRow.project), col(ModuleRow.code)).where(_is_due(ModuleRow, now))
    gone = []
    for project, code in connection.execute(due.order_by(col(ModuleRow.project), col(ModuleRow.code))).all():
        held = and_(col(SessionRow.project) == project, col(SessionRow.module) == code)
        if connection.execute(delete(ModuleRow).where(_is_module(project, code), ~exists().where(held))).rowcount:
            gone.append(f"module {code} of {project}")
    return gone


def _delete_projects(connection: Connection, now: datetime) -> list[str]:
    free = _list_free(connection, ProjectRow, now, _names_project(col(ProjectRow.code)))
    for code in free:
        for part in (RegisterBeforeRow, RegisterCountRow, ModuleRow):
            connection.execute(delete(part).where(col(part.project) == code))
        connection.execute(delete(ProjectRow).where(_is_project(code)))
    return [f"project {code}" for code in free]


def _delete_places(connection: Connection, now: datetime) -> list[str]:
    free = _list_free(connection, OrganisationRow, now, _names_organisation(col(OrganisationRow.code), now))
    for code in free:
        connection.execute(delete(OneTimeLinkRow).where(col(OneTimeLinkRow.organisation) == code))  # used, or too old
        connection.execute(delete(OrganisationRow).where(col(OrganisationRow.code) == code))
    return [f"organisation {code}" for code in free]


def _list_free(connection: Connection, table: type[Any], now: datetime, names: ColumnElement[bool]) -> Sequence[str]:
    """Return the codes of what was put aside long enough ago and what nothing names."""
    query = select(col(table.code)).where(_is_due(table, now), ~names).order_by(col(table.code))
    return connection.execute(query).scalars().all()


def _set_aside(
    connection: Connection, table: type[SQLModel], which: ColumnElement[bool], deed: Deed, at: datetime
) -> None:
    since = col(getattr(table, "aside_since"))  # noqa: B009 - three tables have it
    if connection.execute(update(table).where(which, since.is_(None)).values(aside_since=at)).rowcount:
        audit.add(connection, deed, at)


def _bring_back(db: Database, table: type[SQLModel], which: ColumnElement[bool], deed: Deed, at: datetime) -> None:
    since = col(getattr(table, "aside_since"))  # noqa: B009 - three tables have it
    with db.writing() as connection:
        if connection.execute(update(table).where(which, since.is_not(None)).values(aside_since=None)).rowcount:
            audit.add(connection, deed, at)


def _is_due(table: type[Any], now: datetime) -> ColumnElement[bool]:
    return col(table.aside_since) <= now - BROUGHT_BACK_WITHIN


def _is_project(code: str) -> ColumnElement[bool]:
    return col(ProjectRow.code) == code


def _is_module(project: str, code: str) -> ColumnElement[bool]:
    return and_(col(ModuleRow.project) == project, col(ModuleRow.code) == code)


def _runs(connection: Connection, which: ColumnElement[bool]) -> bool:
    running = select(col(SessionRow.code)).where(which, col(SessionRow.closed_at).is_(None)).limit(1)
    return connection.execute(running).first() is not None


def _names_project(code: str | Mapped[str]) -> ColumnElement[bool]:
    tables: tuple[type[Any], ...] = (SessionRow, CommentRow, CommentGroupRow, SignalRow, SignalNoteRow, NewsRow)
    return or_(*(exists().where(col(table.project) == code) for table in tables))


def _names_organisation(code: str | Mapped[str], now: datetime) -> ColumnElement[bool]:
    """Say whether anything names an organisation: a link that nobody can use any more does not."""
    partner = aliased(OrganisationRow)
    return or_(
        *(exists().where(col(table.organisation) == code) for table in (ProjectRow, DeviceRow, PostRow)),
        exists().where(col(partner.lead) == code),
        exists().where(col(OneTimeLinkRow.organisation) == code, is_open(now)),
    )
