"""Respondents' pages for weak eyes and large fingers: contrast of at least 7:1 (WCAG 2.2, 1.4.6) in every script, and every
target at least 64 by 64 px.

axe measures the scripts it knows. For Arabic script it says nothing, so contrast is computed here; on French both must agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

ENHANCED = {"runOnly": ["color-contrast-enhanced"], "rules": {"color-contrast-enhanced": {"enabled": True}}}
LEAST_CONTRAST = 7.0
LEAST_TARGET = 64

# Every text that is seen: its colour against what lies behind it, layer on layer, by WCAG's relative luminance.
CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const read = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return { rgb: [r, g, b], alpha: a / 255 };
  };
  const over = (front, back) => front.rgb.map((part, i) => part * front.alpha + back[i] * (1 - front.alpha));
  const ground = (part) => {
    if (!part) {
      return [255, 255, 255];
    }
    const colour = read(getComputedStyle(part).backgroundColor);
    return colour.alpha === 1 ? colour.rgb : over(colour, ground(part.parentElement));
  };
  const luminance = (rgb) => {
    const linear = (part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = rgb.map((part) => linear(part / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const texts = [...document.querySelectorAll("body *")].filter((part) => part.checkVisibility()
    && !part.closest(".seen-by-ear") && part.getBoundingClientRect().width > 2 && parseFloat(getComputedStyle(part).fontSize) > 0
    && [...part.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
  return texts.map((part) => {
    const back = ground(part);
    const [light, dark] = [luminance(back), luminance(over(read(getComputedStyle(part).color), back))].sort((a, b) => b - a);
    return { words: part.textContent.trim().slice(0, 40), ratio: (light + 0.05) / (dark + 0.05) };
  });
}"""

TARGETS = """() => [...document.querySelectorAll("a, button, input:not([type=hidden])")]
  .filter((part) => part.checkVisibility() && part.getBoundingClientRect().width > 2)
  .map((part) => {
    const { width, height } = part.getBoundingClientRect();
    return { part: part.outerHTML.slice(0, 80), width, height };
  })"""


def screens(page: Page, code: str, language: str) -> Iterator[str]:
    """Name every screen from the wall to the end, each question untouched, asked again and answered."""
    page.goto(f"/s/{code}")
    page.wait_for_load_state("networkidle")
    yield "wall"
    page.goto(f"/s/{code}/{language}")
    page.wait_for_selector("html.ready")
    yield "promise"
    page.locator("[data-action=start]").click()
    while page.locator("#send:visible").count() == 0:
        step = page.locator(".step:visible").get_attribute("id")
        page.locator("[data-action=next]:visible").click()
        yield f"{step}, asked again"
        page.locator("[data-action=answer]:visible").first.click()
        yield f"{step}, answered"
        page.locator("[data-action=next]:visible").click()
    yield "send"
    page.locator("[data-action=submit]").click()
    page.wait_for_selector("[data-where=kept]:visible")
    yield "thanks"


def pale_texts(page: Page) -> list[dict[str, Any]]:
    """Return the texts on the screen that are too pale, or one saying that there is none at all."""
    measured: list[dict[str, Any]] = page.evaluate(CONTRASTS)
    return [one for one in measured if one["ratio"] < LEAST_CONTRAST] if measured else [{"words": "", "ratio": 0}]


@pytest.mark.parametrize("language", ["fr", "ti", "uk", "bn", "zh-Hans"])
def test_axe_finds_every_text_clear_in_each_script_that_it_measures(server: Any, page: Page, language: str) -> None:
    code = server.open_session("short" if language == "fr" else "group", people=6)
    for screen in screens(page, code, language):
        if screen.startswith("item-") and not screen.startswith(("item-helpful", "item-came", "item-change")):
            continue  # the same parts with other words
        found = Axe().run(page, options=ENHANCED).response
        assert found["violations"] == [], screen
        measured = [node for rule in found["passes"] for node in rule["nodes"]]
        assert len(measured) >= 2, screen


@pytest.mark.parametrize("language", ["fr", "ar", "ps"])
def test_every_text_is_clear_by_computation_in_arabic_script_too(server: Any, page: Page, language: str) -> None:
    looked = []
    for screen in screens(page, server.open_session(people=6), language):
        looked.append(screen)
        assert pale_texts(page) == [], screen
    assert len(looked) == 4 + 2 * 9


def test_a_colour_that_is_a_little_too_pale_is_noticed(server: Any, page: Page) -> None:
    page.goto(f"/s/{server.open_session()}/ar")
    page.wait_for_selector("html.ready")
    assert pale_texts(page) == []
    for colour, is_enough in (("#595959", True), ("#5c5c5c", False)):  # 7.0 and 6.7 on white
        page.evaluate(
            "colour => { const sheet = new CSSStyleSheet();"
            " sheet.replaceSync(`.promise p { color: ${colour}; background: #fff }`);"
            " document.adoptedStyleSheets = [sheet]; }",
            colour,
        )
        assert (pale_texts(page) == []) is is_enough, colour


@pytest.mark.parametrize("width", [360, 800])
@pytest.mark.parametrize("language", ["fr", "ar", "om"])
def test_every_target_is_large_enough_for_a_finger(server: Any, page: Page, language: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 640 if width == 360 else 1280})
    counted = 0
    for screen in screens(page, server.open_session(), language):
        targets = page.evaluate(TARGETS)
        counted += len(targets)
        small = [one for one in targets if min(one["width"], one["height"]) < LEAST_TARGET]
        assert small == [], screen
    assert counted >= 150
