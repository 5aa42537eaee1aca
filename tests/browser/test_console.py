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
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from survey_app.foundation import clock
from survey_app.foundation.periods import period_of

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
WIDTHS = ((360, 740), (800, 1100), (1280, 900))
RELEASE_SECONDS = 180
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


class Demo(NamedTuple):
    """What `survey-app demo` printed."""

    url: str
    name: str
    password: str
    code: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    data = tmp_path_factory.mktemp("demo") / "data"
    environment = {**os.environ, "SURVEY_APP_DATA_DIR": str(data), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "survey_app", "demo", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield _read_welcome(process)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _read_welcome(process: subprocess.Popen[str]) -> Demo:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("Stop with"):
            break
    found = re.search(
        r"Staff\s+(\S+)/console\s+name\s+(\S+)\s+password\s+(\S+)\s+Tablet\s+\S+/s/\d+\s+code\s+(\d+)", said
    )
    assert found is not None, said
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


def hand_in(demo: Demo, code: str) -> None:
    body = {
        "questionnaire": "amif-exit",
        "version": 1,
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
    expect(page.locator("#making")).to_be_visible()
    expect(page.locator("[data-action=make-release]")).to_be_disabled()
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


def test_a_release_that_is_refused_gives_the_reasons_without_leaving_the_page(
    browser: Browser, page: Page, demo: Demo
) -> None:
    sign_in(page, demo)
    page.goto("/console/releases")
    page.locator("#scope").select_option("binche-demo")
    page.locator("[data-action=make-release]").click()
    refused = page.locator(".refused, h1:has-text('2026')").first
    expect(refused).to_be_visible(timeout=RELEASE_SECONDS * 1000)
    if page.locator(".refused").count():
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


def test_staff_come_from_sign_in_to_a_session_by_keyboard_alone(page: Page, demo: Demo) -> None:
    page.goto("/console")
    page.keyboard.type(demo.name)
    page.keyboard.press("Tab")
    page.keyboard.type(demo.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console")
    page.locator("[data-action=new-session]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/sessions/new")
    page.locator("input[name=module]:checked").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/console/sessions/\d{6}$"))


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


def _back_to_the_group(page: Page) -> Iterator[str]:
    page.locator("[data-action=group]").click()
    yield "back to the group"
    page.locator("[data-action=make-practice]").click()
    yield "a practice sheet without words"


def _pages(page: Page) -> Iterator[str]:
    """Walk over every page of the console, in each of its states."""
    yield "today"
    desks = ["/console/set-up", "/console/set-up/projects/gent-demo", "/console/organisations", "/console/log"]
    desks += ["/console/results", "/console/keeping", "/console/care", "/console/care/restore"]
    desks += ["/console/staff", "/console/staff/demo", "/console/account", "/console/account/second-step"]
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
    page.goto("/console/releases")
    page.locator("#earlier ~ ul a").first.click()
    yield "release"
    yield from _back_to_the_group(page)
    page.goto("/console/tablets")
    page.fill("#name", uuid.uuid4().hex[:12])
    page.locator("[data-action=add-tablet]").click()
    yield "QR code of a tablet"
    page.goto("/console/tablets")
    yield "tablets"
    page.goto("/console/sessions/new")
    page.locator("#people").evaluate("field => { field.removeAttribute('pattern'); field.value = 'x'; }")
    page.locator("[data-action=start-session]").click()
    yield "start with a fault"
    page.goto("/console/indicator")
    yield "indicator"
    page.locator("[data-action=return-indicator]").click()
    yield "indicator, not sure"
    page.locator("input[name=sure]").check()
    page.locator("[data-action=return-indicator]").click()
    page.wait_for_url(re.compile(r"/console/indicator/indicator-until-"))
    yield "indicator return"


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_no_page_of_the_console_has_a_barrier_or_scrolls_sideways(
    page: Page, demo: Demo, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/console/sign-in")
    found: dict[str, Any] = {"sign-in": _barriers(page)}
    page.fill("#name", demo.name)
    page.locator("main button").evaluate("button => button.form.noValidate = true")
    page.locator("main button").click()
    found["sign-in with a fault"] = _barriers(page)
    sign_in(page, demo)
    for name in _pages(page):
        found[name] = _barriers(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.locator("html").get_attribute("lang") == "fr"
    assert len(found) == 34
    assert {name: barriers for name, barriers in found.items() if barriers} == {}


def _barriers(page: Page) -> list[str]:
    result = Axe().run(page, options=WCAG).response
    assert len(result["passes"]) > 10, "axe looked at nothing"
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}" for one in result["violations"]]


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
    expect(page.locator("[data-file='workbook-nl.xlsx']")).to_be_visible()
    assert taps == 2
