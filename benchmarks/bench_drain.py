"""A tablet with 500 waiting responses hands them in, against 500 bare commits of SQLite on the same disk in the same round.

Real Chromium, the real form, the real server; time from the moment at which the network is back until the corner of the wall
says that nothing waits. Goal: at most twice the time of the bare commits, as the median of the ratios of three rounds.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final
from uuid import uuid4

sys.path[:0] = [str(Path(__file__).parents[1] / "tests"), str(Path(__file__).parents[1] / "tests" / "faults")]

import wire
from installation import Installation
from playwright.sync_api import sync_playwright
from tablets import Tablet

RESPONSES: Final = 500
RUNS: Final = 3
SLOWEST_RATIO: Final = 2.0
CODE: Final = "482913"
DRAIN: Final = """async () => {
  const waits = () => !document.querySelector("[data-count=waiting]").hidden;
  const started = performance.now();
  dispatchEvent(new Event("online"));
  while (waits()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return (performance.now() - started) / 1000;
}"""


def commit_bare(folder: Path) -> float:
    """Commit as many documents one by one, as bare as SQLite can be, and return the seconds."""
    connection = sqlite3.connect(folder / f"{uuid4().hex}.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE response (id TEXT PRIMARY KEY, session TEXT, document TEXT) WITHOUT ROWID")
    started = time.perf_counter()
    for _ in range(RESPONSES):
        connection.execute("INSERT INTO response VALUES (?, ?, ?)", (uuid4().hex, CODE, "x" * 300))
    taken = time.perf_counter() - started
    connection.close()
    return taken


def drain(tablet: Tablet, network: wire.Wire, first: int) -> float:
    """Let responses wait, then let the network come back, and return the seconds until none waits."""
    tablet.open_form()
    with network.suffering(wire.cut_before):
        for start in range(first, first + RESPONSES, 50):
            tablet.answer(range(start, start + 50))
        light = tablet.look()
        if light.waiting != RESPONSES:
            raise RuntimeError(f"{light.waiting} wait instead of {RESPONSES}")
    return float(tablet.page.evaluate(DRAIN))


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="bench-drain-", ignore_cleanup_errors=True) as where,
        sync_playwright() as p,
    ):
        folder = Path(where)
        with Installation(folder / "server") as served, wire.Wire(served.port) as network:
            served.open_session(CODE)
            tablet = Tablet(p, folder / "tablet", network.url, CODE)
            tablet.start()
            tablet.prepare()
            ours, floor = [], []
            for number in range(RUNS):
                floor.append(commit_bare(folder))
                ours.append(drain(tablet, network, number * RESPONSES))
            tablet.kill()
            counted = served.counted([CODE])
            served.db.close()
    if sorted(counted) != list(range(RUNS * RESPONSES)):
        print(f"FAULT: {len(counted)} of {RUNS * RESPONSES} responses are counted")
        return 1
    ratios = [one / bare for one, bare in zip(ours, floor, strict=True)]
    ratio = statistics.median(ratios)
    print(
        f"{RESPONSES} waiting responses are handed in within {statistics.median(ours):.2f} s "
        f"({min(ours):.2f} to {max(ours):.2f}); {RESPONSES} bare commits take {statistics.median(floor):.2f} s "
        f"({min(floor):.2f} to {max(floor):.2f}); ratio {ratio:.2f}, the median of {RUNS} rounds "
        f"({', '.join(f'{one:.2f}' for one in ratios)}); goal {SLOWEST_RATIO}"
    )
    return 0 if ratio <= SLOWEST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
