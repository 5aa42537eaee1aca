"""A small installation and a browser that is signed in or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.testclient import TestClient

from survey_app.fieldwork.rights import Post
from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.foundation.settings import Settings
from survey_app.main import create_app
from survey_app.storage.database import Database
from survey_app.storage.structure import write_structure
from survey_app.web.console import accounts
from survey_app.web.console.accounts import add_member

PASSWORD = "four words are enough"
FROM_HERE = {"sec-fetch-site": "same-origin", "accept-language": "en"}


@dataclass(frozen=True)
class Desk:
    """One installation seen by one browser."""

    app: FastAPI
    browser: TestClient

    @property
    def db(self) -> Database:
        database = self.app.state.database
        assert isinstance(database, Database)
        return database

    def other_browser(self) -> TestClient:
        return TestClient(self.app, headers=FROM_HERE, follow_redirects=False)

    def sign_in(self, name: str, browser: TestClient | None = None) -> TestClient:
        used = browser or self.browser
        reply = used.post("/console/sign-in", data={"name": name, "password": PASSWORD})
        assert reply.status_code == 303
        return used

    def start_session(self, people: int = 12) -> str:
        reply = self.browser.post("/console/sessions", data={"module": "gent-samen/ict", "people": str(people)})
        assert reply.status_code == 303
        return reply.headers["location"].rpartition("/")[2]


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash as we do, but a thousand times cheaper."""
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    monkeypatch.setattr(accounts, "_hasher", lambda: quick)
    accounts._nobodys_password.cache_clear()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def bare(settings: Settings) -> Iterator[Desk]:
    """An installation without accounts, projects or sessions."""
    app = create_app(settings)
    with TestClient(app, headers=FROM_HERE, follow_redirects=False) as browser:
        yield Desk(app, browser)


@pytest.fixture
def desk(bare: Desk) -> Desk:
    """An installation with a project and two accounts, nobody signed in."""
    write_structure(
        bare.db,
        organisations=[Organisation("gent", "OCMW Gent")],
        projects=[
            Project("gent-samen", "gent", "Samen in Gent", "amif-exit", 1, frozenset({"speaking"}), ("nl", "ar"))
        ],
        modules=[Module("ict", "Computer", "gent-samen"), Module("taal", "Taalcafé", "gent-samen")],
    )
    add_member(bare.db, "an", PASSWORD, Post("administrator"), Post("reviewer"), Post("manager", "gent"))
    add_member(bare.db, "max", PASSWORD, Post("manager", "gent"))
    return bare


@pytest.fixture
def staff(desk: Desk) -> Desk:
    """The same, with somebody signed in who is administrator, reviewer and manager."""
    desk.sign_in("an")
    return desk
