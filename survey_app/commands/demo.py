"""``survey-app demo``: an installation with made-up data, ready to try."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from survey_app.commands.serve import Host, Port

if TYPE_CHECKING:
    from fastapi import FastAPI

    from survey_app.fieldwork.rights import Post
    from survey_app.storage.database import Database

EXAMPLE: Final = "Example: survey-app demo --port 8000"
SIGN_IN_FILE: Final = "demo-sign-in.txt"
NAME: Final = "demo"
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz"
"""Small letters without those that look like a figure."""


def demo(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the demonstration: made-up projects and answers, an account, and an open session to try."""
    from survey_app.commands import serve
    from survey_app.demo.fill import fill
    from survey_app.foundation import clock

    app = serve.app_from_environment()
    state = app.state
    with serve.listen(host, port) as listening:
        session = fill(state.database, state.questionnaires, state.languages, clock.today())
        password = ensure_account(app, state.settings.data_dir / SIGN_IN_FILE)
        offer_tour(app, session.code)
        address = serve.address_of(state.settings, host, listening)
        print_welcome(address, session.code, password)
        serve.run(app, listening)


def offer_tour(app: FastAPI, code: str) -> None:
    """Let the console show that it is a demonstration: its tour, and how to begin anew. ``code``: of the session to try."""
    from functools import partial

    from survey_app.demo.anew import begin_anew
    from survey_app.demo.fill import fill
    from survey_app.foundation import clock

    state = app.state
    state.is_demo = True
    if state.settings.database_url:
        return  # a database elsewhere is not ours to exchange

    def reset() -> None:
        today = clock.today()
        made_up = partial(
            fill, questionnaires=state.questionnaires, languages=state.languages, today=today, to_try=code
        )
        begin_anew(state.database, state.settings.data_dir, today, made_up, (NAME, every_desk))

    state.reset_demo = reset


def ensure_account(app: FastAPI, file: Path) -> str:
    """Return the password of the demonstration's account; draw one at the first start.

    It is kept beside the data, readable by its owner only, so that each start can print it.
    """
    from survey_app.storage.staff import change_password, find_staff
    from survey_app.web.console.accounts import add_member, check_password, hash_password

    db = app.state.database
    kept = file.read_text(encoding="utf-8").split() if file.exists() else []
    if len(kept) == len(("name", "password")) and check_password(db, NAME, kept[1]) is not None:
        return kept[1]
    password = draw_password()
    if find_staff(db, NAME) is None:
        add_member(db, NAME, password, *every_desk(db))
    else:
        change_password(db, NAME, hash_password(password))
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(f"{NAME} {password}\n", encoding="utf-8")
    return password


def draw_password() -> str:
    """Return a new password of 72 bits, in letters only: figures at its ends would not count (``password_fault``)."""
    import secrets

    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def every_desk(db: Database) -> tuple[Post, ...]:
    """Return the posts with which one account tries everything: in real life these are several people."""
    from survey_app.fieldwork.rights import Post
    from survey_app.storage.structure import list_organisations

    leads = [one.code for one in list_organisations(db) if one.lead is None]
    everywhere = (Post("administrator"), Post("reviewer"), Post("editor"))
    return (*everywhere, *(Post("manager", code) for code in leads))


def print_welcome(address: str, code: str, password: str) -> None:
    """Print the sign-in of staff, and the link of the open session with its QR code."""
    link = f"{address}/s/{code}"
    typer.echo("The demonstration is ready. All its answers were made up.")
    typer.echo("")
    typer.echo(f"  Staff    {address}/console")
    typer.echo(f"           name      {NAME}")
    typer.echo(f"           password  {password}")
    typer.echo("")
    typer.echo(f"  Tablet   {link}")
    typer.echo(f"           code      {code}")
    typer.echo("")
    typer.echo(draw_qr(link))
    typer.echo("Stop with Ctrl+C.")


def draw_qr(link: str) -> str:
    """Return a QR code for a terminal."""
    import io

    import segno

    drawn = io.StringIO()
    segno.make_qr(link, error="l").terminal(drawn, border=2, compact=True)
    return drawn.getvalue()
