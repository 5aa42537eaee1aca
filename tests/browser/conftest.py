"""A real server in its own process and Debian's Chromium. No test may ask another host for anything."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import servers
from playwright.sync_api import BrowserContext, BrowserType, Page, expect

from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.foundation import clock
from survey_app.foundation.places import shipped
from survey_app.questionnaire.translation import load_catalogues
from survey_app.storage import rooms, sessions, structure
from survey_app.storage.database import Database

CHROMIUM = "/usr/bin/chromium"
LETTERS = Path(__file__).with_name("letters.conf")
SERVING = Path(__file__).with_name("serving.py")
ROOT = Path(__file__).resolve().parents[2]
ACTIVITIES = frozenset({"speaking", "doctor", "housing", "transport"})
_codes = count(200_001)
expect.set_options(timeout=20_000)  # milliseconds: a busy machine of two cores is no fault of the page


def say(sentence: str, tag: str = "fr") -> str:
    """Return a sentence of the respondents' pages as a language has it today."""
    return load_catalogues(shipped("translations")).respond(tag).gettext(sentence)


class Server(servers.Server):
    """The server of this run, with sessions to open and what is stored of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        super().__init__(servers.command([sys.executable, SERVING, folder], environment), folder / "server.log")
        self.start()
        self.db = Database(f"sqlite:///{folder / 'survey.sqlite3'}")
        projects = [
            Project("group", "centre", "Groupe", "amif-exit", 1, ACTIVITIES, ("fr", "ar", "ti")),
            Project("try-out", "centre", "Essai", "amif-exit", 1, ACTIVITIES, ("ar",), synthetic=True),
            Project("short", "centre", "Court", "short", 1, frozenset(), ("fr",)),
            Project("talk", "centre", "Parler", "amif-exit", 2, frozenset({"comment"}), ("fr",)),
        ]
        modules = [Module("course", "Cours", project.code) for project in projects]
        structure.write_structure(self.db, [Organisation("centre", "Centre")], projects, modules)

    @contextmanager
    def without_letters(self) -> Iterator[None]:
        """Serve everything but fonts for a while, as a network does that breaks off in the middle."""
        sign = self.folder / "without-letters"
        sign.touch()
        try:
            yield
        finally:
            sign.unlink()

    def open_session(self, project: str = "group", people: int = 15, *, own_phones: bool = True) -> str:
        """Open a session and return its code; tablets that nobody enrolled hand in to it too, unless told otherwise."""
        code = str(next(_codes))
        sessions.add(self.db, Session(code, project, "course", people, date(2026, 11, 2)))
        if own_phones:
            rooms.allow_phones(self.db, code, are_allowed=True)
        return code

    def close_session(self, code: str) -> None:
        sessions.close(self.db, code, clock.now())

    def stored(self, code: str) -> dict[str, Any]:
        """Return the one response of a session, once it has arrived: a tablet says thank you before it has sent."""
        for _ in range(150):
            if found := self.responses(code):
                (only,) = found
                return only
            time.sleep(0.1)
        raise AssertionError("no response arrived")

    def responses(self, code: str) -> list[dict[str, Any]]:
        """Return what the database holds of a session."""
        return [json.loads(document) for _, document in sessions.documents(self.db, [code])]

    def wait_for_responses(self, code: str, number: int, page: Page) -> list[dict[str, Any]]:
        """Wait until the database holds so many responses of a session, then a moment more for one too many."""
        for _ in range(100):
            if len(self.responses(code)) >= number:
                break
            page.wait_for_timeout(200)
        page.wait_for_timeout(300)
        return self.responses(code)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("served"))
    yield made
    made.db.close()
    made.end()


@pytest.fixture(scope="session")
def base_url(server: Server) -> str:
    """Where ``page.goto("/")`` goes. In place of the plugin's fixture, which pytest 9 warns of."""
    return server.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "env": {**os.environ, "FONTCONFIG_FILE": str(LETTERS)},
        "args": ["--no-sandbox", "--disable-dev-shm-usage", "--use-fake-device-for-media-stream"],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": {"width": 800, "height": 1280}}


