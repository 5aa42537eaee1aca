"""Staff in a real browser, on the demonstration as `survey-app demo` serves it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import pytest
from browser.barriers import SCREENS, WIDTHS, find_barriers
from fastapi.routing import iter_route_contexts
from openpyxl import load_workbook
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect

from survey_app.foundation import clock
from survey_app.foundation.periods import period_of
from survey_app.web.console import router as console_routes

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
NO_PAGES = {
    "/console/set-up/export.yaml",
    "/console/care/backups/{name}",
    "/console/sessions/{code}/counter",
    "/console/sessions/{code}/qr.svg",
    "/console/papers/{project}/{tag}.pdf",
    "/console/languages/{tag}/{domain}.po",
    "/console/languages/{tag}/corrections/{domain}.po",
    "/console/releases/{release_id}/files/{name}",
    "/console/releases/{release_id}/poster.pdf",
    "/console/indicator/{return_id}/files/{name}",
    "/console/review/received/{release_hash}/files/{name}",
    "/console/comments/{project}/{period}/passed.csv",
    "/console/signals/signals.csv",
    "/console/comments/{project}/{period}/{comment_id}/sound.wav",
}
"""What is read from the console and is no page: files, pictures, a part of a page."""
FROM_ELSEWHERE = {"/console/review/received/{release_hash}", "/console/sign-in/provider/return"}
"""Pages that another machine leads to: an instance that sent something, an identity provider. A demonstration has neither."""
RELEASE_SECONDS = 180


class Demo(NamedTuple):
    """What `survey-app demo` printed."""

    url: str
    name: str
    password: str
    code: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    environment = {**os.environ, "SURVEY_APP_DATA_DIR": str(folder / "data"), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "survey_app", "demo", "--port", "0"]
    with (
        (folder / "server.log").open("w+", encoding="utf-8") as log,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            yield _read_welcome(process, folder / "server.log")
        finally:
            process.terminate()
            process.wait(timeout=20)


def _read_welcome(process: subprocess.Popen[str], log: Path) -> Demo:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("Stop with"):
            break
    found = re.search(
        r"Staff\s+(\S+)/console\s+name\s+(\S+)\s+password\s+(\S+)\s+Tablet\s+\S+/s/\d+\s+code\s+(\d+)", said
    )
    assert found is not None, said + log.read_text("utf-8")[-2000:]
    return Demo(*found.groups())


@pytest.fixture
def context(browser: Browser, demo: Demo) -> Iterator[BrowserContext]:
    """A French browser of staff. The test fails when a page asks another host, throws, or breaks the policy."""
    made = browser.new_context(base_url=demo.url, locale="fr-BE", viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    wrong: list[str] = []
    made.on("request", lambda request: asked.append(request.url))
    made.on("weberror", lambda error: wrong.append(str(error.error)))
    made.on("console", lambda message: wrong.append(message.text) if _is_fault(message) else None)
    yield made
    made.close()
    assert asked, "the guard saw no request"
    assert [url for url in asked if not url.startswith((demo.url + "/", "data:", "blob:"))] == []
    assert wrong == []


def _is_fault(message: ConsoleMessage) -> bool:
    """Say whether the browser complains; of a page that answers 404 or 422 it always does."""
    return message.type == "error" and not message.text.startswith("Failed to load resource")


def sign_in(page: Page, demo: Demo) -> None:
    page.goto("/console")
    page.fill("#name", demo.name)
    page.fill("#password", demo.password)
    page.locator("main button").click()
    page.wait_for_url("**/console")


def hand_in(demo: Demo, code: str, version: int = 1) -> None:
    body = {
        "questionnaire": "amif-exit",
        "version": version,
        "language": "fr",
        "mode": "alone",
        "answers": {"helpful": "a-lot", "gender": "female", "age": "18-60"},
        "off_scale": {},
    }
    request = urllib.request.Request(
        f"{demo.url}/api/v1/sessions/{code}/responses/{uuid.uuid4()}",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        assert reply.status == 201


def test_from_sign_in_to_a_downloaded_workbook(page: Page, demo: Demo, tmp_path: Path) -> None:
    sign_in(page, demo)

    taps = ["[data-action=new-session]", "label:has-text('Atelier créatif')", "[data-action=start-session]"]
    for tap in taps:
        page.locator(tap).click()
    page.wait_for_url("**/console/sessions/*")
    code = page.locator("[data-code]").get_attribute("data-code") or ""
    assert re.fullmatch(r"[1-9]\d{5}", code)
    assert page.locator("img.qr").evaluate("image => image.complete && image.naturalWidth > 0")

    counter = page.locator("[data-received]")
    expect(counter).to_have_text("0")
    hand_in(demo, code)
    expect(counter).to_have_text("1", timeout=20_000)

    page.locator("[data-action=close-session]").click()
    page.locator("[data-action=confirm-close]").click()
    page.wait_for_url(f"**/console/sessions/{code}")
    assert page.locator("img.qr").count() == 0

    page.goto("/console/releases")
    page.locator("[data-action=make-release]").click()
    expect(page.locator("[data-making], [data-file='workbook-fr.xlsx']").first).to_be_visible()
    page.wait_for_url("**/console/releases/2*", timeout=RELEASE_SECONDS * 1000)
    period = period_of(clock.today()).code
    assert period in page.url
    assert str(clock.today().year) in page.locator("h1").inner_text()
    with page.expect_download() as started:
        page.locator("[data-file='workbook-fr.xlsx']").click()
    file = tmp_path / "workbook.xlsx"
    started.value.save_as(file)
    assert started.value.suggested_filename.endswith("-workbook-fr.xlsx")
    assert len(load_workbook(file).sheetnames) > 2
    page.goto("/console/releases")
    assert page.locator("#earlier ~ ul li").count() == 1


def test_a_release_that_is_refused_gives_the_reasons_and_leads_back_to_the_form_as_it_was(
    browser: Browser, page: Page, demo: Demo
) -> None:
    sign_in(page, demo)
    page.goto("/console/releases")
    page.locator("#scope").select_option("binche-demo")
    page.locator("[data-action=make-release]").click()
    refused = page.locator(".refused, h1:has-text('2026')").first
    expect(refused).to_be_visible(timeout=RELEASE_SECONDS * 1000)
    if page.locator(".refused").count():
        page.locator("[data-action=change-wish]").click()
        expect(page.locator("#scope")).to_have_value("binche-demo")


def test_without_javascript_a_session_is_started_counted_and_closed(browser: Browser, demo: Demo) -> None:
    plain = browser.new_context(base_url=demo.url, locale="nl-BE", java_script_enabled=False)
    page = plain.new_page()
    sign_in(page, demo)
    page.locator("[data-action=new-session]").click()
    page.locator("input[value='gent-demo/ict']").check()
    page.fill("#people", "7")
    page.locator("[data-action=start-session]").click()
    code = page.locator("[data-code]").get_attribute("data-code") or ""
    hand_in(demo, code)
    page.locator("#counter ~ noscript a, noscript a").first.click()
    expect(page.locator("[data-received]")).to_have_text("1")
    page.locator("[data-action=close-session]").click()
    page.locator("[data-action=confirm-close]").click()
    assert page.locator("img.qr").count() == 0
    plain.close()


def test_the_number_of_people_has_buttons_that_a_thumb_finds(page: Page, demo: Demo) -> None:
    sign_in(page, demo)
    page.goto("/console/sessions/new")
    field = page.locator("#people")
    field.fill("9")
    page.locator("[data-step='1']").click()
    expect(field).to_have_value("10")
    for _ in range(12):
        page.locator("[data-step='-1']").click()
    expect(field).to_have_value("1")
    size = page.locator("[data-step='1']").bounding_box()
    assert size is not None
    assert min(size["width"], size["height"]) >= 44


def test_a_form_that_comes_back_has_the_focus_on_its_first_fault(page: Page, demo: Demo) -> None:
    sign_in(page, demo)
    page.goto("/console/sessions/new")
    page.locator("#people").evaluate("field => { field.removeAttribute('pattern'); }")
    page.fill("#people", "many")
    page.locator("[data-action=start-session]").click()
    expect(page.locator("#people-fault")).to_be_visible()
    expect(page.locator("#people")).to_be_focused()
    expect(page.locator("#people")).to_have_value("many")
    assert "people-fault" in (page.locator("#people").get_attribute("aria-describedby") or "")


# Where one stands: what shows the focus (the part itself, or the card or choice around it), and what hides any of it.
STOP = """() => {
  const part = document.activeElement;
  if (!part || part === document.body) return null;
  const around = part.closest(".choice, .card") ?? part;
  const rings = [part, around].map((each) => getComputedStyle(each));
  const box = part.getClientRects()[0] ?? part.getBoundingClientRect();
  const seen = (x, y) => {
    const at = document.elementFromPoint(x, y);
    return around.contains(at);
  };
  const middle = box.x + box.width / 2;
  return {
    ring: Math.max(...rings.map((style) => (style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth)))),
    top: seen(middle, box.y + 2), bottom: seen(middle, box.y + Math.min(box.height, innerHeight) - 2),
    name: part.outerHTML.slice(0, 120),
  };
}"""


class Keys:
    """Goes by keys alone. At each stop a ring must be seen, and no bar that stays in sight may hide the stop."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stops = 0

    def go_to(self, selector: str, key: str = "Tab") -> None:
        for _ in range(150):
            self.page.keyboard.press(key)
            stop = self.page.evaluate(STOP)
            if stop is None:
                continue
            assert is_seen(stop), stop
            self.stops += 1
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
        message = f"no key leads to {selector} of {self.page.url}"
        raise AssertionError(message)

    def enter(self, selector: str, address: str) -> None:
        """Go somewhere, press Enter, and wait for the page that it leads to."""
        self.go_to(selector)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(re.compile(address), timeout=RELEASE_SECONDS * 1000)


