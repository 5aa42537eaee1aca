"""Keeping responses, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import structlog
from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from survey_app.collection.response import Response, document
from survey_app.storage.database import Database, UnavailableError
from survey_app.storage.direct import cursor_of
from survey_app.storage.stamp import Stamp, find_stamp, read_stamp
from survey_app.storage.tables import ResponseRow, SessionRow

log = structlog.get_logger()

# Written once, as they run with every response.
_INSERT_SQLITE: Final = "INSERT INTO response (id, session, document) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_INSERT_POSTGRESQL: Final = (
    postgresql.insert(ResponseRow).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
)
_LOCK_POSTGRESQL: Final = (
    select(col(SessionRow.closed_at)).where(col(SessionRow.code) == bindparam("wanted")).with_for_update(key_share=True)
)


class Kept(StrEnum):
    """What became of a response. ``FAULT``: it alone could not be kept, and that is our fault."""

    STORED_NOW = "stored"
    STORED_BEFORE = "stored-before"
    DIFFERENT = "different"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class KeptTogether:
    """What became of each response of a batch, and the stamp of the database that has them."""

    stamp: Stamp
    outcomes: tuple[Kept, ...]


def keep(db: Database, session_code: str, response: Response) -> Kept:
    """Keep a response; when this returns, it is durable.

    The same response sent again is ``STORED_BEFORE``; other answers under the same id, or the same id in another
    session, are ``DIFFERENT``: nothing changes, the session counts the conflict.

    Raises:
        UnavailableError: nothing was stored.
    """
    return keep_all(db, [(session_code, response)]).outcomes[0]


def keep_all(db: Database, batch: Sequence[tuple[str, Response]]) -> KeptTogether:
    """Keep responses, each with the code of its session, in one commit; when this returns, they are durable.

    One that cannot be kept does not keep the others from it: they are then tried one by one.

    Raises:
        UnavailableError: nothing was stored.
    """
    try:
        return db.write_together(lambda connection: _write_all(connection, batch))
    except UnavailableError:
        raise
    except Exception:
        if len(batch) == 1:
            raise
    return _keep_each(db, batch)


def _keep_each(db: Database, batch: Sequence[tuple[str, Response]]) -> KeptTogether:
    outcomes: list[Kept] = []
    for one in batch:
        try:
            outcomes += keep_all(db, [one]).outcomes
        except UnavailableError:
            raise
        except Exception as fault:  # noqa: BLE001 - the others shall not suffer for it; its message may hold an answer
            log.error("not kept", problem=type(fault).__name__)  # noqa: TRY400 - no traceback, same reason
            outcomes.append(Kept.FAULT)
    return KeptTogether(find_stamp(db), tuple(outcomes))


def _write_all(connection: Connection, batch: Sequence[tuple[str, Response]]) -> KeptTogether:
    """Write in the order of sessions and ids, so that two batches never wait for each other's sessions."""
    in_order = sorted(range(len(batch)), key=lambda at: (batch[at][0], batch[at][1].id))
    outcomes = {at: _write(connection, *batch[at]) for at in in_order}
    return KeptTogether(read_stamp(connection), tuple(outcomes[at] for at in range(len(batch))))


def _write(connection: Connection, session_code: str, response: Response) -> Kept:
    kept = _insert(connection, session_code, response, document(response))
    if kept is Kept.DIFFERENT:
        _count_conflict(connection, session_code)
    return kept


def _insert(connection: Connection, session_code: str, response: Response, text: str) -> Kept:
    is_sqlite = connection.dialect.name == "sqlite"
    insert_one = _insert_on_sqlite if is_sqlite else _insert_on_postgresql
    if insert_one(connection, session_code, response, text):
        return Kept.STORED_NOW
    wanted = (col(ResponseRow.session), col(ResponseRow.document))
    before = connection.execute(select(*wanted).where(col(ResponseRow.id) == response.id)).one()
    return Kept.STORED_BEFORE if tuple(before) == (session_code, text) else Kept.DIFFERENT


def _insert_on_sqlite(connection: Connection, session_code: str, response: Response, text: str) -> bool:
    """Insert, and say whether the id was new."""
    return cursor_of(connection).execute(_INSERT_SQLITE, (response.id.hex, session_code, text)).rowcount == 1


def _insert_on_postgresql(connection: Connection, session_code: str, response: Response, text: str) -> bool:
    """Insert, and say whether the id was new. A row that comes after the end goes to its place among the others."""
    is_closed = _lock_session(connection, session_code)
    row = {"id": response.id, "session": session_code, "document": text}
    is_new = connection.execute(_INSERT_POSTGRESQL, row).rowcount == 1
    if is_new and is_closed:
        rewrite_in_id_order(connection, session_code)
    return is_new


def _lock_session(connection: Connection, session_code: str) -> bool:
    """Take the session until the transaction ends, and say whether it was closed.

    Its tablets come one after the other, and neither they nor its end cross a rewriting of its rows.
    """
    return connection.execute(_LOCK_POSTGRESQL, {"wanted": session_code}).scalar_one() is not None


def rewrite_in_id_order(connection: Connection, session_code: str) -> None:
    """Write the rows of a session anew, sorted by their random id: where they lie no longer tells who came first.

    For PostgreSQL, which appends rows as they come. The caller holds the session's lock.
    """
    taken = delete(ResponseRow).where(col(ResponseRow.session) == session_code)
    columns = (col(ResponseRow.id), col(ResponseRow.session), col(ResponseRow.document))
    rows = connection.execute(taken.returning(*columns)).all()
    if rows:
        in_order = [dict(zip(("id", "session", "document"), row, strict=True)) for row in sorted(rows)]
        connection.execute(insert(ResponseRow), in_order)


def _count_conflict(connection: Connection, session_code: str) -> None:
    """Add one to the conflicts that staff see."""
    one_more = update(SessionRow).where(col(SessionRow.code) == session_code)
    connection.execute(one_more.values(conflicts=col(SessionRow.conflicts) + 1))
