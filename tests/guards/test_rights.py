"""Who may open which page: each route of the console x each role x own and foreign organisation.

The routes come from the app: a new one without an entry in ``DOORS`` fails. Each guard first proves that it found
something to guard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from httpx import Response
from starlette.testclient import TestClient

from survey_app import journeys
from survey_app.fieldwork.device import Device
from survey_app.fieldwork.rights import AT_AN_ORGANISATION, RIGHTS, ROLES, Post, Reach, Right, Role
from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.foundation import clock
from survey_app.foundation.periods import period_of
from survey_app.foundation.settings import Settings
from survey_app.main import create_app
from survey_app.storage import audit, devices, ledger, sessions, staff
from survey_app.storage.database import Database
from survey_app.storage.structure import write_structure
from survey_app.web.console import visit
from survey_app.web.console.accounts import hash_token

ANYONE = "anyone"
SIGNED_IN = "signed in"
# Who may open each page of the console. Add a line for a new page: what it needs, and nothing else here changes.
DOORS: dict[str, str] = {
    "GET /console": SIGNED_IN,
    "GET /console/sign-in": ANYONE,
    "POST /console/sign-in": ANYONE,
    "POST /console/sign-in/code": ANYONE,
    "POST /console/sign-in/provider": ANYONE,
    "GET /console/sign-in/provider/return": ANYONE,
    "POST /console/sign-out": SIGNED_IN,
    "GET /console/account": SIGNED_IN,
    "POST /console/account/password": SIGNED_IN,
    "POST /console/account/sign-out-everywhere": SIGNED_IN,
    "GET /console/account/second-step": SIGNED_IN,
    "POST /console/account/second-step": SIGNED_IN,
    "POST /console/account/second-step/remove": SIGNED_IN,
    "POST /console/account/provider": SIGNED_IN,
    "POST /console/account/provider/remove": SIGNED_IN,
    "GET /console/guide": SIGNED_IN,
    "POST /console/guide/away": SIGNED_IN,
    "POST /console/practice": "run-sessions",
    "POST /console/demo/tour": SIGNED_IN,
    "POST /console/demo/tour/stop": SIGNED_IN,
    "GET /console/demo/reset": "back-up",
    "POST /console/demo/reset": "back-up",
    "GET /console/organisations": "add-organisations",
    "POST /console/organisations": "add-organisations",
    "POST /console/organisations/{organisation}/aside": "add-organisations",
    "POST /console/organisations/{organisation}/bring-back": "add-organisations",
    "GET /console/set-up": "set-up",
    "POST /console/set-up/partners": "set-up",
    "GET /console/set-up/export.yaml": "set-up",
    "GET /console/set-up/projects/new": "set-up",
    "GET /console/set-up/projects/{project}": "set-up",
    "POST /console/set-up/projects": "set-up",
    "POST /console/set-up/projects/{project}": "set-up",
    "POST /console/set-up/projects/{project}/aside": "set-up",
    "POST /console/set-up/projects/{project}/bring-back": "set-up",
    "POST /console/set-up/projects/{project}/register": "set-up",
    "POST /console/set-up/projects/{project}/register/bring-back": "set-up",
    "POST /console/set-up/projects/{project}/register/sheet": "set-up",
    "GET /console/keeping": "set-up",
    "POST /console/keeping/{project}": "set-up",
    "GET /console/staff": "manage-staff",
    "POST /console/staff/invite": "manage-staff",
    "POST /console/staff/links/{number}/withdraw": "manage-staff",
    "GET /console/staff/{name}": "manage-staff",
    "POST /console/staff/{name}/posts": "manage-staff",
    "POST /console/staff/{name}/posts/remove": "manage-staff",
    "POST /console/staff/{name}/link": "manage-staff",
    "POST /console/staff/{name}/second-step/remove": "manage-staff",
    "POST /console/staff/{name}/provider/remove": "manage-staff",
    "POST /console/staff/{name}/sign-out": "manage-staff",
    "POST /console/staff/{name}/remove": "manage-staff",
    "POST /console/staff/{name}/give-back": "manage-staff",
    "GET /console/care": "back-up",
    "POST /console/care/backups": "back-up",
    "GET /console/care/backups/{name}": "back-up",
    "POST /console/care/backups/{name}/remove": "back-up",
    "GET /console/care/restore": "back-up",
    "POST /console/care/restore": "back-up",
    "GET /console/log": "read-log",
    "POST /console/language": ANYONE,
    "GET /console/first/{token}": ANYONE,
    "POST /console/first/{token}": ANYONE,
    "GET /console/sessions/new": "run-sessions",
    "POST /console/sessions": "run-sessions",
    "GET /console/sessions/{code}": "run-sessions",
    "GET /console/sessions/{code}/counter": "run-sessions",
    "GET /console/sessions/{code}/qr.svg": "run-sessions",
    "GET /console/sessions/{code}/close": "run-sessions",
    "POST /console/sessions/{code}/close": "run-sessions",
    "POST /console/sessions/{code}/cancel": "run-sessions",
    "POST /console/sessions/{code}/reopen": "run-sessions",
    "POST /console/sessions/{code}/helped": "run-sessions",
    "POST /console/sessions/{code}/phones": "run-sessions",
    "POST /console/sessions/{code}/news": "run-sessions",
    "POST /console/sessions/{code}/report": "release-inside",
    "GET /console/tablets": "keep-tablets",
    "POST /console/tablets": "keep-tablets",
    "POST /console/tablets/{device}/link": "keep-tablets",
    "POST /console/tablets/{device}/revoke": "keep-tablets",
    "GET /console/papers/{project}": "run-sessions",
    "GET /console/papers/{project}/{tag}.pdf": "run-sessions",
    "GET /console/sessions/{code}/papers": "key-in-papers",
    "POST /console/sessions/{code}/papers": "key-in-papers",
    "GET /console/releases": "see-releases",
    "POST /console/releases": "see-releases",
    "GET /console/languages": "edit-languages",
    "GET /console/languages/{tag}": "edit-languages",
    "GET /console/languages/{tag}/{domain}.po": "edit-languages",
    "GET /console/languages/{tag}/corrections/{domain}.po": "edit-languages",
    "POST /console/languages/{tag}/bring": "edit-languages",
    "POST /console/languages/{tag}/keep": "edit-languages",
    "GET /console/languages/{tag}/sentences/{sentence}": "edit-languages",
    "POST /console/languages/{tag}/sentences/{sentence}": "edit-languages",
    "GET /console/languages/changes": "edit-languages",
    "POST /console/languages/changes/{number}": "edit-languages",
    "GET /console/releases/preview": "see-releases",
    "GET /console/releases/making/{release_id}": "see-releases",
    "GET /console/releases/{release_id}": "see-releases",
    "GET /console/releases/{release_id}/files/{name}": "see-releases",
    "GET /console/releases/{release_id}/group": "see-releases",
    "GET /console/releases/{release_id}/poster.pdf": "see-releases",
    "POST /console/releases/{release_id}/news": "see-releases",
    "POST /console/releases/{release_id}/practice": "see-releases",
    "GET /console/results": "see-releases",
    "GET /console/results/{release_id}": "see-releases",
    "GET /console/results/{release_id}/items/{item}": "see-releases",
    "GET /console/indicator": "return-indicator",
    "POST /console/indicator": "return-indicator",
    "GET /console/indicator/{return_id}": "return-indicator",
    "GET /console/indicator/{return_id}/files/{name}": "return-indicator",
    "GET /console/review": "review-releases",
    "POST /console/review/sign-off": "review-releases",
    "GET /console/review/national": "return-indicator",
    "GET /console/review/received/{release_hash}": "review-releases",
    "GET /console/review/received/{release_hash}/files/{name}": "review-releases",
    "GET /console/exchange": "review-releases",
    "POST /console/exchange/pack": "review-releases",
    "POST /console/exchange/supply": "review-releases",
    "POST /console/exchange/take": "review-releases",
    "GET /console/rescue": "keep-tablets",
    "POST /console/rescue": "keep-tablets",
    "GET /console/comments": "review-comments",
    "POST /console/comments/{project}/{period}/open": "review-comments",
    "GET /console/comments/{project}/{period}": "review-comments",
    "GET /console/comments/{project}/{period}/passed.csv": "review-comments",
    "GET /console/comments/{project}/{period}/{comment_id}/sound.wav": "review-comments",
    "POST /console/comments/{project}/{period}/{comment_id}/pass": "review-comments",
    "POST /console/comments/{project}/{period}/{comment_id}/reject": "review-comments",
    "POST /console/comments/{project}/{period}/{comment_id}/undo": "review-comments",
    "GET /console/signals": "review-comments",
    "GET /console/signals/signals.csv": "review-comments",
    "GET /console/signals/{signal_id}": "review-comments",
    "POST /console/signals/{signal_id}/answer": "review-comments",
    "POST /console/signals/{signal_id}/pass-up": "review-comments",
    "POST /console/signals/{signal_id}/merge": "review-comments",
    "GET /console/signals/sources/{project}/{period}": "review-comments",
    "GET /console/signals/sources/{project}/{period}/{source_id}": "review-comments",
    "POST /console/signals/sources/{project}/{period}/{source_id}": "review-comments",
    "POST /console/signals/sources/{project}/{period}/{source_id}/reject": "review-comments",
    "GET /console/notes/{project}": "run-sessions",
    "POST /console/notes/{project}": "run-sessions",
}
# Pages on which somebody with the right may still meet "not here": there is no such comment, no file, no identity provider,
# or the tablet was revoked before.
EMPTY_HERE = {
    "GET /console/sign-in/provider/return",
    "GET /console/languages/{tag}/corrections/{domain}.po",
    "GET /console/languages/{tag}/sentences/{sentence}",
    "POST /console/languages/{tag}/sentences/{sentence}",
    "GET /console/care/backups/{name}",
    "POST /console/care/backups/{name}/remove",
    "POST /console/tablets/{device}/link",
    "GET /console/comments/{project}/{period}/passed.csv",
    "GET /console/comments/{project}/{period}/{comment_id}/sound.wav",
    "GET /console/signals/{signal_id}",
    "POST /console/signals/{signal_id}/answer",
    "POST /console/signals/{signal_id}/pass-up",
    "POST /console/signals/{signal_id}/merge",
    "GET /console/signals/sources/{project}/{period}/{source_id}",
    "POST /console/signals/sources/{project}/{period}/{source_id}",
    "POST /console/signals/sources/{project}/{period}/{source_id}/reject",
    "GET /console/releases/{release_id}/files/{name}",
    "GET /console/releases/{release_id}/group",
    "GET /console/releases/{release_id}/poster.pdf",
    "POST /console/releases/{release_id}/news",
    "POST /console/releases/{release_id}/practice",
    "GET /console/review/received/{release_hash}",
    "GET /console/review/received/{release_hash}/files/{name}",
    "GET /console/indicator/{return_id}",
    "GET /console/indicator/{return_id}/files/{name}",
}
QUERIES = {"/console/releases/preview": "?tier=inside&period={period}&scope={project}"}
"""What an address asks where its path alone asks nothing."""
PERIOD = period_of(clock.today()).code
HOME = "gent"
PLACES = {"own": "gent", "partner": "aalst", "foreign": "luik"}
ALL_PLACES = "every place"
NAMES = {role: role for role in ROLES}


@dataclass(frozen=True)
class World:
    """Three organisations (a lead, its partner, a stranger), each with a project, a session and a release of each tier."""

    app: FastAPI
    browser: TestClient
    sessions: dict[str, str]

    @property
    def db(self) -> Database:
        database = self.app.state.database
        assert isinstance(database, Database)
        return database

    def ask(self, role: str, method: str, address: str, **more: object) -> Response:
        """Ask as somebody whose only post is this role: at the lead, where the role has a place."""
        self.browser.cookies.set("staff", f"token of {role}")
        return self.browser.request(method, address, **more)  # type: ignore[arg-type]

    def fill(self, path: str, organisation: str) -> str:
        """Fill the slots of a path with what belongs to an organisation."""
        tier = "public" if organisation == ALL_PLACES else "inside"
        slots = {
            "code": self.sessions.get(organisation, ""),
            "organisation": organisation,
            "project": f"{organisation}-project",
            "period": PERIOD,
            "release_id": f"{organisation}-{tier}",
            "comment_id": str(uuid4()),
            "signal_id": str(uuid4()),
            "source_id": str(uuid4()),
            "return_id": "none",
            "release_hash": "none",
            "item": "helpful",
            "device": f"{organisation}-tablet",
            "name": "somebody" if "/staff/" in path else "tables.csv",
            "tag": "nl",
            "domain": "respond",
            "sentence": "none",
            "number": "0",
        }
        return re.sub(r"\{(\w+)\}", lambda slot: slots[slot[1]], path + QUERIES.get(path, ""))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("rights")) as made:
        yield made


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    app = create_app(Settings(data_dir=folder))
    app.state.is_demo, app.state.reset_demo = True, lambda: None  # so that its pages are there, too
    db = app.state.database
    write_structure(
        db,
        [Organisation("gent", "Gent"), Organisation("aalst", "Aalst", lead="gent"), Organisation("luik", "Luik")],
        [
            Project(f"{code}-project", code, code, "amif-exit", 2, frozenset({"speaking", "comment"}), ("nl",))
            for code in PLACES.values()
        ],
        [Module("ict", "Computer", f"{code}-project") for code in PLACES.values()],
    )
    running = {
        code: journeys.open_session(db, f"{code}-project", "ict", 12, clock.today()).code for code in PLACES.values()
    }
    for organisation, code in running.items():
        devices.add_device(db, Device(f"{organisation}-tablet", "Blue", organisation))
        for tier in ("inside", "network", "public"):
            keep_release(db, organisation, tier, [code])
    for role in ROLES:
        post = Post(role, HOME if role in AT_AN_ORGANISATION else "")
        staff.add_staff(db, staff.Staff(NAMES[role], "no password", frozenset({post})))
        token = hash_token(f"token of {role}")
        staff.start_staff_session(db, token, NAMES[role], clock.now() + timedelta(hours=1), clock.now())
    staff.add_staff(db, staff.Staff("nobody", "no password"))
    staff.start_staff_session(
        db, hash_token("token of nobody"), "nobody", clock.now() + timedelta(hours=1), clock.now()
    )
    staff.add_staff(db, staff.Staff("somebody", "no password"))
    headers = {"sec-fetch-site": "same-origin", "accept-language": "en"}
    with TestClient(app, headers=headers, follow_redirects=False) as browser:
        yield World(app, browser, running)


def keep_release(db: Database, organisation: str, tier: str, counted: list[str]) -> None:
    name = f"{organisation}-{tier}"
    release = ledger.Release(
        id=name,
        created=clock.now(),
        tier=tier,
        period=PERIOD,
        scope=f"{organisation}-project",
        hash=hash_token(name),
        previous=ledger.last_hash(db),
        sessions=frozenset(counted),
        cells=(),
        responses=dict.fromkeys(counted, 12),
        folder=name,
    )
    ledger.append(db, release)


def doors_of(app: FastAPI) -> dict[str, str]:
    """What the signature of each page of the console says."""
    found: dict[str, str] = {}
    for context in iter_route_contexts(app.routes):
        route = context.route
        if not isinstance(route, APIRoute) or not context.path.startswith("/console"):
            continue
        for needed in route.dependant.dependencies:
            if isinstance(needed.call, visit.Needs):
                door: str = needed.call.right
            elif needed.call in {visit._visit, visit._staff_visit}:
                door = ANYONE if needed.call == visit._visit else SIGNED_IN
            else:
                continue
            found.update({f"{method} {context.path}": door for method in route.methods})
        assert any(f"{method} {context.path}" in found for method in route.methods), (
            f"{context.path} says neither which right it needs, nor SignedIn, nor Anyone"
        )
    return found


def test_every_page_says_who_may_open_it_and_the_list_agrees(world: World) -> None:
    found = doors_of(world.app)
    assert len(found) > 20
    assert found == DOORS


def test_every_right_is_held_by_somebody_and_reaches_as_far_as_its_role() -> None:
    assert set(RIGHTS) > {"run-sessions", "see-releases"}
    for right, held in RIGHTS.items():
        assert held, right
        for role, reach in held.items():
            assert (reach is Reach.ALL) == (role not in AT_AN_ORGANISATION), (right, role)


def test_the_table_for_people_says_what_the_table_for_the_program_says() -> None:
    told = (Path(__file__).resolve().parents[2] / "docs" / "roles.md").read_text(encoding="utf-8")
    assert f"| right | {' | '.join(ROLES)} |" in told
    for right, held in RIGHTS.items():
        cells = (held[role].value if role in held else "" for role in ROLES)
        assert f"| `{right}` | {' | '.join(cells)} |" in told, right


def test_an_administrator_has_no_results_and_a_facilitator_neither() -> None:
    results: set[Right] = {
        "see-releases",
        "release-inside",
        "release-network",
        "release-public",
        "return-indicator",
        "review-releases",
    }
    for right in results | {"review-comments"}:
        assert not {"administrator", "facilitator", "editor"} & set(RIGHTS[right]), right


REACHED: dict[tuple[Role, str], bool] = {
    (role, place): reaches
    for role, places in {
        "facilitator": {"own"},
        "manager": {"own", "partner"},
        "reviewer": {"own", "partner", "foreign"},
        "editor": {"own", "partner", "foreign"},
        "administrator": {"own", "partner", "foreign"},
    }.items()
    for place in PLACES
    for reaches in [place in places]
}
"""How far each role reaches from the lead ``gent``, written down once more by hand."""


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_a_page_opens_for_the_roles_that_have_its_right_and_is_no_page_for_all_others(world: World, role: str) -> None:
    plain = [(key, door) for key, door in DOORS.items() if "{" not in key and door not in {ANYONE, SIGNED_IN}]
    assert len(plain) > 4
    for key, door in plain:
        method, path = key.split(" ")
        reply = world.ask(role, method, path)
        may = role != "nobody" and role in RIGHTS[door]  # type: ignore[index]
        assert (reply.status_code != 404) == may, (key, role)
        if not may:
            assert audit.list_latest(world.db, 1)[0].deed == audit.Deed(role, "refused", path), key


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("place", PLACES)
def test_what_belongs_to_an_organisation_is_found_by_those_who_reach_it_only(
    world: World, role: Role, place: str
) -> None:
    kinds = [(key, door) for key, door in DOORS.items() if "{" in key and door not in {ANYONE, SIGNED_IN}]
    assert len(kinds) > 12
    for key, door in kinds:
        if door == "see-releases":
            continue  # the tier decides: below
        method, path = key.split(" ")
        for headers in ({}, {"hx-request": "true"}):
            reply = world.ask(role, method, world.fill(path, PLACES[place]), headers=headers)
            may = role in RIGHTS[door] and REACHED[role, place]  # type: ignore[index]
            if not may:
                assert reply.status_code == 404, (key, role, place)
                assert audit.list_latest(world.db, 1)[0].deed.who == NAMES[role], key
                assert audit.list_latest(world.db, 1)[0].deed.action == "refused", key
            elif key not in EMPTY_HERE:
                assert reply.status_code != 404, (key, role, place)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("tier", ["inside", "network", "public"])
def test_a_release_is_read_by_those_whom_its_tier_is_for(world: World, role: Role, place: str, tier: str) -> None:
    may = {
        "inside": role == "manager" and place != "foreign",
        "network": role == "reviewer",
        "public": role in {"manager", "reviewer"},
    }[tier]
    name = f"{PLACES[place]}-{tier}"
    reply = world.ask(role, "GET", f"/console/releases/{name}")
    assert reply.status_code == (200 if may else 404)
    for results in (f"/console/results/{name}", f"/console/results/{name}/items/helpful"):
        assert world.ask(role, "GET", results).status_code == reply.status_code
    assert world.ask(role, "GET", f"/console/releases/{name}/files/tables.csv").status_code == 404  # no folder here
    if role in RIGHTS["see-releases"]:
        listed = f"/console/releases/{name}" in world.ask(role, "GET", "/console/releases").text
        assert listed == may
        assert (f"/console/results/{name}" in world.ask(role, "GET", "/console/results").text) == may
        if not may:
            assert audit.list_latest(world.db, 1)[0].deed == audit.Deed(role, "refused", f"release {name}")


def test_a_code_in_a_form_is_no_way_round(world: World) -> None:
    before = len(sessions.list_all(world.db))
    started = world.ask("facilitator", "POST", "/console/sessions", data={"module": "luik-project/ict", "people": "9"})
    assert started.status_code == 422
    assert len(sessions.list_all(world.db)) == before
    released = len(ledger.list_releases(world.db))
    for role, tier, scope in (
        ("manager", "inside", "luik-project"),
        ("manager", "inside", "all"),
        ("manager", "public", "gent-project"),
        ("reviewer", "inside", "gent-project"),
    ):
        form = {"tier": tier, "period": PERIOD, "scope": scope}
        assert world.ask(role, "POST", "/console/releases", data=form).status_code == 422, (role, tier, scope)
    assert len(ledger.list_releases(world.db)) == released


def test_the_first_page_lists_the_sessions_within_reach_and_leads_everybody_to_their_desk(world: World) -> None:
    own, partner, foreign = (f"/console/sessions/{world.sessions[code]}" for code in PLACES.values())
    seen = {role: world.ask(role, "GET", "/console").text for role in ("facilitator", "manager")}
    assert (own in seen["facilitator"], partner in seen["facilitator"], foreign in seen["facilitator"]) == (
        True,
        False,
        False,
    )
    assert (own in seen["manager"], partner in seen["manager"], foreign in seen["manager"]) == (True, True, False)
    assert world.ask("reviewer", "GET", "/console").headers["location"] == "/console/releases"
    assert "Ask the administrator" in world.ask("nobody", "GET", "/console").text


def test_codes_that_do_not_exist_are_told_apart_from_foreign_ones_by_nobody(world: World) -> None:
    foreign = world.sessions["luik"]
    missing = next(str(code) for code in range(100_000, 100_100) if str(code) not in world.sessions.values())
    replies = [world.ask("manager", "GET", f"/console/sessions/{code}") for code in (foreign, missing)]
    assert [reply.status_code for reply in replies] == [404, 404]
    assert replies[0].text.replace(foreign, "") == replies[1].text.replace(missing, "")
    noted = [entry.deed.subject for entry in audit.list_latest(world.db, 2)]
    assert noted == [f"session {missing}", f"session {foreign}"]


def test_nobody_types_content_into_the_log(world: World) -> None:
    world.ask("manager", "GET", f"/console/comments/Fatima%20Ben/{PERIOD}")
    world.ask("manager", "GET", "/console/releases/Fatima%20Ben")
    assert [entry.deed.subject for entry in audit.list_latest(world.db, 2)] == ["release ?", "project ?"]


def test_the_log_of_all_that_is_whole(world: World) -> None:
    assert audit.find_break(world.db) is None


def test_commands_ask_nobody_and_none_of_them_shows_a_response() -> None:
    from survey_app.cli import app

    root = Path(__file__).resolve().parents[2]
    assert len(app.registered_commands) + len(app.registered_groups) > 6
    told = (root / "README.md").read_text(encoding="utf-8")
    assert "Commands ask nobody: whoever has a shell on the machine has its data" in told
