"""The stamp of a database: which one it is, and how many backups were made of it.

Every receipt of a response bears it. A tablet keeps a sealed copy of what was received under generation ``g`` until it
meets a higher one, for then the response is in a backup; where it meets another store, the database was restored, and it
hands its copies in again.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select, update
from sqlmodel import col

from survey_app.storage.database import Database
from survey_app.storage.direct import cursor_of
from survey_app.storage.tables import StoreRow

_SELECT: Final = select(col(StoreRow.id), col(StoreRow.generation))
_SELECT_SQLITE: Final = "SELECT id, generation FROM store"


@dataclass(frozen=True, slots=True)
class Stamp:
    """``store``: random, drawn when the database is made and again at each restore. ``generation``: backups made."""

    store: str
    generation: int


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
    """Count a backup that is about to be made and return its number: what has a lower generation will be in it."""
    with db.writing() as connection:
        connection.execute(update(StoreRow).values(generation=col(StoreRow.generation) + 1))
        return read_stamp(connection).generation


def renew_store(db: Database) -> None:
    """Draw another name: this database was restored, and may have lost what tablets hold receipts for."""
    with db.writing() as connection:
        connection.execute(update(StoreRow).values(id=secrets.token_hex(16)))
