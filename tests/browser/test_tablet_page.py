"""A tablet is enrolled, made ready and looked at by staff, in a real browser. `http://127.0.0.1` counts as trusted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from survey_app.fieldwork.device import Device
from survey_app.foundation import clock
from survey_app.storage import devices
from survey_app.web.kit.device_keys import hash_key

pytestmark = pytest.mark.browser

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

GREEN = "rgb(216, 243, 238)"
SHELVE = """(session) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("survey-app-outbox", 1);
  opening.onsuccess = () => {
    const kept = {id: "one", session, key: "k", questionnaire: "q", version: 1, sealed: "", shelved: "different"};
    const change = opening.result.transaction("responses", "readwrite");
    change.objectStore("responses").put(kept);
    change.oncomplete = () => (opening.result.close(), resolve());
    change.onabort = () => reject(change.error);
  };
})"""
"""What the server refused for good stays on the tablet until a person has looked."""

FORGET_KEY = """() => new Promise((resolve, reject) => {
  const deleting = indexedDB.deleteDatabase("survey-app-device");
  deleting.onsuccess = resolve;
  deleting.onerror = reject;
})"""
"""What a thief does who wants to be taken for somebody's phone."""
ASK = "We can not take answers now. Please ask the person of the group."

WATCH = """(() => {
  window.asked = 0;
  window.steps = [];
  const persist = StorageManager.prototype.persist;
  StorageManager.prototype.persist = function () {
    window.asked += 1;
    return persist.call(this);
  };
  const note = (changes) => window.steps.push(...changes.map(({target}) => target.value / target.max));
  addEventListener("DOMContentLoaded", () => {
    const bar = document.querySelector("[data-progress] progress");
    if (bar) new MutationObserver(note).observe(bar, {attributeFilter: ["value"]});
  });
})()"""
"""Notes how often the browser was asked to keep everything, and each step of the progress bar as a share."""


def scan(page: Page, server, name: str) -> None:
    """Open the link of a new tablet's QR code."""
    device = Device(f"id-{name}", name, "centre")
    devices.add_device(server.db, device)
    now = clock.now()
    devices.add_link(server.db, hash_key(f"token-{name}"), device.id, now + timedelta(hours=1), now)
    page.goto(f"/tablet/fr#enrol=token-{name}")


def test_a_tablet_is_enrolled_made_ready_days_before_and_answers_without_a_network(server, tablet, context) -> None:
    page = tablet.page
    page.add_init_script(WATCH)
    code = server.open_session(own_phones=False)
    scan(page, server, "Bleue")
    expect(page.locator("[data-enrolled=done]")).to_be_visible()
    assert "token" not in page.url
    expect(page.locator("[data-tier=trusted]")).to_be_visible()
    expect(page.locator("[data-name] b")).to_have_text("Bleue")
    page.locator(f"[data-groups] input[value='{code}']").check()
    chosen = page.locator("[data-tongues] input:checked")
    expect(chosen).to_have_count(3)
    page.locator("[data-expected-tongues] label", has_text="ትግርኛ").locator("input").uncheck()
    assert page.evaluate("[asked, steps]") == [0, []]
    page.locator("[data-make-ready]").click()
    expect(page.locator("[data-result=ready]")).to_be_visible(timeout=60_000)
    expect(page.locator("[data-result=ready]")).to_have_css("background-color", GREEN)
    steps = page.evaluate("steps")
    assert steps == sorted(steps), "the bar never goes back"
    assert len(set(steps)) > 5, "the bar moves"
    assert steps[-1] == 1
    expect(page.locator("[data-progress]")).to_be_hidden()
    assert page.evaluate("asked") == 1, "the browser was not asked to keep everything"
    assert float(page.locator("[data-room] b").inner_text()) > 0
    expect(page.locator("[data-room]")).to_be_visible()
    assert Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG["runOnly"]}}).response["violations"] == []
    context.set_offline(True)
    page.reload()
    expect(page.locator("[data-ready] a")).to_have_attribute("href", f"/s/{code}")
    page.locator("[data-ready] a").click()
    page.locator("a[hreflang=ar]").click()
    page.wait_for_selector("html.ready")
    tablet.press("start")
    tablet.answer("a-little")
    tablet.press("next")
    tablet.fill()
    tablet.send()
    page.goto("/tablet/fr")
    expect(page.locator("[data-waiting]")).to_have_text("1")
    context.set_offline(False)
    page.goto("/")
    expect(page.locator("[data-day-end] b")).to_have_text("0")
    expect(page.locator("[data-day-end] [data-when=none]")).to_be_visible()
    assert len(server.wait_for_responses(code, 1, page)) == 1


