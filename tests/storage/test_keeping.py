"""A response is kept once, and its row says nothing about when it came."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from uuid import UUID, uuid4

import builders
import pytest
from sqlalchemy import text

from survey_app.storage import sessions
from survey_app.storage.database import Database
from survey_app.storage.store_response import Kept, keep

CLOSED = datetime(2026, 5, 12, 16, tzinfo=UTC)


@pytest.fixture
def code(db: Database) -> str:
    return builders.open_session(db).code


def read_documents(db: Database, *codes: str) -> list[tuple[str, str]]:
    return list(sessions.documents(db, codes))


def test_a_response_is_stored_once_however_often_it_is_sent(db: Database, code: str) -> None:
    response = builders.build_response()
    assert [keep(db, code, response) for _ in range(3)] == [Kept.STORED_NOW, Kept.STORED_BEFORE, Kept.STORED_BEFORE]
    assert len(read_documents(db, code)) == 1


def test_other_answers_under_the_same_id_change_nothing_and_are_counted(db: Database, code: str) -> None:
    first = builders.build_response()
    keep(db, code, first)
    assert keep(db, code, builders.build_response({"helpful": "not-much"}, response_id=first.id)) is Kept.DIFFERENT
    assert json.loads(read_documents(db, code)[0][1])["answers"] == {"helpful": "a-lot"}
    assert sessions.counter(db, code) == sessions.Counter(received=1, people=12, conflicts=1)


def test_the_same_id_in_another_session_is_a_conflict(db: Database, code: str) -> None:
    other = builders.open_session(db, "555555").code
    response = builders.build_response()
    keep(db, code, response)
    assert keep(db, other, response) is Kept.DIFFERENT
    assert read_documents(db, other) == []
    assert sessions.counter(db, other) == sessions.Counter(received=0, people=12, conflicts=1)


def test_the_table_of_responses_has_an_id_a_session_and_a_document_only(db: Database) -> None:
    with db.reading() as connection:
        assert list(connection.execute(text("SELECT * FROM response")).keys()) == ["id", "session", "document"]


def test_responses_come_out_in_the_order_of_their_random_ids(db: Database, code: str) -> None:
    ids = sorted(uuid4() for _ in range(5))
    languages = dict(zip(ids, ("fr", "nl", "en", "ar", "ti"), strict=True))
    for number in (3, 0, 4, 1, 2):
        keep(db, code, builders.build_response(response_id=ids[number], language=languages[ids[number]]))
    found = [json.loads(document)["language"] for _, document in read_documents(db, code)]
    assert found == ["fr", "nl", "en", "ar", "ti"]


def test_documents_of_many_sessions_are_all_given(db: Database) -> None:
    codes = [str(number) for number in range(200_000, 200_700)]
    for code in codes[::100]:
        builders.open_session(db, code)
        keep(db, code, builders.build_response())
    assert sorted(code for code, _ in read_documents(db, *codes)) == codes[::100]


def test_many_tablets_at_once_lose_nothing(db: Database, code: str) -> None:
    responses = [builders.build_response() for _ in range(40)]
    kept: list[Kept] = []

    def send(part: int) -> None:
        kept.extend(keep(db, code, response) for response in responses[part::4] + responses[part + 1 :: 4])

    threads = [threading.Thread(target=send, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept.count(Kept.STORED_NOW) == 40
    assert set(kept) == {Kept.STORED_NOW, Kept.STORED_BEFORE}
    assert sessions.counter(db, code) == sessions.Counter(received=40, people=12, conflicts=0)


def test_on_sqlite_rows_have_no_row_number_and_deleted_bytes_are_overwritten(sqlite_url: str) -> None:
    db = Database(sqlite_url)
    db.upgrade()
    with db.reading() as connection:
        written = connection.execute(text("SELECT sql FROM sqlite_schema WHERE name = 'response'")).scalar_one()
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "secure_delete")
        }
    db.close()
    assert "WITHOUT ROWID" in written
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 5000,
        "foreign_keys": 1,
        "secure_delete": 1,
    }


def lying_order(db: Database, code: str) -> list[UUID]:
    with db.reading() as connection:
        found = connection.execute(text("SELECT id FROM response WHERE session = :code ORDER BY ctid"), {"code": code})
        return list(found.scalars())


def transactions(db: Database, code: str) -> int:
    """Count the transactions that wrote the rows: with one, only free space and the ids decide where they lie."""
    with db.reading() as connection:
        query = text("SELECT count(DISTINCT xmin::text) FROM response WHERE session = :code")
        return connection.execute(query, {"code": code}).scalar_one()


def test_on_postgresql_closing_hides_who_came_first(postgresql_db: Database) -> None:
    db = postgresql_db
    code, other = builders.open_session(db).code, builders.open_session(db, "555555").code
    ids = sorted((uuid4() for _ in range(30)), reverse=True)
    for response_id in ids:
        keep(db, code, builders.build_response(response_id=response_id))
        keep(db, other, builders.build_response())
    assert lying_order(db, code) == ids
    before = sorted(read_documents(db, code, other))

    assert sessions.close(db, code, CLOSED)

    assert lying_order(db, code) == sorted(ids)
    assert transactions(db, code) == 1
    assert transactions(db, other) == 1
    assert sorted(read_documents(db, code, other)) == before


def test_on_postgresql_a_late_response_takes_its_place_among_the_others(postgresql_db: Database) -> None:
    db = postgresql_db
    code = builders.open_session(db).code
    for _ in range(10):
        keep(db, code, builders.build_response())
    sessions.close(db, code, CLOSED)
    threads = [threading.Thread(target=keep, args=(db, code, builders.build_response())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lying_order(db, code)) == 16
    assert transactions(db, code) == 1


def test_on_postgresql_closing_waits_for_responses_on_their_way(postgresql_db: Database) -> None:
    db = postgresql_db
    for round_number in range(5):
        code = builders.open_session(db, str(300_000 + round_number)).code
        senders = [threading.Thread(target=keep, args=(db, code, builders.build_response())) for _ in range(8)]
        closer = threading.Thread(target=sessions.close, args=(db, code, CLOSED))
        for thread in [*senders[:4], closer, *senders[4:]]:
            thread.start()
        for thread in [*senders, closer]:
            thread.join()
        assert len(lying_order(db, code)) == 8
        assert transactions(db, code) == 1
