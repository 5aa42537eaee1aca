"""How often a page of the console asks the database: as often with hundreds of rows as with a few.

The pages come from the app, and what stands in their addresses from the world of ``test_rights``: a new page is watched
by itself. SQLite tells of every statement, however it was sent.
"""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import count
from uuid import uuid4

import pytest
from guards.test_rights import DOORS, EMPTY_HERE, HOME, PERIOD, SIGNED_IN, World, keep_release
from guards.test_rights import world as world  # noqa: PLC0414 - its fixture
from sqlalchemy import text
from statements import statements

from survey_app import journeys
from survey_app.collection.comment import Comment, Written
from survey_app.fieldwork.device import Device, DeviceState
from survey_app.fieldwork.rights import RIGHTS, Post
from survey_app.fieldwork.structure import Module, Organisation, Project, RegisterCount
from survey_app.foundation import clock
from survey_app.storage import audit, comments, devices, indicator_returns, sessions, staff
from survey_app.storage.structure import write_structure
from survey_app.web.console.accounts import hash_token

FEW, MANY = 3, 25
MOST_STATEMENTS = 40
"""No page needs more, the reading of who asks included."""
_numbers = count(1)


def grow(world: World, number: int) -> None:
    """Add so many of everything that a page may list, all within reach of the manager at the lead."""
    for _ in range(number):
        one = next(_numbers)
        name = f"more-{one}"
        _add_project(world, name)
        code, closed = (_add_session(world, project) for project in (f"{HOME}-project", name))
        sessions.close(world.db, closed, clock.now())
        _add_tablet(world, name, code)
        keep_release(world.db, name, "inside", [closed])
        _add_return(world, name, closed)
        staff.add_staff(world.db, staff.Staff(name, "no password", frozenset({Post("manager", name)})))
        _invite(world, name)
        audit.record(world.db, audit.Deed(name, "session-started", f"session {code}"), clock.now())


def _invite(world: World, name: str) -> None:
    until = clock.now() + timedelta(hours=1)
    deed = audit.Deed(name, "invited", f"manager of {name}")
    staff.add_one_time_link(world.db, hash_token(name), staff.Link(Post("manager", name)), until, deed, clock.now())


def _add_project(world: World, name: str) -> None:
    project = Project(name, name, name, "amif-exit", 2, frozenset({"speaking", "comment"}), ("nl", "ar"))
    counted = [RegisterCount(name, "female", "18-60", 20)]
    more = Module(name, name, f"{HOME}-project")
    write_structure(
        world.db, [Organisation(name, name, lead=HOME)], [project], [Module("ict", "ICT", name), more], counted
    )


def _add_session(world: World, project: str) -> str:
    code = journeys.open_session(world.db, project, "ict", 12, clock.today()).code
    body = json.dumps({"language": "nl", "mode": "alone", "answers": {}, "off_scale": {}})
    row = {"id": uuid4().hex, "session": code, "document": body}
    with world.db.writing() as connection:
        connection.execute(text("INSERT INTO response VALUES (:id, :session, :document)"), row)
    comments.keep_comment(world.db, project, PERIOD, Comment(uuid4(), Written("good")))
    return code


def _add_tablet(world: World, name: str, code: str) -> None:
    devices.add_device(world.db, Device(name, name, HOME))
    key = hash_token(name)
    devices.add_link(world.db, key, name, clock.now() + timedelta(hours=1), clock.now())
    devices.enrol(world.db, key, key, f"https://{name}.example", clock.now())
    devices.note_state(
        world.db,
        key,
        DeviceState(tier="plain", waiting=2, shelved=0, copies=0, persisted=True, sessions={code: 2}),
        clock.now(),
    )


def _add_return(world: World, name: str, code: str) -> None:
    earlier = indicator_returns.last_return_hash(world.db)
    made = indicator_returns.IndicatorReturn(
        name, clock.now(), name, f"..{PERIOD}", hash_token(name), earlier, (), {code: 1}, {}, "none"
    )
    indicator_returns.append_return(world.db, made)


def pages() -> list[tuple[str, str]]:
    """Each page that is read, with a role that may."""
    wanted = ("manager", "reviewer", "administrator", "editor", "facilitator")
    found: list[tuple[str, str]] = []
    for key, door in DOORS.items():
        method, path = key.split(" ")
        if method == "GET" and path != "/console/sign-in" and "{token}" not in path:
            held = RIGHTS.get(door, {"manager": None})  # type: ignore[call-overload]
            found.append((path, next(role for role in wanted if role in held)))
    return found


def ask_all(world: World) -> dict[str, int]:
    """How many statements each page takes, the second time it is asked for."""
    taken: dict[str, int] = {}
    for path, role in pages():
        address = world.fill(path, HOME)
        first = world.ask(role, "GET", address)
        assert first.status_code in {200, 303} or f"GET {path}" in EMPTY_HERE, (path, first.status_code)
        taken[path] = ask(world, path, role)
    return taken


def ask(world: World, path: str, role: str) -> int:
    """How many statements a page takes now. Chores that run beside it each minute add some by chance, and take none away."""
    with statements(world.db) as seen:
        world.ask(role, "GET", world.fill(path, HOME))
    return len(seen)


def test_no_page_asks_the_database_more_often_because_there_are_more_rows(world: World) -> None:
    assert SIGNED_IN in DOORS.values()
    grow(world, FEW)
    few = ask_all(world)
    assert len(few) > 20
    assert all(few.values()), "the guard saw no statement"
    grow(world, MANY)
    many = ask_all(world)
    many |= {path: min(many[path], ask(world, path, role)) for path, role in pages() if many[path] > few[path]}
    assert {path: (few[path], many[path]) for path in few if many[path] > few[path]} == {}
    assert {path: taken for path, taken in many.items() if taken > MOST_STATEMENTS} == {}


def test_the_guard_sees_a_page_that_asks_once_for_each_row(world: World) -> None:
    with statements(world.db) as seen:
        for session in sessions.list_all(world.db):
            sessions.counter(world.db, session.code)
    assert len(seen) > len(sessions.list_all(world.db))


@pytest.mark.parametrize("path", ["/console", "/console/sessions/{code}"])
def test_the_pages_that_everybody_uses_are_among_them(path: str) -> None:
    assert path in dict(pages())
