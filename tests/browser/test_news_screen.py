"""Before the questions a tablet tells what became of earlier answers: spoken, in pictures, and without a network too."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, expect

from survey_app.fieldwork.news import News, WishAnswer
from survey_app.foundation import clock
from survey_app.storage import ledger, rooms
from survey_app.storage.news import keep_news
from tests.browser.test_respond_speech import LISTEN

pytestmark = pytest.mark.browser

PROJECT = "group"

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def tell(server: Any, code: str) -> None:
    """Choose what became of two wishes, and that the session begins with it."""
    release = ledger.Release(
        id=f"told-{code}",
        created=clock.now(),
        tier="inside",
        period="2026-H1",
        scope=PROJECT,
        hash=code.ljust(64, "0"),
        previous=ledger.last_hash(server.db),
        sessions=frozenset({code}),
        cells=(),
        responses={code: 12},
        folder="told",
    )
    ledger.append(server.db, release)
    wishes = (WishAnswer("change", "more-hours", "changed"), WishAnswer("change", "slower", "in-discussion"))
    keep_news(server.db, News(release.id, PROJECT, wishes), clock.now())
    rooms.begin_with_news(server.db, code, is_chosen=True)


def test_the_group_hears_what_became_of_it_then_answers_and_all_of_it_works_without_a_network(
    server: Any, tablet: Any, context: BrowserContext
) -> None:
    page = tablet.page
    page.add_init_script(LISTEN)
    code = server.open_session()
    tell(server, code)
    tablet.kept_offline(code)
    page.wait_for_function(
        f"async () => Boolean(await caches.match('/s/{code}/fr/news') && await caches.match('/s/{code}/fr'))"
    )
    context.set_offline(True)
    page.goto(f"/s/{code}")
    page.locator("a[hreflang=fr]").click()
    page.wait_for_url(re.compile(f"/s/{code}/fr/news$"))
    expect(page.locator(".news li")).to_have_count(2)
    expect(page.locator(".news li").first).to_contain_text("Nous l'avons changé.")
    assert Axe().run(page, options=WCAG).response["violations"] == []
    page.locator("[data-action=start]").click()
    page.wait_for_url(re.compile(f"/s/{code}/fr$"))
    page.wait_for_selector("html.ready")
    context.set_offline(False)
    page.goto(f"/s/{code}/fr/news")
    wanted = page.locator("main").evaluate("part => [...part.querySelectorAll('[data-say]')].map(e => e.dataset.say)")
    assert len(wanted) == 6, "a title, two wishes, what became of each, and how to go on"
    page.locator("[data-action=replay]").click()
    page.wait_for_function("wanted => window.heard.length === wanted", arg=len(wanted), timeout=30_000)
    assert page.evaluate("[heard, most]") == [wanted, 1]