@pytest.fixture
def context(context: BrowserContext, server: Server) -> Iterator[BrowserContext]:
    """A fresh tablet. The test fails when any page or worker of it asks another host, or throws."""
    asked: list[str] = []
    thrown: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("weberror", lambda error: thrown.append(str(error.error)))
    yield context
    elsewhere = [url for url in asked if not url.startswith((server.url + "/", "data:", "blob:"))]
    assert asked, "the guard saw no request"
    assert elsewhere == []
    assert thrown == []


class Tablet:
    """What a person does on the page, by the stable hooks of its buttons."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, code: str, language: str = "fr") -> None:
        self.page.goto(f"/s/{code}/{language}")
        self.page.wait_for_selector("html.ready")

    def press(self, action: str) -> None:
        self.page.locator(f"[data-action={action}]:visible").first.click()

    @property
    def item(self) -> str | None:
        """Id of the question on the screen."""
        shown = self.page.locator("section[data-item]:visible")
        return shown.get_attribute("data-item") if shown.count() else None

    def answer(self, code: str) -> None:
        self.page.locator(f"[data-action=answer][value='{code}']:visible").click()

    def begin(self, code: str, language: str = "fr") -> None:
        """Open the form, start, and answer the practice question."""
        self.open(code, language)
        self.press("start")
        self.answer("a-little")
        self.press("next")

    def fill(self) -> dict[str, str]:
        """Answer every question with its first answer, to the last screen; return what was answered."""
        given: dict[str, str] = {}
        while (item := self.item) is not None:
            first = self.page.locator("[data-action=answer]:visible").first
            given[item] = first.get_attribute("value") or ""
            first.click()
            self.press("next")
        return given

    def send(self) -> None:
        self.press("submit")
        self.page.wait_for_selector("#thanks:visible")

    def kept_offline(self, code: str) -> None:
        """Open the wall of languages and wait until the tablet needs no network any more."""
        self.page.goto(f"/s/{code}")
        self.page.wait_for_selector("html[data-kept]", timeout=60_000)

    def waits_for_nothing(self) -> bool:
        """Say whether the outbox gets empty: the server has a response a moment before the tablet has its receipt."""
        for _ in range(100):
            if not self.waiting():
                return True
            self.page.wait_for_timeout(200)
        return False

    def waiting(self) -> list[dict[str, Any]]:
        """Return what the outbox holds."""
        return self._kept("survey-app-outbox", "responses")

    def copies(self) -> list[dict[str, Any]]:
        """Return the sealed copies of what the server has."""
        return self._kept("survey-app-copies", "copies")

    def _kept(self, database: str, store: str) -> list[dict[str, Any]]:
        return self.page.evaluate(
            """([database, store]) => new Promise((resolve, reject) => {
              const request = indexedDB.open(database);
              request.onupgradeneeded = () => request.transaction.abort();
              request.onerror = () => resolve([]);
              request.onsuccess = () => {
                const db = request.result;
                const read = db.transaction(store).objectStore(store).getAll();
                read.onsuccess = () => { db.close(); resolve(read.result); };
                read.onerror = reject;
              };
            })""",
            [database, store],
        )


@pytest.fixture(scope="session", name="say")
def _say() -> Callable[..., str]:
    return say


@pytest.fixture
def tablet(page: Page) -> Tablet:
    return Tablet(page)


@pytest.fixture
def own_tablet(browser_type: BrowserType, server: Server, tmp_path: Path) -> Iterator[tuple[Tablet, Path]]:
    """A tablet whose browser keeps its profile in a folder that can be searched, and that folder."""
    profile = tmp_path / "profile"
    context = browser_type.launch_persistent_context(
        profile,
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-dev-shm-usage"],
        base_url=server.url,
        viewport={"width": 800, "height": 1280},
    )
    yield Tablet(context.new_page()), profile
    context.close()
