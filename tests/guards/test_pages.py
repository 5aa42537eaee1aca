"""What people forget on pages. Each guard first proves that it found something to guard."""

from __future__ import annotations

import re
from pathlib import Path

import builders
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from survey_app.foundation.languages import RESPONDENT_LANGUAGES, STAFF_LANGUAGES, Language
from survey_app.web.kit.headers import HEADERS
from survey_app.web.kit.pages import STATIC, TEMPLATES, environment
from survey_app.web.respond.edition import OWN_PAGE, kept_files

OWN_STATIC = [path for path in STATIC.rglob("*") if path.is_file() and "vendor" not in path.parts]
FILL = {
    "code": builders.CODE,
    "tag": "fr",
    "response_id": "6f2f0c5e-2a55-4b0e-9d49-9a8a1c1d2e3f",
    "token": "nothing",
    "release_id": "none",
    "name": "none",
    "language": "fr",
}


def addresses(app: FastAPI) -> set[tuple[str, str]]:
    found = set()
    for context in iter_route_contexts(app.routes):
        path = getattr(context, "path", None) or getattr(context.route, "path", "")
        filled = re.sub(r"\{(\w+)(:\w+)?\}", lambda slot: FILL.get(slot[1], "none"), path)
        for method in getattr(context.route, "methods", None) or ():
            found.add((method, filled))
    return found


def test_every_reply_carries_the_security_headers(app: FastAPI, client: TestClient) -> None:
    all_of_them = addresses(app)
    assert len(all_of_them) > 15
    for method, address in sorted(all_of_them | {("GET", "/nowhere"), ("GET", "/static/css/tokens.css")}):
        reply = client.request(method, address, follow_redirects=False)
        missing = [name for name in HEADERS if name not in reply.headers]
        assert missing == [], (method, address)
        assert reply.headers["content-security-policy"].startswith("default-src 'none'"), address
        assert "unsafe" not in reply.headers["content-security-policy"], address


def test_nothing_of_the_console_is_ever_cached(app: FastAPI, client: TestClient) -> None:
    console = [(method, path) for method, path in sorted(addresses(app)) if path.startswith("/console")]
    assert len(console) > 5
    for method, address in console:
        reply = client.request(method, address, follow_redirects=False)
        assert reply.headers["cache-control"] == "no-store", address


@pytest.mark.parametrize("language", RESPONDENT_LANGUAGES, ids=lambda language: language.tag)
def test_every_page_of_a_respondent_renders_in_every_language(client: TestClient, language: Language) -> None:
    tag, direction = language.tag, language.direction
    for address in (f"/s/{builders.CODE}/{tag}", f"/s/{builders.CODE}/{tag}/thanks"):
        reply = client.get(address)
        assert reply.status_code == 200, address
        assert f'lang="{tag}"' in reply.text
        assert f'dir="{direction}"' in reply.text
    assert f'lang="{tag}"' in client.get(f"/s/{builders.CODE}").text


def test_every_template_compiles_and_is_either_french_or_translatable(app: FastAPI) -> None:
    templates = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
    assert len(templates) > 10
    for name in templates:
        environment().get_template(name)
    assert all(app.state.catalogues.messages(tag) for tag in STAFF_LANGUAGES)


def test_no_page_asks_another_host_for_anything() -> None:
    texts = [
        path for path in (*OWN_STATIC, *TEMPLATES.rglob("*.html")) if path.suffix in {".html", ".js", ".css", ".svg"}
    ]
    assert len(texts) > 60
    for path in texts:
        foreign = set(re.findall(r"https?://[^\s\"'<>)]+", path.read_text("utf-8"))) - {"http://www.w3.org/2000/svg"}
        assert foreign == set(), path


def test_no_script_or_style_stands_inside_a_page() -> None:
    templates = list(TEMPLATES.rglob("*.html"))
    assert templates
    for path in templates:
        text = path.read_text("utf-8")
        assert not re.search(r"\s(on\w+|style)=", text), path
        assert not re.search(r"\|\s*safe\b", text), path
    for path in (path for path in OWN_STATIC if path.suffix == ".js"):
        assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\(", path.read_text("utf-8")), path


def test_layout_follows_the_reading_direction() -> None:
    sheets = [path for path in OWN_STATIC if path.suffix == ".css"]
    assert sheets
    for path in sheets:
        physical = re.findall(
            r"(?:margin|padding|border)-(?:left|right)|text-align:\s*(?:left|right)|^\s*(?:left|right):",
            path.read_text("utf-8"),
            re.MULTILINE,
        )
        assert physical == [], path


def test_no_file_names_the_machine_it_was_written_on() -> None:
    root = Path(__file__).resolve().parents[2]
    ours = [
        p
        for folder in ("survey_app", "docs", "scripts", "benchmarks", "questionnaires")
        for p in (root / folder).rglob("*")
    ]
    texts = [
        p
        for p in ours
        if p.suffix in {".py", ".md", ".yaml", ".html", ".js", ".css", ".json"} and "vendor" not in p.parts
    ]
    assert len(texts) > 100
    for path in texts:
        assert not re.search(r"/root/|/home/\w|/work/", path.read_text("utf-8")), path


def test_a_tablet_keeps_every_file_that_a_style_sheet_of_its_own_page_names() -> None:
    """What is not kept holds the page up until the browser gives up a server that is gone: half a minute."""
    named = {
        (STATIC / sheet).parent.joinpath(address).resolve().relative_to(STATIC.resolve()).as_posix()
        for sheet in OWN_PAGE
        if sheet.endswith(".css")
        for address in re.findall(r"url\(\"([^\"#]+)\"\)", (STATIC / sheet).read_text("utf-8"))
    }
    assert "vendor/fonts/latin.woff2" in named
    assert {f"/static/{name}" for name in named} <= set(kept_files()["shell"])
