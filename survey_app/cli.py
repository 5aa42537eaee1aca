"""The command line. Each command imports what it needs when it runs, so that help is there at once.

Exit codes: 0 done; 2 the request was wrong (standard error says what and how to mend it); 1 a fault of ours.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from survey_app.commands import demo, questionnaires, release, serve, session, set_up, staff
from survey_app.foundation.errors import RequestMistakenError

app = typer.Typer(
    name="survey-app",
    help="A survey that speaks, for people who cannot read; reports that cannot point at anyone.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command(name="serve", epilog=serve.EXAMPLE)(serve.serve)
app.command(name="demo", epilog=demo.EXAMPLE)(demo.demo)
app.command(name="setup", epilog=set_up.EXAMPLE)(set_up.set_up)
app.add_typer(session.app, name="session")
app.add_typer(questionnaires.questionnaire_app, name="questionnaire")
app.add_typer(questionnaires.translations_app, name="translations")
app.add_typer(release.app, name="release")
app.add_typer(staff.app, name="staff")


@dataclass
class _Wishes:
    """What holds for every command."""

    debug: bool = bool(os.environ.get("SURVEY_APP_DEBUG"))


@app.callback()
def _every_command(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show where in the program a fault happened.")] = False,  # noqa: FBT002
) -> None:
    wishes = context.obj
    if isinstance(wishes, _Wishes) and debug:
        wishes.debug = True


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    wishes = _Wishes()
    try:
        app(args=list(arguments), prog_name="survey-app", obj=wishes)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except RequestMistakenError as mistake:
        typer.echo(f"survey-app: {mistake}", err=True)
        return 2
    except Exception as fault:  # noqa: BLE001 - the last door: the fault is told in one line, without its content
        if wishes.debug:
            traceback.print_exception(fault)
        name = type(fault).__name__
        mend = "Run it again with --debug and report what you see."
        typer.echo(f"survey-app: this is our fault ({name}). {mend}", err=True)
        return 1
    return 0
