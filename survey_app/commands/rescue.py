"""``survey-app rescue``: take in what a tablet saved to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from survey_app.foundation.errors import RequestMistakenError

EXAMPLE: Final = "Example: survey-app rescue /media/usb/survey-app-rescue-blue.json"


def rescue(
    file: Annotated[Path, typer.Argument(help="A file that a tablet saved.")],
    *,
    late: Annotated[
        bool, typer.Option("--late", help="Take in on purpose what comes after the days of grace.")
    ] = False,
) -> None:
    """Take in what a tablet saved to a file, each response once. Doing it again changes nothing."""
    from survey_app.commands.installation import opened
    from survey_app.foundation import clock
    from survey_app.rescue import LARGEST_FILE, read_rescue_file
    from survey_app.rescue import rescue as take_in

    if not file.is_file() or file.stat().st_size > LARGEST_FILE:
        raise RequestMistakenError(f"there is no file {file} that a tablet could have saved.")
    kept = read_rescue_file(file.read_bytes())
    with opened() as here:
        found = take_in(
            here.db,
            here.questionnaires,
            kept,
            clock.now(),
            languages=here.languages,
            grace_days=here.settings.grace_days,
            takes_late=lambda _code: late,
        )
    typer.echo(f"{found.stored} responses came in ({found.late} of them late), {found.before} had come before.")
    for reason, number in sorted(found.refused.items()):
        typer.echo(f"{number} not taken: {reason}", err=True)
    if found.refused:
        typer.echo("Keep the file. With --late, what is session-closed is taken in.", err=True)
        raise typer.Exit(2)
