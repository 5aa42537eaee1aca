"""The log of who did what: only added to, chained, and it shows where somebody went round that."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from survey_app.storage import audit
from survey_app.storage.audit import Deed
from survey_app.storage.database import Database

NOW = datetime(2026, 5, 12, 10, tzinfo=UTC)
DEEDS = (Deed("an", "session-started", "session 482913"), Deed(audit.MACHINE, "set-up"), Deed("eva", "refused"))


@pytest.fixture
def logged(db: Database) -> Database:
    for number, deed in enumerate(DEEDS):
        audit.record(db, deed, NOW + timedelta(microseconds=number))
    return db


def test_deeds_come_out_the_last_one_first_and_the_log_is_whole(logged: Database) -> None:
    entries = audit.list_latest(logged, 10)
    assert tuple(entry.deed for entry in reversed(entries)) == DEEDS
    assert [entry.number for entry in entries] == [3, 2, 1]
    assert [entry.number for entry in audit.list_latest(logged, 1, before=3)] == [2]
    assert audit.find_break(logged) is None


@pytest.mark.parametrize("change", ["UPDATE audit SET who = 'x'", "DELETE FROM audit"])
def test_the_database_refuses_to_change_what_was_done(logged: Database, change: str) -> None:
    with pytest.raises(DBAPIError, match="only added to"), logged.writing() as connection:
        connection.execute(text(change))
    assert len(audit.list_latest(logged, 10)) == len(DEEDS)


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ("UPDATE audit SET who = 'x' WHERE number = 2", 2),
        ("DELETE FROM audit WHERE number = 1", 1),
        ("UPDATE audit SET at = '2026-05-12 10:30:00' WHERE number = 3", 3),
    ],
)
def test_whoever_goes_round_that_breaks_the_chain(logged: Database, change: str, number: int) -> None:
    with logged.writing() as connection:
        if logged.is_sqlite:
            connection.execute(text("DROP TRIGGER audit_no_update"))
            connection.execute(text("DROP TRIGGER audit_no_delete"))
        else:
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_no_change"))
        connection.execute(text(change.replace(":", r"\:")))
    assert audit.find_break(logged) == number


def test_deeds_at_the_same_moment_stand_one_behind_the_other(db: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: audit.record(db, Deed("an", "refused", str(number)), NOW), range(12)))
    assert len(audit.list_latest(db, 20)) == 12
    assert audit.find_break(db) is None
