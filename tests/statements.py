"""What a test learns of the statements that reach SQLite, however they were sent."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from survey_app.storage.database import Database


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """Note every statement that reaches SQLite."""
    seen: list[str] = []

    def listen(connection: sqlite3.Connection, *_: object) -> None:
        connection.set_trace_callback(seen.append)

    engine = db._engine
    event.listen(engine, "checkout", listen)
    try:
        yield seen
    finally:
        event.remove(engine, "checkout", listen)
        with engine.connect() as connection:
            connection.connection.driver_connection.set_trace_callback(None)  # type: ignore[union-attr]
