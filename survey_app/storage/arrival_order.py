"""Rule 1 of the disclosure specification, on the disk: nobody can read from it who came first.

A database keeps more than its rows. On SQLite the log of changes (``-wal``) holds a picture of each page after each
commit, one behind the other, and within a page the newest row lies in front of the older ones, however the rows are
sorted. On PostgreSQL a row carries the number of the transaction that wrote it, and rows that were replaced stay behind
in their pages.

``forget_arrival_order`` writes it all anew: afterwards the files are a function of what is kept and no longer of the way
in which it came. It runs when a session closes, when the server stops, and every ``EVERY_SECONDS`` in which something
was written, so that one look at the disk while a session runs shows at most the order of the last minute. It takes a
hundredth of the time at most, however large the database.

**What is left to those who run the machine.** Whoever looks at the disk again and again sees what is new each time. A
disk keeps old blocks (wear levelling, snapshots of a file system); it should be encrypted. PostgreSQL's own log
(``pg_wal``, and an archive of it) holds every change with its time until it is recycled: only the owner of that server
may read it. The page for the data-protection officer says so.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import suppress
from typing import Final

import structlog
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from survey_app.storage.database import Database, UnavailableError
from survey_app.storage.direct import cursor_of
from survey_app.storage.store_response import rewrite_in_id_order
from survey_app.storage.tables import SessionRow

EVERY_SECONDS: Final = 60
_SHARE_OF_TIME: Final = 100  # it rests a hundred times as long as it worked
_PATIENCE_MILLISECONDS: Final = 500  # tablets wait meanwhile
_CLUSTERED: Final = ("response", "comment", "comprehension", "tally")
_ONE_AT_A_TIME: Final = 7_237_412_031  # any number, the same in every process

log = structlog.get_logger()


def forget_arrival_order(db: Database) -> bool:
    """Write the database anew, so that nothing on the disk tells who came first; say whether it was possible now.

    It is not while somebody else reads or writes for longer; then the next time will do. Where the database refuses for
    another reason (on PostgreSQL: its tables belong to another role), the log says so: the order is still on the disk.
    """
    since = db.writings
    try:
        is_forgotten = _rewrite_sqlite(db) if db.is_sqlite else _rewrite_postgresql(db)
    except UnavailableError:
        return False
    except DBAPIError as error:
        log.error("arrival-order-not-forgotten", problem=type(error.orig).__name__)  # noqa: TRY400 - codes only
        return False
    if is_forgotten:
        db.writings_forgotten = since
    return is_forgotten


async def keep_forgetting(db: Database) -> None:
    """Forget again and again while the server runs, where something was written."""
    rest: float = EVERY_SECONDS
    while True:
        await asyncio.sleep(rest)
        began = time.perf_counter()
        if db.writings != db.writings_forgotten:
            await asyncio.to_thread(forget_arrival_order, db)
        rest = max(EVERY_SECONDS, _SHARE_OF_TIME * (time.perf_counter() - began))


def _rewrite_sqlite(db: Database) -> bool:
    """Pour the log into the file, write the file in the order of its keys, pour that in too, and cut the log to nothing.

    The log is emptied first: its index in shared memory then begins anew and keeps no page number of before.
    """
    with db.alone() as connection:
        cursor = cursor_of(connection)
        patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout={_PATIENCE_MILLISECONDS}")
        try:
            if not _empty_log(cursor):
                return False
            cursor.execute("VACUUM")
            return _empty_log(cursor)
        finally:
            cursor.execute(f"PRAGMA busy_timeout={patience}")


def _empty_log(cursor: sqlite3.Cursor) -> bool:
    is_busy, _frames, _poured = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy


def _rewrite_postgresql(db: Database) -> bool:
    """Write the rows of running sessions anew in one transaction, then every table into new files, sorted by its key."""
    with db.alone() as connection, connection.begin():
        is_mine = connection.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _ONE_AT_A_TIME})
        if not is_mine.scalar_one():
            return False
        connection.execute(text(f"SET LOCAL lock_timeout = {_PATIENCE_MILLISECONDS}"))
        for code in _lock_running(connection):
            rewrite_in_id_order(connection, code)
    with db.alone() as connection, connection.begin():  # rows replaced by the same transaction would be copied too
        connection.execute(text(f"SET LOCAL lock_timeout = {_PATIENCE_MILLISECONDS}"))
        for table in _CLUSTERED:
            connection.execute(text(f"CLUSTER {table} USING pk_{table}"))
    return True


def _lock_running(connection: Connection) -> list[str]:
    running = select(col(SessionRow.code)).where(col(SessionRow.closed_at).is_(None)).order_by(col(SessionRow.code))
    return list(connection.execute(running.with_for_update(key_share=True)).scalars())


async def forget_at_the_end(db: Database) -> None:
    """Forget for the last time before the server stops."""
    with suppress(UnavailableError):
        await asyncio.to_thread(forget_arrival_order, db)
