"""What a page of staff is looked at in, and what stands in somebody's way on it."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page

WIDTHS = {360: 740, 800: 1100, 1280: 900}
LANGUAGES = ("fr", "nl", "en")
USUAL = {("fr", 360, "light"), ("nl", 800, "dark"), ("en", 1280, "light")}
"""What every run looks at: each language, each width, each scheme once. ``./test --all`` looks at all of them."""
SCREENS = [
    pytest.param(*one, marks=() if one in USUAL else pytest.mark.slow)
    for one in product(LANGUAGES, WIDTHS, ("light", "dark"))
]
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def find_barriers(page: Page) -> list[str]:
    try:
        result = _look_at(page)
    except Error:  # the answer to a click came, and with it another page, while this one was looked at
        result = _look_at(page)
    assert len(result["passes"]) > 10, "axe looked at nothing"
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}" for one in result["violations"]]


def _look_at(page: Page) -> dict[str, Any]:
    page.wait_for_load_state("load")
    return Axe().run(page, options=WCAG).response
