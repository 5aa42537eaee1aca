"""Accounts: invitations, roles, forgotten passwords, the second step, signing out everywhere, and what was typed stays."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from survey_app.fieldwork.rights import Post
from survey_app.foundation import clock
from survey_app.storage import audit, sessions
from survey_app.storage import staff as kept
from survey_app.web.console import accounts
from survey_app.web.console.accounts import TRIES_PER_ACCOUNT, add_member, code_at, find_step, password_fault

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.console.conftest import Desk

PASSWORD = "four words are enough"
OTHER = "five other words than before"
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890", the key of RFC 6238's examples


def deeds(desk: Desk, most: int = 20) -> list[tuple[str, str, str]]:
    entries = audit.list_latest(desk.db, most)
    return [(entry.deed.who, entry.deed.action, entry.deed.subject) for entry in reversed(entries)]


def link_in(page: str) -> str:
    found = re.search(r'value="http://testserver(/console/first/[^"]+)"', page)
    assert found is not None
    return found[1]


def test_an_invitation_becomes_an_account_with_its_role_and_the_log_says_who_made_both(staff: Desk) -> None:
    made = staff.browser.post("/console/staff/invite", data={"role": "facilitator", "organisation": "gent"})
    link = link_in(made.text)
    newcomer = staff.other_browser()
    assert "OCMW Gent" in newcomer.get(link).text
    reply = newcomer.post(link, data={"name": "Eva", "password": PASSWORD, "again": PASSWORD})
    assert (reply.status_code, reply.headers["location"]) == (303, "/console")
    member = kept.find_staff(staff.db, "eva")
    assert member is not None
    assert member.posts == {Post("facilitator", "gent")}
    assert newcomer.get("/console/sessions/new").status_code == 200
    assert newcomer.get("/console/releases").status_code == 404
    assert deeds(staff)[:2] == [("an", "invited", "facilitator of gent"), ("eva", "account-made", "")]
    assert staff.other_browser().get(link).status_code == 404


def test_a_link_that_went_to_the_wrong_person_is_withdrawn_before_it_is_used_and_stands_in_the_log(staff: Desk) -> None:
    invitation = staff.browser.post("/console/staff/invite", data={"role": "manager", "organisation": "gent"})
    wrong, forgotten = link_in(invitation.text), link_in(staff.browser.post("/console/staff/max/link").text)
    page = staff.browser.get("/console/staff").text
    assert "Project manager (OCMW Gent)" in page
    assert "New password of max" in page
    assert "made by an" in page
    assert wrong.rpartition("/")[2] not in page, "nobody comes in by what the page shows"
    ways = re.findall(r'action="(/console/staff/links/[0-9a-f]+/withdraw)"', page)
    assert len(ways) == 2, "the first one ends first: a password is renewed within a day"
    assert staff.browser.post(ways[1]).headers["location"] == "/console/staff?done=withdrawn#invited"
    stranger = staff.other_browser()
    form = {"name": "eva", "password": PASSWORD, "again": PASSWORD}
    assert (stranger.get(wrong).status_code, stranger.post(wrong, data=form).status_code) == (404, 404)
    assert kept.find_staff(staff.db, "eva") is None
    assert deeds(staff)[-1] == ("an", "link-withdrawn", "manager of gent")
    again = staff.browser.post(ways[1])
    assert again.headers["location"] == "/console/staff?done=not-open#invited"
    assert "an account that you do not know" in staff.browser.get(again.headers["location"]).text
    assert stranger.get(forgotten).status_code == 200, "the other one stays good"


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, "Choose a role."),
        ({"role": "king", "organisation": "gent"}, "Choose a role."),
        ({"role": "manager"}, "Choose the organisation where this person works."),
        ({"role": "manager", "organisation": "nowhere"}, "Choose the organisation where this person works."),
    ],
)
def test_an_invitation_without_role_or_place_says_what_is_missing(staff: Desk, form: dict[str, str], told: str) -> None:
    reply = staff.browser.post("/console/staff/invite", data=form)
    assert reply.status_code == 422
    assert told in reply.text
    assert reply.text.count("autofocus") == 1
    assert "/console/first/" not in reply.text


def test_roles_are_given_and_taken_and_open_and_close_desks_at_once(staff: Desk) -> None:
    other = staff.sign_in("max", staff.other_browser())
    assert other.get("/console/log").status_code == 404
    staff.browser.post("/console/staff/max/posts", data={"role": "administrator"})
    assert other.get("/console/log").status_code == 200
    taken = {"role": "administrator", "organisation": ""}
    assert staff.browser.post("/console/staff/max/posts/remove", data=taken).status_code == 303
    assert other.get("/console/log").status_code == 404
    assert [deed[1:] for deed in deeds(staff) if deed[0] == "an"] == [
        ("role-given", "staff max: administrator"),
        ("role-taken", "staff max: administrator"),
    ]


def test_the_last_administrator_stays(staff: Desk) -> None:
    for address, form in (("posts/remove", {"role": "administrator"}), ("remove", {"sure": "yes"})):
        reply = staff.browser.post(f"/console/staff/an/{address}", data=form)
        assert reply.status_code == 422
        assert "Nobody else is administrator." in reply.text
    member = kept.find_staff(staff.db, "an")
    assert member is not None
    assert Post("administrator") in member.posts


def test_an_account_is_removed_only_on_purpose_and_is_signed_out_by_that(staff: Desk) -> None:
    other = staff.sign_in("max", staff.other_browser())
    assert "Tick the box if you mean it." in staff.browser.post("/console/staff/max/remove").text
    assert other.get("/console").status_code == 200
    assert staff.browser.post("/console/staff/max/remove", data={"sure": "yes"}).status_code == 303
    assert other.get("/console").headers["location"] == "/console/sign-in"
    assert kept.find_staff(staff.db, "max") is None


def test_a_removed_account_is_given_back_as_it_was_within_thirty_days_and_is_gone_afterwards(staff: Desk) -> None:
    before = kept.find_staff(staff.db, "max")
    link = link_in(staff.browser.post("/console/staff/max/link").text)
    staff.browser.post("/console/staff/max/remove", data={"sure": "yes"})
    page = staff.browser.get("/console/staff").text
    assert "Removed accounts" in page
    assert 'href="/console/staff/max"' not in page
    stranger = staff.other_browser()
    assert stranger.post("/console/sign-in", data={"name": "max", "password": PASSWORD}).status_code != 303
    assert "This link was used or withdrawn, or is too old." in stranger.get(link).text
    assert staff.browser.post("/console/staff/max/give-back").headers["location"] == "/console/staff/max"
    assert kept.find_staff(staff.db, "max") == before
    assert ("an", "account-given-back", "staff max") in deeds(staff)
    staff.sign_in("max", staff.other_browser())
    assert staff.browser.post("/console/staff/max/give-back").status_code == 303, "a second tap changes nothing"

    staff.browser.post("/console/staff/max/remove", data={"sure": "yes"})
    assert kept.forget_removed(staff.db, clock.now() + timedelta(days=29)) == 0
    assert not kept.list_removed(staff.db, clock.now() + timedelta(days=30))
    assert kept.forget_removed(staff.db, clock.now() + timedelta(days=30)) == 1
    assert staff.browser.post("/console/staff/max/give-back").status_code == 404


def test_who_is_invited_under_the_name_of_a_removed_account_has_none_of_its_roles(staff: Desk) -> None:
    staff.browser.post("/console/staff/max/remove", data={"sure": "yes"})
    add_member(staff.db, "max", OTHER, Post("facilitator", "gent"))
    member = kept.find_staff(staff.db, "max")
    assert member is not None
    assert member.posts == {Post("facilitator", "gent")}
    assert not kept.list_removed(staff.db, clock.now())


def test_a_removed_administrator_is_not_the_one_that_must_stay(staff: Desk) -> None:
    add_member(staff.db, "bo", OTHER, Post("administrator"))
    assert staff.browser.post("/console/staff/bo/remove", data={"sure": "yes"}).status_code == 303
    assert "Nobody else is administrator." in staff.browser.post("/console/staff/an/remove", data={"sure": "yes"}).text


def test_who_forgot_the_password_gets_a_link_for_a_new_one_and_no_other_name_by_it(staff: Desk) -> None:
    signed_in = staff.sign_in("max", staff.other_browser())
    link = link_in(staff.browser.post("/console/staff/max/link").text)
    forgetful = staff.other_browser()
    assert 'value="max" readonly' in forgetful.get(link).text
    form = {"name": "an", "password": OTHER, "again": OTHER}
    assert forgetful.post(link, data=form).headers["location"] == "/console/sign-in"
    assert signed_in.get("/console").status_code == 303, "signed out everywhere"
    assert forgetful.post("/console/sign-in", data={"name": "max", "password": OTHER}).status_code == 303
    assert accounts.check_password(staff.db, "an", OTHER) is None
    assert forgetful.post(link, data=form).status_code == 404, "used up"


def test_the_password_is_changed_by_who_knows_it_and_every_browser_signed_out(staff: Desk) -> None:
    form = {"current": PASSWORD, "password": OTHER, "again": OTHER}
    wrong = staff.browser.post("/console/account/password", data=form | {"current": "not this one"})
    assert (wrong.status_code, "This is not your password." in wrong.text) == (422, True)
    assert OTHER not in wrong.text
    assert staff.browser.post("/console/account/password", data=form).status_code == 303
    assert staff.browser.get("/console").status_code == 303
    assert accounts.check_password(staff.db, "an", OTHER) is not None


def test_signing_out_everywhere_reaches_the_other_browser(staff: Desk) -> None:
    other = staff.sign_in("an", staff.other_browser())
    third = staff.sign_in("max", staff.other_browser())
    staff.browser.post("/console/account/sign-out-everywhere")
    assert other.get("/console").status_code == 303
    assert third.get("/console").status_code == 200, "somebody else's"


@pytest.mark.parametrize(
    "password",
    [
        "Password2026!",
        "azertyuiop12",
        "123456789012",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "annemarie2026!",
        "...............",
        "!!Charleroi2026!!",
    ],
)
def test_a_password_that_others_try_first_is_refused(password: str) -> None:
    assert password_fault(password, "annemarie") == "password-common"


@pytest.mark.parametrize("password", [PASSWORD, "كلمات لا يعرفها غيري", "Le petit chat de Binche", "xk7-Qm2-vv9-Lp4"])
def test_a_few_words_of_ones_own_are_a_password_in_every_script(password: str) -> None:
    assert password_fault(password, "annemarie") is None


@pytest.mark.parametrize(
    ("moment", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_rfc_6238(moment: int, code: str) -> None:
    assert code_at(RFC_SECRET, moment // 30) == code
    now = datetime.fromtimestamp(moment, tz=clock.BELGIUM)
    assert find_step(RFC_SECRET, f"{code[:3]} {code[3:]}", now) == moment // 30
    assert find_step(RFC_SECRET, code, now + timedelta(seconds=90)) is None


def set_second_step(browser: TestClient) -> str:
    page = browser.get("/console/account/second-step").text
    secret = re.search(r'name="secret" value="([A-Z2-7]{32})"', page)
    assert secret is not None
    code = code_at(secret[1], int(clock.now().timestamp()) // 30)
    wrong = browser.post("/console/account/second-step", data={"secret": secret[1], "code": "nothing"})
    assert (wrong.status_code, secret[1] in wrong.text) == (422, True)
    reply = browser.post("/console/account/second-step", data={"secret": secret[1], "code": code})
    assert reply.status_code == 303
    return secret[1]


def test_with_a_second_step_the_password_alone_lets_nobody_in_and_a_code_is_good_once(staff: Desk) -> None:
    with time_machine.travel(clock.now(), tick=False) as travel:
        secret = set_second_step(staff.browser)
        browser = staff.other_browser()
        asked = browser.post("/console/sign-in", data={"name": "an", "password": PASSWORD, "next": "/console/log"})
        assert (asked.status_code, "six digits" in asked.text) == (200, True)
        assert browser.get("/console/log").status_code == 303, "not signed in yet"
        code = code_at(secret, int(clock.now().timestamp()) // 30)
        wrong = browser.post("/console/sign-in/code", data={"code": "000000" if code != "000000" else "111111"})
        assert (wrong.status_code, "This code is not right" in wrong.text) == (422, True)
        let_in = browser.post("/console/sign-in/code", data={"code": code, "next": "/console/log"})
        assert let_in.headers["location"] == "/console/log"
        assert browser.get("/console/log").status_code == 200

        again = staff.other_browser()
        again.post("/console/sign-in", data={"name": "an", "password": PASSWORD})
        assert again.post("/console/sign-in/code", data={"code": code}).status_code == 422, "used before"
        travel.shift(timedelta(seconds=30))
        later = code_at(secret, int(clock.now().timestamp()) // 30)
        assert again.post("/console/sign-in/code", data={"code": later}).status_code == 303


def test_codes_are_guessed_a_few_times_only(staff: Desk) -> None:
    set_second_step(staff.browser)
    browser = staff.other_browser()
    browser.post("/console/sign-in", data={"name": "an", "password": PASSWORD})
    tries = [
        browser.post("/console/sign-in/code", data={"code": "x"}).status_code for _ in range(TRIES_PER_ACCOUNT + 1)
    ]
    assert tries == [422] * TRIES_PER_ACCOUNT + [429]


def test_a_lost_phone_is_forgiven_by_the_administrator(staff: Desk) -> None:
    browser = staff.sign_in("max", staff.other_browser())
    set_second_step(browser)
    staff.browser.post("/console/staff/max/second-step/remove")
    assert browser.get("/console").status_code == 303, "signed out with it"
    assert browser.post("/console/sign-in", data={"name": "max", "password": PASSWORD}).status_code == 303
    assert ("an", "second-step-removed", "staff max") in deeds(staff)


def test_a_whole_office_behind_one_address_is_never_locked_out_by_one_of_them(desk: Desk) -> None:
    for number in range(80):
        desk.browser.post("/console/sign-in", data={"name": f"nobody-{number}", "password": "wrong and long"})
    assert desk.browser.post("/console/sign-in", data={"name": "an", "password": PASSWORD}).status_code == 303


def carried(page: str) -> dict[str, Any]:
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in fields}


def test_what_was_typed_into_a_form_survives_the_end_of_the_sign_in(staff: Desk) -> None:
    with time_machine.travel(clock.now() + timedelta(hours=10)):
        sent = staff.browser.post("/console/sessions", data={"module": "gent-samen/ict", "people": "17"})
        assert sent.status_code == 200
        assert "What you typed is kept" in sent.text
        assert sessions.list_all(staff.db) == ()
        form = carried(sent.text)
        failed = staff.browser.post("/console/sign-in", data=form | {"name": "an", "password": "not this one"})
        form = carried(failed.text)
        back = staff.browser.post("/console/sign-in", data=form | {"name": "an", "password": PASSWORD})
        assert "You are signed in again" in back.text
        assert 'action="/console/sessions"' in back.text
        resumed = staff.browser.post("/console/sessions", data=carried(back.text))
        assert resumed.headers["location"].startswith("/console/sessions/")
        assert [session.people for session in sessions.list_all(staff.db)] == [17]


def test_what_was_typed_goes_to_nobody_else_and_holds_no_password(staff: Desk) -> None:
    with time_machine.travel(clock.now() + timedelta(hours=10)):
        secret = {"current": PASSWORD, "password": OTHER, "again": OTHER, "note": "typed"}
        sent = staff.browser.post("/console/account/password", data=secret)
        assert PASSWORD not in sent.text
        assert OTHER not in sent.text
        form = carried(sent.text)
        other = staff.browser.post("/console/sign-in", data=form | {"name": "max", "password": PASSWORD})
        assert (other.status_code, other.headers["location"]) == (303, "/console")


def test_a_stranger_who_sends_a_form_gets_nothing_back(desk: Desk) -> None:
    sent = desk.browser.post("/console/sessions", data={"module": "gent-samen/ict", "people": "17"})
    assert (sent.status_code, "kept" in sent.text) == (200, False)
    assert sessions.list_all(desk.db) == ()


@pytest.mark.parametrize("kept_form", ["{", "[]", '{"to": "https://evil.example", "typed": [], "was": "an"}', "x" * 99])
def test_a_kept_form_that_is_none_of_ours_is_forgotten(desk: Desk, kept_form: str) -> None:
    form = {"name": "an", "password": PASSWORD, "kept": kept_form}
    assert desk.browser.post("/console/sign-in", data=form).headers["location"] == "/console"


def test_a_kept_form_leads_to_no_other_site(desk: Desk) -> None:
    written = '{"to": "https://evil.example/console", "typed": [["a", "b"]], "was": "an"}'
    page = desk.browser.post("/console/sign-in", data={"name": "an", "password": PASSWORD, "kept": written}).text
    assert 'action="/console"' in page
    assert "evil" not in page


def test_the_log_shows_who_did_what_to_administrators_only(staff: Desk) -> None:
    staff.start_session()
    page = staff.browser.get("/console/log").text
    assert "started a session" in page
    assert "every entry is as it was written" in page
    assert staff.sign_in("max", staff.other_browser()).get("/console/log").status_code == 404
    add_member(staff.db, "eva", PASSWORD, Post("editor"))
    eva = staff.sign_in("eva", staff.other_browser())
    assert eva.get("/console").headers["location"] == "/console/languages"
    assert eva.get("/console/log").status_code == 404
