"""What travels between two instances: who this one is, whom it trusts, which session is which, and what was taken.

Of a batch that was taken only its random id is kept, in the order of the ids: not when it came, nor what was in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from survey_app.fieldwork.room import Room
from survey_app.storage.arrival_order import forget_arrival_order
from survey_app.storage.database import Database
from survey_app.storage.rooms import tell_of_room
from survey_app.storage.store_response import rewrite_in_id_order
from survey_app.storage.tables import (
    CarriedBatchRow,
    InstanceKeyRow,
    ReceivedSessionRow,
    ResponseRow,
    SessionIdentityRow,
    SessionRow,
    TrustedInstanceRow,
)

_IDS_AT_ONCE: Final = 500  # databases limit the parameters of one statement


@dataclass(frozen=True, slots=True)
class Arriving:
    """A session that arrives, with its responses by id, and what was said of its room."""

    identity: UUID
    code: str
    project: str
    module: str
    people: int
    opened_on: date
    closed_at: datetime
    responses: tuple[tuple[UUID, str], ...]
    room: Room


@dataclass(frozen=True, slots=True)
class Added:
    """``codes``: under which code each session is known here, by the code where it came from."""

    responses: int
    known: int
    codes: Mapping[str, str]
    was_taken_before: bool = False


class ElsewhereError(Exception):
    """A session is another one here, a response holds other answers, or releases that count it came instead of its answers.

    Nothing was added. ``code``: of the session.
    """

    def __init__(self, reason: Literal["session-differs", "answers-differ", "releases-are-here"], code: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


def find_instance_key(db: Database) -> tuple[bytes, bytes] | None:
    """Return the private keys of this instance: to sign, to receive."""
    with db.reading() as connection:
        row = connection.execute(select(col(InstanceKeyRow.signing), col(InstanceKeyRow.receiving))).one_or_none()
    return None if row is None else (row[0], row[1])


def keep_instance_key(db: Database, signing: bytes, receiving: bytes) -> tuple[bytes, bytes]:
    """Keep the keys of this instance, where it has none; return those that it has."""
    row = {"number": 1, "signing": signing, "receiving": receiving}
    with db.writing() as connection:
        kept = connection.execute(select(col(InstanceKeyRow.signing), col(InstanceKeyRow.receiving))).one_or_none()
        if kept is None:
            connection.execute(insert(InstanceKeyRow), row)
    return (signing, receiving) if kept is None else (kept[0], kept[1])


def trust(db: Database, name: str, signing: bytes, receiving: bytes) -> None:
    """Trust an instance under a name of our own; what the name stood for before is trusted no more."""
    with db.writing() as connection:
        connection.execute(delete(TrustedInstanceRow).where(col(TrustedInstanceRow.name) == name))
        row = {"name": name, "signing": signing, "receiving": receiving}
        connection.execute(insert(TrustedInstanceRow), row)


def distrust(db: Database, name: str) -> bool:
    """Trust an instance no more; say whether it was trusted."""
    with db.writing() as connection:
        gone = delete(TrustedInstanceRow).where(col(TrustedInstanceRow.name) == name)
        return connection.execute(gone).rowcount == 1


def list_trusted(db: Database) -> tuple[tuple[str, bytes, bytes], ...]:
    """Return name and public keys of each trusted instance, by name."""
    columns = (col(TrustedInstanceRow.name), col(TrustedInstanceRow.signing), col(TrustedInstanceRow.receiving))
    with db.reading() as connection:
        rows = connection.execute(select(*columns).order_by(col(TrustedInstanceRow.name)))
        return tuple((name, signing, receiving) for name, signing, receiving in rows)


def identify(db: Database, codes: Sequence[str], draw: Callable[[], UUID]) -> dict[str, UUID]:
    """Return the identity of each session, drawn now for those of before identities were drawn."""
    with db.writing() as connection:
        columns = (col(SessionIdentityRow.code), col(SessionIdentityRow.identity))
        known: dict[str, UUID] = {row.code: row.identity for row in connection.execute(select(*columns))}
        for code in codes:
            if code not in known:
                known[code] = draw()
                connection.execute(insert(SessionIdentityRow), {"code": code, "identity": known[code]})
    return {code: known[code] for code in codes}


def responses_of(db: Database, code: str) -> tuple[tuple[UUID, str], ...]:
    """Return id and document of each response of a session, by id."""
    query = select(col(ResponseRow.id), col(ResponseRow.document)).where(col(ResponseRow.session) == code)
    with db.reading() as connection:
        return tuple((key, document) for key, document in connection.execute(query.order_by(col(ResponseRow.id))))


def take_in(
    db: Database, batch: UUID, arriving: Sequence[Arriving], draw_code: Callable[[frozenset[str]], str]
) -> Added:
    """Add all of a batch in one transaction, or nothing of it.

    Args:
        db: where it is kept.
        batch: its id.
        arriving: its sessions.
        draw_code: draws a code that is not among those of this instance, for a session whose own is taken here.

    Raises:
        ElsewhereError: nothing was added.
        UnavailableError: nothing was added.
    """
    with db.writing() as connection:
        if connection.execute(select(col(CarriedBatchRow.id)).where(col(CarriedBatchRow.id) == batch)).one_or_none():
            return Added(0, sum(len(one.responses) for one in arriving), {}, was_taken_before=True)
        codes: dict[str, str] = {}
        added = 0
        for session in sorted(arriving, key=lambda one: one.identity):
            codes[session.code] = _find_or_add(connection, session, draw_code)
            added += _add_responses(connection, session, codes[session.code])
            tell_of_room(connection, codes[session.code], session.room)
        connection.execute(insert(CarriedBatchRow), {"id": batch})
    if added:
        forget_arrival_order(db)
    return Added(added, sum(len(one.responses) for one in arriving) - added, codes)


def _find_or_add(connection: Connection, session: Arriving, draw_code: Callable[[frozenset[str]], str]) -> str:
    """Return the code of a session here; a new one gets its own, or another where a session of here has that."""
    columns = (col(SessionRow.code), col(SessionRow.project), col(SessionRow.module))
    joined = select(*columns).join_from(
        SessionRow, SessionIdentityRow, col(SessionRow.code) == col(SessionIdentityRow.code)
    )
    known = connection.execute(joined.where(col(SessionIdentityRow.identity) == session.identity)).one_or_none()
    if known is not None:
        if tuple(known[1:]) != (session.project, session.module):
            raise ElsewhereError("session-differs", session.code)
        return str(known[0])
    counted = select(col(ReceivedSessionRow.identity)).where(col(ReceivedSessionRow.identity) == session.identity)
    if connection.execute(counted).one_or_none() is not None:
        raise ElsewhereError("releases-are-here", session.code)
    taken = frozenset(connection.execute(select(col(SessionRow.code))).scalars())
    code = draw_code(taken) if session.code in taken else session.code
    row = {
        "code": code,
        "project": session.project,
        "module": session.module,
        "people": session.people,
        "opened_on": session.opened_on,
        "closed_at": session.closed_at,
        "conflicts": 0,
    }
    connection.execute(insert(SessionRow), row)
    connection.execute(insert(SessionIdentityRow), {"code": code, "identity": session.identity})
    return code


def _add_responses(connection: Connection, session: Arriving, code: str) -> int:
    """Add the responses that are not here yet and return their number."""
    is_sqlite = connection.dialect.name == "sqlite"
    found: dict[UUID, tuple[str, str]] = {}
    ids = [key for key, _ in session.responses]
    for start in range(0, len(ids), _IDS_AT_ONCE):
        columns = (col(ResponseRow.id), col(ResponseRow.session), col(ResponseRow.document))
        some = select(*columns).where(col(ResponseRow.id).in_(ids[start : start + _IDS_AT_ONCE]))
        found |= {key: (where, document) for key, where, document in connection.execute(some)}
    if any(key in found and found[key] != (code, document) for key, document in session.responses):
        raise ElsewhereError("answers-differ", session.code)
    new = [
        {"id": key, "session": code, "document": document} for key, document in session.responses if key not in found
    ]
    if new:
        connection.execute((sqlite if is_sqlite else postgresql).insert(ResponseRow), new)
        if not is_sqlite:
            rewrite_in_id_order(connection, code)
    return len(new)
