"""``survey-app serve``: the web server, and the door for the first administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from survey_app.foundation.errors import RequestMistakenError

if TYPE_CHECKING:
    import socket

    import uvicorn
    from fastapi import FastAPI

    from survey_app.foundation.settings import Settings

EXAMPLE: Final = (
    "Example: survey-app serve --host 127.0.0.1 --port 8000; for tablets on a local network: survey-app serve --lan"
)
EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - recognised here, never bound by default
SECONDS_TO_FINISH: Final = 4

HERE: Final = "127.0.0.1"
DESK_PORT: Final = 8000
NAME: Final = "survey"

HOST: Final = typer.Option(help="Address to listen on; 0.0.0.0 for every network of this computer.")
PORT: Final = typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
Host = Annotated[str, HOST]
Port = Annotated[int, PORT]


def serve(  # noqa: PLR0913, PLR0917 - options of a command
    host: Annotated[str | None, HOST] = None,
    port: Annotated[int | None, PORT] = None,
    lan: Annotated[bool, typer.Option("--lan", help="Serve tablets of the local network by https.")] = False,  # noqa: FBT002
    name: Annotated[str, typer.Option(help="With --lan: the name of this computer on the network, NAME.local.")] = NAME,
    plain_port: Annotated[
        int, typer.Option(help="With --lan: port where tablets learn to trust this computer.")
    ] = 8080,
    desk_port: Annotated[
        int, typer.Option(help="With --lan: port of the console, for this computer only.")
    ] = DESK_PORT,
) -> None:
    """Serve the respondents' pages, the API of the tablets and the console."""
    if lan:
        from survey_app.commands.lan import Wish, serve_lan

        serve_lan(Wish(name, host, port, plain_port, desk_port))
        return
    app = app_from_environment()
    at = host or HERE
    with listen(at, DESK_PORT if port is None else port) as listening:
        address = address_of(app.state.settings, at, listening)
        typer.echo(f"survey-app listens on {address}")
        print_first_link(app, address)
        run(app, listening)


def app_from_environment() -> FastAPI:
    """Build the app of this environment's settings, with its log."""
    from survey_app.foundation.log import set_up_log
    from survey_app.foundation.settings import read_settings
    from survey_app.main import create_app

    settings = read_settings()
    set_up_log(settings.log_format)
    return create_app(settings)


def listen(host: str, port: int, option: str = "--port") -> socket.socket:
    """Take the port before anything is printed about it; ``option`` chooses another one.

    Raises:
        RequestMistakenError: the address is not of this computer, or the port is taken.
    """
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        message = (
            f"cannot listen on {host}, port {port} ({error.strerror}). Choose another one with {option} or --host."
        )
        raise RequestMistakenError(message) from None
    # Connections inherit it. asyncio sets it on sockets it makes itself only; without it each reply waits 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def address_of(settings: Settings, host: str, listening: socket.socket) -> str:
    """Return the address that browsers open, without a slash at its end."""
    if settings.base_url is not None:
        return str(settings.base_url).rstrip("/")
    name = "localhost" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{name}:{listening.getsockname()[1]}"


def print_first_link(app: FastAPI, address: str) -> None:
    """Print a one-time link for the first administrator as long as nobody has an account."""
    from survey_app.fieldwork.rights import Post
    from survey_app.foundation import clock
    from survey_app.storage.audit import MACHINE
    from survey_app.storage.staff import Link, count_staff
    from survey_app.web.console.accounts import LINK_HOURS, make_link

    if count_staff(app.state.database):
        return
    link = Link(Post("administrator"))
    path = make_link(app.state.database, link, LINK_HOURS, by=MACHINE, now=clock.now())
    typer.echo(f"Nobody has an account yet. Open this link within {LINK_HOURS} hours to create the administrator:")
    typer.echo(f"  {address}{path}")


def run(app: FastAPI, listening: socket.socket) -> None:
    """Serve until told to stop; requests in flight are finished."""
    import contextlib

    import uvicorn

    with contextlib.suppress(KeyboardInterrupt):  # how it is stopped
        uvicorn.Server(configure(app)).run(sockets=[listening])


def configure(app: FastAPI, **more: Any) -> uvicorn.Config:  # noqa: ANN401 - uvicorn's own options
    """Return how each of our servers runs. The only way to serve: here the heads of requests are bounded."""
    import uvicorn

    from survey_app.web.kit.parsing import BoundedHttp

    return uvicorn.Config(
        app,
        log_level="warning",
        http=BoundedHttp,
        access_log=False,  # an address may hold a session code or a one-time link
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
        **more,
    )
