"""The demonstration shows itself: a tour from page to page, and a way to begin anew. Nowhere else there is either."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from survey_app import journeys
from survey_app.commands.demo import NAME, SIGN_IN_FILE, ensure_account, offer_tour
from survey_app.demo.fill import fill
from survey_app.fieldwork.rights import Post
from survey_app.foundation import clock
from survey_app.foundation.settings import Settings
from survey_app.main import create_app
from survey_app.storage import sessions, staff
from survey_app.storage.database import Database
from survey_app.storage.structure import list_organisations, list_projects
from survey_app.web.console.accounts import add_member

if TYPE_CHECKING:
    from tests.console.conftest import Desk

FROM_HERE = {"sec-fetch-site": "same-origin", "accept-language": "en"}
PASSWORD = "four words are enough"


def hint_of(page: str) -> str:
    found = re.search(r'data-tour="([\w-]+)"', page)
    return "" if found is None else found[1]


def walk(browser: TestClient) -> list[str]:
    """Go from stop to stop; each page bears its own hint."""
    seen = []
    while True:
        reply = browser.post("/console/demo/tour")
        assert reply.status_code == 303
        page = browser.get(reply.headers["location"])
        assert page.status_code == 200
        seen.append(hint_of(page.text))
        assert "tour-page" not in page.text
        if "tour-next" not in page.text:
            return seen


def test_the_tour_leads_over_the_desks_that_its_reader_may_open_and_ends(staff_of_demo: Desk) -> None:
    browser = staff_of_demo.browser
    assert "begin-tour" in browser.get("/console").text
    everything = ["today", "start", "releases", "results", "comments", "set-up", "tablets", "care", "end"]
    assert walk(browser) == everything
    assert hint_of(browser.get("/console/log").text) == "end", "it waits on other pages"
    assert "tour-page" in browser.get("/console/log").text
    assert browser.post("/console/demo/tour").headers["location"] == "/console"
    assert hint_of(browser.get("/console").text) == "", "behind the last stop it is over"

    add_member(staff_of_demo.db, "eva", PASSWORD, Post("facilitator", "gent"))
    assert walk(staff_of_demo.sign_in("eva", staff_of_demo.other_browser())) == ["today", "start", "tablets", "end"]


def test_the_tour_is_stopped_at_any_stop_and_a_made_up_stop_is_none(staff_of_demo: Desk) -> None:
    browser = staff_of_demo.browser
    browser.post("/console/demo/tour")
    assert hint_of(browser.get("/console").text) == "today"
    browser.post("/console/demo/tour/stop")
    assert hint_of(browser.get("/console").text) == ""
    for sent in ("99", "0", "-1", "x", "1" * 5000):
        browser.cookies.set("tour", sent)
        reply = browser.get("/console")
        assert (reply.status_code, hint_of(reply.text)) == (200, "")


def test_a_real_installation_has_no_tour_and_nothing_to_reset(staff: Desk) -> None:
    staff.browser.cookies.set("tour", "1")
    page = staff.browser.get("/console").text
    assert hint_of(page) == ""
    assert "begin-tour" not in page
    assert "reset-demo" not in page
    for method, address in (
        ("POST", "/console/demo/tour"),
        ("GET", "/console/demo/reset"),
        ("POST", "/console/demo/reset"),
    ):
        assert staff.browser.request(method, address, data={"sure": "yes"}).status_code == 404, address
    assert len(list_projects(staff.db)) == 1


@pytest.fixture
def staff_of_demo(staff: Desk) -> Desk:
    """A desk that is served as a demonstration, without the time it takes to fill it."""
    staff.app.state.is_demo = True
    return staff


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[TestClient, Database, str]]:
    """The demonstration as its command serves it, its account signed in, and the code of its open session."""
    app = create_app(Settings(data_dir=tmp_path / "data"))
    state = app.state
    code = fill(state.database, state.questionnaires, state.languages, clock.today()).code
    password = ensure_account(app, tmp_path / "data" / SIGN_IN_FILE)
    offer_tour(app, code)
    with TestClient(app, headers=FROM_HERE, follow_redirects=False) as browser:
        assert browser.post("/console/sign-in", data={"name": NAME, "password": password}).status_code == 303
        yield browser, state.database, code


def content(db: Database) -> list[dict[str, object]]:
    documents = sessions.documents(db, sessions.list_codes(db))
    return sorted((json.loads(document) for _, document in documents), key=str)


def test_beginning_anew_asks_first_and_brings_back_exactly_what_was_made_up(
    demo: tuple[TestClient, Database, str], tmp_path: Path
) -> None:
    browser, db, code = demo
    before, places = content(db), list_organisations(db)
    assert len(before) == 240
    journeys.close_session(db, code, clock.now())
    browser.post("/console/organisations", data={"name": "CPAS de trop"})
    add_member(db, "eva", PASSWORD, Post("facilitator", "gent"))
    (tmp_path / "data" / "releases" / "r1").mkdir(parents=True)

    assert "reset-now" in browser.get("/console/demo/reset").text
    refused = browser.post("/console/demo/reset")
    assert refused.status_code == 422
    assert "Say first that what was tried may be thrown away." in refused.text
    assert staff.find_staff(db, "eva") is not None

    done = browser.post("/console/demo/reset", data={"sure": "yes"})
    assert (done.status_code, done.headers["location"]) == (303, "/console")
    assert browser.get("/console").status_code == 200, "whoever asked stays signed in"
    assert content(db) == before
    assert list_organisations(db) == places
    assert [session.code for session in sessions.list_open(db)] == [code], (
        "the picture that was printed still leads there"
    )
    assert staff.find_staff(db, "eva") is None
    assert not (tmp_path / "data" / "releases").exists()
    assert [path.name for path in (tmp_path / "data").iterdir() if path.name.startswith(".reset-")] == []
    assert browser.get("/console/care").status_code == 200
    password = (tmp_path / "data" / SIGN_IN_FILE).read_text("utf-8").split()[1]
    assert browser.post("/console/sign-in", data={"name": NAME, "password": password}).headers["location"] == "/console"
