"""Milliseconds of each page of the console with 100,000 responses in 500 sessions, as a multiple of an empty page.

The pages are those of ``tests/guards/test_rights.py``, each asked by a role that may read it, in an installation with 64
projects, 24 releases of 2,000 figures, and 5,000 lines of log. The empty page: sign in. Measured in the server's own
process, without a network; "cpu ms" depends less on who else uses the machine. Goal: under 150 ms at the median.

    python benchmarks/bench_console.py            every page
    python benchmarks/bench_console.py releases   those whose address contains this
"""

from __future__ import annotations

import json
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import structlog
from guards.test_rights import HOME, PERIOD, World, open_world
from guards.test_statements import grow, pages
from sqlalchemy import text

from survey_app.fieldwork.session import Session
from survey_app.foundation import clock
from survey_app.storage import audit, ledger, sessions
from survey_app.web.console.accounts import hash_token

RESPONSES, SESSIONS = 100_000, 500
MORE, RELEASES, FIGURES, LOG_LINES = 61, 24, 2_000, 5_000
TIMES, WARM_UP = 11, 2
GOAL_MS = 150
DOCUMENT = json.dumps({"language": "nl", "mode": "alone", "answers": {"helpful": "a-lot"}, "off_scale": {}})
EMPTY_PAGE = "/console/sign-in"


@dataclass(frozen=True)
class Taken:
    """Milliseconds of the clock and of the processor, at the median."""

    wall: float
    processor: float


def fill(world: World) -> None:
    """Make the installation as large as the goal says."""
    grow(world, MORE)
    add_sessions(world)
    codes = [session.code for session in sessions.list_all(world.db)]
    responses = [{"id": uuid4().hex, "session": codes[number % len(codes)]} for number in range(RESPONSES)]
    with world.db.writing() as connection:
        connection.execute(text(f"INSERT INTO response VALUES (:id, :session, '{DOCUMENT}')"), responses)
        for number in range(LOG_LINES):
            subject = f"session {codes[number % len(codes)]}"
            audit.add(connection, audit.Deed("manager", "session-started", subject), clock.now())
    for number in range(RELEASES):
        keep_large_release(world, number, codes)


def add_sessions(world: World) -> None:
    """Add closed sessions to every project, up to the number of the goal."""
    there = sessions.list_all(world.db)
    free = (code for code in map(str, range(100_000, 1_000_000)) if code not in {session.code for session in there})
    groups = cycle(sorted({(session.project, session.module) for session in there}))
    for code, (project, module), _ in zip(free, groups, range(SESSIONS - len(there)), strict=False):
        sessions.add(world.db, Session(code, project, module, 12, clock.today()))
        sessions.close(world.db, code, clock.now())


def keep_large_release(world: World, number: int, codes: list[str]) -> None:
    """Remember a release of the lead, with as many figures as a project has."""
    figure = {"at": {"table": "answers", "item": "helpful", "answer": "a-lot"}, "value": 12, "status": "published"}
    name = f"large-{number}"
    release = ledger.Release(
        id=name,
        created=clock.now(),
        tier="inside",
        period=PERIOD,
        scope=f"{HOME}-project",
        hash=hash_token(name),
        previous=ledger.last_hash(world.db),
        sessions=frozenset(codes),
        cells=[figure] * FIGURES,
        responses=dict.fromkeys(codes, RESPONSES // SESSIONS),
        folder=name,
    )
    ledger.append(world.db, release)


def measure(ask: Callable[[], object]) -> Taken:
    """Ask for a page again and again."""
    walls, processors = [], []
    for time_of_asking in range(WARM_UP + TIMES):
        started, used = time.perf_counter(), time.process_time()
        ask()
        if time_of_asking >= WARM_UP:
            walls.append((time.perf_counter() - started) * 1000)
            processors.append((time.process_time() - used) * 1000)
    return Taken(statistics.median(walls), statistics.median(processors))


def main() -> None:
    """Print a line for each page, the slowest last."""
    logging.disable()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[_drop])
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    with tempfile.TemporaryDirectory() as folder, open_world(Path(folder)) as world:
        fill(world)
        empty = measure(lambda: world.ask("nobody signed in", "GET", EMPTY_PAGE))
        print(f"an empty page: {empty.wall:.1f} ms, cpu {empty.processor:.1f} ms")
        taken: dict[str, Taken] = {}
        for path, role in pages():
            address = world.fill(path, HOME)
            if wanted in path and world.ask(role, "GET", address).status_code == 200:
                taken[path] = measure(partial(world.ask, role, "GET", address))
    if not taken:
        sys.exit(f"no page has {wanted!r} in its address")
    print(f"{'ms':>7} {'cpu ms':>7} {'x empty':>8}  page")
    for path, each in sorted(taken.items(), key=lambda one: one[1].wall):
        print(f"{each.wall:7.1f} {each.processor:7.1f} {each.wall / empty.wall:8.1f}  {path}")
    slow = [path for path, each in taken.items() if each.wall > GOAL_MS]
    print(f"{len(taken)} pages, goal {GOAL_MS} ms: {'reached' if not slow else 'missed by ' + ', '.join(slow)}")
    sys.exit(1 if slow else 0)


def _drop(*_: object) -> str:
    raise structlog.DropEvent


if __name__ == "__main__":
    main()