def test_a_tablet_whose_letters_did_not_come_is_not_called_ready_here_or_in_the_console(server, tablet) -> None:
    page = tablet.page
    code = server.open_session()
    with server.without_letters():
        scan(page, server, "Jaune")
        expect(page.locator("[data-tier=unreached]")).to_be_visible()
        expect(page.locator("[data-prepare]")).to_be_hidden()
    page.reload()
    expect(page.locator("[data-tier=trusted]")).to_be_visible()
    with server.without_letters():
        make_ready(page, code)
        expect(page.locator("[data-result=letters]")).to_be_visible(timeout=60_000)
    expect(page.locator("[data-result=ready]")).to_be_hidden()
    assert (listed(page), ready_in_console(server, "Jaune")) == ([], ())
    make_ready(page, code)
    expect(page.locator("[data-result=ready]")).to_be_visible(timeout=60_000)
    assert (listed(page), ready_in_console(server, "Jaune")) == ([f"/s/{code}"], (code,))


def make_ready(page: Page, code: str) -> None:
    page.locator(f"[data-groups] input[value='{code}']").check()
    expect(page.locator("[data-tongues] input:checked")).to_have_count(3)
    page.locator("[data-make-ready]").click()


def listed(page: Page) -> list[str | None]:
    """The sessions that the tablet's own page calls ready, after it was opened anew and has told staff."""
    page.evaluate("localStorage.removeItem('survey-app-said')")
    with page.expect_response("**/api/v1/device/state") as told:
        page.reload()
    assert told.value.status == 204
    return [link.get_attribute("href") for link in page.locator("[data-ready]:visible a").all()]


def ready_in_console(server, name: str) -> tuple[str, ...]:
    """What the console was told of this tablet."""
    (kept,) = [one for one in devices.list_devices(server.db) if one.device.name == name]
    assert kept.places[0].state is not None
    return kept.places[0].state.ready


def test_staff_read_what_waits_on_a_tablet_by_its_name(server, tablet, context) -> None:
    page = tablet.page
    code = server.open_session()
    scan(page, server, "Verte")
    expect(page.locator("[data-tier=trusted]")).to_be_visible()
    page.evaluate(SHELVE, code)
    page.evaluate("localStorage.removeItem('survey-app-said')")
    page.goto(f"/s/{code}")
    for _ in range(100):
        (kept,) = [one for one in devices.list_devices(server.db) if one.device.name == "Verte"]
        if kept.kept_of(code):
            break
        page.wait_for_timeout(100)
    assert kept.kept_of(code) == 1
    assert kept.places[0].state is not None
    assert kept.places[0].state.tier == "trusted"


def test_a_revoked_tablet_says_so_and_keeps_what_it_has_until_it_is_enrolled_anew(server, tablet) -> None:
    page = tablet.page
    code = server.open_session()
    scan(page, server, "Rouge")
    expect(page.locator("[data-tier=trusted]")).to_be_visible()
    devices.revoke(server.db, "id-Rouge", clock.today())
    tablet.begin(code)
    tablet.fill()
    tablet.send()
    page.goto("/tablet/fr")
    expect(page.locator("[data-revoked]")).to_be_visible()
    expect(page.locator("[data-waiting]")).to_have_text("1")
    assert server.responses(code) == []
    page.goto("/")
    scan(page, server, "Vert")
    assert len(server.wait_for_responses(code, 1, page)) == 1
    expect(page.locator("[data-waiting]")).to_have_text("0")


def test_a_revoked_tablet_without_its_key_reads_before_it_begins_that_only_tablets_may_answer(
    server, tablet, say
) -> None:
    page = tablet.page
    code = server.open_session(own_phones=False)
    scan(page, server, "Grise")
    expect(page.locator("[data-tier=trusted]")).to_be_visible()
    tablet.begin(code, "ar")
    devices.revoke(server.db, "id-Grise", clock.today())
    tablet.fill()
    tablet.send()
    expect(page.locator("[data-where=waiting]")).to_be_visible()
    page.evaluate(FORGET_KEY)
    page.goto(f"/s/{code}/ar")
    expect(page.locator("[data-tablets-only]")).to_have_text(say(ASK, "ar"))
    expect(page.locator("[data-action=start]")).to_have_count(0)
    page.goto(f"/s/{code}")
    expect(page.locator("[data-stopped]")).to_be_visible()
    assert server.responses(code) == []
    assert len(tablet.waiting()) == 1


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_a_tablet_that_nobody_enrolled_finds_its_session_by_code(server, tablet, width) -> None:
    page = tablet.page
    page.set_viewport_size({"width": width, "height": 900})
    code = server.open_session()
    page.goto("/tablet/nl")
    expect(page.locator("[data-stranger]")).to_be_visible()
    page.fill("#code", f"{code[:3]} {code[3:]}")
    page.locator("[data-by-code] button").click()
    expect(page.locator("[data-tongues]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.fill("#code", "111111")
    page.locator("[data-by-code] button").click()
    expect(page.locator("[data-no-group]")).to_be_visible()
