"""Sessions and what was handed in to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Project
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.periods import period_of
from survey_app.storage.arrival_order import forget_arrival_order
from survey_app.storage.comments import rewrite_comments
from survey_app.storage.database import Database
from survey_app.storage.direct import DirectQuery
from survey_app.storage.store_response import rewrite_in_id_order
from survey_app.storage.structure import PROJECT_COLUMNS, project_of
from survey_app.storage.tables import (
    DeviceKeyRow,
    DeviceRow,
    ProjectRow,
    ResponseRow,
    RoomRow,
    SessionIdentityRow,
    SessionRow,
)

_COLUMNS: Final = (
    col(SessionRow.code),
    col(SessionRow.project),
    col(SessionRow.module),
    col(SessionRow.people),
    col(SessionRow.opened_on),
    col(SessionRow.closed_at),
    col(SessionRow.answers_deleted_on),
    col(SessionRow.practised),
)
# Runs with every response.
_HAS_TABLETS: Final = (
    select(col(DeviceKeyRow.key))
    .join_from(DeviceKeyRow, DeviceRow, col(DeviceKeyRow.device) == col(DeviceRow.id))
    .where(col(DeviceRow.organisation) == col(ProjectRow.organisation))
    .exists()
)
_SAID_OF_PHONES: Final = (
    select(col(RoomRow.own_phones)).where(col(RoomRow.session) == col(SessionRow.code)).scalar_subquery()
)
_WITH_PROJECT: Final = DirectQuery(
    select(*_COLUMNS, *PROJECT_COLUMNS, func.coalesce(_SAID_OF_PHONES, ~_HAS_TABLETS))
    .join_from(SessionRow, ProjectRow, col(SessionRow.project) == col(ProjectRow.code))
    .where(col(SessionRow.code) == bindparam("wanted")),
    "wanted",
)
_PRACTISED: Final = func.coalesce(col(SessionRow.practised), 0)
_ROWS_AT_ONCE: Final = 1000
_CODES_AT_ONCE: Final = 500  # databases limit the parameters of one statement


@dataclass(frozen=True, slots=True)
class Counter:
    """What staff see while a session runs: responses received, people expected, conflicts to look into."""

    received: int
    people: int
    conflicts: int


@dataclass(frozen=True, slots=True)
class Asking:
    """A session and its project. ``takes_phones``: people may hand in on their own phones, with no key of a tablet.

    Staff say so of the session; where they say nothing, its organisation has enrolled no tablet, revoked ones included.
    """

    session: Session
    project: Project
    takes_phones: bool


def add(db: Database, session: Session, draw: Callable[[], UUID] = uuid4) -> None:
    """Add an open session, with an identity by which every instance will know it.

    Raises:
        RequestMistakenError: its code was used before, or its module does not exist.
    """
    row = {name: getattr(session, name) for name in ("code", "project", "module", "people", "opened_on", "practised")}
    try:
        with db.writing() as connection:
            connection.execute(insert(SessionRow), {**row, "conflicts": 0})
            connection.execute(insert(SessionIdentityRow), {"identity": draw(), "code": session.code})
    except IntegrityError:
        message = (
            f'session {session.code} cannot be added to project "{session.project}", module "{session.module}". '
            "Check that the module exists and try again."
        )
        raise RequestMistakenError(message) from None


def find(db: Database, code: str) -> Session | None:
    """Return the session with this join code."""
    with db.reading() as connection:
        row = connection.execute(_all().where(col(SessionRow.code) == code)).one_or_none()
    return None if row is None else _session_of(row)


def find_with_project(db: Database, code: str) -> tuple[Session, Project] | None:
    """Return the session with this join code and its project, in one query."""
    found = find_asking(db, code)
    return None if found is None else (found.session, found.project)


def find_asking(db: Database, code: str) -> Asking | None:
    """Return the session with this join code, its project, and whether phones may hand in, in one query.

    To a practice session its project is synthetic, so that every page and paper of it says that it is a try-out; and it is
    tried on a phone of one's own.
    """
    with db.reading() as connection:
        row = _WITH_PROJECT.find(connection, code)
    if row is None:
        return None
    *project, takes_phones = row[len(_COLUMNS) :]
    session, asking = _session_of(row[: len(_COLUMNS)]), project_of(project)
    if session.is_practice:
        return Asking(session, replace(asking, synthetic=True), takes_phones=True)
    return Asking(session, asking, bool(takes_phones))


def close(db: Database, code: str, at: datetime) -> bool:
    """Close a session; a session that is closed keeps its moment. Who came first is forgotten with it.

    Returns:
        Whether it was open until now.
    """
    wanted = update(SessionRow).where(col(SessionRow.code) == code, col(SessionRow.closed_at).is_(None))
    with db.writing() as connection:
        was_open = connection.execute(wanted.values(closed_at=at)).rowcount == 1
        if was_open and connection.dialect.name == "postgresql":
            rewrite_in_id_order(connection, code)
            _rewrite_comments(connection, code)
    if was_open:
        forget_arrival_order(db)
    return was_open


def count_practised(db: Database, code: str) -> None:
    """Count one more who went through a practice session; nothing else of them is kept."""
    one_more = update(SessionRow).where(col(SessionRow.code) == code, col(SessionRow.practised).is_not(None))
    with db.writing() as connection:
        connection.execute(one_more.values(practised=col(SessionRow.practised) + 1))


def is_any_held(db: Database) -> bool:
    """Say whether there ever was a session, practice apart."""
    return _is_any(db, col(SessionRow.practised).is_(None))


def is_any_practised(db: Database) -> bool:
    """Say whether somebody went through a practice session."""
    return _is_any(db, col(SessionRow.practised) > 0)


def _is_any(db: Database, wanted: ColumnElement[bool]) -> bool:
    with db.reading() as connection:
        return connection.execute(select(col(SessionRow.code)).where(wanted).limit(1)).first() is not None


def reopen(db: Database, code: str) -> None:
    """Let a closed session run again. What is counted of it must not have left: the caller sees to that."""
    with db.writing() as connection:
        connection.execute(update(SessionRow).where(col(SessionRow.code) == code).values(closed_at=None))


def _rewrite_comments(connection: Connection, code: str) -> None:
    """Rewrite the comments that came in with a session, among those of its project and half-year."""
    query = select(col(SessionRow.project), col(SessionRow.opened_on)).where(col(SessionRow.code) == code)
    project, opened_on = connection.execute(query).one()
    rewrite_comments(connection, project, period_of(opened_on).code)


def counter(db: Database, code: str) -> Counter | None:
    """Count what was received; ``None`` where there is no such session."""
    received = select(func.count()).where(col(ResponseRow.session) == code).scalar_subquery() + _PRACTISED
    query = select(received, col(SessionRow.people), col(SessionRow.conflicts))
    with db.reading() as connection:
        row = connection.execute(query.where(col(SessionRow.code) == code)).one_or_none()
    return None if row is None else Counter(*row)


def counters(db: Database, codes: Iterable[str]) -> Mapping[str, Counter]:
    """Count what was received in some sessions, by code; those that there are."""
    wanted = sorted(set(codes))
    received = (
        select(func.count())
        .where(col(ResponseRow.session) == col(SessionRow.code))
        .correlate(SessionRow)
        .scalar_subquery()
    ) + _PRACTISED
    query = select(col(SessionRow.code), received, col(SessionRow.people), col(SessionRow.conflicts))
    found: dict[str, Counter] = {}
    for start in range(0, len(wanted), _CODES_AT_ONCE):
        some = query.where(col(SessionRow.code).in_(wanted[start : start + _CODES_AT_ONCE]))
        with db.reading() as connection:
            found.update({code: Counter(*row) for code, *row in connection.execute(some)})
    return found


def list_open(db: Database) -> tuple[Session, ...]:
    """Return the sessions that run, the latest date first."""
    query = _all().where(col(SessionRow.closed_at).is_(None))
    return _list(db, query.order_by(col(SessionRow.opened_on).desc(), col(SessionRow.code)))


def list_closed(db: Database, first: date, last: date, project: str | None = None) -> tuple[Session, ...]:
    """Return the closed sessions whose date lies from ``first`` to ``last``, both included, oldest first."""
    query = _all().where(col(SessionRow.closed_at).is_not(None), col(SessionRow.opened_on).between(first, last))
    if project is not None:
        query = query.where(col(SessionRow.project) == project)
    return _list(db, query.order_by(col(SessionRow.opened_on), col(SessionRow.code)))


def list_all(db: Database) -> tuple[Session, ...]:
    """Return every session that ever was, the latest date first."""
    return _list(db, _all().order_by(col(SessionRow.opened_on).desc(), col(SessionRow.code)))


def list_codes(db: Database) -> frozenset[str]:
    """Return the codes of all sessions that ever were."""
    with db.reading() as connection:
        return frozenset(connection.execute(select(col(SessionRow.code))).scalars())


def documents(db: Database, session_codes: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give (session code, document) of every response of these sessions, ordered by random id within some sessions."""
    codes = sorted(set(session_codes))
    for start in range(0, len(codes), _CODES_AT_ONCE):
        query = select(col(ResponseRow.session), col(ResponseRow.document))
        some = query.where(col(ResponseRow.session).in_(codes[start : start + _CODES_AT_ONCE]))
        with db.reading() as connection:
            rows = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(some.order_by(col(ResponseRow.id)))
            yield from ((session, document) for session, document in rows)


def _all() -> Select[str, str, str, int, date, datetime | None, date | None, int | None]:
    return select(*_COLUMNS)


def _session_of(row: Sequence[Any]) -> Session:
    return Session(*row)


def _list(
    db: Database, query: Select[str, str, str, int, date, datetime | None, date | None, int | None]
) -> tuple[Session, ...]:
    with db.reading() as connection:
        return tuple(_session_of(row) for row in connection.execute(query))
