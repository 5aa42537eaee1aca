"""Durable PUTs a second at 1, 8 and 32 connections, against two floors measured in the same run.

The floors: the same server answering a constant, and bare SQLite commits (WAL, synchronous=FULL) of the same documents.
Seconds depend on who else uses the machine; the processor time of the server for one PUT ("cpu ms") does so much less.
Goal: at least 500 durable PUTs a second at 8 connections.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.storage import sessions, structure
from survey_app.storage.database import Database

CODE = "482913"
CONNECTIONS = (1, 8, 32)
SECONDS = 4.0
WARM_UP_SECONDS = 1.0
ROUNDS = 3
GOAL_AT_8 = 500
ACTIVITIES = frozenset({"speaking", "housing", "money", "people"})
BODY = json.dumps(
    {
        "questionnaire": "amif-exit",
        "version": 1,
        "language": "ar",
        "mode": "alone",
        "answers": {
            **dict.fromkeys(("helpful", "speaking", "housing", "money", "people"), "a-lot"),
            "change": ["more-hours", "childcare"],
            "age": "18-60",
        },
        "off_scale": {"gender": "no-answer"},
    }
).encode()
CONSTANT = json.dumps({"receipt": str(uuid4()), "status": "stored"}).encode()

Scope = dict[str, Any]


async def answer_a_constant(
    scope: Scope, receive: Callable[[], Awaitable[Scope]], send: Callable[[Scope], Awaitable[None]]
) -> None:
    """Read the body and answer: what the server itself costs."""
    if scope["type"] == "lifespan":
        for stage in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{stage}.complete"})
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(CONSTANT)).encode())]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": CONSTANT})


def serve(app: str, folder: str, port_out: Any) -> None:
    """Serve as ``survey-app serve`` does."""
    from survey_app.commands.serve import app_from_environment, listen, run

    os.environ["SURVEY_APP_DATA_DIR"] = folder
    with Path(folder, "log").open("ab") as log:  # written, as in real life, but not on the screen
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    made: Any = app_from_environment() if app == "survey-app" else answer_a_constant
    with listen("127.0.0.1", 0) as listening:
        port_out.send(listening.getsockname()[1])
        run(made, listening)


@contextmanager
def served(app: str, folder: Path) -> Iterator[tuple[int, int]]:
    """Serve in a process of its own; give its port and its process number."""
    context = multiprocessing.get_context("spawn")
    port_in, port_out = context.Pipe(duplex=False)
    process = context.Process(target=serve, args=(app, str(folder), port_out))
    process.start()
    try:
        yield port_in.recv(), process.pid or 0
    finally:
        process.terminate()
        process.join(timeout=30)


def cpu_seconds(pid: int) -> float:
    """Read the processor time of a process; not a number where the system does not tell (Linux does)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def put_until(port: int, until: float, took: list[float], wanted: bytes) -> None:
    """One connection, kept open: as little client as can be."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n".encode() + BODY
    )
    while time.perf_counter() < until:
        response_id = str(uuid4())
        started = time.perf_counter()
        writer.write(f"PUT /api/v1/sessions/{CODE}/responses/{response_id} ".encode() + head)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        if not answer.startswith(b"HTTP/1.1 201") or (wanted and response_id.encode() not in body):
            raise RuntimeError(answer + body)
        took.append(time.perf_counter() - started)
    writer.close()
    await writer.wait_closed()


async def count_puts(port: int, connections: int, seconds: float, *, checked: bool) -> list[float]:
    took: list[float] = []
    until = time.perf_counter() + seconds
    wanted = b"receipt" if checked else b""
    await asyncio.gather(*(put_until(port, until, took, wanted) for _ in range(connections)))
    return took


def count_commits(folder: Path, seconds: float) -> float:
    """Commit one document at a time, as bare as SQLite can be."""
    connection = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS response (id TEXT PRIMARY KEY, session TEXT, document TEXT) WITHOUT ROWID"
    )
    started, commits = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        connection.execute("INSERT INTO response VALUES (?, ?, ?)", (uuid4().hex, CODE, BODY.decode()))
        commits += 1
    rate = commits / (time.perf_counter() - started)
    connection.close()
    return rate


def prepare(folder: Path) -> Database:
    db = Database(f"sqlite:///{folder / 'survey.sqlite3'}")
    db.upgrade()
    project = Project("bench", "bench", "Bench", "amif-exit", 1, ACTIVITIES)
    module = Module("bench", "Bench", "bench")
    structure.write_structure(db, [Organisation("bench", "Bench")], [project], [module])
    sessions.add(db, Session(CODE, "bench", "bench", 500, date(2026, 5, 12)))
    return db


@dataclass
class Measured:
    """Of one app at one number of connections, a value for each round."""

    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)

    def add(self, took: list[float], cpu: float) -> None:
        self.rates.append(len(took) / SECONDS)
        self.cpu.append(cpu / len(took) * 1000)
        self.slowest.append(statistics.quantiles(took, n=100)[98] * 1000)

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)


def measure(folder: Path) -> int:
    db = prepare(folder)
    measured = {(name, number): Measured() for name in ("constant", "ours") for number in CONNECTIONS}
    commits: list[float] = []
    receipts = 0
    with served("constant", folder) as constant, served("survey-app", folder) as ours:
        receipts += len(asyncio.run(count_puts(ours[0], 8, WARM_UP_SECONDS, checked=True)))
        for _, connections in product(range(ROUNDS), CONNECTIONS):
            commits.append(count_commits(folder, 1.0))
            for name, (port, pid) in (("constant", constant), ("ours", ours)):
                before = cpu_seconds(pid)
                took = asyncio.run(count_puts(port, connections, SECONDS, checked=name == "ours"))
                measured[name, connections].add(took, cpu_seconds(pid) - before)
        receipts += sum(round(rate * SECONDS) for number in CONNECTIONS for rate in measured["ours", number].rates)
    kept = sum(1 for _ in sessions.documents(db, [CODE]))
    db.close()
    if kept != receipts:
        print(f"FAULT: {receipts} receipts, {kept} responses kept")
        return 1
    show(measured, commits, kept)
    return 0


def show(measured: dict[tuple[str, int], Measured], commits: list[float], kept: int) -> None:
    bare = statistics.median(commits)
    print(f"Durable PUTs (one worker, SQLite WAL, synchronous=FULL), medians of {ROUNDS} rounds of {SECONDS:.0f} s")
    print(f"bare commits: {bare:.0f}/s ({min(commits):.0f} to {max(commits):.0f})")
    print("connections  PUT/s  p99 ms  cpu ms | constant/s  cpu ms | of constant  of commits")
    for number in CONNECTIONS:
        ours, constant = measured["ours", number], measured["constant", number]
        print(
            f"{number:>11} {ours.rate:>6.0f} {statistics.median(ours.slowest):>7.1f} {statistics.median(ours.cpu):>7.2f}"
            f" | {constant.rate:>10.0f} {statistics.median(constant.cpu):>7.2f}"
            f" | {ours.rate / constant.rate:>11.2f} {ours.rate / bare:>11.2f}"
        )
    print(f"every one of {kept} receipts was found in the database")
    is_reached = measured["ours", 8].rate >= GOAL_AT_8
    print(f"goal at 8 connections: {GOAL_AT_8}/s, {'reached' if is_reached else 'MISSED'}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        sys.exit(measure(Path(where)))
