"""The database: one connection pool, transactions that say what they want, tables brought up to date."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.places import shipped
from survey_app.storage.direct import cursor_of
from survey_app.storage.faults import UnavailableError as UnavailableError  # noqa: PLC0414 - raised here, caught by callers
from survey_app.storage.gate import Gate
from survey_app.storage.together import Together

T = TypeVar("T")

BUSY_SECONDS: Final = 5.0
RETRY_AFTER_SECONDS: Final = 5
PATIENCE_SECONDS: Final = 30.0
"""As long as an exchange of the file waits for those who read or write."""

_CONNECTIONS_KEPT: Final = 10
_CONNECTIONS_MORE: Final = 30  # together the threads that serve requests

_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # a receipt survives a power cut
    f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",  # what is sorted or rewritten leaves no copy in another file
)
# Primary result codes of https://www.sqlite.org/rescode.html that another try may outlive: busy, locked, no memory,
# read-only, input/output error, full, cannot open, protocol.
_PASSING: Final = frozenset({5, 6, 7, 8, 10, 13, 14, 15})
_READ_ONLY: Final = "25006"  # PostgreSQL's appendix A: read-only transaction, as on a standby
_MIGRATION_LOCK: Final = 7_237_412_021  # any number, the same in every process


class Database:
    """Where everything is kept.

    SQLite has one writer at a time: those of this process queue here for their turn instead of polling the lock.
    """

    def __init__(self, url: str) -> None:
        """Open a pool of connections; the first connection is made when it is needed.

        Args:
            url: of SQLAlchemy, ``sqlite:///...`` or ``postgresql+psycopg://...``.
        """
        self._is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._turn = threading.Lock()
        self._gate = Gate()
        self._engine = create_engine(
            url,
            pool_size=_CONNECTIONS_KEPT,
            max_overflow=_CONNECTIONS_MORE,
            pool_timeout=BUSY_SECONDS,
            hide_parameters=True,  # they are answers: no message may show them
        )
        if self._is_sqlite:
            _make_folder(make_url(url).database)
            event.listen(self._engine, "connect", _prepare_sqlite)
        self._together = Together(self.writing)
        self.writings = 0
        """Transactions that wrote; ``arrival_order`` compares it with ``writings_forgotten``."""
        self.writings_forgotten = -1  # a process that was killed may have left something

    @property
    def is_sqlite(self) -> bool:
        return self._is_sqlite

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection of which each statement sees one consistent state.

        Raises:
            UnavailableError: the database cannot be read now.
        """
        with self._gate.inside(), _translate_faults(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose work is durable when the block ends without an exception, and undone otherwise.

        Raises:
            UnavailableError: the database cannot be written now; nothing of the block is kept.
        """
        with self._gate.inside(), self._take_turn(), _translate_faults(), self._engine.begin() as connection:
            self._take_lock(connection)
            self.writings += 1
            yield connection

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """Give a connection outside of any transaction; on SQLite no other writer of this process has its turn.

        Raises:
            UnavailableError: the database cannot be written now.
        """
        with self._gate.inside(), self._take_turn(), _translate_faults(), self._engine.connect() as connection:
            yield connection

    def _take_lock(self, connection: Connection) -> None:
        """Begin on SQLite: what writes takes the lock at once; a statement that reads is a transaction by itself."""
        if self._is_sqlite:
            cursor_of(connection).execute("BEGIN IMMEDIATE")

    def write_together(self, write: Callable[[Connection], T]) -> T:
        """Run ``write`` in a transaction and return its result when it is durable.

        On SQLite, writers that come at the same time share one commit. ``write`` may run twice: it only touches its
        connection.

        Raises:
            UnavailableError: the database cannot be written now; nothing of ``write`` is kept.
        """
        if self._is_sqlite:
            return self._together.run(write)
        with self.writing() as connection:
            return write(connection)

    @contextmanager
    def _take_turn(self) -> Iterator[None]:
        if not self._is_sqlite:
            yield
            return
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise UnavailableError
        try:
            yield
        finally:
            self._turn.release()

    def upgrade(self, revision: str = "head") -> None:
        """Bring the tables up to date, in one transaction; other processes wait.

        Raises:
            UnavailableError: the database cannot be reached.
            alembic.util.CommandError: the database is newer than this program.
        """
        config = self.migrations()
        with self._take_turn(), _translate_faults(), self._engine.connect() as connection:
            if self._is_sqlite:  # a batch rewrites a table; its children must not go with the old one
                cursor_of(connection).execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    self._take_lock(connection)
                    if not self._is_sqlite:
                        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
                    config.attributes["connection"] = connection
                    command.upgrade(config, revision)
            finally:
                if self._is_sqlite:
                    cursor_of(connection).execute("PRAGMA foreign_keys=ON")

    def migrations(self) -> Config:
        """Return Alembic's configuration, without a connection."""
        config = Config()
        config.set_main_option("script_location", str(shipped("migrations")).replace("%", "%%"))
        config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
        return config

    def is_up_to_date(self) -> bool:
        """Say whether the tables are those of this program.

        Raises:
            UnavailableError: the database cannot be reached.
        """
        with self.reading() as connection:
            return MigrationContext.configure(connection).get_current_revision() == self._newest_revision

    @cached_property
    def _newest_revision(self) -> str | None:
        return ScriptDirectory.from_config(self.migrations()).get_current_head()

    @contextmanager
    def put_away(self) -> Iterator[None]:
        """Close every connection and let nobody in, so that the file can be exchanged; then go on with what lies there.

        Raises:
            UnavailableError: somebody still reads or writes after a while; nothing was closed.
        """
        with self._gate.shut(PATIENCE_SECONDS):
            self._engine.dispose()
            yield
            self.writings_forgotten = -1

    def close(self) -> None:
        """Close every connection, once whoever uses one is done: a chore that was called off may still be at it."""
        with suppress(UnavailableError), self._gate.shut(PATIENCE_SECONDS):
            pass
        self._engine.dispose()


def open_database(url: str) -> Database:
    """Open a database and bring its tables up to date.

    Raises:
        RequestMistakenError: it cannot be opened, is no database of ours, or is newer than this program.
    """
    try:
        database = Database(url)
        database.upgrade()
    except (ArgumentError, NoSuchModuleError):
        raise RequestMistakenError(
            "SURVEY_APP_DATABASE_URL is not an address of a database. Write postgresql+psycopg://user@host/name, or "
            "leave it empty."
        ) from None
    except (UnavailableError, DBAPIError, OSError) as error:
        reason = type(getattr(error.__cause__ or error, "orig", error)).__name__
        raise RequestMistakenError(
            f"the database cannot be opened ({reason}). Check SURVEY_APP_DATABASE_URL and SURVEY_APP_DATA_DIR, that "
            "the folder can be written and the disk is not full."
        ) from error
    except CommandError:
        raise RequestMistakenError(
            "the database was made by a newer version of this program. Start that version, or restore a backup."
        ) from None
    return database


def _make_folder(database: str | None) -> None:
    if database and database != ":memory:":
        Path(database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's record
    connection.isolation_level = None  # transactions begin where we say, not before the first change
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


@contextmanager
def _translate_faults() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise UnavailableError from error
    except (DBAPIError, sqlite3.Error) as error:
        if _is_passing(error):
            raise UnavailableError from error
        raise


def _is_passing(error: DBAPIError | sqlite3.Error) -> bool:
    """Say whether another try may succeed: a fault of the place, not of the statement."""
    reason = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(reason, sqlite3.Error):
        code = getattr(reason, "sqlite_errorcode", None)
        return code is not None and code & 0xFF in _PASSING
    if not isinstance(error, DBAPIError):
        return False
    is_read_only = getattr(error.orig, "sqlstate", None) == _READ_ONLY
    return error.connection_invalidated or is_read_only or isinstance(error, OperationalError)
