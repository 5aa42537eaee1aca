"""Sums that say which sentences need work: tallies are added to their session and nothing else of them is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, Select, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from survey_app.collection.tally import FINISHED, LEFT, Tally
from survey_app.fieldwork.session import MOST_PEOPLE
from survey_app.storage.database import Database
from survey_app.storage.tables import ComprehensionRow, SessionRow, TallyRow

_CODES_AT_ONCE: Final = 500  # databases limit the parameters of one statement


class Added(StrEnum):
    """What became of a tally."""

    ADDED_NOW = "stored"
    ADDED_BEFORE = "stored-before"
    TOO_MANY = "too-many"


def add_tally(db: Database, session_code: str, tally: Tally, over_before: datetime) -> Added:
    """Add a tally to the sums of a session; when this returns, it is durable.

    A tally whose id was added before is ``ADDED_BEFORE``; one that would count more people than any group has is
    ``TOO_MANY``. In both cases the sums stay as they are.

    Args:
        db: where it is kept.
        session_code: the session, which exists.
        tally: the sums of one tablet.
        over_before: sessions that ended before this moment take nothing any more; the ids of their tallies go.

    Raises:
        UnavailableError: nothing was added.
    """

    def write(connection: Connection) -> Added:
        _forget_ids(connection, over_before)
        row = {"session": session_code, "id": tally.id}
        if _is_known(connection, row):
            return Added.ADDED_BEFORE
        if _people_in(connection, session_code) + tally.people > MOST_PEOPLE:
            return Added.TOO_MANY
        if not _note_id(connection, row):
            return Added.ADDED_BEFORE  # the same tally came in by another door a moment ago
        _add(connection, session_code, tally)
        return Added.ADDED_NOW

    return db.write_together(write)


def list_sums(db: Database, session_codes: Iterable[str]) -> tuple[tuple[str, str, str, int], ...]:
    """Return session, item, measure and people of every sum of these sessions, ordered by session, item and measure."""
    columns = (
        col(ComprehensionRow.session),
        col(ComprehensionRow.item),
        col(ComprehensionRow.measure),
        col(ComprehensionRow.people),
    )
    codes = sorted(set(session_codes))
    found: list[tuple[str, str, str, int]] = []
    for start in range(0, len(codes), _CODES_AT_ONCE):
        query: Select[str, str, str, int] = select(*columns)
        some = query.where(columns[0].in_(codes[start : start + _CODES_AT_ONCE])).order_by(*columns[:3])
        with db.reading() as connection:
            found += [(session, item, measure, people) for session, item, measure, people in connection.execute(some)]
    return tuple(found)


def _forget_ids(connection: Connection, over_before: datetime) -> None:
    over = select(col(SessionRow.code)).where(col(SessionRow.closed_at) < over_before)
    connection.execute(delete(TallyRow).where(col(TallyRow.session).in_(over)))


def _is_known(connection: Connection, row: dict[str, object]) -> bool:
    same = (col(TallyRow.session) == row["session"], col(TallyRow.id) == row["id"])
    return connection.execute(select(col(TallyRow.id)).where(*same)).first() is not None


def _people_in(connection: Connection, session_code: str) -> int:
    """Count the people that the sums of a session are about."""
    people = select(func.coalesce(func.sum(col(ComprehensionRow.people)), 0))
    about = (col(ComprehensionRow.session) == session_code, col(ComprehensionRow.measure).in_((FINISHED, LEFT)))
    return int(connection.execute(people.where(*about)).scalar_one())


def _note_id(connection: Connection, row: dict[str, object]) -> bool:
    """Note the id of a tally, and say whether it was new."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(TallyRow).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return connection.execute(statement, row).rowcount == 1


def _add(connection: Connection, session_code: str, tally: Tally) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(ComprehensionRow)
    more = col(ComprehensionRow.people) + statement.excluded.people
    upsert = statement.on_conflict_do_update(index_elements=["session", "item", "measure"], set_={"people": more})
    for item, measure, people in tally.sums():  # in one order, so that two tablets never wait for each other
        connection.execute(upsert, {"session": session_code, "item": item, "measure": measure, "people": people})
