"""Staff pages that one meets seldom: no barrier on them either; and a sign-in at a real identity provider."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from browser.barriers import SCREENS, WIDTHS, find_barriers
from fastapi import FastAPI
from guards.test_rights import keep_release
from identity_provider import PASSWORD as PASSWORD_THERE
from identity_provider import IdentityProvider, run_identity_provider
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from uvicorn import Server

from survey_app.backup.restoring import Restored
from survey_app.commands.serve import configure
from survey_app.fieldwork.rights import Post
from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.foundation import clock
from survey_app.foundation.periods import period_of
from survey_app.journeys import ReleaseRequest
from survey_app.main import create_app
from survey_app.storage import staff
from survey_app.storage.audit import Deed
from survey_app.storage.copying import CopyFacts
from survey_app.storage.database import Database
from survey_app.storage.staff import Identity, Link
from survey_app.storage.structure import write_structure
from survey_app.web.console import leaving, restoring
from survey_app.web.console.accounts import add_member, draw_secret, make_link
from survey_app.web.console.making import Making, Order
from survey_app.web.console.starting import FEW_PROJECTS
from survey_app.web.kit.pages import show

pytestmark = pytest.mark.browser

PASSWORD = "four words are enough"
PERIOD = period_of(clock.today()).code


@dataclass(frozen=True)
class Place:
    """An installation in this process, and where a browser finds it."""

    app: FastAPI
    url: str

    @property
    def db(self) -> Database:
        database = self.app.state.database
        assert isinstance(database, Database)
        return database

    def invite(self) -> str:
        return make_link(self.db, Link(Post("editor")), 24, "an", clock.now())

    def link_for_a_password(self) -> str:
        return make_link(self.db, Link(staff="an"), 24, "an", clock.now())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("rare")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://localhost:{listening.getsockname()[1]}"
        with run_identity_provider(folder, url, "an.there", "eve") as real:
            app = _install(real, folder / "data", url)
            server = Server(configure(app))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            try:
                yield Place(app, url)
            finally:
                server.should_exit = True
                thread.join(timeout=60)


def _install(real: IdentityProvider, data_dir: Path, url: str) -> FastAPI:
    app = create_app(real.settings(data_dir, url))
    db = app.state.database
    codes = [f"project-{number}" for number in range(FEW_PROJECTS + 1)]
    write_structure(
        db,
        [Organisation("centre", "Centre")],
        [Project(code, "centre", code, "amif-exit", 1, frozenset({"speaking"}), ("fr",)) for code in codes],
        [Module("base", "Base", code) for code in codes],
    )
    add_member(db, "an", PASSWORD, Post("administrator"), Post("reviewer"), Post("manager", "centre"))
    add_member(db, "nobody", PASSWORD)
    add_member(db, "careful", PASSWORD)
    staff.change_second_step(db, "careful", draw_secret(), Deed("careful", "second-step-set"), clock.now())
    keep_release(db, "centre", "public", [])
    _order(app, "being-made", None)
    _order(app, "never-made", "nothing-to-count")
    return app


def _order(app: FastAPI, name: str, outcome: Literal["nothing-to-count"] | None) -> None:
    order = Order("an", ReleaseRequest("inside", PERIOD, "project-1"), session="123456" if outcome else "")
    app.state.makings._known[name] = Making(name, order, outcome)


def sign_in(page: Page, name: str) -> None:
    page.goto("/console/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.locator("button.main").click()


def _door(page: Page, place: Place) -> Iterator[str]:
    page.goto("/console/sign-in")
    yield "sign-in with an identity provider"
    page.locator("[data-action=provider]").click()
    expect(page.locator("a[data-action=provider]")).to_be_visible()
    yield "on the way to the provider"
    page.goto("/console/sign-in/provider/return?state=x&code=y")
    yield "not let in by the provider"
    sign_in(page, "careful")
    expect(page.locator("#code")).to_be_visible()
    yield "second step"
    page.fill("#code", "000000")
    page.locator("button.main").click()
    yield "second step, wrong"
    for name, link in (("invited", place.invite()), ("new password", place.link_for_a_password())):
        page.goto(link)
        yield name
    page.goto("/console/first/used-up")
    yield "a link that is gone"
    sign_in(page, "nobody")
    page.wait_for_url("**/console")
    yield "no desk"
    page.context.clear_cookies(name="staff")


def _out_and_in(page: Page, place: Place) -> Iterator[str]:
    page.goto("/console/set-up/projects/new")
    page.fill("#name", "Paroles")
    with place.db.writing() as connection:
        connection.exec_driver_sql("UPDATE staff_session SET expires = '2026-01-01 00:00:00.000000' WHERE staff = 'an'")
    page.locator("[data-action=save-project]").evaluate("button => { button.form.noValidate = true; }")
    page.locator("[data-action=save-project]").click()
    expect(page.locator("#password")).to_be_visible()
    yield "signed out, what was typed is kept"
    page.fill("#password", PASSWORD)
    page.locator("button.main").click()
    expect(page.locator("[data-action=resume]")).to_be_visible()
    yield "signed in again"


def _linked(page: Page, place: Place) -> Iterator[str]:
    page.goto("/console/account?problem=provider-linked-elsewhere")
    yield "account, not linked"
    issuer = place.app.state.settings.oidc_issuer
    assert staff.link_identity(place.db, "an", Identity(issuer, "an"), Deed("an", "provider-linked"), clock.now())
    for address in ("/console/account?done=provider-linked", "/console/staff/an", "/console/log"):
        page.goto(address)
        yield f"{address}, linked"
    staff.unlink_identity(place.db, "an", Deed("an", "provider-unlinked"), clock.now())


def _desks(page: Page, place: Place) -> Iterator[str]:
    for name, address in {
        "many groups": "/console/sessions/new",
        "no group found": "/console/sessions/new?find=zzz",
        "a release being made": "/console/releases/making/being-made",
        "no report of a session": "/console/releases/making/never-made",
        "a release without its files": "/console/releases/centre-public",
    }.items():
        assert page.goto(address).status == 200, name  # type: ignore[union-attr]
        yield name
    page.goto("/console/care/restore")
    page.set_input_files("#file", {"name": "a.backup", "mimeType": "application/x", "buffer": b"a backup"})
    page.fill("#passphrase", "four words of a backup")
    page.fill("#password", PASSWORD)
    page.check("input[name=sure]")
    page.locator("[data-action=restore-now]").click()
    expect(page.locator("#password")).to_have_count(0)
    yield "a backup brought back"


@pytest.mark.parametrize(("tag", "width", "scheme"), SCREENS)
def test_no_rare_state_of_the_console_has_a_barrier_or_scrolls_sideways(
    browser: Browser,
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    tag: str,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    back = Restored(CopyFacts(3, 40, 1, 2), Path("set-aside"))
    monkeypatch.setattr(restoring, "_restore", lambda *_: back)  # what it does is tried elsewhere: this is its page
    monkeypatch.setattr(leaving, "show", lambda template, page, **_: show(template, page))  # it stays, to be looked at
    size: ViewportSize = {"width": width, "height": WIDTHS[width]}
    context = browser.new_context(base_url=place.url, locale=f"{tag}-BE", viewport=size, color_scheme=scheme)
    page = context.new_page()
    found: dict[str, list[str]] = {}

    def look(states: Callable[[Page, Place], Iterator[str]]) -> None:
        for name in states(page, place):
            found[name] = find_barriers(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert page.locator("html").get_attribute("lang") == tag

    look(_door)
    sign_in(page, "an")
    page.wait_for_url("**/console")
    for states in (_out_and_in, _linked, _desks):
        look(states)
    context.close()
    assert len(found) == 21
    assert {name: barriers for name, barriers in found.items() if barriers} == {}


def test_somebody_links_an_account_and_comes_in_by_a_real_provider_without_javascript(
    browser: Browser, place: Place
) -> None:
    context = browser.new_context(base_url=place.url, locale="fr-BE", java_script_enabled=False)
    page = context.new_page()
    sign_in(page, "an")
    page.goto("/console/account")
    page.fill("#provider", PASSWORD)
    page.locator("section:has(#provider) button").click()
    _sign_in_there(page, place)
    page.wait_for_url("**/console/account?done=provider-linked")
    _leave(page, context)
    page.goto("/console/sign-in?next=/console/staff")
    page.locator("[data-action=provider]").click()
    _sign_in_there(page, place)
    page.wait_for_url("**/console/staff")
    context.close()


def _sign_in_there(page: Page, place: Place) -> None:
    page.wait_for_url(f"{place.app.state.settings.oidc_issuer}/**", wait_until="commit")
    page.fill("input[name=username]", "an.there")
    page.fill("input[name=password]", PASSWORD_THERE)
    page.keyboard.press("Enter")


def _leave(page: Page, context: BrowserContext) -> None:
    page.locator("form[action='/console/sign-out'] button").first.click()
    page.wait_for_url("**/console/sign-in")
    context.clear_cookies()
