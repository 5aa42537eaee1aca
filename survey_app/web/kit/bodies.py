"""Reading the body of a request: never more than allowed."""

from __future__ import annotations

from starlette.requests import Request


class TooLargeError(Exception):
    """The body is larger than allowed; it was not read to its end."""


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
