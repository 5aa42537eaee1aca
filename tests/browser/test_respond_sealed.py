"""Who steals a tablet reads no answer on it: the bytes of the browser's whole profile are searched."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from survey_app.foundation import clock
from survey_app.questionnaire.loader import load_all
from survey_app.rescue import read_rescue_file, rescue

pytestmark = pytest.mark.browser

PUT_READABLE = """(text) => new Promise((resolve, reject) => {
  const request = indexedDB.open("control", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("kept");
  request.onsuccess = () => {
    const transaction = request.result.transaction("kept", "readwrite", { durability: "strict" });
    transaction.objectStore("kept").put(text, 1);
    transaction.oncomplete = () => { request.result.close(); resolve(); };
    transaction.onabort = reject;
  };
})"""


def files_with(profile: Path, text: str) -> list[str]:
    """Names of the profile's files that hold a text, in UTF-8 or as browsers keep strings."""
    wanted = (text.encode(), text.encode("utf-16-le"))
    found = []
    for path in profile.rglob("*"):
        if path.is_file() and not path.is_symlink():
            try:
                content = path.read_bytes()
            except FileNotFoundError:  # the browser tidies up
                continue
            if any(each in content for each in wanted):
                found.append(path.name)
    return found


def test_no_answer_can_be_read_in_the_browsers_profile_after_each_send(server, own_tablet) -> None:
    tablet, profile = own_tablet
    code = server.open_session("short")
    tablet.kept_offline(code)
    tablet.page.context.set_offline(True)
    for number in (1, 2):
        tablet.begin(code)
        given = tablet.fill()
        tablet.send()
        expect(tablet.page.locator("[data-where=waiting]")).to_be_visible()
        for item, answer in given.items():
            as_object = f'{item}"{chr(len(answer))}{answer}'  # as a browser's database holds an object
            for trace in (f'"{item}":"{answer}"', f'"{item}":["{answer}"]', as_object):
                assert files_with(profile, trace) == [], trace
        assert files_with(profile, '"answers":{') == []
        waiting = tablet.waiting()
        assert len(waiting) == number
        tablet.press("next-person")
    assert set(waiting[0]) == {"id", "session", "questionnaire", "version", "key", "sealed"}
    assert len({len(one["sealed"]) for one in waiting}) == 1
    assert files_with(profile, code), "the search finds what is there"
    for _ in range(150):  # a browser writes local storage when it likes
        if files_with(profile, "survey-app-shares"):
            break
        tablet.page.wait_for_timeout(200)
    assert files_with(profile, "survey-app-shares"), "how the two understood the form is there too"
    for trace in ('"finished":', '"met":', '"quick":'):
        assert files_with(profile, trace) == [], trace
    tablet.page.evaluate(PUT_READABLE, '{"answers":{"came":"yes"}}')
    assert files_with(profile, '"came":"yes"'), "and it would find an answer"
    tablet.page.evaluate(PUT_READABLE, {"came": "yes"})
    assert files_with(profile, 'came"\x03yes'), "in an object too"

    tablet.page.context.set_offline(False)
    stored = server.wait_for_responses(code, 2, tablet.page)
    assert [one["answers"] for one in stored] == [{"came": "yes", "change": ["more"], "liked": "yes"}] * 2


def test_without_webcrypto_answers_are_sent_at_once_and_never_stored(server, tablet) -> None:
    code = server.open_session("short")
    page = tablet.page
    page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined });")
    page.context.route("**/api/v1/**", lambda route: route.abort(), times=1)
    tablet.begin(code)
    tablet.fill()
    tablet.press("submit")
    expect(page.locator("[data-not-kept]")).to_be_visible()
    assert tablet.waiting() == []
    assert page.locator("input:checked").count() == 0, "nothing to read for the next person"
    tablet.press("leave")
    expect(page.locator("#thanks")).to_be_visible()
    expect(page.locator("[data-where=kept]")).to_be_visible()
    assert len(server.responses(code)) == 1
    assert tablet.waiting() == []


def test_what_waits_is_saved_to_a_file_without_a_network_still_sealed_and_comes_in_once(
    server, tablet, context
) -> None:
    code = server.open_session("short")
    page = tablet.page
    page.goto("/tablet/fr")
    page.wait_for_selector("html[data-found-tier=trusted]")
    tablet.kept_offline(code)
    context.set_offline(True)
    for _ in range(2):
        tablet.begin(code)
        tablet.fill()
        tablet.send()
        tablet.press("next-person")
    page.goto("/tablet/fr")
    expect(page.locator("[data-waiting]")).to_have_text("2")
    with page.expect_download() as saving:
        page.locator("[data-save]").click()
    expect(page.locator("[data-saved]")).to_be_visible()
    assert saving.value.suggested_filename == "survey-app-rescue-tablet.json"
    saved = Path(saving.value.path()).read_bytes()
    assert b"answers" not in saved

    kept = read_rescue_file(saved)
    questionnaires = load_all(server.folder / "questionnaires")
    languages = dict.fromkeys(questionnaires, ("fr",))
    found = rescue(server.db, questionnaires, kept, clock.now(), languages=languages, grace_days=14)
    assert (found.stored, found.refused) == (2, {})

    context.set_offline(False)
    page.locator("[data-send-again]").click()
    expect(page.locator("[data-waiting]")).to_have_text("0")
    assert len(server.responses(code)) == 2


def test_staff_see_why_an_answer_is_on_the_shelf_and_send_it_again(server, tablet) -> None:
    code = server.open_session("short")
    page = tablet.page
    refusal = {"type": "urn:survey-app:problem:no-session", "status": 404}
    page.context.route("**/api/v1/sessions/**", lambda route: route.fulfill(status=404, json=refusal))
    tablet.begin(code)
    tablet.fill()
    tablet.send()
    tablet.press("next-person")
    expect(page.locator("[data-count=shelved] b")).to_have_text("1")
    page.goto("/tablet/fr")
    expect(page.locator("[data-reason=no-session]")).to_be_visible()
    expect(page.locator("[data-reason=different]")).to_be_hidden()

    page.context.unroute("**/api/v1/sessions/**")
    page.locator("[data-send-again]").click()
    expect(page.locator("[data-shelved]")).to_be_hidden()
    assert len(server.wait_for_responses(code, 1, page)) == 1
