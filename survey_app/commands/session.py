"""``survey-app session``: open and close group sessions."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="Open and close group sessions.", no_args_is_help=True)


@app.command("open", epilog="Example: survey-app session open --project gent-samen --module ict --people 12")
def open_(
    project: Annotated[str, typer.Option(help="Code of the project.")],
    module: Annotated[str, typer.Option(help="Code of one of its modules.")],
    people: Annotated[int, typer.Option(help="How many people are expected, 1 to 500.")],
    code: Annotated[
        str | None, typer.Option(help="Its former code, where a restored backup does not know the session.")
    ] = None,
    own_phones: Annotated[  # noqa: FBT002 - an option of a command
        bool, typer.Option("--own-phones", help="Let people answer on their own phones beside the enrolled tablets.")
    ] = False,
) -> None:
    """Open a session and print its join code, alone on its line."""
    from survey_app import journeys
    from survey_app.commands.installation import opened
    from survey_app.foundation import clock
    from survey_app.storage import rooms

    with opened() as here:
        session = journeys.open_session(here.db, project, module, people, clock.today(), code=code)
        if own_phones:
            rooms.allow_phones(here.db, session.code, are_allowed=True)
    typer.echo(session.code)


@app.command("close", epilog="Example: survey-app session close 482913")
def close(code: Annotated[str, typer.Argument(help="Join code, six digits.")]) -> None:
    """Close a session; tablets may still hand in what they keep for the days of grace."""
    from survey_app import journeys
    from survey_app.commands.installation import opened
    from survey_app.foundation import clock

    with opened() as here:
        session = journeys.close_session(here.db, code, clock.now())
    typer.echo(f"session {session.code} is closed.")
