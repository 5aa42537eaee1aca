"""The wire: a network between tablets and the server that misbehaves on demand.

A small proxy on a loopback port of its own. Every request that passes meets the fault that is set at that moment; its name
stands in ``FAULTS``. What a fault does to the request and to its answer is one short function each.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Self

LARGEST_HEAD: Final = 64 * 1024
PORTAL: Final = b"<!doctype html><title>Wi-Fi</title><p>Welcome! Accept the conditions to go online.</p>"
HALF: Final = 2
GONE_SHOWS_WITHIN: Final = 5.0  # seconds until a busy machine has told that a sender is gone


@dataclass
class Exchange:
    """One request on its way, and what can be done to it."""

    head: bytes
    body: bytes
    upstream: int
    writer: asyncio.StreamWriter

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode()

    @property
    def path(self) -> str:
        return self.head.split(b" ", 2)[1].decode()

    @property
    def hands_in(self) -> bool:
        """Is it something that a tablet hands in?"""
        return self.method in {"PUT", "POST"} and self.path.startswith("/api/")

    def ids(self) -> list[str]:
        """The ids of the responses that it hands in: one in its address, or those of a batch."""
        if not self.hands_in:
            return []
        if "/responses/" in self.path:
            return [self.path.rpartition("/")[2]]
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            return [str(one["id"]) for one in json.loads(self.body)["responses"]]
        return []

    def _as_sent(self) -> bytes:
        lines = [line for line in self.head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        return b"\r\n".join([lines[0], b"connection: close", *lines[1:]]) + self.body

    async def forward(self) -> bytes:
        """Bring the request to the server and return its whole answer; ``OSError`` where there is no server."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        try:
            writer.write(self._as_sent())
            await writer.drain()
            return await reader.read()
        finally:
            await _end(writer)

    async def forward_part(self, share: float, *, wait: float = 0.02) -> None:
        """Bring a part of the request to the server and break off."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        sent = self._as_sent()
        writer.write(sent[: round(len(sent) * share)])
        await writer.drain()
        await asyncio.sleep(wait)
        writer.transport.abort()

    async def answer(self, answer: bytes) -> None:
        self.writer.write(answer)
        await self.writer.drain()

    async def answer_with(self, status: str, body: bytes, *headers: str) -> None:
        head = "\r\n".join([f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *headers])
        await self.answer(head.encode() + b"\r\n\r\n" + body)

    def cut(self) -> None:
        self.writer.transport.abort()


Fault = Callable[[Exchange], Awaitable[None]]


async def _end(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def pass_on(exchange: Exchange) -> None:
    await exchange.answer(await exchange.forward())


async def cut_before(exchange: Exchange) -> None:
    """The network goes before the request has left."""
    exchange.cut()


async def cut_during(exchange: Exchange) -> None:
    """The network goes in the middle of the request: the server sees a part of it."""
    await exchange.forward_part(1 - 1 / (HALF + len(exchange.body)) if exchange.body else 0.5)
    exchange.cut()


async def cut_after(exchange: Exchange) -> None:
    """The network goes when the request has arrived, while the server works on it."""
    await exchange.forward_part(1)
    exchange.cut()


async def lose_answer(exchange: Exchange) -> None:
    """The server has committed; its answer does not arrive."""
    await exchange.forward()
    exchange.cut()


async def truncate(exchange: Exchange) -> None:
    """A proxy hands on half of the answer's body."""
    head, _, body = (await exchange.forward()).partition(b"\r\n\r\n")
    await exchange.answer(head + b"\r\n\r\n" + body[: len(body) // HALF])
    exchange.cut()


async def repeat(exchange: Exchange) -> None:
    """A proxy brings the request twice, at once, and hands on the answer to the later one."""
    answers = await asyncio.gather(exchange.forward(), exchange.forward())
    await exchange.answer(answers[-1])


async def sign_in_page(exchange: Exchange) -> None:
    """A hotel's network answers everything with its own page, and says 200."""
    await exchange.answer_with("200 OK", PORTAL, "content-type: text/html")


async def sign_in_json(exchange: Exchange) -> None:
    """A network answers 200 with JSON that names no response."""
    await exchange.answer_with(
        "200 OK", b'{"receipt":null,"status":"ok","answers":[]}', "content-type: application/json"
    )


async def redirect(exchange: Exchange) -> None:
    """A hotel's network sends everybody to its own page."""
    await exchange.answer_with("302 Found", b"", "location: /portal")


def delay(seconds: float) -> Fault:
    """The answer takes its time; the request arrives at once."""

    async def late(exchange: Exchange) -> None:
        answer = await exchange.forward()
        await asyncio.sleep(seconds)
        await exchange.answer(answer)

    return late


def storm(status: int, *headers: str) -> Fault:
    """Something between here and the server answers with an error of its own, in HTML."""

    async def refuse(exchange: Exchange) -> None:
        await exchange.answer_with(f"{status} No", b"<h1>No</h1>", "content-type: text/html", *headers)

    return refuse


def commit_then(status: int) -> Fault:
    """The server commits, and a proxy that lost patience answers with an error of its own."""

    async def replace(exchange: Exchange) -> None:
        await exchange.forward()
        await exchange.answer_with(f"{status} No", b"<h1>No</h1>", "content-type: text/html")

    return replace


FAULTS: Final[dict[str, Fault]] = {
    "network cut before the request": cut_before,
    "network cut during the request": cut_during,
    "network cut after the request": cut_after,
    "answer lost after the commit": lose_answer,
    "captive portal answers 200 with HTML": sign_in_page,
    "captive portal answers 200 with JSON": sign_in_json,
    "captive portal answers 302": redirect,
    "proxy truncates the answer": truncate,
    "proxy repeats the request": repeat,
    "proxy delays the answer": delay(0.3),
    "proxy gives up after the commit": commit_then(504),
    "storm of 429": storm(429, "retry-after: 1"),
    "storm of 500": storm(500),
    "storm of 502": storm(502),
    "storm of 503": storm(503, "retry-after: 1"),
    "storm of 504": storm(504),
}
"""Each fault of the wire by the name that a report of it bears."""

DELIVERS: Final = frozenset({"proxy repeats the request", "proxy delays the answer"})
"""Faults under which a response gets its receipt all the same."""


@dataclass
class _Set:
    """The fault that is set, and how many requests still meet it."""

    fault: Fault = pass_on
    left: int | None = 0
    everything: bool = False


@dataclass(eq=False)
class _Way:
    """One request that hands in, from when it came. ``followed``: when another one with the same id came meanwhile."""

    followed: float | None = None

    def was_at_once(self, now: float, *, gone: bool) -> bool:
        """Say at its end whether two were under way: not if its sender was gone by then, which shows here a little late."""
        return self.followed is not None and (not gone or now - self.followed > GONE_SHOWS_WITHIN)


@dataclass
class Wire:
    """A proxy on a port of its own to a server whose port may change. ``at_once``: ids that were under way twice.

    ``secure``: the certificate that it shows; none where it speaks no TLS.
    """

    upstream: int
    secure: ssl.SSLContext | None = None
    port: int = 0
    at_once: set[str] = field(default_factory=set)
    _set: _Set = field(default_factory=_Set)
    _imposter: ssl.SSLContext | None = None
    _under_way: dict[str, _Way] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{'https' if self.secure else 'http'}://127.0.0.1:{self.port}"

    def suffer(self, fault: Fault, times: int | None = None, *, everything: bool = False) -> None:
        """Let requests meet a fault: so many, or all until ``heal``; those that hand in, or ``everything``."""
        self._set = _Set(fault, times, everything)

    def pretend(self, imposter: ssl.SSLContext) -> None:
        """Let another one speak TLS in the server's place, to everybody, until ``heal``."""
        self._imposter = imposter

    @property
    def is_imposter(self) -> bool:
        """Does another one speak TLS in the server's place?"""
        return self._imposter is not None

    def heal(self) -> None:
        self._set = _Set()
        self._imposter = None

    @contextmanager
    def suffering(self, fault: Fault, *, everything: bool = False) -> Iterator[None]:
        self.suffer(fault, everything=everything)
        try:
            yield
        finally:
            self.heal()

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the wire did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve(ready))
        self._loop.close()

    async def _serve(self, ready: threading.Event) -> None:
        self._stop = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()
        if self.secure is not None:
            self.secure.sni_callback = self._show_certificate
        server = await asyncio.start_server(self._take, "127.0.0.1", self.port, ssl=self.secure, limit=LARGEST_HEAD)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stop.wait()
        server.close()
        await asyncio.sleep(0.1)  # what was accepted last begins, so that it can be broken off
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        begun = asyncio.all_tasks() - {asyncio.current_task()}  # handshakes that did not come to their end
        for handshake in begun:
            handshake.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        await asyncio.sleep(0.1)  # until what was broken off is closed

    def _show_certificate(self, handshake: ssl.SSLObject, _name: str | None, _usual: ssl.SSLContext) -> None:
        if self._imposter is not None:
            handshake.context = self._imposter

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0] or 0)
            exchange = Exchange(head, await reader.readexactly(length), self.upstream, writer)
            await self._meet(exchange, gone=asyncio.ensure_future(reader.read(1)))
            await _end(writer)
        except (OSError, EOFError, asyncio.LimitOverrunError, ssl.SSLError):
            writer.transport.abort()  # nobody there, or gone: as a network does
        except asyncio.CancelledError:
            writer.transport.abort()

    async def _meet(self, exchange: Exchange, gone: asyncio.Future[bytes]) -> None:
        """Let a request meet its fault. It is under way until it is answered, or until its sender is ``gone``."""
        fault = self._choose(exchange)
        met = asyncio.ensure_future(fault(exchange))
        try:
            with self._on_its_way(exchange.ids(), gone):
                await asyncio.wait({met, gone}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:  # the wire is taken away
            met.cancel()
            gone.cancel()
            await asyncio.wait({met, gone})
            raise
        finally:
            gone.cancel()
        await met

    @contextmanager
    def _on_its_way(self, ids: list[str], gone: asyncio.Future[bytes]) -> Iterator[None]:
        """Note which ids are under way twice at once while a request is."""
        way = _Way()
        for one in ids:
            before = self._under_way.get(one)
            if before is not None and before.followed is None:
                before.followed = self._loop.time()
            self._under_way[one] = way
        try:
            yield
        finally:
            if way.was_at_once(self._loop.time(), gone=gone.done()):
                self.at_once |= set(ids)
            for one in ids:
                if self._under_way.get(one) is way:
                    del self._under_way[one]

    def _choose(self, exchange: Exchange) -> Fault:
        is_set = self._set
        if not (exchange.hands_in or is_set.everything) or is_set.left == 0:
            return pass_on
        if is_set.left is not None:
            is_set.left -= 1
        return is_set.fault
