"""What happens to a tablet in a room full of people: it is turned, touched twice, touched with two fingers, set to large
letters, to other colours, to stillness. Nothing is lost, nothing is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

UPRIGHT, TURNED = {"width": 800, "height": 1280}, {"width": 1280, "height": 800}

# What is meant to be seen but is not: no room, nothing painted, outside what can be scrolled to, or under another part.
HIDDEN = """async () => {
  const found = [];
  for (const part of document.querySelectorAll(".step :is(p, label, .asked, .stem, .example, a, button), .pager button")) {
    if (part.closest("[hidden], .seen-by-ear")) {
      continue;
    }
    part.scrollIntoView({ block: "center", behavior: "instant" });
    const box = part.getBoundingClientRect();
    const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const shown = box.width > 2 && box.height > 2 && part.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    const reached = at && (part.contains(at) || at.contains(part));
    if (!shown || !reached || box.left < -1 || box.right > innerWidth + 1) {
      found.push(part.textContent.trim().slice(0, 40) || part.outerHTML.slice(0, 60));
    }
  }
  scrollTo(0, 0);
  return found;
}"""


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A tablet that is touched."""
    return {**browser_context_args, "has_touch": True, "is_mobile": True}


def tap(page: Page, action: str) -> None:
    page.locator(f"[data-action={action}]:visible").first.tap()


def place_of(page: Page, selector: str) -> dict[str, float]:
    box = page.locator(f"{selector}:visible").first.bounding_box()
    assert box is not None
    return {"x": round(box["x"] + box["width"] / 2), "y": round(box["y"] + box["height"] / 2)}


def begin(tablet: Any, code: str, language: str = "fr") -> None:
    """Come to the first question by touch."""
    tablet.open(code, language)
    tap(tablet.page, "start")
    tap(tablet.page, "answer")
    tap(tablet.page, "next")


def steps(page: Page) -> Iterator[str]:
    """Name each step from the promise to the end, answered once it was looked at."""
    yield "promise"
    tap(page, "start")
    while page.locator("#send:visible").count() == 0:
        yield str(page.locator(".step:visible").get_attribute("id"))
        tap(page, "answer")
        yield f"{page.locator('.step:visible').get_attribute('id')}, answered"
        tap(page, "next")
    yield "send"


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_tablet_that_is_turned_keeps_the_step_and_the_answers(server: Any, tablet: Any, language: str) -> None:
    code = server.open_session()
    page = tablet.page
    begin(tablet, code, language)
    tap(page, "answer")
    tap(page, "next")
    tablet.page.locator("[value='not-much']:visible").tap()
    for size in (TURNED, UPRIGHT, TURNED):
        page.set_viewport_size(size)
        assert tablet.item == "speaking"
        expect(page.locator("#item-speaking input:checked")).to_have_value("not-much")
        assert page.evaluate(HIDDEN) == []
    tap(page, "next")
    assert tablet.item == "doctor"
    tablet.fill()
    page.set_viewport_size(UPRIGHT)
    tablet.send()

    answers = server.stored(code)["answers"]
    assert (answers["helpful"], answers["speaking"]) == ("a-lot", "not-much")


def test_a_double_tap_on_next_goes_one_question_on(server: Any, tablet: Any) -> None:
    page = tablet.page
    begin(tablet, server.open_session())
    tap(page, "answer")
    tap(page, "next")
    tap(page, "answer")
    tap(page, "next")
    assert tablet.item == "doctor"
    page.wait_for_timeout(500)
    tap(page, "back")
    page.wait_for_timeout(500)
    tap(page, "back")
    assert tablet.item == "helpful"  # and the one after it is answered, so that nothing else stops a second touch
    next_button = place_of(page, "[data-action=next]")
    page.wait_for_timeout(500)
    for _ in range(2):
        page.touchscreen.tap(**next_button)
    page.wait_for_timeout(300)
    assert tablet.item == "speaking"


def test_a_double_tap_does_not_pass_over_the_question_for_a_comment(server: Any, tablet: Any) -> None:
    page = tablet.page
    begin(tablet, server.open_session("talk"))
    before = page.evaluate("() => [...document.querySelectorAll('[data-item]')].at(-2)?.dataset.item")
    while tablet.item != before:
        tap(page, "answer")
        page.wait_for_timeout(500)
        tap(page, "next")
    tap(page, "answer")
    page.wait_for_timeout(500)
    next_button = place_of(page, "[data-action=next]")
    for _ in range(2):
        page.touchscreen.tap(**next_button)
    page.wait_for_timeout(300)
    assert page.locator(".step:visible").get_attribute("data-type") == "comment"


