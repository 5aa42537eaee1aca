"""Deleting the answers of sessions for good: the rows, what counts them by session, and what the files still hold of them.

What stays says nothing of anybody: the session with its day and its group, and what releases told.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, and_, delete, func, select, update
from sqlmodel import col

from survey_app.storage import audit
from survey_app.storage.arrival_order import forget_arrival_order
from survey_app.storage.audit import Deed
from survey_app.storage.database import Database
from survey_app.storage.tables import (
    AuditRow,
    CommentGroupRow,
    CommentRow,
    ComprehensionRow,
    ResponseRow,
    SessionRow,
    SignalNoteRow,
    SignalRow,
    TallyRow,
)

_CODES_AT_ONCE: Final = 500  # databases limit the parameters of one statement
_TRIES: Final = 20
_BETWEEN_TRIES_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class HalfYear:
    """The sessions of a project in a half-year, by their codes. ``has_all``: no other session of it is kept on."""

    project: str
    period: str
    codes: Sequence[str]
    has_all: bool


def count_responses(db: Database) -> dict[str, int]:
    """Return how many responses each session holds; one that holds none is left out."""
    query = select(col(ResponseRow.session), func.count()).group_by(col(ResponseRow.session))
    with db.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def delete_answers(db: Database, half_years: Sequence[HalfYear], by: str, at: datetime, today: date) -> dict[str, int]:
    """Delete the answers of half-years in one transaction, with an entry in the log for each; return how many, by project.

    Comments and signals of a half-year go with its last session.
    A session that held no answer is left as it is: nothing was lost of it.

    Raises:
        UnavailableError: nothing was deleted.
    """
    deleted: dict[str, int] = {}
    with db.writing() as connection:
        for half_year in half_years:
            held = _delete_responses(connection, half_year.codes, today)
            if half_year.has_all:
                _delete_comments(connection, half_year)
            responses = sum(held.values())
            deleted[half_year.project] = deleted.get(half_year.project, 0) + responses
            told = f"project {half_year.project} {half_year.period}: {len(held)} sessions, {responses} responses"
            audit.add(connection, Deed(by, "answers-deleted", told), at)
    return deleted


def erase(db: Database) -> bool:
    """Write the files anew without what was deleted; say whether that was possible now.

    On SQLite deleted rows are overwritten at once (``secure_delete``), but the log of changes still holds the pages as they
    were. Where others read for long, the server does it within a minute: it sees that something was written.
    """
    for again in range(_TRIES):
        if again:
            time.sleep(_BETWEEN_TRIES_SECONDS)
        if forget_arrival_order(db):
            return True
    return False


def list_days(db: Database) -> frozenset[date]:
    """Return each day on which something is known to have happened here: a session began, or staff did something."""
    with db.reading() as connection:
        began = set(connection.execute(select(col(SessionRow.opened_on)).distinct()).scalars())
        done = {moment.date() for moment in connection.execute(select(col(AuditRow.at))).scalars()}
    return frozenset(began | done)


def _delete_responses(connection: Connection, codes: Sequence[str], today: date) -> dict[str, int]:
    """Delete what sessions hold; return the number of responses of those that held any."""
    held: dict[str, int] = {}
    for start in range(0, len(codes), _CODES_AT_ONCE):
        some = codes[start : start + _CODES_AT_ONCE]
        held |= _count(connection, some)
        for table in (ResponseRow, ComprehensionRow, TallyRow):
            connection.execute(delete(table).where(col(table.session).in_(some)))
    if held:
        _mark(connection, sorted(held), today)
    return held


def _count(connection: Connection, codes: Collection[str]) -> dict[str, int]:
    query = select(col(ResponseRow.session), func.count()).where(col(ResponseRow.session).in_(codes))
    return {row[0]: row[1] for row in connection.execute(query.group_by(col(ResponseRow.session)))}


def _mark(connection: Connection, codes: Sequence[str], today: date) -> None:
    for start in range(0, len(codes), _CODES_AT_ONCE):
        some = col(SessionRow.code).in_(codes[start : start + _CODES_AT_ONCE])
        connection.execute(update(SessionRow).where(some).values(answers_deleted_on=today))


def _delete_comments(connection: Connection, half_year: HalfYear) -> None:
    for table in (CommentRow, CommentGroupRow, SignalNoteRow, SignalRow):
        one = and_(col(table.project) == half_year.project, col(table.period) == half_year.period)
        connection.execute(delete(table).where(one))
