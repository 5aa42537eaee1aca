"""A comment by voice or text on the real server: said with a (made-up) microphone, heard again, deleted, kept, sent apart."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import builders
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import text

from survey_app.collection.comment import Comment, Spoken, Written
from survey_app.fieldwork.rights import Post
from survey_app.storage import sessions
from survey_app.storage.comments import keep_comment
from survey_app.storage.store_response import keep
from survey_app.web.console.accounts import add_member

pytestmark = pytest.mark.browser

BOX = """() => new Promise((resolve) => {
  const request = indexedDB.open("survey-app-comments", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("comments", { keyPath: "id" });
  request.onsuccess = () => {
    const read = request.result.transaction("comments").objectStore("comments").getAll();
    read.onsuccess = () => {
      request.result.close();
      resolve(read.result);
    };
  };
})"""
LATER = 7 * 60 * 1000  # milliseconds: every comment's moment has come


def come_to_comment(tablet, code: str, language: str = "fr") -> None:
    tablet.begin(code, language)
    while tablet.item != "more":
        tablet.page.locator("[data-action=answer]:visible").first.click()
        tablet.press("next")
    tablet.page.wait_for_selector("[data-item=more][data-state]")


def speak(tablet, seconds: float = 1.0) -> None:
    tablet.press("record")
    expect(tablet.page.locator("[data-item=more]")).to_have_attribute("data-state", "recording")
    tablet.page.wait_for_timeout(seconds * 1000)
    tablet.press("stop")
    expect(tablet.page.locator("[data-item=more]")).to_have_attribute("data-state", "recorded")


def box(page: Page) -> list[dict[str, Any]]:
    return page.evaluate(BOX)


def stored(server) -> list[dict[str, Any]]:
    with server.db.reading() as connection:
        return [dict(row) for row in connection.execute(text("SELECT * FROM comment")).mappings()]


def wait_for_stored(server, page: Page, number: int) -> list[dict[str, Any]]:
    for _ in range(60):
        if len(stored(server)) >= number:
            break
        page.wait_for_timeout(250)
    return stored(server)


def finish(tablet) -> None:
    tablet.press("next")
    tablet.send()


@pytest.fixture
def heard(context: BrowserContext) -> BrowserContext:
    """A tablet whose microphone may be used."""
    context.grant_permissions(["microphone"])
    return context


@pytest.fixture(autouse=True)
def _nothing_said_before(server) -> None:
    with server.db.writing() as connection:
        connection.execute(text("DELETE FROM comment"))


def test_words_are_said_heard_deleted_said_again_kept_and_sent_apart(server, tablet, heard) -> None:
    code = server.open_session("talk")
    page = tablet.page
    come_to_comment(tablet, code)
    expect(page.get_by_text("Ne dites pas de noms.")).to_be_visible()
    tablet.press("speak")
    speak(tablet)
    tablet.press("listen")
    tablet.press("delete")
    expect(page.locator("[data-item=more]")).to_have_attribute("data-state", "ready")
    speak(tablet, 2)
    tablet.press("keep")
    expect(page.locator("[data-item=more] .well-done")).to_be_visible()
    finish(tablet)
    response = server.stored(code)
    assert "more" not in response["answers"]

    page.wait_for_timeout(500)
    (waiting,) = box(page)
    assert set(waiting) == {"id", "session", "key", "sealed", "due"}
    assert stored(server) == [], "it waits for its own moment"
    page.clock.install()
    page.clock.set_system_time(page.evaluate("Date.now()") / 1000 + LATER / 1000)
    tablet.press("next-person")
    (row,) = wait_for_stored(server, page, 1)
    assert 12_000 < len(row["spoken"]) < 40_000
    assert len(set(row["spoken"])) > 10, "the microphone's beeps are in it"
    assert (row["project"], row["stage"], row["written"]) == ("talk", "waiting", None)
    page.wait_for_timeout(300)
    assert box(page) == []


def test_what_is_said_without_a_network_waits_and_gets_there_once(server, tablet, heard) -> None:
    code = server.open_session("talk")
    tablet.kept_offline(code)
    heard.set_offline(True)
    come_to_comment(tablet, code)
    tablet.press("speak")
    speak(tablet)
    tablet.press("keep")
    finish(tablet)
    tablet.page.wait_for_timeout(500)
    assert len(box(tablet.page)) == len(tablet.waiting()) == 1

    tablet.page.clock.install()
    tablet.page.clock.set_system_time(tablet.page.evaluate("Date.now()") / 1000 + LATER / 1000)
    heard.set_offline(False)
    tablet.press("next-person")
    assert len(wait_for_stored(server, tablet.page, 1)) == 1
    assert len(server.wait_for_responses(code, 1, tablet.page)) == 1
    assert tablet.waiting() == box(tablet.page) == []


@pytest.mark.parametrize("end", ["leave", "no keep", "nothing"])
def test_what_is_not_kept_leaves_nothing_behind(server, tablet, heard, end) -> None:
    code = server.open_session("talk")
    come_to_comment(tablet, code)
    tablet.press("speak")
    speak(tablet)
    if end == "leave":
        tablet.press("keep")
        tablet.press("leave")
        tablet.page.wait_for_url(f"**/s/{code}")
    elif end == "no keep":
        finish(tablet)
    else:
        tablet.press("delete")
        tablet.page.locator("[data-comment=nothing]:visible").click()
        tablet.send()
    tablet.page.wait_for_timeout(500)
    assert box(tablet.page) == []


def test_next_works_without_a_word(server, tablet) -> None:
    code = server.open_session("talk")
    come_to_comment(tablet, code)
    finish(tablet)
    server.stored(code)
    assert box(tablet.page) == []


def test_where_the_microphone_is_refused_one_can_write(server, tablet) -> None:
    code = server.open_session("talk")
    come_to_comment(tablet, code)
    tablet.press("speak")
    tablet.press("record")
    expect(tablet.page.locator("textarea")).to_be_visible()
    expect(tablet.page.locator("[data-comment=speak]")).to_be_hidden()
    tablet.page.locator("textarea").fill("ስመይ ... Plus d'heures")
    finish(tablet)
    tablet.page.wait_for_timeout(500)
    (waiting,) = box(tablet.page)
    assert "heures" not in json.dumps(waiting, ensure_ascii=False), "sealed while it waits"
    tablet.page.clock.install()
    tablet.page.clock.set_system_time(tablet.page.evaluate("Date.now()") / 1000 + LATER / 1000)
    tablet.press("next-person")
    assert [row["written"] for row in wait_for_stored(server, tablet.page, 1)] == ["ስመይ ... Plus d'heures"]


def test_recording_ends_by_itself_after_a_minute_and_nobody_is_thrown_out_meanwhile(server, tablet, heard) -> None:
    code = server.open_session("talk")
    page = tablet.page
    page.add_init_script(  # a minute passes in two seconds: the ear hears thirty times as much
        "const was = MessagePort.prototype.__lookupSetter__('onmessage');"
        "Object.defineProperty(MessagePort.prototype, 'onmessage', { set(act) { was.call(this, act && ((event) => {"
        " for (let time = 0; time < 30; time += 1) act.call(this, event); })); } });"
    )
    come_to_comment(tablet, code)
    tablet.press("speak")
    tablet.press("record")
    expect(page.locator("[data-item=more]")).to_have_attribute("data-state", "recorded", timeout=15_000)
    tablet.press("keep")
    finish(tablet)
    page.wait_for_timeout(500)
    (waiting,) = box(page)
    assert len(waiting["sealed"]) * 3 // 4 > 480_000


def test_responses_that_wait_from_an_older_version_are_still_there(server, tablet) -> None:
    code = server.open_session("talk")
    page = tablet.page
    page.goto("/")
    body = json.dumps(builders.build_raw(version=2, answers={"helpful": "a-lot"}, off_scale={}))
    page.evaluate(
        """([session, body]) => new Promise((resolve) => {
          indexedDB.deleteDatabase("survey-app-outbox").onsuccess = () => {
            const request = indexedDB.open("survey-app-outbox", 1);
            request.onupgradeneeded = () => request.result.createObjectStore("responses", { keyPath: "id" });
            request.onsuccess = () => {
              const transaction = request.result.transaction("responses", "readwrite");
              const id = "0b6a1f0e-8f0c-4c53-9a41-5f2b8b3c9d10";
              transaction.objectStore("responses").put({ id, session, body });
              transaction.oncomplete = () => { request.result.close(); resolve(); };
            };
          };
        })""",
        [code, body],
    )
    page.goto(f"/s/{code}")
    assert len(server.wait_for_responses(code, 1, page)) == 1
    assert tablet.waits_for_nothing()


def test_without_a_script_the_words_are_taken_by_themselves(server, browser, browser_context_args) -> None:
    code = server.open_session("talk")
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False, "base_url": server.url})
    page = context.new_page()
    page.goto(f"/s/{code}/fr#try")
    page.locator("#item-helpful input[value=a-lot]").check()
    page.locator("textarea").fill("Merci beaucoup")
    page.locator("[data-action=submit]").click()
    page.wait_for_url("**/thanks")
    context.close()
    assert [row["written"] for row in stored(server)] == ["Merci beaucoup"]
    response = server.stored(code)
    assert set(response["answers"]) == {"helpful"}


def test_only_a_page_that_asks_for_a_comment_may_use_the_microphone(server, tablet) -> None:
    for project, allowed in (("talk", "microphone=(self)"), ("group", "microphone=()")):
        reply = tablet.page.goto(f"/s/{server.open_session(project)}/fr")
        assert allowed in reply.headers["permissions-policy"]


RESPONDENTS = {"runOnly": ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
STAFF = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
TARGETS = """() => Math.min(...[...document.querySelectorAll("a, button, input:not([type=hidden]), textarea")]
  .map((part) => part.getBoundingClientRect()).filter((box) => box.width > 2 && box.height > 2)
  .flatMap((box) => [box.width, box.height]))"""
SIDEWAYS = "() => document.documentElement.scrollWidth - innerWidth"


def look(page: Page, where: str, rules: dict[str, list[str]]) -> None:
    found = Axe().run(page, options=rules)
    assert [f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in found.response["violations"]] == [], where
    assert page.evaluate(SIDEWAYS) <= 0, where


@pytest.mark.parametrize("language", ["fr", "yi"])
def test_axe_finds_nothing_on_any_face_of_the_step(server, tablet, heard, language) -> None:
    code = server.open_session("talk")
    page = tablet.page
    page.set_viewport_size({"width": 360, "height": 640})
    come_to_comment(tablet, code, language)

    def see(where: str) -> None:
        look(page, where, RESPONDENTS)
        assert page.evaluate(TARGETS) >= 64, where

    see("choosing")
    tablet.press("write")
    see("writing")
    tablet.press("speak")
    see("ready")
    tablet.press("record")
    expect(page.locator("[data-item=more]")).to_have_attribute("data-state", "recording")
    see("recording")
    if page.locator("[data-action=stop]:visible").count():  # on a slow machine the minute is over by now
        tablet.press("stop")
    expect(page.locator("[data-item=more]")).to_have_attribute("data-state", "recorded")
    see("recorded")
    tablet.press("keep")
    see("kept")


def test_a_reviewer_hears_reads_hides_passes_rejects_and_takes_back(server, browser, browser_context_args) -> None:
    with server.db.writing() as connection:
        connection.execute(text("DELETE FROM comment_group"))
    code = server.open_session("talk", people=10)
    for _ in range(10):
        keep(server.db, code, builders.build_response())
    for words in (Written("Merci à Fatima, plus d'heures svp"), Spoken(bytes(range(256)) * 40)):
        keep_comment(server.db, "talk", "2026-H2", Comment(uuid4(), words))
    for session in sessions.list_open(server.db):
        if session.project == "talk":
            server.close_session(session.code)
    add_member(server.db, "reviewer", "four words are enough", Post("reviewer"))
    context = browser.new_context(**{**browser_context_args, "base_url": server.url, "locale": "fr-BE"})
    page = context.new_page()
    page.goto("/console/comments")
    page.locator("[name=name]").fill("reviewer")
    page.locator("[name=password]").fill("four words are enough")
    page.keyboard.press("Enter")
    page.locator("[data-action=open-comments]").wait_for()
    look(page, "desk", STAFF)
    page.locator("[data-action=open-comments]").click()
    page.locator("#decision").wait_for()

    for _ in range(2):
        look(page, "comment", STAFF)
        if page.locator("audio").count():
            page.wait_for_function("document.querySelector('audio').duration > 1.2")
            page.locator("textarea").fill("Il demande un autre horaire.")
        else:
            expect(page.locator("blockquote")).to_have_text("Merci à […], plus d'heures svp")
            page.locator("summary").click()
            expect(page.locator("details mark")).to_have_text("Fatima")
            page.locator("textarea").evaluate("(field) => field.setSelectionRange(13, 26)")
            page.locator("[data-mask]").click()
            expect(page.locator("textarea")).to_have_value("Merci à […], […] svp")
            page.locator("textarea").fill("Merci. Plus d'heures.")
        page.locator("[data-action=pass]").click()
        page.locator("[data-undo]").wait_for()
    look(page, "nothing left", STAFF)
    page.locator("[data-action=undo]").click()
    page.locator("[data-action=reject]").click()
    expect(page.locator("[data-undo]")).to_be_visible()
    page.goto("/console/comments")
    expect(page.locator("[data-standing=done]")).to_be_visible()
    context.close()
    assert sorted(str(row["stage"]) for row in stored(server)) == ["passed", "rejected"]
