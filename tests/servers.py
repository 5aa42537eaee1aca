"""The real server in a process of its own, on a free port of this machine only."""

from __future__ import annotations

import http.client
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Self

STARTS_WITHIN_SECONDS = 60
Serving = Callable[[int], None]

# Processes are forked from one that has the program in memory: a kill and a new start take less than a second.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["survey_app.main", "survey_app.commands.serve", "survey_app.web.kit.parsing"])


def find_free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def installation(data_dir: Path) -> Serving:
    """Serve the installation in a data folder, as ``survey-app serve`` does."""
    return partial(_serve_installation, data_dir)


def command(arguments: Sequence[str | Path], environment: Mapping[str, str]) -> Serving:
    """Serve by a command of its own; its last argument is the port."""
    return partial(_run_command, [str(argument) for argument in arguments], dict(environment))


def _serve_installation(data_dir: Path, port: int) -> None:
    from survey_app.commands.serve import serve

    os.environ["SURVEY_APP_DATA_DIR"] = str(data_dir)
    serve(port=port)


def _run_command(arguments: list[str], environment: dict[str, str], port: int) -> None:
    os.execve(arguments[0], [*arguments, str(port)], environment)  # noqa: S606 - our own command


def _serve_into(log: Path, serving: Serving, port: int) -> None:
    """Serve until a signal comes; what is printed and logged goes to ``log``."""
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    serving(port)


class Server:
    """A server that is started, ended by any signal and started again, always on the same port."""

    def __init__(self, serving: Serving, log: Path) -> None:
        self.log = log
        self.port = find_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._serving = serving
        self._process: BaseProcess | None = None

    def start(self) -> None:
        self._process = _processes.Process(target=_serve_into, args=(self.log, self._serving, self.port))
        self._process.start()
        until = time.monotonic() + STARTS_WITHIN_SECONDS
        while not self._is_well():
            if time.monotonic() > until or not self._process.is_alive():
                self.end(signal.SIGKILL)
                raise RuntimeError(f"the server did not start:\n{self.log.read_text('utf-8')}")
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
