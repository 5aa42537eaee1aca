"""The door of the console: who comes in, and how."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from starlette.testclient import TestClient

from survey_app.fieldwork.rights import Post
from survey_app.foundation import clock
from survey_app.foundation.settings import Settings
from survey_app.main import create_app
from survey_app.storage import staff as kept
from survey_app.storage.staff import Link
from survey_app.web.console.accounts import LINK_HOURS, TRIES_PER_ACCOUNT, WINDOW_MINUTES, add_member, make_link

if TYPE_CHECKING:
    from tests.console.conftest import Desk

PASSWORD = "four words are enough"


def link_to(desk: Desk, now: datetime | None = None) -> str:
    """A link for an administrator."""
    return make_link(desk.db, Link(Post("administrator")), LINK_HOURS, "", now or clock.now())


NEW = {"name": "Eva", "password": PASSWORD, "again": PASSWORD}


def test_a_stranger_is_led_to_the_door_and_back_to_the_page_asked_for(desk: Desk) -> None:
    asked = desk.browser.get("/console/releases")
    assert (asked.status_code, asked.headers["location"]) == (303, "/console/sign-in?next=/console/releases")
    form = {"name": "An ", "password": PASSWORD, "next": "/console/releases"}
    assert desk.browser.post("/console/sign-in", data=form).headers["location"] == "/console/releases"
    assert desk.browser.get("/console/releases").status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/console/..//x", "/console/\\x", "x"])
def test_nobody_is_led_to_another_site(desk: Desk, elsewhere: str) -> None:
    reply = desk.browser.post("/console/sign-in", data={"name": "an", "password": PASSWORD, "next": elsewhere})
    assert reply.headers["location"] == "/console"


def test_the_cookie_of_staff_is_hidden_from_pages_and_other_sites(desk: Desk) -> None:
    reply = desk.browser.post("/console/sign-in", data={"name": "an", "password": PASSWORD})
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith("staff=")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=118800"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_over_https_the_cookie_carries_the_host_prefix(desk: Desk) -> None:
    safe = TestClient(desk.app, base_url="https://desk.example", follow_redirects=False)
    form = {"name": "an", "password": PASSWORD}
    reply = safe.post("/console/sign-in", data=form, headers={"origin": "https://desk.example"})
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith("__Host-staff=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert safe.get("/console").status_code == 200


def test_the_database_keeps_neither_password_nor_token(desk: Desk, settings: Settings) -> None:
    desk.sign_in("an")
    token = desk.browser.cookies["staff"]
    stored = b"".join(path.read_bytes() for path in settings.data_dir.glob("survey.sqlite3*"))
    assert b"$argon2id$" in stored
    assert token.encode() not in stored
    assert PASSWORD.encode() not in stored


@pytest.mark.parametrize(("name", "password"), [("an", "a wrong password"), ("nobody", PASSWORD), ("", ""), ("an", "")])
def test_a_wrong_name_and_a_wrong_password_get_the_same_words(desk: Desk, name: str, password: str) -> None:
    reply = desk.browser.post("/console/sign-in", data={"name": name, "password": password})
    assert reply.status_code == 422
    assert "Name and password do not belong together." in reply.text
    assert f'name="name" value="{name}"' in reply.text
    assert "a wrong password" not in reply.text


def test_an_account_that_is_guessed_at_waits_and_others_do_not(desk: Desk) -> None:
    wrong = {"name": "an", "password": "guess guess guess"}
    replies = [desk.browser.post("/console/sign-in", data=wrong).status_code for _ in range(TRIES_PER_ACCOUNT + 1)]
    assert replies == [422] * TRIES_PER_ACCOUNT + [429]
    right = {"name": "AN", "password": PASSWORD}
    assert desk.browser.post("/console/sign-in", data=right).status_code == 429
    assert desk.browser.post("/console/sign-in", data={"name": "max", "password": PASSWORD}).status_code == 303
    with time_machine.travel(clock.now() + timedelta(minutes=WINDOW_MINUTES, seconds=1)):
        assert desk.other_browser().post("/console/sign-in", data=right).status_code == 303


def test_who_comes_in_begins_to_count_anew(desk: Desk) -> None:
    for _ in range(3):
        for _ in range(TRIES_PER_ACCOUNT - 1):
            desk.browser.post("/console/sign-in", data={"name": "an", "password": "oh, which one was it"})
        desk.sign_in("an")


def test_signing_out_ends_the_session_also_for_a_stolen_cookie(staff: Desk) -> None:
    thief = staff.other_browser()
    thief.cookies.set("staff", staff.browser.cookies["staff"])
    assert thief.get("/console").status_code == 200
    assert staff.browser.post("/console/sign-out").headers["location"] == "/console/sign-in"
    assert staff.browser.get("/console").status_code == 303
    assert thief.get("/console").status_code == 303


def test_a_session_of_staff_ends_by_itself(staff: Desk, settings: Settings) -> None:
    with time_machine.travel(clock.now() + timedelta(hours=settings.staff_hours, minutes=1)):
        assert staff.browser.get("/console").status_code == 303


def test_another_site_cannot_act_in_the_name_of_staff(staff: Desk) -> None:
    browser = TestClient(staff.app, cookies=dict(staff.browser.cookies), follow_redirects=False)
    form = {"module": "gent-samen/ict", "people": "9"}
    answers = [
        browser.post("/console/sessions", data=form, headers=headers).status_code
        for headers in (
            {"sec-fetch-site": "same-origin"},
            {"sec-fetch-site": "cross-site"},
            {"origin": "https://evil.example"},
            {"origin": "http://testserver"},
            {"sec-fetch-site": "same-site"},
            {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
            {"origin": "null"},
            {},
        )
    ]
    assert answers == [303, 403, 403, 303, 403, 403, 403, 403]


def test_nothing_larger_than_a_form_is_read(desk: Desk) -> None:
    form = {"name": "an", "password": PASSWORD}
    assert desk.browser.post("/console/sign-in", data=form | {"more": "x" * 16_384}).status_code == 413
    streamed = desk.browser.post("/console/sign-in", content=iter([b"name=an"]))
    assert streamed.status_code == 413
    assert desk.browser.post("/console/sign-in", data=form).status_code == 303


def test_the_first_administrator_comes_in_by_a_link_that_works_once(bare: Desk) -> None:
    link = link_to(bare)
    assert "Create the account of the administrator" in bare.browser.get(link).text
    assert bare.browser.get(link).status_code == 200
    used = bare.browser.post(link, data=NEW)
    assert (used.status_code, used.headers["location"]) == (303, "/console")
    assert "data-first-steps" in bare.browser.get("/console").text
    assert "eva" in bare.browser.get("/console/staff").text
    member = kept.find_staff(bare.db, "eva")
    assert member is not None
    assert member.posts == {Post("administrator")}
    again = bare.other_browser()
    assert again.get(link).status_code == 404
    assert again.post(link, data=NEW | {"name": "mallory"}).status_code == 404
    assert kept.count_staff(bare.db) == 1


def test_a_link_is_good_for_a_day(bare: Desk) -> None:
    link = link_to(bare, clock.now() - timedelta(hours=24, seconds=1))
    assert bare.browser.get(link).status_code == 404
    assert bare.browser.post(link, data=NEW).status_code == 404
    assert bare.browser.get("/console/first/guess").status_code == 404


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": "  "}, "Type a name."),
        ({"name": "x" * 61}, "This name can not be used."),
        ({"password": "elevenchars", "again": "elevenchars"}, "This password is too short."),
        ({"again": "four words are enoug"}, "The two passwords are different."),
    ],
)
def test_a_fault_stands_beside_its_field_and_the_name_is_not_lost(
    bare: Desk, changed: dict[str, str], told: str
) -> None:
    link = link_to(bare)
    reply = bare.browser.post(link, data=NEW | changed)
    assert reply.status_code == 422
    assert told in reply.text
    assert reply.text.count("autofocus") == 1
    assert f'value="{(NEW | changed)["name"]}"' in reply.text
    assert PASSWORD not in reply.text
    assert bare.browser.post(link, data=NEW).status_code == 303


def test_a_name_that_is_taken_leaves_the_link_good(bare: Desk) -> None:
    add_member(bare.db, "eva", PASSWORD, Post("reviewer"))
    link = link_to(bare)
    assert "This name is taken." in bare.browser.post(link, data=NEW).text
    assert bare.browser.post(link, data=NEW | {"name": "ada"}).status_code == 303


def test_no_reply_of_the_console_is_kept_by_a_browser(staff: Desk) -> None:
    code = staff.start_session()
    stranger = staff.other_browser()
    pages = ["", "/sessions/new", f"/sessions/{code}", f"/sessions/{code}/counter", f"/sessions/{code}/qr.svg"]
    pages += [f"/sessions/{code}/close", "/releases", "/releases/none", "/sign-in", "/first/x"]
    for page in pages:
        for browser in (staff.browser, stranger):
            reply = browser.get(f"/console{page}")
            assert reply.headers["cache-control"] == "no-store", page
            assert "default-src 'none'" in reply.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("nl-BE,fr;q=0.8", "nl"), ("de, en;q=0.5, fr;q=0.9", "fr"), ("", "fr"), ("*", "fr"), ("en;q=x, nl;q=0.1", "nl")],
)
def test_pages_come_in_the_language_that_the_browser_asks_for(desk: Desk, accepted: str, language: str) -> None:
    page = desk.browser.get("/console/sign-in", headers={"accept-language": accepted}).text
    assert f'<html lang="{language}"' in page


def test_the_switch_of_language_is_remembered_and_leads_back(desk: Desk) -> None:
    chosen = desk.browser.post("/console/language", data={"language": "nl", "next": "/console/sign-in"})
    assert chosen.headers["location"] == "/console/sign-in"
    assert '<html lang="nl"' in desk.browser.get("/console/sign-in").text
    desk.browser.post("/console/language", data={"language": "xx"})
    assert '<html lang="nl"' in desk.browser.get("/console/sign-in").text


def test_part_of_a_page_leads_the_whole_page_to_the_door(desk: Desk) -> None:
    reply = desk.browser.get("/console/sessions/123456/counter", headers={"hx-request": "true"})
    assert (reply.status_code, reply.headers["hx-redirect"]) == (204, "/console/sign-in")


def test_a_base_address_with_https_makes_the_cookie_safe_behind_a_proxy(settings: Settings) -> None:
    app = create_app(Settings(data_dir=settings.data_dir, base_url="https://desk.example"))
    add_member(app.state.database, "an", PASSWORD, Post("administrator"))
    browser = TestClient(app, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False)
    reply = browser.post("/console/sign-in", data={"name": "an", "password": PASSWORD})
    assert reply.headers["set-cookie"].startswith("__Host-staff=")
    app.state.database.close()
