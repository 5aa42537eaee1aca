"""The log of indicator returns: who took the exact totals out, when, and which. Rows are only added.

Triggers of the database refuse every change and removal. Each row has an ``entry``, the hash of all that it says and of the
entry before it, so that a row that was changed, taken out or put in shows itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from survey_app.storage.database import Database
from survey_app.storage.ledger import LedgerMovedError
from survey_app.storage.tables import IndicatorReturnRow

NOBODY: Final = ""
"""In place of a name: taken on the machine itself, by a command."""


@dataclass(frozen=True, slots=True)
class IndicatorReturn:
    """One return as the log remembers it.

    ``made_by``: name of the member of staff, or ``NOBODY``. ``hash``: of its ``indicator.json``; ``previous``: of the return
    before, ``""`` for the first. ``cells``: every figure, exact. ``responses``: session code -> responses counted.
    ``places``: session code -> organisation, its lead or ``""``, project and module as they were then. ``number`` counts
    from 1; it and ``entry`` are given when the return is added.
    """

    id: str
    created: datetime
    made_by: str
    period: str
    hash: str
    previous: str
    cells: Sequence[Mapping[str, Any]]
    responses: Mapping[str, int]
    places: Mapping[str, Sequence[str]]
    folder: str
    number: int = 0
    entry: str = ""


_NAMES: Final = (
    "id", "created", "made_by", "period", "hash", "previous", "cells", "responses", "places", "folder", "number", "entry",
)  # fmt: skip
_COLUMNS: Final = tuple(getattr(IndicatorReturnRow, name) for name in _NAMES)


def append_return(db: Database, made: IndicatorReturn) -> None:
    """Add a return at the end.

    Raises:
        LedgerMovedError: ``previous`` is not the hash of the last return.
    """
    try:
        with db.writing() as connection:
            last = _last(connection)
            if made.previous != (last.hash if last else ""):
                raise LedgerMovedError
            row = {name: getattr(made, name) for name in _NAMES}
            row["created"] = made.created.astimezone(UTC)
            row["number"] = last.number + 1 if last else 1
            row["entry"] = _entry_of(row, last.entry if last else "")
            connection.execute(insert(IndicatorReturnRow), row)
    except IntegrityError as error:
        raise LedgerMovedError from error


def last_return_hash(db: Database) -> str:
    """Return the hash of the last return, ``""`` where there is none."""
    with db.reading() as connection:
        last = _last(connection)
    return last.hash if last else ""


def list_returns(db: Database) -> tuple[IndicatorReturn, ...]:
    """Return every return, the first one first."""
    with db.reading() as connection:
        rows = connection.execute(select(*_COLUMNS).order_by(col(IndicatorReturnRow.number)))
        return tuple(IndicatorReturn(*row) for row in rows)


def return_counts_session(db: Database, code: str) -> bool:
    """Say whether any return counts responses of a session."""
    with db.reading() as connection:
        counted = connection.execute(select(col(IndicatorReturnRow.responses))).scalars()
        return any(responses.get(code) for responses in counted)


def find_return(db: Database, return_id: str) -> IndicatorReturn | None:
    """Return one return."""
    with db.reading() as connection:
        row = connection.execute(select(*_COLUMNS).where(col(IndicatorReturnRow.id) == return_id)).one_or_none()
    return None if row is None else IndicatorReturn(*row)


def first_broken_return(returns: Sequence[IndicatorReturn]) -> IndicatorReturn | None:
    """Return the first return that is not what was added after the one before it; ``None`` for a sound log."""
    before, entry = "", ""
    for number, made in enumerate(returns, 1):
        row = {name: getattr(made, name) for name in _NAMES}
        if made.number != number or made.previous != before or made.entry != _entry_of(row, entry):
            return made
        before, entry = made.hash, made.entry
    return None


def _last(connection: Connection) -> IndicatorReturn | None:
    query = select(*_COLUMNS).order_by(col(IndicatorReturnRow.number).desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else IndicatorReturn(*row)


def _entry_of(row: Mapping[str, Any], before: str) -> str:
    said = {**row, "created": row["created"].astimezone(UTC).isoformat()}
    said.pop("entry", None)
    text = json.dumps([before, said], ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
