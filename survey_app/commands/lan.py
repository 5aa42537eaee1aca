"""``survey-app serve --lan``: one laptop, tablets on its network, no internet.

Three servers in one process: pages and API by https for tablets; how to trust this computer by http, and nothing else; and
the console by http for this computer alone, whose browser needs no certificate.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import typer

from survey_app.commands.serve import HERE, app_from_environment, configure, listen, print_first_link

if TYPE_CHECKING:
    import socket

    import uvicorn
    from fastapi import FastAPI

    from survey_app.lan.presence import Presence

SECURE_PORT: Final = 8443
FOLDER: Final = "tls"
_DIGITS_OF_A_LINE: Final = 48  # of a fingerprint: sixteen pairs with their colons


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    name: str
    host: str | None
    port: int | None
    plain_port: int
    desk_port: int


def serve_lan(wish: Wish) -> None:
    """Serve the local network until told to stop.

    Raises:
        RequestMistakenError: a port is taken, there is no local network, or the certificates are not fit.
    """
    from survey_app.foundation import clock
    from survey_app.lan.addresses import EVERYWHERE, find_addresses
    from survey_app.lan.presence import Ports, open_presence

    host = wish.host or EVERYWHERE
    find_addresses(host)  # before any door is opened
    app = app_from_environment()
    with contextlib.ExitStack() as doors:
        secure = doors.enter_context(listen(host, SECURE_PORT if wish.port is None else wish.port))
        plain = doors.enter_context(listen(host, wish.plain_port, "--plain-port"))
        desk = doors.enter_context(listen(HERE, wish.desk_port, "--desk-port"))
        ports = Ports(_port_of(secure), _port_of(plain))
        presence = open_presence(app.state.settings.data_dir / FOLDER, wish.name, host, ports, clock.now)
        presence.announce()
        app.state.presence = presence
        print_ways(presence, f"http://localhost:{_port_of(desk)}")
        print_first_link(app, f"http://localhost:{_port_of(desk)}")
        with _kept_present(presence):
            _run(app, presence, secure, plain, desk)


def _port_of(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


def print_ways(presence: Presence, desk: str) -> None:
    """Print the addresses of tablets with their QR codes, and what a careful person compares."""
    from survey_app.commands.demo import draw_qr

    typer.echo("survey-app serves the local network.")
    typer.echo("")
    typer.echo(f"  This computer   {desk}/console")
    typer.echo("")
    typer.echo(f"  1. Each tablet once, to trust this computer:   {presence.enrolment}")
    typer.echo(draw_qr(presence.enrolment))
    typer.echo(f"  2. Then the survey:   {presence.best}")
    typer.echo(draw_qr(presence.best))
    if presence.is_announced:
        typer.echo(f"     A tablet that does not find this name opens {presence.by_address}")
    else:
        name = f"{presence.name}.local"
        typer.echo(f"     The name {name} could not be announced ({presence.why_silent}): tablets use the address.")
    fingerprint = presence.authority.fingerprint
    typer.echo("")
    typer.echo(f"  Certificate   {presence.authority.name}")
    for start in range(0, len(fingerprint), _DIGITS_OF_A_LINE):
        typer.echo(f"                {fingerprint[start : start + _DIGITS_OF_A_LINE].rstrip(':')}")
    typer.echo("")
    typer.echo("Stop with Ctrl+C.")


@contextlib.contextmanager
def _kept_present(presence: Presence) -> Iterator[None]:
    """Follow changes of the network beside what is served."""
    over = threading.Event()
    looking = threading.Thread(target=presence.keep_looking, args=(over,), daemon=True)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join(timeout=5)


def _run(app: FastAPI, presence: Presence, secure: socket.socket, plain: socket.socket, desk: socket.socket) -> None:
    import uvicorn

    from survey_app.web.enrol import create_enrolment

    class Server(uvicorn.Server):
        """A server whose stop is told by ``_serve_all``."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    def show_todays(*_: Any) -> Any:  # noqa: ANN401 - as uvicorn calls it
        return presence.tls()

    enrolment = create_enrolment(presence, app.state.catalogues)
    servers = [
        (Server(configure(app, ssl_context_factory=show_todays)), secure),
        (Server(configure(enrolment, lifespan="off")), plain),
        (Server(configure(app, lifespan="off")), desk),
    ]
    with asyncio.Runner(loop_factory=servers[0][0].config.get_loop_factory()) as loop:
        loop.run(_serve_all(servers))


async def _serve_all(servers: Sequence[tuple[uvicorn.Server, socket.socket]]) -> None:
    """Serve until a signal comes; requests in flight are finished."""

    def stop(*_: object) -> None:
        for server, _socket in servers:
            server.should_exit = True

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    await asyncio.gather(*(server.serve(sockets=[listening]) for server, listening in servers))
