"""The keys that tablets seal to.

The private halves lie beside what they open: they are backed up with it, and who has the database has the answers anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import col

from survey_app.collection.sealed import SealingKey, draw_key
from survey_app.storage.database import Database
from survey_app.storage.direct import DirectQuery
from survey_app.storage.tables import SealingKeyRow

_KEY: Final = (col(SealingKeyRow.id), col(SealingKeyRow.public), col(SealingKeyRow.private))
_BY_ID: Final = DirectQuery(select(*_KEY).where(col(SealingKeyRow.id) == bindparam("id")), "id")


@dataclass(frozen=True, slots=True)
class KeyDays:
    """When a key was made, and when another took its place (``None``: it is the one in use)."""

    id: str
    created_on: date
    retired_on: date | None


def ensure_key(db: Database, today: date) -> None:
    """Make the first key, where there is none.

    Raises:
        UnavailableError: the database cannot be written now.
    """
    if _find_current(db) is None:
        rotate_key(db, today)


def rotate_key(db: Database, today: date) -> SealingKey:
    """Make a new key and retire the one in use. What was sealed to it still opens.

    Raises:
        UnavailableError: the database cannot be written now.
    """
    key = draw_key()
    with db.writing() as connection:
        in_use = update(SealingKeyRow).where(col(SealingKeyRow.retired_on).is_(None))
        connection.execute(in_use.values(retired_on=today))
        row = {"id": key.id, "public": key.public, "private": key.private, "created_on": today}
        connection.execute(insert(SealingKeyRow), row)
    return key


def current_key(db: Database) -> SealingKey:
    """Return the key that pages bear.

    Raises:
        LookupError: none was ever made.
    """
    found = _find_current(db)
    if found is None:
        raise LookupError("there is no sealing key")
    return found


def find_key(db: Database, key_id: str) -> SealingKey | None:
    """Return a key, in use or retired."""
    with db.reading() as connection:
        row = _BY_ID.find(connection, key_id)
    return None if row is None else SealingKey(*row)


def list_keys(db: Database) -> tuple[KeyDays, ...]:
    """Return every key, the newest first."""
    days = select(col(SealingKeyRow.id), col(SealingKeyRow.created_on), col(SealingKeyRow.retired_on))
    newest_first = days.order_by(
        col(SealingKeyRow.retired_on).is_not(None),
        col(SealingKeyRow.retired_on).desc(),
        col(SealingKeyRow.created_on).desc(),
        col(SealingKeyRow.id),
    )
    with db.reading() as connection:
        return tuple(KeyDays(*row) for row in connection.execute(newest_first))


def _find_current(db: Database) -> SealingKey | None:
    """Return the key in use; two, where two servers of one database started at the same moment, are the same every time."""
    in_use = select(*_KEY).where(col(SealingKeyRow.retired_on).is_(None)).order_by(col(SealingKeyRow.id)).limit(1)
    with db.reading() as connection:
        row = connection.execute(in_use).one_or_none()
    return None if row is None else SealingKey(*row)
