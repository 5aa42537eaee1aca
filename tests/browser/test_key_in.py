"""Papers keyed in by keyboard alone: the keys are counted, and nothing of a paper is left on the page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from survey_app.fieldwork.rights import Post
from survey_app.foundation import clock
from survey_app.storage import staff
from survey_app.web.console.accounts import hash_token
from tests.browser.conftest import Server

pytestmark = pytest.mark.browser

QUESTIONS = ["helpful", "speaking", "doctor", "housing", "transport", "change", "age", "gender"]


class Hand:
    """A hand on the keyboard, whose presses are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def at(self) -> str | None:
        """Return the question under the hand."""
        return self.page.evaluate("document.activeElement.closest('fieldset')?.dataset.item ?? null")

    def said(self) -> list[str]:
        """Return what the page says now, as codes."""
        return self.page.locator("[data-say]:visible").evaluate_all("all => all.map(one => one.dataset.say)")


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    made = uuid4().hex
    name = f"keys {made[:8]}"
    staff.add_staff(server.db, staff.Staff(name, "no password", frozenset({Post("manager", "centre")})))
    staff.start_staff_session(server.db, hash_token(made), name, clock.now() + timedelta(hours=2), clock.now())
    return made


@pytest.fixture
def desk(context: BrowserContext, server: Server, token: str) -> BrowserContext:
    cookies = {"staff": token, "staff-language": "fr"}
    context.add_cookies([{"name": name, "value": value, "url": server.url} for name, value in cookies.items()])
    return context


def open_stack(page: Page, code: str) -> Hand:
    page.goto(f"/console/sessions/{code}/papers?language=ar")
    hand = Hand(page)
    expect(page.locator("[data-item=helpful] input").first).to_be_focused()
    return hand


def left(page: Page) -> dict[str, Any]:
    """Return whatever of a paper the page still holds."""
    return page.evaluate(
        """() => ({
          marked: document.querySelectorAll("[data-key-in] input:checked").length,
          kept: localStorage.length + sessionStorage.length + (history.state === null ? 0 : 1),
          address: /a-lot|helpful/.test(location.href),
        })"""
    )


def test_a_paper_takes_one_key_an_answer_and_the_last_one_comes_back_before_it_is_sent(
    desk: BrowserContext, page: Page, server: Server
) -> None:
    code = server.open_session()
    hand = open_stack(page, code)
    for place, digit in enumerate("12347"):
        assert hand.at() == QUESTIONS[place]
        hand.press(digit)
    assert hand.at() == "change"
    hand.press("1", "5", "Enter", "2", "3", "Enter")
    assert hand.pressed == len(QUESTIONS) + len(["a second answer", "after several answers", "next paper"])
    assert hand.at() == "helpful"
    expect(page.locator("[data-counted]")).to_have_text("1")
    assert server.responses(code) == [], "the last paper waits"

    before = hand.pressed
    hand.press(*"44440017", "Enter")  # a paper on which no wish is marked: a key a question, and one for the next paper
    assert hand.pressed - before == len(QUESTIONS) + 1
    (first,) = server.wait_for_responses(code, 1, page)
    assert first == {
        "questionnaire": "amif-exit",
        "version": 1,
        "language": "ar",
        "mode": "paper",
        "answers": {
            "helpful": "a-lot",
            "speaking": "a-little",
            "doctor": "not-much",
            "housing": "not-at-all",
            "change": ["more-hours", "childcare"],
            "age": "18-60",
            "gender": "non-binary",
        },
        "off_scale": {"transport": "not-understood"},
    }

    hand.press("Backspace")
    assert hand.said() == ["taken-back"]
    expect(page.locator("[data-counted]")).to_have_text("1")
    hand.press("1", "6")
    assert hand.said() == ["no-such-key"]
    assert hand.at() == "speaking"
    hand.press("Backspace")
    assert hand.at() == "helpful"
    hand.press(*"14440017", "Enter", "End")
    expect(page.locator("[data-say=all-sent]")).to_be_visible()
    second = next(one for one in server.wait_for_responses(code, 2, page) if one != first)
    assert second["answers"] == {
        "helpful": "a-lot",
        "speaking": "not-at-all",
        "doctor": "not-at-all",
        "housing": "not-at-all",
        "age": "under-18",
    }
    assert second["off_scale"] == {"gender": "not-understood"}
    assert left(page) == {"marked": 0, "kept": 0, "address": False}
    hand.press("Backspace")
    assert left(page)["marked"] == 0, "what is sent never comes back"

    hand.press(*"00000000", "Enter")
    assert hand.said() == ["nothing-marked"]
    assert len(server.responses(code)) == 2


