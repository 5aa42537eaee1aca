"""One line in the log and one count for each request: the template of its route, its status, its time. No address."""

from __future__ import annotations

import time
import traceback
from pathlib import Path
from typing import Final

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from survey_app.web.kit.failures import refuse
from survey_app.web.kit.health import Metrics

NO_ROUTE: Final = "no route"
_STATIC: Final = "/static/"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET: Final = frozenset({"/static", "/healthz", "/metrics"})

log = structlog.get_logger()


class Watching:
    """Sees every reply; only the layer that adds headers lies further out."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500
        status_sent = False

        async def note_status(message: Message) -> None:
            nonlocal status, status_sent
            if message["type"] == "http.response.start":
                status, status_sent = message["status"], True
            await send(message)

        try:
            await self.app(scope, receive, note_status)
        except Exception as error:  # noqa: BLE001 - the last layer: whatever it is, its message may hold an answer
            log.error("fault", problem=_name(error), route=route_of(scope))  # noqa: TRY400 - no traceback, same reason
            if status_sent:
                raise ReplyBrokenError from None
            await refuse(Request(scope), 500)(scope, receive, note_status)
        finally:
            self._count(scope, status, time.perf_counter() - started)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = route_of(scope)
        self.metrics.count(method, route, status, seconds)
        if route not in _QUIET:
            log.info("answered", method=method, route=route, status=status, seconds=round(seconds, 4))


class ReplyBrokenError(Exception):
    """A fault after the reply had begun: the connection ends. The log names the fault."""


def _name(error: Exception) -> str:
    """Return the type of an error and where it was raised, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"


def route_of(scope: Scope) -> str:
    """Return the template of the route that answered, never the path that was asked for."""
    if scope["path"].startswith(_STATIC):
        return "/static"
    template = getattr(scope.get("route"), "path", None)
    return template if isinstance(template, str) else NO_ROUTE
