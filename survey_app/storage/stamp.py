"""The stamp of a database: which one it is, and how many backups were made of it.

Every receipt of a response bears it. A tablet keeps a sealed copy of what was received under generation ``g`` until a
backup with a higher number is complete, for then the response is in it; where it meets another store, the database was
restored, and it hands its copies in again.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update
from sqlmodel import col

from survey_app.storage.database import Database
from survey_app.storage.direct import cursor_of
from survey_app.storage.tables import StoreRow

_SELECT: Final = select(col(StoreRow.id), col(StoreRow.generation), col(StoreRow.backed_up))
_SELECT_SQLITE: Final = "SELECT id, generation, backed_up FROM store"


@dataclass(frozen=True, slots=True)
class Stamp:
    """``store``: random, drawn when the database is made and again at each restore.

    ``generation``: number of the last backup that was begun. ``backed_up``: of the last one that is complete.
    """

    store: str
    generation: int
    backed_up: int


def read_stamp(connection: Connection) -> Stamp:
    """Read the stamp inside the transaction that stores what it is put on."""
    if connection.dialect.name == "sqlite":
        return Stamp(*cursor_of(connection).execute(_SELECT_SQLITE).fetchone())
    return Stamp(*connection.execute(_SELECT).one())


def find_stamp(db: Database) -> Stamp:
    """Return the stamp of now."""
    with db.reading() as connection:
        return read_stamp(connection)


def count_backup(db: Database) -> int:
    """Begin a backup and return its number: what was received under a lower generation will be in it."""
    with db.writing() as connection:
        connection.execute(update(StoreRow).values(generation=col(StoreRow.generation) + 1))
        return read_stamp(connection).generation


def confirm_backup(db: Database, number: int, at: datetime | None = None) -> None:
    """Say that the backup with this number is complete, and when; an older one than the last changes nothing."""
    newer = update(StoreRow).where(col(StoreRow.backed_up) < number)
    with db.writing() as connection:
        connection.execute(newer.values(backed_up=number, backed_up_at=at))


def find_last_backup(db: Database) -> datetime | None:
    """Return when the last backup was complete, ``None`` where there is none or it was not written down."""
    with db.reading() as connection:
        return connection.execute(select(col(StoreRow.backed_up_at))).scalar_one()


def renew_store(db: Database) -> None:
    """Draw another name: this database was restored, and may have lost what tablets hold receipts for."""
    with db.writing() as connection:
        connection.execute(update(StoreRow).values(id=secrets.token_hex(16)))
