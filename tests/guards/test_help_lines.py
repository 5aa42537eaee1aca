"""Under the title of every staff page stands one line: what the page is for, and what comes next. In each language.

The pages come from the app: a new one is watched by itself. Those that only a form leads to are found by their templates.
"""

from __future__ import annotations

import re

import pytest
from guards.test_rights import DOORS, HOME, World
from guards.test_rights import world as world  # noqa: PLC0414 - its fixture
from guards.test_statements import pages

from survey_app.foundation.languages import STAFF_LANGUAGES
from survey_app.web.console.visit import LANGUAGE_COOKIE
from survey_app.web.kit.pages import TEMPLATES

LINE = re.compile(r'<p class="help">(.*?)</p>', re.DOTALL)
LONGEST = 280  # letters: it is read while people wait


def help_of(page: str) -> str:
    """Return the line under the title: before any form, list, table or section. Empty where there is none."""
    _, _, after = page.partition("</h1>")
    found = LINE.search(re.split(r"<(?:form|ul|ol|table|section|fieldset)\b", after, maxsplit=1)[0])
    return "" if found is None else " ".join(found[1].split())


def ask_in(world: World, tag: str) -> dict[str, str]:
    """Every page that opens by its address, in a language: path -> its HTML."""
    found: dict[str, str] = {}
    world.browser.cookies.set(LANGUAGE_COOKIE, tag)
    for path, role in [*pages(), ("/console/sign-in", "a stranger")]:
        address = world.fill(path, HOME)
        reply = world.ask(role, "GET", address)
        is_page = reply.headers.get("content-type", "").startswith("text/html") and "<h1>" in reply.text
        if is_page:
            found[path] = reply.text
    world.browser.cookies.delete(LANGUAGE_COOKIE)
    return found


def test_every_staff_page_says_under_its_title_what_it_is_for_in_every_language(world: World) -> None:
    told: dict[str, dict[str, str]] = {}
    for tag in STAFF_LANGUAGES:
        shown = ask_in(world, tag)
        assert len(shown) > 20
        assert {path for path in shown if f'<html lang="{tag}"' not in shown[path]} == set()
        told[tag] = {path: help_of(page) for path, page in shown.items()}
        assert [path for path, line in told[tag].items() if not line or len(line) > LONGEST] == []
    assert set(told) == {"fr", "nl", "en"}
    for path in told["en"]:
        assert len({told[tag][path] for tag in told}) == len(told), f"{path} is not translated"


def test_pages_that_only_a_form_leads_to_have_the_line_too() -> None:
    staff = sorted((TEMPLATES / "console").glob("*.html"))
    assert len(staff) > 30
    for path in staff:
        text = path.read_text("utf-8")
        assert 'extends "layouts/console.html"' in text, path.name
        assert text.count('<p class="help">') == 1, path.name
        assert text.index("<h1>") < text.index('<p class="help">'), path.name


@pytest.mark.parametrize("without", ["<h1>Care</h1><form>", '<h1>Care</h1><ul><li></ul><p class="help">Too late.</p>'])
def test_the_guard_sees_a_page_without_the_line(without: str) -> None:
    assert "GET /console/care" in DOORS
    assert help_of(without) == ""
    assert help_of('<h1>Care</h1>\n<p class="help">\nLook.\n</p><form>') == "Look."
