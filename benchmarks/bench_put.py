"""Durable PUTs a second at 1, 8 and 32 connections, against two floors measured in the same run.

The floors: the same server answering a constant, and bare SQLite commits (WAL, synchronous=FULL) of the same documents.
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
from datetime import date
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
    from survey_app.commands.serve import listen, run
    from survey_app.main import app_from_environment

    os.environ["SURVEY_APP_DATA_DIR"] = folder
    with Path(folder, "log").open("ab") as log:  # written, as in real life, but not on the screen
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    made: Any = app_from_environment() if app == "survey-app" else answer_a_constant
    with listen("127.0.0.1", 0) as listening:
        port_out.send(listening.getsockname()[1])
        run(made, listening)


@contextmanager
def served(app: str, folder: Path) -> Iterator[int]:
    """Serve in a process of its own; give its port."""
    context = multiprocessing.get_context("spawn")
    port_in, port_out = context.Pipe(duplex=False)
    process = context.Process(target=serve, args=(app, str(folder), port_out))
    process.start()
    try:
        yield port_in.recv()
    finally:
        process.terminate()
        process.join(timeout=30)


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


def measure(folder: Path) -> int:
    db = prepare(folder)
    rates: dict[tuple[str, int], list[float]] = {}
    slowest: dict[int, list[float]] = {}
    commits: list[float] = []
    sent = 0
    with served("constant", folder) as constant, served("survey-app", folder) as ours:
        for port in (constant, ours):
            sent += len(asyncio.run(count_puts(port, 8, WARM_UP_SECONDS, checked=port == ours))) * (port == ours)
        for _ in range(ROUNDS):
            commits.append(count_commits(folder, 1.0))
            for connections in CONNECTIONS:
                for name, port in (("constant", constant), ("ours", ours)):
                    took = asyncio.run(count_puts(port, connections, SECONDS, checked=name == "ours"))
                    rates.setdefault((name, connections), []).append(len(took) / SECONDS)
                    if name == "ours":
                        sent += len(took)
                        slowest.setdefault(connections, []).append(statistics.quantiles(took, n=100)[98])
    kept = sum(1 for _ in sessions.documents(db, [CODE]))
    db.close()
    if kept != sent:
        print(f"FAULT: {sent} receipts, {kept} responses kept")
        return 1
    return show(rates, slowest, statistics.median(commits), kept)


def show(rates: dict[tuple[str, int], list[float]], slowest: dict[int, list[float]], commits: float, kept: int) -> int:
    print(f"Durable PUTs (one worker, SQLite WAL, synchronous=FULL), medians of {ROUNDS} rounds of {SECONDS:.0f} s")
    print(f"{'connections':>11} {'PUT/s':>8} {'of constant':>12} {'of commits':>11} {'p99 ms':>8}")
    for connections in CONNECTIONS:
        ours = statistics.median(rates["ours", connections])
        constant = statistics.median(rates["constant", connections])
        p99 = statistics.median(slowest[connections]) * 1000
        print(f"{connections:>11} {ours:>8.0f} {ours / constant:>12.2f} {ours / commits:>11.2f} {p99:>8.1f}")
    at_8 = statistics.median(rates["ours", 8])
    floor = ", ".join(f"{statistics.median(rates['constant', number]):.0f}/s at {number}" for number in CONNECTIONS)
    print(
        f"floors: constant {floor}; bare commits {commits:.0f}/s; every one of {kept} receipts was found in the database"
    )
    print(f"goal at 8 connections: {GOAL_AT_8}/s, {'reached' if at_8 >= GOAL_AT_8 else 'MISSED'}")
    return 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        sys.exit(measure(Path(where)))
