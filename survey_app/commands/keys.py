"""``survey-app keys``: what tablets seal their answers to."""

from __future__ import annotations

import typer

app = typer.Typer(help="Keys that tablets seal their answers to.", no_args_is_help=True)


@app.command("list", epilog="Example: survey-app keys list")
def list_() -> None:
    """Print each key with the day it was made and the day it was retired; the one in use first."""
    from survey_app.commands.installation import opened
    from survey_app.storage.sealing import list_keys

    with opened() as here:
        for key in list_keys(here.db):
            typer.echo(f"{key.id}\t{key.created_on}\t{key.retired_on or 'in use'}")


@app.command("rotate", epilog="Example: survey-app keys rotate")
def rotate() -> None:
    """Make a new key. Tablets take it with their next page; what they sealed before still opens."""
    from survey_app.commands.installation import opened
    from survey_app.foundation import clock
    from survey_app.storage.sealing import rotate_key

    with opened() as here:
        key = rotate_key(here.db, clock.today())
    typer.echo(f"{key.id} is in use. Make a backup: without this key, nobody can open what is sealed to it.")