def is_seen(stop: dict[str, Any]) -> bool:
    return bool(stop["ring"] >= 3 and stop["top"] and stop["bottom"])


@pytest.mark.parametrize(("width", "height"), [(360, 640), pytest.param(1280, 720, marks=pytest.mark.slow)])
def test_by_keys_alone_staff_start_and_close_a_session_release_read_results_and_make_a_backup(
    page: Page, demo: Demo, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/console")
    keys = Keys(page)
    page.keyboard.type(demo.name)
    keys.go_to("#password")
    page.keyboard.type(demo.password)
    keys.enter("main button", "/console$")
    keys.enter("[data-action=new-session]", "/sessions/new$")
    keys.go_to("input[name=module]")
    keys.go_to("input[name=module]", "ArrowDown")
    keys.enter("[data-action=start-session]", r"/console/sessions/\d{6}$")
    hand_in(demo, page.locator("[data-code]").get_attribute("data-code") or "")
    keys.enter("[data-action=close-session]", "/close$")
    keys.enter("[data-action=confirm-close]", r"/console/sessions/\d{6}$")
    keys.enter(".tabs a[href='/console/releases']", "/console/releases$")
    keys.enter("[data-action=make-release]", "/console/releases/2")
    keys.go_to("[data-file='workbook-fr.xlsx']")
    keys.go_to("#files ~ .more summary")
    page.keyboard.press("Enter")
    keys.go_to("[data-file='workbook-nl.xlsx']")
    keys.enter(".tabs a[href='/console/results']", "/console/results$")
    keys.enter(".lines a", "/console/results/2")
    keys.enter(".figures th a", "/items/")
    keys.enter(".tabs a[href='/console/care']", "/console/care$")
    for field in ("#passphrase", "#again"):
        keys.go_to(field)
        page.keyboard.type("quatre mots suffisent ici")
    keys.go_to("[data-action=make-backup]")
    page.keyboard.press("Enter")
    expect(page.locator("[data-backup]").first).to_be_visible(timeout=RELEASE_SECONDS * 1000)
    keys.go_to("[data-action=take-backup]")
    assert keys.stops > 100


def test_a_stop_without_a_ring_or_under_a_bar_is_noticed(page: Page, demo: Demo) -> None:
    sign_in(page, demo)
    page.goto("/console/sessions/new")
    page.keyboard.press("Tab")
    assert is_seen(page.evaluate(STOP))
    for fault in (
        ":focus-visible { outline: none !important }",
        "main { position: fixed; inset: 0; z-index: 9; max-inline-size: none }",
    ):
        page.evaluate(
            "rules => { const sheet = new CSSStyleSheet(); sheet.replaceSync(rules);"
            " document.adoptedStyleSheets = [sheet]; }",
            fault,
        )
        assert not is_seen(page.evaluate(STOP)), fault


def test_what_was_typed_stays_when_the_network_is_gone(page: Page, demo: Demo) -> None:
    sign_in(page, demo)
    page.goto("/console/set-up/projects/new")
    page.fill("#name", "Samen sterk")
    page.context.set_offline(True)
    page.locator("[data-action=save-project]").click()
    expect(page.locator("[data-unsent]")).to_be_visible()
    expect(page.locator("#name")).to_have_value("Samen sterk")
    page.context.set_offline(False)
    page.locator("[data-action=save-project]").click()
    expect(page.locator("[data-unsent]")).to_be_hidden()
    expect(page.locator("#languages-fault")).to_be_visible()
    expect(page.locator("#name")).to_have_value("Samen sterk")


def test_an_invited_facilitator_comes_from_the_link_to_a_running_session_in_six_actions_without_javascript(
    browser: Browser, demo: Demo
) -> None:
    plain = browser.new_context(base_url=demo.url, locale="nl-BE", java_script_enabled=False)
    page = plain.new_page()
    sign_in(page, demo)
    page.goto("/console/staff")
    page.check("input[value=facilitator]")
    page.select_option("#organisation", "gent")
    page.locator("[data-action=invite]").click()
    link = page.locator("#link").input_value()
    page.locator(".leave button").click()

    name = f"eva-{uuid.uuid4().hex[:6]}"
    page.goto(link)
    page.fill("#name", name)
    page.fill("#password", "vier woorden zijn genoeg")
    page.fill("#again", "vier woorden zijn genoeg")
    page.locator("button.wide").click()
    assert page.locator(".tabs a").count() == 2, "sessions and tablets, nothing else"
    page.locator("[data-action=new-session]").click()
    page.locator("[data-action=start-session]").click()
    assert page.locator("[data-code]").count() == 1
    plain.close()


def hand_in_with_comments(demo: Demo, code: str) -> None:
    """A group that is large enough for its comments to be read, and one comment."""
    for _ in range(10):
        hand_in(demo, code, version=2)
    request = urllib.request.Request(
        f"{demo.url}/api/v1/sessions/{code}/comments/{uuid.uuid4()}",
        data=b"Appelez Fatima au 0470 12 34 56",
        headers={"content-type": "text/plain; charset=utf-8"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        assert reply.status == 201


def _back_to_the_group(page: Page) -> Iterator[str]:
    page.locator("[data-action=group]").click()
    yield "back to the group"
    page.locator("[data-action=make-practice]").click()
    yield "a practice sheet without words"


def _comments(page: Page, demo: Demo) -> Iterator[str]:
    page.goto("/console/set-up/projects/new")
    page.fill("#name", f"Paroles {uuid.uuid4().hex[:6]}")
    page.select_option("#form", "amif-exit/2")
    page.check("input[name=activities][value=comment]")
    page.check("input[name=languages][value=fr]")
    page.fill("#module-1", "Parler")
    page.locator("[data-action=save-project]").click()
    page.wait_for_url(re.compile(r"/console/set-up/projects/(?!new)"))
    project = page.url.partition("?")[0].rpartition("/")[2]
    page.goto(f"/console/sessions/new?module={project}/parler")
    page.locator(f"input[name=module][value='{project}/parler']").check()
    page.locator("[data-action=start-session]").click()
    page.wait_for_url(re.compile(r"/console/sessions/\d{6}$"))
    hand_in_with_comments(demo, page.locator("[data-code]").get_attribute("data-code") or "")
    page.locator("[data-action=close-session]").click()
    page.locator("[data-action=confirm-close]").click()
    page.goto("/console/comments")
    yield "comments"
    page.locator(f"form[action*='/{project}/'] [data-action=open-comments]").click()
    page.wait_for_url("**/console/comments/**")
    if page.locator("#decision").count() == 0:
        page.locator(f"a[href*='/{project}/'][data-action=review]").click()
    yield "a comment"
    place = urlsplit(page.url).path.removeprefix("/console/comments/")
    page.fill("#text", "Plus de temps pour parler")
    page.locator("[data-action=pass]").click()
    page.wait_for_selector("[data-undo]")
    yield "a comment decided"
    yield from _signals(page, place)
    page.goto(f"/console/set-up/projects/{project}")
    page.locator("[data-action=put-aside]").first.click()
    yield "the only module of a project stays"
    page.locator("[data-action=put-aside]").last.click()
    yield "a project that is put aside"


def _signals(page: Page, place: str) -> Iterator[str]:
    project = place.partition("/")[0]
    page.goto(f"/console/notes/{project}")
    page.locator("#text").evaluate("field => { field.required = false; }")
    page.locator("[data-action=keep-note]").click()
    yield "a note with faults"
    page.select_option("#theme", index=1)
    page.fill("#text", "Plus de temps pour parler")
    page.locator("[data-action=keep-note]").click()
    yield "a note that is kept"
    page.goto(f"/console/signals/sources/{place}")
    yield "what a signal can be made of"
    page.locator("[data-action=choose-source]").first.click()
    yield "a signal to make"
    page.select_option("#theme", index=1)
    page.fill("#text", "Plus de temps pour parler")
    page.locator("[data-action=make-signal]").click()
    page.goto("/console/signals")
    yield "signals"
    page.locator("[data-signal] a").first.click()
    yield "a signal"


def _invitation(page: Page) -> Iterator[str]:
    page.goto("/console/staff")
    page.check("input[value=editor]")
    page.locator("[data-action=invite]").click()
    yield "a link for somebody"
    page.goto(page.locator("#link").input_value())
    yield "invited"
    page.locator("main form").evaluate("form => { form.noValidate = true; }")
    page.locator("button.wide").click()
    yield "invited, with faults"
    page.goto("/console/staff")
    yield "links that nobody used yet"
    page.locator("[data-action=withdraw]").first.click()
    yield "a link that was withdrawn"


def _tablets(page: Page) -> Iterator[str]:
    page.goto("/console/tablets")
    page.fill("#name", uuid.uuid4().hex[:12])
    page.locator("[data-action=add-tablet]").click()
    yield "QR code of a tablet"
    page.goto("/console/tablets")
    yield "tablets"
    page.goto("/console/rescue")
    yield "a file of a tablet"


def _tour(page: Page) -> Iterator[str]:
    page.goto("/console")
    page.locator("[data-action=begin-tour]").click()
    yield "the tour begins"
    page.locator("[data-action=tour-next]").click()
    page.wait_for_url("**/console/sessions/new")
    page.goto("/console/log")
    yield "the tour waits"
    page.locator("[data-action=tour-stop]").click()


def _indicator(page: Page) -> Iterator[str]:
    page.goto("/console/indicator")
    yield "indicator"
    page.locator("[data-action=return-indicator]").click()
    yield "indicator, not sure"
    page.locator("input[name=sure]").check()
    page.locator("[data-action=return-indicator]").click()
    page.wait_for_url(re.compile(r"/console/indicator/indicator-until-"))
    yield "indicator return"


def _languages(page: Page) -> Iterator[str]:
    page.goto("/console/languages")
    yield "languages"
    page.goto("/console/languages/ar")
    yield "one language"
    page.locator("[data-action=correct]").first.click()
    yield "a sentence to correct"
    page.goto("/console/languages/changes")
    yield "what was changed of languages"


def _releases(page: Page) -> Iterator[str]:
    page.goto("/console/releases")
    page.locator("[data-action=preview-release]").click()
    yield "before a release"
    page.locator("input[name=period]").evaluate("field => { field.value = '2019-H1'; }")
    page.locator("[data-action=make-release]").click()
    expect(page.locator(".refused")).to_be_visible(timeout=RELEASE_SECONDS * 1000)
    yield "no release made"
    page.goto("/console/releases")
    if page.locator("#earlier ~ ul a").count() == 0:
        page.locator("[data-action=make-release]").click()
        page.wait_for_url("**/console/releases/2*", timeout=RELEASE_SECONDS * 1000)
        page.goto("/console/releases")
    page.locator("#earlier ~ ul a").first.click()
    yield "release"


def _pages(page: Page, demo: Demo) -> Iterator[str]:
    """Walk over every page of the console, in each of its states."""
    yield "today"
    desks = ["/console/set-up", "/console/set-up/projects/gent-demo", "/console/organisations", "/console/log"]
    desks += ["/console/demo/reset", "/console/results", "/console/keeping", "/console/care", "/console/care/restore"]
    desks += [
        "/console/guide",
        "/console/staff",
        "/console/staff/demo",
        "/console/account",
        "/console/account/second-step",
    ]
    desks += ["/console/review", "/console/review/national", "/console/exchange"]
    for address in ("/console/sessions/new", "/console/releases", "/console/sessions/999999", *desks):
        page.goto(address)
        yield address
    page.goto("/console/set-up/projects/new")
    page.locator("[name=name]").evaluate("field => { field.required = false; }")
    page.locator("[data-action=save-project]").click()
    yield "a project with faults"
    page.goto("/console")
    page.locator(".card .whole").first.click()
    yield "open session"
    page.locator("[data-action=papers]").click()
    yield "papers"
    page.locator("[data-action=key-in]").click()
    yield "before keying in"
    page.locator("[data-action=begin-keying]").click()
    yield "keying in"
    page.goto("/console")
    page.locator(".card .whole").first.click()
    page.locator("[data-action=close-session]").click()
    yield "close"
    page.goto("/console")
    page.locator(".lines a").first.click()
    yield "closed session"
    yield from _languages(page)
    yield from _releases(page)
    yield from _back_to_the_group(page)
    page.goto("/console/results")
    page.locator(".lines a").first.click()
    yield "results of a release"
    page.locator(".figures th a").first.click()
    yield "results of a question"
    yield from _comments(page, demo)
    yield from _invitation(page)
    yield from _tablets(page)
    page.goto("/console/sessions/new")
    page.locator("#people").evaluate("field => { field.removeAttribute('pattern'); field.value = 'x'; }")
    page.locator("[data-action=start-session]").click()
    yield "start with a fault"
    yield from _indicator(page)
    yield from _tour(page)


@pytest.mark.parametrize(("tag", "width", "scheme"), SCREENS)
def test_no_page_of_the_console_has_a_barrier_or_scrolls_sideways(
    browser: Browser, demo: Demo, tag: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    size: ViewportSize = {"width": width, "height": WIDTHS[width]}
    context = browser.new_context(base_url=demo.url, locale=f"{tag}-BE", viewport=size, color_scheme=scheme)
    page = context.new_page()
    opened: set[tuple[int, str]] = set()
    page.on("response", lambda reply: opened.add((reply.status, urlsplit(reply.url).path)))
    page.goto("/console/sign-in")
    found: dict[str, Any] = {"sign-in": find_barriers(page)}
    page.fill("#name", demo.name)
    page.locator("main button").evaluate("button => button.form.noValidate = true")
    page.locator("main button").click()
    found["sign-in with a fault"] = find_barriers(page)
    sign_in(page, demo)
    for name in _pages(page, demo):
        found[name] = find_barriers(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.locator("html").get_attribute("lang") == tag
    context.close()
    assert len(found) == 66
    assert {name: barriers for name, barriers in found.items() if barriers} == {}
    shown = {address for status, address in opened if status == HTTPStatus.OK}
    refused = sorted(one for one in opened if one[0] >= HTTPStatus.BAD_REQUEST)
    assert [path for path in _staff_pages() if not any(_is_at(path, one) for one in shown)] == [], refused


def _staff_pages() -> list[str]:
    """Every page of the console that has an address: from the routes, so that a new one is missed until it is walked."""
    contexts = iter_route_contexts(console_routes.routes)
    paths = {one.path for one in contexts if "GET" in (getattr(one.route, "methods", None) or ())}
    assert paths > NO_PAGES
    return sorted(paths - NO_PAGES - FROM_ELSEWHERE)


def _is_at(path: str, address: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), address) is not None


def test_the_first_steps_end_with_a_practice_session_on_a_phone_of_ones_own(
    browser: Browser, page: Page, demo: Demo
) -> None:
    sign_in(page, demo)
    page.goto("/console/guide")
    page.locator("[data-action=practise]").click()
    page.wait_for_url(re.compile(r"/console/sessions/\d{6}$"))
    assert page.locator("img.qr").evaluate("image => image.complete && image.naturalWidth > 0")
    context = browser.new_context(base_url=demo.url, viewport={"width": 360, "height": 640}, is_mobile=True)
    phone = context.new_page()
    phone.goto(f"{page.locator('.address a').get_attribute('href')}/fr")
    phone.wait_for_selector("html.ready")
    phone.locator("[data-action=start]:visible").click()
    while phone.locator("#send:visible").count() == 0:
        phone.locator("[data-action=answer]:visible").first.click()
        phone.locator("[data-action=next]:visible").click()
    phone.locator("[data-action=submit]:visible").click()
    phone.wait_for_selector("#thanks:visible")
    expect(page.locator("[data-received]")).not_to_have_text("0")
    page.locator("[data-action=practised]").click()
    expect(page.locator("[data-step-of=practice]")).to_have_class("done")
    context.close()


def test_three_taps_to_the_first_tablet_and_two_from_the_last_answer_to_the_report(
    browser: Browser, page: Page, demo: Demo
) -> None:
    sign_in(page, demo)
    taps = 0

    def tap(where: Page, selector: str) -> None:
        nonlocal taps
        where.locator(selector).click(timeout=RELEASE_SECONDS * 1000)
        taps += 1

    tap(page, "[data-action=start-again][data-module='gent-demo/ict']")
    page.wait_for_url(re.compile(r"/console/sessions/\d{6}$"))
    code = page.locator("[data-code]").get_attribute("data-code") or ""
    group = browser.new_context(base_url=demo.url)
    tablet = group.new_page()
    tablet.goto(f"/s/{code}")  # the tablet's camera looks at the code on the screen
    tap(tablet, f"a[href='/s/{code}/ar']")
    tablet.wait_for_selector("html.ready", state="attached")
    tap(tablet, "[data-action=start]")
    expect(tablet.locator("#try")).to_be_visible()
    assert taps == 3
    group.close()

    hand_in(demo, code)
    taps = 0
    tap(page, "[data-action=close-session]")
    tap(page, "[data-action=close-and-report]")
    page.wait_for_url("**/console/releases/2*", timeout=RELEASE_SECONDS * 1000)
    expect(page.locator("[data-file='workbook-fr.xlsx']")).to_be_visible()
    assert taps == 2


# Each number on a bar against the colour it stands on (a frame of the card's colour where lines lie under it), and what
# tells the parts of a chart apart. WCAG's relative luminance.
CHART = """() => {
  const linear = (part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/\\d+/g).map((part) => linear(part / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const card = getComputedStyle(document.body).backgroundColor;
  const text = document.querySelector(".number");
  const texts = ["most", "some", "little", "least", "positive", "negative"].map((shade) => {
    text.setAttribute("class", `number ${shade}`);
    text.previousElementSibling.setAttribute("class", `part ${shade}`);
    const { fill, stroke } = getComputedStyle(text);
    const ground = stroke === "none" ? getComputedStyle(text.previousElementSibling).fill : stroke;
    return { kind: `number ${shade}`, ratio: contrast(fill, ground) };
  });
  const lines = [...document.querySelectorAll(".part, .middle, .around")].map((line) => (
    { kind: `line ${line.className.baseVal}`, ratio: contrast(getComputedStyle(line).stroke, card) }));
  return [...texts, ...lines];
}"""
TEXT_RATIO, LINE_RATIO = 4.5, 3.0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_numbers_and_lines_of_charts_are_clear_on_a_light_and_on_a_dark_screen(
    page: Page, demo: Demo, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    open_results(page, demo)
    measured = page.evaluate(CHART)
    assert {one["kind"].split()[0] for one in measured} == {"number", "line"}
    least = {"number": TEXT_RATIO, "line": LINE_RATIO}
    assert [one for one in measured if one["ratio"] < least[one["kind"].split()[0]]] == []
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(17, 23, 29)") is (scheme == "dark")


def test_paper_is_light_shows_no_navigation_and_no_address_and_breaks_no_table(page: Page, demo: Demo) -> None:
    open_results(page, demo)
    page.emulate_media(media="print", color_scheme="dark")
    addresses = ["/console", "/console/care", "/console/log", "/console/staff", "/console/set-up/projects/gent-demo"]
    for address in [urlsplit(page.url).path, *addresses]:
        page.goto(address)
        for gone in (".tabs", ".tongues", ".leave", "main button", "main .button", ".help"):
            assert [one.inner_text() for one in page.locator(gone).all() if one.is_visible()] == [], (address, gone)
        assert page.locator(".synthetic").is_visible(), "what is made up says so on paper too"
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(29, 36, 48)"
        printed = page.locator("body").inner_text()
        assert len(printed) > 100
        assert not re.search(r"https?:|/console", printed), address
    page.goto("/console/log")
    assert page.locator(".wide-table").evaluate("part => getComputedStyle(part).overflowX") == "visible"
    open_results(page, demo)
    page.set_viewport_size({"width": 690, "height": 1000})  # a sheet of A4 between its margins
    assert page.locator(".figures tr").first.evaluate("row => getComputedStyle(row).display") == "table-row"
    assert page.evaluate("document.documentElement.scrollWidth") <= 690


def open_results(page: Page, demo: Demo) -> None:
    """Open the results of a release; make one where there is none."""
    if not page.url.startswith("http"):
        sign_in(page, demo)
    page.goto("/console/results")
    if page.locator(".lines a").count() == 0:
        page.goto("/console/releases")
        page.locator("[data-action=make-release]").evaluate("button => button.click()")
        page.wait_for_url("**/console/releases/2*", timeout=RELEASE_SECONDS * 1000)
        page.goto("/console/results")
    page.goto(page.locator(".lines a").last.get_attribute("href") or "")
    assert page.locator(".bar-chart").count() > 0
