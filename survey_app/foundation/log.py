"""The log: codes, ids of sessions and counts; never an answer, an address or a name."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

# Only these keys may leave; anything else is dropped, so that a careless call can't leak an answer.
ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "session", "status", "code", "count", "seconds", "route", "method",
        "release", "period", "tier", "organisation", "project", "path", "problem", "exception", "address", "language",
    }
)  # fmt: skip


def keep_allowed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Drop every key that is not on the list."""
    return {key: value for key, value in event.items() if key in ALLOWED}


# Quicker than the renderer for consoles, which pads and paints: a line is written with every response.
_AS_TEXT = structlog.processors.KeyValueRenderer(key_order=("timestamp", "level", "event"), drop_missing=True)


class StandardError:
    """Writes each line to what standard error is now, not to what it was when the log was set up."""

    def msg(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - this is the log

    debug = info = warning = error = critical = msg


def set_up_log(form: str = "text") -> None:
    """Send structured lines to standard error as text or JSON."""
    last = structlog.processors.JSONRenderer() if form == "json" else _AS_TEXT
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            last,
        ],
        logger_factory=lambda *_names: StandardError(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
