"""JSON as RFC 8259 has it, and nothing that two readers could read differently."""

from __future__ import annotations

import json
from typing import Any, NoReturn


class NotJsonError(Exception):
    """Not one JSON value, or one that two readers could read differently."""


def read_json(body: bytes) -> Any:  # noqa: ANN401 - a JSON value
    """Parse JSON.

    Raises:
        NotJsonError: not UTF-8, not JSON, a key that stands twice, NaN or Infinity, or nested too deep.
    """
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotJsonError from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError
    return read


def _refuse(_name: str) -> NoReturn:
    raise ValueError
