"""What comes from another computer is attacked here before it counts; its pages are open to everybody."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import builders
import pytest
from axe_playwright_python.sync_playwright import Axe
from exchange.test_parcels import NOW, collect, pack, release, repack, return_totals
from playwright.sync_api import Browser, Route
from starlette.testclient import TestClient

from survey_app import parcels
from survey_app.fieldwork.rights import Post
from survey_app.foundation.settings import Settings
from survey_app.main import create_app
from survey_app.parcels import Taken
from survey_app.report.canonical import canonical_json, sha256
from survey_app.report.folder import CSV, JSON, RELEASE
from survey_app.storage import received
from survey_app.storage.database import Database
from survey_app.web.console.accounts import add_member

PASSWORD = "four words are enough"
DESK = "https://desk.test"
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@dataclass(frozen=True)
class World:
    """A reviewer's desk, and what two computers packed for it: one honest, one with a withheld number written in."""

    db: Database
    browser: TestClient
    data: Path
    honest: bytes
    forged: bytes

    def take(self, raw: bytes) -> Taken:
        taken = parcels.take_parcel(self.db, raw, self.data, NOW, "rita")
        assert isinstance(taken, Taken)
        return taken

    def page(self, address: str) -> str:
        reply = self.browser.get(address)
        assert reply.status_code == 200
        return reply.text


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, bytes]:
    """The data of the desk before anything came, and the two parcels."""
    folder = tmp_path_factory.mktemp("computers")
    app = create_app(Settings(data_dir=folder / "centre"))
    centre = app.state.database
    builders.write_structure(centre)
    add_member(centre, "rita", PASSWORD, Post("reviewer"))
    raw = {}
    for name, people in (("Luik", 40), ("Namen", 36)):
        laptop = Database(f"sqlite:///{folder / name}.sqlite3")
        laptop.upgrade()
        builders.write_structure(laptop)
        builders.introduce(laptop, name, centre, "centre")
        collect(laptop, "482913", people)
        release(laptop, folder / name / "network", "network", "..2026-H1")
        if name == "Luik":
            return_totals(laptop, folder / name / "return")
            raw[name] = pack(laptop)
        else:
            raw[name] = repack(laptop, centre, pack(laptop), write_in_a_withheld_number)
        laptop.close()
    centre.close()
    return folder / "centre", raw["Luik"], raw["Namen"]


@pytest.fixture
def world(packed: tuple[Path, bytes, bytes], tmp_path: Path) -> Iterator[World]:
    data, honest, forged = packed
    here = Path(shutil.copytree(data, tmp_path / "centre"))
    app = create_app(Settings(data_dir=here))
    headers = {"sec-fetch-site": "same-origin", "accept-language": "en"}
    browser = TestClient(app, headers=headers, follow_redirects=False)  # without the chores of a server that runs
    assert browser.post("/console/sign-in", data={"name": "rita", "password": PASSWORD}).status_code == 303
    yield World(app.state.database, browser, here, honest, forged)
    app.state.database.close()


def write_in_a_withheld_number(opened):  # noqa: ANN201 - a parcel, as the sender could have made it
    """Publish one number of three people, with hashes that agree."""
    for one in opened.folders:
        files = dict(one.files)
        tables = json.loads(files[JSON])
        cell = next(cell for cell in tables["cells"] if cell["status"] == "withheld" and cell["measure"] == "people")
        cell.update(value=3, status="published")
        lines = io.StringIO()
        out = csv.DictWriter(lines, tables["columns"], lineterminator="\n")
        out.writeheader()
        out.writerows({**each, "value": "" if each["value"] is None else each["value"]} for each in tables["cells"])
        files |= {JSON: canonical_json(tables), CSV: lines.getvalue().encode()}
        said = json.loads(files[RELEASE])
        for name in (JSON, CSV):
            said["files"][name] = {"sha256": sha256(files[name]), "bytes": len(files[name])}
        yield type(one)(one.kind, {**files, RELEASE: canonical_json(said)}, one.sessions)


def sources(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('data-source="')[1:]]


def test_a_release_of_another_computer_counts_only_when_it_stood_the_attack_here(world: World) -> None:
    world.take(world.honest)
    world.take(world.forged)
    by_kind = {(one.sender, one.kind): one for one in received.list_received(world.db)}
    forger = next(sender for sender, _ in by_kind if (sender, "return") not in by_kind)
    forged = by_kind[forger, "release"]
    honest = next(one for one in by_kind.values() if one.sender != forger and one.kind == "release")
    pages = {one.hash: f"/console/review/received/{one.hash}" for one in (honest, forged)}

    assert "is being checked" in world.page(pages[honest.hash])
    assert 'id="answers"' not in world.page(pages[honest.hash])
    assert sources(world.page("/console/review/national?period=2026-H1")) == ["nothing", "exact", "not-yet"]

    started: list[str] = []
    found = parcels.audit_received(world.db, world.data, NOW, started.append)
    assert sorted(started) == sorted([honest.id, forged.id])
    assert {one.release: bool(one.faults) for one in found} == {honest.hash: False, forged.hash: True}
    assert all(one.attacked for one in found)
    assert "It was checked here" in world.page(pages[honest.hash])
    assert 'id="answers"' in world.page(pages[honest.hash])
    failed = world.page(pages[forged.hash])
    assert "This release did not stand the check" in failed
    assert "3 people" not in failed
    assert 'id="answers"' not in failed
    assert sources(world.page("/console/review/national?period=2026-H1")) == ["nothing", "exact", "failed"]
    assert "This release did not stand the check" in world.page("/console/review?period=2026-H1")

    assert parcels.audit_received(world.db, world.data, NOW) == (), "each is attacked once"


def test_what_was_changed_after_it_came_waits_until_it_is_as_it_came(world: World) -> None:
    world.take(world.honest)
    one = next(each for each in received.list_received(world.db) if each.kind == "release")
    file = parcels.folder_of(one, world.data) / "tables.csv"
    whole = file.read_bytes()
    file.write_bytes(whole + b"x")
    assert parcels.audit_received(world.db, world.data, NOW) == ()
    file.write_bytes(whole)
    assert [found.release for found in parcels.audit_received(world.db, world.data, NOW)] == [one.hash]


def test_pages_of_what_came_have_no_barrier(world: World, browser: Browser) -> None:
    for raw in (world.honest, world.forged):
        world.take(raw)
    releases = received.list_received(world.db)
    addresses = [f"/console/review/received/{one.hash}" for one in releases]
    addresses += ["/console/review?period=2026-H1", "/console/review/national?period=2026-H1"]
    context = browser.new_context(viewport={"width": 360, "height": 800}, base_url=DESK)
    page = context.new_page()

    def answer(route: Route) -> None:
        reply = world.browser.get(route.request.url.removeprefix(DESK))
        kept = {
            name: value for name, value in reply.headers.items() if name not in {"content-length", "content-encoding"}
        }
        route.fulfill(status=reply.status_code, headers=kept, body=reply.content)

    page.route("**/*", answer)
    found = {}
    for state in ("not-yet", "attacked"):
        for address in addresses:
            page.goto(address)
            result = Axe().run(page, options=WCAG).response
            assert len(result["passes"]) > 10, "axe looked at nothing"
            found[state, address] = [one["id"] for one in result["violations"]]
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
        parcels.audit_received(world.db, world.data, NOW)
    context.close()
    assert {where: barriers for where, barriers in found.items() if barriers} == {}
    assert len(found) == 2 * (len(releases) + 2)