def test_a_double_tap_on_send_sends_once(server: Any, tablet: Any) -> None:
    code = server.open_session("short")
    begin(tablet, code)
    tablet.fill()
    send = place_of(tablet.page, "[data-action=submit]")
    for _ in range(2):
        tablet.page.touchscreen.tap(**send)
    tablet.page.wait_for_selector("#thanks:visible")
    assert len(server.wait_for_responses(code, 1, tablet.page)) == 1


def test_two_fingers_at_once_neither_go_on_nor_lose_what_was_answered(server: Any, tablet: Any) -> None:
    page = tablet.page
    code = server.open_session("short")
    begin(tablet, code)
    tap(page, "answer")
    fingers = page.context.new_cdp_session(page)
    next_button = place_of(page, "[data-action=next]")
    for other in (place_of(page, "[value=no]"), place_of(page, "[data-action=no-answer]")):
        both = [{**next_button, "id": 0}, {**other, "id": 1}]
        fingers.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": both[:1]})
        fingers.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": both})
        fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_timeout(400)
        assert tablet.item == "came"
        assert page.locator("#item-came input:checked").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    tap(page, "answer")
    tap(page, "next")
    tablet.fill()
    tablet.send()
    assert server.stored(code)["answers"]["came"] == "yes"


@pytest.mark.parametrize("setting", ["letters", "colours", "stillness"])
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_whatever_a_person_has_set_nothing_is_hidden(server: Any, tablet: Any, setting: str, language: str) -> None:
    page = tablet.page
    page.set_viewport_size({"width": 360, "height": 640})
    if setting == "letters":
        page.add_init_script(
            "document.addEventListener('DOMContentLoaded', () => {"
            " const sheet = new CSSStyleSheet(); sheet.replaceSync('html { font-size: 200% }');"
            " document.adoptedStyleSheets = [sheet]; })"
        )
    elif setting == "colours":
        page.emulate_media(forced_colors="active")
    else:
        page.emulate_media(reduced_motion="reduce")
    tablet.open(server.open_session(), language)
    looked = []
    for step in steps(page):
        looked.append(step)
        assert page.evaluate(HIDDEN) == [], step
    assert len(looked) == 2 * 9 + 2


def test_what_is_covered_or_faded_would_be_noticed(server: Any, tablet: Any) -> None:
    tablet.open(server.open_session())
    assert tablet.page.evaluate(HIDDEN) == []
    for fault in (".promise p { opacity: 0 }", ".promise li { visibility: hidden }"):
        tablet.page.evaluate(
            "rules => { const sheet = new CSSStyleSheet(); sheet.replaceSync(rules);"
            " document.adoptedStyleSheets = [sheet]; }",
            fault,
        )
        assert len(tablet.page.evaluate(HIDDEN)) >= 6, fault


def test_in_forced_colours_a_chosen_answer_is_told_from_the_others(server: Any, tablet: Any) -> None:
    page = tablet.page
    page.emulate_media(forced_colors="active")
    begin(tablet, server.open_session())
    tap(page, "answer")
    frame = "input => { const s = getComputedStyle(input); return `${s.borderTopWidth} ${s.borderTopColor}`; }"
    chosen, other = (page.locator(f"[value={code}]:visible").evaluate(frame) for code in ("a-lot", "a-little"))
    assert chosen.startswith("6px")
    assert other.startswith("3px")
    assert chosen.split(" ", 1)[1] != other.split(" ", 1)[1]


def test_where_movement_disturbs_the_hand_stands_still_and_points_at_an_answer(server: Any, tablet: Any) -> None:
    page = tablet.page
    moving = "() => document.querySelector('.shows').getAnimations({ subtree: true }).length"
    tablet.open(server.open_session())
    tap(page, "start")
    assert page.evaluate(moving) == 2
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(moving) == 0
    expect(page.locator(".shows img")).to_be_visible()
    hand = place_of(page, ".shows img")
    at = page.evaluate("({x, y}) => document.elementFromPoint(x, y).closest('.answer') !== null", hand)
    assert at
