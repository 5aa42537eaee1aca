"""The log of who did what: rows are only added, each naming the hash of the one before. Never any content.

The database itself refuses to change or delete a row (a trigger); whoever goes round that breaks the chain, and
``find_break`` says where.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, insert, select, text
from sqlmodel import col

from survey_app.storage.database import Database
from survey_app.storage.tables import AuditRow

MACHINE: Final = ""
"""Who acts where a command was typed on the machine itself."""
_LOCK: Final = 7_237_412_022  # any number: on PostgreSQL writers of the log queue here
_COLUMNS: Final = tuple(
    getattr(AuditRow, name) for name in ("number", "at", "who", "action", "subject", "previous", "hash")
)


@dataclass(frozen=True, slots=True)
class Deed:
    """``who`` did ``action`` to ``subject``: a name of staff and two codes, never what was written or answered."""

    who: str
    action: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A deed in the log. ``number`` counts from 1; ``previous``: hash of the entry before, ``""`` for the first."""

    number: int
    at: datetime
    deed: Deed
    previous: str
    hash: str


def record(db: Database, deed: Deed, at: datetime) -> None:
    """Add a deed to the log, durably.

    Raises:
        UnavailableError: the log cannot be written now.
    """
    with db.writing() as connection:
        add(connection, deed, at)


def add(connection: Connection, deed: Deed, at: datetime) -> None:
    """Add a deed to the log in a transaction that does more: both happen, or neither."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    query = select(col(AuditRow.number), col(AuditRow.hash)).order_by(col(AuditRow.number).desc()).limit(1)
    last = connection.execute(query).one_or_none()
    number, previous = (1, "") if last is None else (last[0] + 1, last[1])
    row = {"number": number, "at": at, "who": deed.who, "action": deed.action, "subject": deed.subject}
    own = _hash(number, at, deed, previous)
    connection.execute(insert(AuditRow), {**row, "previous": previous, "hash": own})


def list_latest(db: Database, most: int, before: int | None = None) -> tuple[Entry, ...]:
    """Return the latest entries, the last one first; with ``before``, those with a smaller number."""
    query = select(*_COLUMNS).order_by(col(AuditRow.number).desc()).limit(most)
    if before is not None:
        query = query.where(col(AuditRow.number) < before)
    with db.reading() as connection:
        return tuple(_entry_of(row) for row in connection.execute(query))


def find_break(db: Database) -> int | None:
    """Return the number of the first entry that is not as it was written, ``None`` where the log is whole.

    What was cut off at the end cannot be seen from the log alone.
    """
    with db.reading() as connection:
        entries = [_entry_of(row) for row in connection.execute(select(*_COLUMNS).order_by(col(AuditRow.number)))]
    before = ""
    for expected, entry in enumerate(entries, start=1):
        hashed = _hash(entry.number, entry.at, entry.deed, before)
        if (entry.number, entry.previous, entry.hash) != (expected, before, hashed):
            return expected
        before = entry.hash
    return None


def _hash(number: int, at: datetime, deed: Deed, previous: str) -> str:
    moment = at.astimezone(UTC).isoformat()
    content = json.dumps([number, moment, deed.who, deed.action, deed.subject, previous], ensure_ascii=True)
    return sha256(content.encode()).hexdigest()


def _entry_of(row: Sequence[Any]) -> Entry:
    number, at, who, action, subject, previous, own = row
    return Entry(number, at, Deed(who, action, subject), previous, own)
