"""Respondents' pages for everyone: no violation found by axe, targets and letters large enough, nothing wider than the
screen, mirrored where the language reads from right to left."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

# Here yi reads from right to left in Latin letters: axe does not measure contrast on Arabic script.
LANGUAGES = ["fr", "yi"]
SIZES = [(360, 640), (800, 1280), (1280, 800)]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

SMALLEST = """() => {
  const shown = (part) => { const box = part.getBoundingClientRect(); return box.width > 2 && box.height > 2; };
  const targets = [...document.querySelectorAll("a, button, input:not([type=hidden])")].filter(shown);
  const texts = [...document.querySelectorAll("body *")].filter((part) =>
    shown(part) && [...part.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
  return {
    targets: Math.min(...targets.flatMap((part) => {
      const box = part.getBoundingClientRect(); return [box.width, box.height]; })),
    letters: Math.min(...texts.map((part) => parseFloat(getComputedStyle(part).fontSize))),
    italics: texts.filter((part) => getComputedStyle(part).fontStyle !== "normal").length,
    sideways: document.documentElement.scrollWidth - innerWidth,
  };
}"""


def check(page: Page, where: str) -> None:
    """Fail with what axe says, and where targets, letters or the width break the promise."""
    found = Axe().run(page, options=RULES)
    problems = [
        f"{rule['id']}: {[node['html'] for node in rule['nodes']][:3]}" for rule in found.response["violations"]
    ]
    assert problems == [], where
    least = page.evaluate(SMALLEST)
    assert least["targets"] >= 64, where
    assert least["letters"] >= 14 * 96 / 72, where
    assert least["italics"] == 0, where
    assert least["sideways"] <= 0, where


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_any_step(server, tablet, language) -> None:
    code = server.open_session("try-out", people=6)
    page = tablet.page
    page.set_viewport_size({"width": 360, "height": 640})
    tablet.open(code, language)
    check(page, "promise")
    tablet.press("start")
    check(page, "practice")
    tablet.answer("a-little")
    check(page, "practice, answered")
    tablet.press("next")
    while (item := tablet.item) is not None:
        tablet.press("next")
        check(page, f"{item}, asked again")
        page.locator("[data-action=answer]:visible").first.click()
        check(page, f"{item}, answered")
        tablet.press("next")
    check(page, "send")
    tablet.send()
    expect(page.locator("[data-where=kept]")).to_be_visible()
    check(page, "thanks")


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_the_other_pages(server, tablet, language, width, height) -> None:
    code = server.open_session("try-out")
    page = tablet.page
    page.set_viewport_size({"width": width, "height": height})
    for address in ("/", "/s/999999", f"/s/{code}", f"/s/{code}/{language}/thanks", f"/s/{code}/{language}"):
        page.goto(address)
        page.wait_for_load_state()
        check(page, address)


def test_axe_finds_nothing_on_the_plain_form(server, browser, browser_context_args, tmp_path) -> None:
    code = server.open_session()
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    page.route("**/modules/**", lambda route: route.abort())
    page.goto(f"/s/{code}/yi#try")
    page.locator("input[name=practice]").first.check()
    expect(page.locator("[data-action=submit]")).to_be_visible()
    page.evaluate(  # questions far below are laid out when they come near: axe measures them all at once
        "() => { const sheet = new CSSStyleSheet(); sheet.replaceSync('* { content-visibility: visible !important }');"
        " document.adoptedStyleSheets = [sheet]; }"
    )
    check(page, "plain form")
    context.close()


@pytest.mark.parametrize("language", ["fr", "ar", "ti", "uk", "tr", "so"])
def test_letters_twice_as_large_still_fit_the_narrowest_screen(server, tablet, language) -> None:
    code = server.open_session("try-out", people=6)
    page = tablet.page
    page.set_viewport_size({"width": 360, "height": 640})
    page.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => {"
        " const sheet = new CSSStyleSheet(); sheet.replaceSync('html { font-size: 200% }');"
        " document.adoptedStyleSheets = [sheet]; })"
    )
    tablet.begin(code, language)
    while tablet.item is not None:
        assert page.evaluate(SMALLEST)["sideways"] <= 0, tablet.item
        page.locator("[data-action=answer]:visible").first.click()
        tablet.press("next")
    assert page.evaluate(SMALLEST)["sideways"] <= 0, "send"


def test_a_right_to_left_page_mirrors_the_scale_and_the_arrows_but_not_the_faces(server, tablet) -> None:
    code = server.open_session()
    tablet.page.set_viewport_size({"width": 1280, "height": 800})
    tablet.begin(code, "yi")
    page = tablet.page
    places = page.locator("section:visible [data-action=answer]").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().x)"
    )
    assert places == sorted(places, reverse=True)
    turned = page.locator("[data-action=next] img").evaluate("picture => getComputedStyle(picture).scale")
    face = page.locator("section:visible .answer img").first.evaluate("picture => getComputedStyle(picture).scale")
    assert (turned, face) == ("-1 1", "none")


def test_a_question_with_four_answers_fits_a_small_screen_without_scrolling(server, tablet) -> None:
    code = server.open_session()
    tablet.page.set_viewport_size({"width": 360, "height": 640})
    tablet.begin(code)
    heights = {}
    while (item := tablet.item) is not None and item != "change":
        heights[item] = tablet.page.evaluate("document.documentElement.scrollHeight")
        tablet.page.locator("[data-action=answer]:visible").first.click()
        tablet.press("next")

    assert len(heights) == 5
    assert [item for item, height in heights.items() if height > 640] in ([], ["transport"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_hand_that_shows_what_to_touch_makes_no_page_wider(server, tablet, language) -> None:
    tablet.page.set_viewport_size({"width": 360, "height": 640})
    tablet.open(server.open_session("try-out", people=6), language)
    tablet.press("start")
    widths = tablet.page.evaluate(
        """() => document.getAnimations().filter((one) => one.animationName === "shows").map((hand) => {
          hand.pause();
          hand.currentTime = 4_000; // over the second answer
          return document.documentElement.scrollWidth - innerWidth;
        })"""
    )
    assert widths == [0]


def test_nothing_of_a_form_is_printed(server, tablet) -> None:
    tablet.open(server.open_session())
    tablet.page.emulate_media(media="print")
    expect(tablet.page.locator("body")).to_be_hidden()


def test_each_question_tells_a_screen_reader_its_place_and_its_group(server, tablet, say) -> None:
    code = server.open_session()
    tablet.begin(code)
    place = say("Question {n} of {total}").format(n=1, total=8)
    assert place in (tablet.page.evaluate("document.activeElement.textContent") or "")
    group = tablet.page.get_by_role("group").filter(visible=True)
    expect(group).to_have_count(1)
    assert group.get_by_role("radio").count() == 7
