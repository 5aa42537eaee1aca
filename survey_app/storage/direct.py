"""The way past SQLAlchemy on SQLite, for the few statements that run with every response.

Its bookkeeping for one statement costs ten times what SQLite needs to answer. Everything else goes through SQLAlchemy,
and so does everything on PostgreSQL, where the way to the server counts and lost connections must be noticed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final, cast

from sqlalchemy import Connection, Select
from sqlalchemy.dialects import sqlite

_SQLITE: Final = sqlite.dialect()


def cursor_of(connection: Connection) -> sqlite3.Cursor:
    """Return a cursor of SQLite's driver, in the connection's transaction. Its faults are ``sqlite3.Error``."""
    return cast("sqlite3.Cursor", connection.connection.cursor())


class DirectQuery:
    """A query for one row by one parameter, compiled once; values come as the types of its columns say."""

    def __init__(self, query: Select[*tuple[Any, ...]], parameter: str) -> None:
        """Compile a query.

        Args:
            query: with one ``bindparam``.
            parameter: its name.
        """
        self._query = query
        self._parameter = parameter
        self._text = str(query.compile(dialect=_SQLITE))
        types = [column.type.dialect_impl(_SQLITE) for column in query.selected_columns]
        self._readers = [kind.result_processor(_SQLITE, None) for kind in types]

    def find(self, connection: Connection, value: str) -> Sequence[Any] | None:
        """Return the row, or ``None`` where there is none."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._query, {self._parameter: value}).one_or_none()
        row = cursor_of(connection).execute(self._text, (value,)).fetchone()
        if row is None:
            return None
        return [read(found) if read else found for read, found in zip(self._readers, row, strict=True)]
