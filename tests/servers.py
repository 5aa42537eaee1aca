"""The real server in a process of its own, on a free port of this machine only."""

from __future__ import annotations

import http.client
import multiprocessing
import os
import signal
import socket
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Self

STARTS_WITHIN_SECONDS = 60

# Processes are forked from one that has the program in memory: a kill and a new start take less than a second.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["survey_app.main", "uvicorn"])


def find_free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def serve(data_dir: Path, port: int, log: Path) -> None:
    """Serve until a signal comes; what is printed and logged goes to ``log``."""
    import uvicorn

    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    os.environ["SURVEY_APP_DATA_DIR"] = str(data_dir)
    uvicorn.run(
        "survey_app.main:app_from_environment", factory=True, host="127.0.0.1", port=port, access_log=False, workers=1
    )


class Server:
    """``uvicorn`` with the app of a data folder."""

    def __init__(self, data_dir: Path, log: Path) -> None:
        self.data_dir = data_dir
        self.log = log
        self.port = find_free_port()
        self._process: BaseProcess | None = None

    def start(self) -> None:
        self._process = _processes.Process(target=serve, args=(self.data_dir, self.port, self.log))
        self._process.start()
        until = time.monotonic() + STARTS_WITHIN_SECONDS
        while not self._is_well():
            if time.monotonic() > until or not self._process.is_alive():
                raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")
            time.sleep(0.02)

    def _is_well(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def end(self, by: signal.Signals = signal.SIGTERM) -> None:
        """End the server and wait until it is gone."""
        if self._process is None or self._process.pid is None or not self._process.is_alive():
            return
        os.kill(self._process.pid, by)
        self._process.join(timeout=30)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)
