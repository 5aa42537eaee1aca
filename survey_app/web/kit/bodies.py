"""Reading the body of a request: never more than allowed, and strict JSON."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from starlette.requests import Request


class TooLargeError(Exception):
    """The body is larger than allowed; it was not read to its end."""


class NotJsonError(Exception):
    """The body is not one JSON value, or one that two readers could read differently."""


def content_type(request: Request) -> str:
    """Return the type of the body in lower case, without its parameters; empty where none is said."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_body(request: Request, largest: int) -> bytes:
    """Read the body while it arrives, and stop as soon as it is too large.

    Args:
        request: its ``Content-Length`` is believed where it is too large, never where it is small.
        largest: bytes.

    Raises:
        TooLargeError: the body has more bytes.
        starlette.requests.ClientDisconnect: the device went away.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > largest:
        raise TooLargeError
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > largest:
            raise TooLargeError
    return bytes(body)


def read_json(body: bytes) -> Any:  # noqa: ANN401 - a JSON value
    """Parse JSON as RFC 8259 has it.

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
