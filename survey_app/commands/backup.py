"""``survey-app backup`` and ``survey-app restore``: the whole installation in one locked file, and back."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from survey_app.foundation.errors import RequestMistakenError

if TYPE_CHECKING:
    from survey_app.foundation.settings import Settings

EXAMPLE: Final = "Example: survey-app backup /media/usb/survey-2026-11-27.backup"
EXAMPLE_RESTORE: Final = "Example: survey-app restore /media/usb/survey-2026-11-27.backup --replace"
VARIABLE: Final = "SURVEY_APP_BACKUP_PASSPHRASE"


def backup(file: Annotated[Path, typer.Argument(help="The file to make; it must not exist.")]) -> None:
    """Write database, keys, certificates and releases into one file that only a passphrase opens. The server may run."""
    from survey_app.backup.making import make_backup
    from survey_app.foundation import clock
    from survey_app.foundation.settings import read_settings
    from survey_app.main import open_database

    settings = read_settings()
    _refuse_other_databases(settings)
    passphrase = _ask(is_new=True)
    db = open_database(settings)
    try:
        facts = make_backup(db, settings.data_dir, file, passphrase, clock.now())
    finally:
        db.close()
    typer.echo(
        f"done: backup {facts.generation} with {facts.responses} responses of {facts.sessions} sessions and {facts.keys} "
        f"keys is in {file}, and was opened again to check it. Keep the passphrase elsewhere: without it nobody opens the file."
    )


def restore(
    file: Annotated[Path, typer.Argument(help="A file that survey-app backup made.")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Set aside what the data folder holds.")] = False,
) -> None:
    """Make the data folder what a backup has. Stop the server first."""
    from survey_app.backup.restoring import restore as bring_back
    from survey_app.foundation import clock
    from survey_app.foundation.settings import read_settings

    settings = read_settings()
    _refuse_other_databases(settings)
    restored = bring_back(file, settings.data_dir, _ask(is_new=False), clock.now(), replace=replace)
    facts = restored.facts
    typer.echo(f"done: {facts.responses} responses of {facts.sessions} sessions and {facts.keys} keys are back.")
    if restored.set_aside is not None:
        typer.echo(f"What was there before is in {restored.set_aside}. Delete it when you are sure.")
    typer.echo("Start the server and open each tablet once: they hand in what they received after the backup was made.")


def _refuse_other_databases(settings: Settings) -> None:
    if settings.database_url:
        raise RequestMistakenError(
            "the database is not in the data folder (SURVEY_APP_DATABASE_URL). Back up PostgreSQL with pg_dump and restore "
            "it with pg_restore; copy SURVEY_APP_DATA_DIR with it."
        )


def _ask(*, is_new: bool) -> str:
    """Return the passphrase from the environment or the terminal."""
    from survey_app.backup.making import SHORTEST_PASSPHRASE

    given = os.environ.get(VARIABLE, "")
    if not given and not sys.stdin.isatty():
        raise RequestMistakenError(f"there is no terminal to ask for a passphrase. Put it into {VARIABLE}.")
    passphrase = given or str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=is_new))
    if is_new and len(passphrase) < SHORTEST_PASSPHRASE:
        raise RequestMistakenError(
            f"the passphrase is too short. Take {SHORTEST_PASSPHRASE} letters or more, four words say."
        )
    return passphrase
