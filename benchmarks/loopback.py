"""The app on a loopback address, with one session to answer: what the benchmarks in a browser share."""

from __future__ import annotations

import logging
import socket
import threading
import time
from datetime import date
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI

from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.storage import sessions, structure

CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = ("--no-sandbox", "--disable-dev-shm-usage")
CODE: Final = "482913"
USUAL: Final = Project(
    "bench", "bench-centre", "Bench", "amif-exit", 1, frozenset({"speaking", "housing", "money", "people"}), ("fr",)
)
"""A project as centres have them: four domains."""


def open_session(app: FastAPI, project: Project = USUAL) -> None:
    """Open a session of a project under ``CODE``."""
    structure.write_structure(
        app.state.database, [Organisation("bench-centre", "Centre")], [project], [Module("course", "Course", "bench")]
    )
    sessions.add(app.state.database, Session(CODE, "bench", "course", 15, date(2026, 11, 2)))


def quiet() -> None:
    """Log faults only."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def serve(app: FastAPI) -> tuple[str, uvicorn.Server]:
    """Serve in a thread, without a log; return the address and what ends it."""
    quiet()
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    return f"http://127.0.0.1:{bound.getsockname()[1]}", server
