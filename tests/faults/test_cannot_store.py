"""A full disk, a locked database, a commit that fails: 503, nothing stored, the device keeps the response."""

from __future__ import annotations

import gc
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import builders
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from survey_app.foundation.settings import Settings
from survey_app.main import create_app
from survey_app.storage import sessions
from survey_app.storage.database import Database
from survey_app.storage.direct import cursor_of


def send(client: TestClient, response_id: object = None) -> Any:
    at = f"/api/v1/sessions/{builders.CODE}/responses/{response_id or uuid4()}"
    return client.put(at, json=builders.build_raw())


def assert_kept_by_the_device(answer: Any) -> None:
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:survey-app:problem:unavailable"
    assert int(answer.headers["retry-after"]) > 0


def stored(db: Database) -> int:
    return len(list(sessions.documents(db, [builders.CODE])))


@contextmanager
def with_pragma(db: Database, pragma: str) -> Iterator[None]:
    """Say something to every connection, new ones only."""

    def say(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(pragma)

    db._engine.dispose()
    event.listen(db._engine, "connect", say)
    try:
        yield
    finally:
        event.remove(db._engine, "connect", say)
        db._engine.dispose()


def test_a_locked_database_is_no_loss(client: TestClient, app: FastAPI) -> None:
    db, path = app.state.database, app.state.settings.data_dir / "survey.sqlite3"
    with with_pragma(db, "PRAGMA busy_timeout=20"):
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        assert_kept_by_the_device(send(client))
        other.execute("ROLLBACK")
        other.close()
        assert stored(db) == 0
        assert send(client).status_code == 201


def test_a_full_disk_is_no_loss(client: TestClient, app: FastAPI) -> None:
    db = app.state.database
    with db.reading() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    with with_pragma(db, f"PRAGMA max_page_count={pages + 2}"):
        answers = [send(client) for _ in range(80)]
        kept = [answer for answer in answers if answer.status_code == 201]
        refused = [answer for answer in answers if answer.status_code != 201]
        assert kept
        assert refused
        for answer in refused:
            assert_kept_by_the_device(answer)
        assert stored(db) == len(kept)
    assert send(client).status_code == 201


def test_a_database_that_may_only_be_read_is_no_loss(client: TestClient, app: FastAPI) -> None:
    with with_pragma(app.state.database, "PRAGMA query_only=1"):
        assert_kept_by_the_device(send(client))
    assert stored(app.state.database) == 0


def test_when_every_connection_is_taken_the_device_keeps_the_response(
    client: TestClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = app.state.database
    monkeypatch.setattr(db._engine.pool, "_timeout", 0.05)
    with ExitStack() as taken:
        for _ in range(40):
            taken.enter_context(db.reading())
        assert_kept_by_the_device(send(client))
    assert stored(db) == 0
    assert send(client).status_code == 201


def full() -> Exception:
    reason = sqlite3.OperationalError("database or disk is full")
    reason.sqlite_errorcode = 13
    return OperationalError("COMMIT", {}, reason)


@pytest.mark.parametrize(("fault", "status"), [(full, 503), (lambda: RuntimeError("power cut"), 500)])
def test_received_is_said_after_the_commit_and_never_before(
    client: TestClient, app: FastAPI, fault: Callable[[], Exception], status: int
) -> None:
    """FastAPI answers before a plain ``yield`` dependency commits: a transaction kept there fails this test."""
    db = app.state.database
    response_id = uuid4()

    def fail(connection: Connection) -> None:
        if cursor_of(connection).execute("SELECT count(*) FROM response").fetchone() != (0,):  # no chore of the server
            raise fault()

    event.listen(db._engine, "commit", fail)
    assert send(client, response_id).status_code == status
    event.remove(db._engine, "commit", fail)
    assert stored(db) == 0
    assert send(client, response_id).status_code == 201


def test_a_page_that_cannot_read_says_try_again(client: TestClient, app: FastAPI) -> None:
    app.state.settings.data_dir.rename(app.state.settings.data_dir.with_name("gone"))
    app.state.database._engine.dispose()
    page = client.get(f"/s/{builders.CODE}")
    assert page.status_code == 503
    assert page.headers["content-type"].startswith("text/html")
    assert int(page.headers["retry-after"]) > 0
    assert client.get("/healthz").status_code == 503
    assert_kept_by_the_device(send(client))


@pytest.fixture
def on_postgresql(settings: Settings, postgresql_url: str) -> Iterator[TestClient]:
    app = create_app(settings.model_copy(update={"database_url": postgresql_url}))
    builders.write_structure(app.state.database)
    builders.open_session(app.state.database)
    with TestClient(app) as client:
        yield client
    with warnings.catch_warnings():  # these tests throw pools away while chores of the server use a connection
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def end_connections(db: Database) -> None:
    other = Database(db._engine.url.render_as_string(hide_password=False))
    with other.writing() as connection:
        ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        connection.execute(text(f"{ours} AND pid <> pg_backend_pid()"))
    other.close()


def test_a_connection_that_postgresql_ended_is_no_loss(on_postgresql: TestClient) -> None:
    db = on_postgresql.app.state.database  # type: ignore[attr-defined]
    response_id = uuid4()
    assert send(on_postgresql, response_id).status_code == 201
    for _ in range(5):  # a chore of the start may meet its dead connection first, and this request gets a new one
        end_connections(db)
        answer = send(on_postgresql)
        if answer.status_code != HTTPStatus.CREATED:
            break
    assert_kept_by_the_device(answer)
    assert send(on_postgresql, response_id).status_code == 200


def test_a_postgresql_that_may_only_be_read_is_no_loss(on_postgresql: TestClient) -> None:
    db = on_postgresql.app.state.database  # type: ignore[attr-defined]
    with db.writing() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    db.close()  # new connections from here on, once no chore uses an old one
    assert_kept_by_the_device(send(on_postgresql))
    assert stored(db) == 0