def test_a_stack_keyed_in_twice_is_sent_once_it_agrees(desk: BrowserContext, page: Page, server: Server) -> None:
    code = server.open_session()
    hand = open_stack(page, code)
    page.locator("[data-action=twice]").press("Enter")
    for paper in ("11111011", "22222022"):
        hand.press(*paper, "Enter")
    expect(page.locator("[data-counted]")).to_have_text("2")
    hand.press("End")
    assert hand.said() == ["second"]
    hand.press(*"11311011", "Enter")
    assert hand.said() == ["differs"]
    assert hand.at() == "doctor"
    assert page.locator(".differs").count() == 1
    assert server.responses(code) == [], "nothing is sent before the stack agrees"
    hand.press("3", "Enter")  # the paper says so
    expect(page.locator("[data-of]")).to_have_text("/ 2")
    hand.press(*"22222022", "Enter")
    expect(page.locator("[data-say=all-sent]")).to_be_visible()
    stored = server.wait_for_responses(code, 2, page)
    assert sorted(one["answers"]["doctor"] for one in stored) == ["a-little", "not-much"]
    assert left(page) == {"marked": 0, "kept": 0, "address": False}


def test_what_does_not_arrive_stays_on_the_page_until_it_does(desk: BrowserContext, page: Page, server: Server) -> None:
    code = server.open_session()
    hand = open_stack(page, code)
    desk.set_offline(True)
    for paper in ("11111011", "22222022"):
        hand.press(*paper, "Enter")
    expect(page.locator("[data-say=waiting]")).to_be_visible()
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    desk.set_offline(False)
    cookies = desk.cookies()
    desk.clear_cookies()  # signed out meanwhile
    hand.press(*"33333033", "Enter")
    expect(page.locator("[data-say=waiting]")).to_be_visible()
    assert server.responses(code) == []
    desk.add_cookies(cookies)  # type: ignore[arg-type]
    page.locator("[data-action=send-again]").press("Enter")
    assert len(server.wait_for_responses(code, 2, page)) == 2
    page.locator("[data-item=helpful] input").first.focus()
    hand.press("End")
    expect(page.locator("[data-say=all-sent]")).to_be_visible()
    assert len(server.wait_for_responses(code, 3, page)) == 3


def test_a_mouse_and_a_screen_reader_find_every_box_by_its_name(
    desk: BrowserContext, page: Page, server: Server
) -> None:
    code = server.open_session()
    open_stack(page, code)
    groups = page.locator("fieldset[data-item]")
    for group in groups.all():
        group.get_by_role("radio").last.click()
        expect(group.get_by_role("radio").last).to_be_checked()
    assert groups.count() == len(QUESTIONS)
    helpful = page.get_by_role("group", name=re.compile(r"1 Le groupe m'aide"))
    helpful.get_by_role("radio", name="1 Oui, beaucoup").click()
    change = page.get_by_role("group", name=re.compile(r"6 Que faut-il changer"))
    change.get_by_role("checkbox").first.click()
    expect(change.get_by_role("radio").last).not_to_be_checked()
    page.locator("[data-action=next-paper]").click()
    page.locator("[data-action=finish]").click()
    (only,) = server.wait_for_responses(code, 1, page)
    assert only["answers"] == {"helpful": "a-lot", "change": ["more-hours"]}


def test_without_a_script_papers_come_in_by_a_plain_form(browser: Browser, server: Server, token: str) -> None:
    code = server.open_session()
    plain = browser.new_context(base_url=server.url, java_script_enabled=False, locale="nl-BE")
    plain.add_cookies([{"name": "staff", "value": token, "url": server.url}])
    page = plain.new_page()
    page.goto(f"/console/sessions/{code}/papers")
    page.locator("[data-action=begin-keying]").click()
    for name in QUESTIONS:
        page.locator(f"[data-item={name}] input[data-key='{9 if name == 'age' else 1}']").check()
    page.locator("[data-action=next-paper]").click()
    expect(page.locator("[data-counted]")).to_have_text("1")
    assert page.locator("input:checked").count() == 0
    (only,) = server.responses(code)
    assert (only["mode"], only["off_scale"]) == ("paper", {"age": "no-answer"})
    plain.close()
