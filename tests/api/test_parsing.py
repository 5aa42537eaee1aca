"""Requests are parsed quickly, and no head fills the memory."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from survey_app.web.kit.parsing import LONGEST_HEAD, BoundedHttp

PIECE = b"a" * 10_000
ENDLESS = [PIECE] * (LONGEST_HEAD // len(PIECE) + 40)


async def answer_length(scope: dict[str, Any], receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    length, is_more = 0, True
    while is_more:
        message = await receive()
        length += len(message.get("body", b""))
        is_more = message.get("more_body", False)
    text = str(length).encode()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(text)).encode())]}
    )
    await send({"type": "http.response.body", "body": text})


async def exchange(pieces: list[bytes]) -> bytes:
    """Send the pieces on one connection and return what comes back until it ends; it must end."""
    config = uvicorn.Config(answer_length, access_log=False, log_config=None)
    config.load()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: BoundedHttp(config, ServerState(), {}), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    came = b""
    with suppress(ConnectionError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        async with asyncio.timeout(10):
            while part := await reader.read(10_000):
                came += part
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    server.close()
    return came


@pytest.mark.parametrize(
    "start",
    [
        b"GET / HTTP/1.1\r\nhost: x\r\nendless: ",
        b"GET /",
        b"PUT / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nendless: ",
    ],
    ids=["header", "address", "after the body"],
)
def test_a_head_that_does_not_end_is_refused_before_it_fills_the_memory(start: bytes) -> None:
    came = asyncio.run(exchange([start, *ENDLESS]))

    assert b"200 OK" not in came


def test_a_long_body_is_no_head_and_the_connection_goes_on() -> None:
    body = PIECE * 30
    head = f"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n"
    one = [f"{head}\r\n".encode(), *[PIECE] * 30]
    last = [f"{head}connection: close\r\n\r\n".encode(), *[PIECE] * 30]

    came = asyncio.run(exchange([*one, *one, *last]))

    assert came.count(b"HTTP/1.1 200 OK") == 3
    assert came.count(str(len(body)).encode()) == 3
