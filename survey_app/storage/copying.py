"""Copying a SQLite database while it is used, and looking whether a copy is whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from alembic.script import ScriptDirectory

from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.places import shipped
from survey_app.storage.database import Database, open_database
from survey_app.storage.devices import forget_states
from survey_app.storage.direct import cursor_of
from survey_app.storage.staff import sign_out_all
from survey_app.storage.stamp import renew_store


@dataclass(frozen=True, slots=True)
class CopyFacts:
    """What a copy holds: how many sessions, responses and keys; which backup it is."""

    sessions: int
    responses: int
    keys: int
    generation: int


def copy_database(db: Database, to: Path) -> None:
    """Write a copy of one consistent state, in the order of keys: nothing in it tells who came first.

    Raises:
        UnavailableError: the database cannot be read, or there is no room.
    """
    with db.reading() as connection:
        cursor_of(connection).execute("VACUUM INTO ?", (str(to),))


def look_at_copy(path: Path) -> CopyFacts:
    """Look whether a copy is whole and made by a version that this program knows.

    Raises:
        RequestMistakenError: it is not; the message says which.
    """
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
            if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise RequestMistakenError("the database in the backup is not whole. Take another backup.")
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            if revision not in _known_revisions():
                raise RequestMistakenError(
                    "the backup was made by a newer version of this program. Install that version first."
                )
            counts = [connection.execute(f"SELECT {what}").fetchone()[0] for what in _COUNTED]
    except sqlite3.Error:
        raise RequestMistakenError("there is no database of this program in the backup.") from None
    return CopyFacts(*counts)


_COUNTED = (
    "count(*) FROM session",
    "count(*) FROM response",
    "count(*) FROM sealing_key",
    "generation FROM store",
)


def _known_revisions() -> set[str]:
    return {script.revision for script in ScriptDirectory(str(shipped("migrations"))).walk_revisions()}


def wake_copy(path: Path) -> None:
    """Make a copy the database of an installation: tables of today, another name than before, nobody signed in.

    What tablets keep is not known before each has met it.
    """
    db = open_database(f"sqlite:///{path.resolve()}")
    try:
        renew_store(db)
        sign_out_all(db)
        forget_states(db)
    finally:
        db.close()


def keep_revoked(path: Path, present: Path) -> None:
    """Revoke in a copy the tablets that were revoked in the present database since: a lost one stays worthless.

    Nothing where there is no present one, or it cannot be read.
    """
    revoked = _list_revoked(present)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("UPDATE device SET revoked_on = ? WHERE id = ? AND revoked_on IS NULL", revoked)
        connection.executemany("DELETE FROM device_link WHERE device = ?", [(device,) for _, device in revoked])


def _list_revoked(path: Path) -> list[tuple[str, str]]:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT revoked_on, id FROM device WHERE revoked_on IS NOT NULL").fetchall()
    except sqlite3.Error:
        return []
