"""``survey-app setup``: organisations, projects, modules and register counts from one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from survey_app.foundation.errors import RequestMistakenError

EXAMPLE: Final = "Example: survey-app setup docs/setup.example.yaml"
MISTAKEN: Final = 2

EXPORT_EXAMPLE: Final = "Example: survey-app setup-export > setup.yaml"

File = Annotated[
    Path, typer.Argument(help="YAML file; docs/setup.example.yaml explains it.", exists=True, dir_okay=False)
]


def set_up(file: File) -> None:
    """Add and change organisations, projects, modules and register counts. The same file again changes nothing."""
    from survey_app import journeys
    from survey_app.commands.installation import opened
    from survey_app.fieldwork.setup_file import Setup
    from survey_app.storage.structure import list_projects

    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise RequestMistakenError(f"{file} is not readable text. Save it as UTF-8 and check its rights.") from None
    with opened() as here:
        read = journeys.set_up(here.db, here.questionnaires, here.languages, text, file)
        holds_demo = any(project.synthetic for project in list_projects(here.db))
    if not isinstance(read, Setup):
        for fault in read:
            typer.echo(str(fault), err=True)
        typer.echo("Nothing was changed.", err=True)
        raise typer.Exit(MISTAKEN)
    counts = (len(read.organisations), len(read.projects), len(read.modules), len(read.registered))
    if holds_demo:
        typer.echo("The demonstration lives here too: a release of all projects is marked as synthetic.", err=True)
    typer.echo("{} organisations, {} projects, {} modules, {} register counts are set up.".format(*counts))


def export() -> None:
    """Print organisations, projects, modules and register counts as a set-up file that survey-app setup reads again."""
    from survey_app.commands.installation import opened
    from survey_app.fieldwork.setup_export import write_setup
    from survey_app.storage import structure

    with opened() as here:
        text = write_setup(
            structure.list_organisations(here.db),
            structure.list_projects(here.db),
            structure.list_modules(here.db),
            structure.list_register_counts(here.db),
        )
    typer.echo(text, nl=False)
