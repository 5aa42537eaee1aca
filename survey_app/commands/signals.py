"""``survey-app signals``: what groups ask for, reviewed and masked, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="What groups ask for, and what became of it.", no_args_is_help=True)


@app.command("list", epilog="Example: survey-app signals list --project parole --out signals.csv")
def list_all(
    project: Annotated[str, typer.Option(help="Only those of this project.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write them into this CSV file instead of printing them.")] = None,
) -> None:
    """Print the signals of groups that are large enough, one a line, as codes and text."""
    from survey_app.commands.installation import opened
    from survey_app.foundation import clock
    from survey_app.foundation.errors import RequestMistakenError
    from survey_app.signals import COLUMNS, list_visible, row_of, write_signals
    from survey_app.storage.structure import list_organisations, list_projects

    with opened() as here:
        if project and project not in {one.code for one in list_projects(here.db)}:
            raise RequestMistakenError(f'there is no project "{project}". Look at its code in the set-up.')
        everywhere = {one.code for one in list_organisations(here.db)}
        shown = list_visible(here.db, here.least_people, everywhere, clock.today(), is_network=True)
    rows = [row_of(one) for one in shown if project in {"", one.project}]
    if out is None:
        for row in rows:
            typer.echo("\t".join(" ".join(cell.split()) for cell in row))
        return
    try:
        with out.open("xb") as file:
            file.write(write_signals(COLUMNS, rows))
    except OSError as fault:
        raise RequestMistakenError(f'"{out}" cannot be written ({fault.strerror}). Choose a new file.') from None
    typer.echo(str(out))
