"""The command line. Each command imports what it needs when it runs, so that help is there at once.

Exit codes: 0 done; 2 the request was wrong (standard error says what and how to mend it); 1 a fault of ours.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import typer

from survey_app.commands import (
    backup,
    carry,
    demo,
    indicator,
    keys,
    paper,
    parcel,
    questionnaires,
    release,
    rescue,
    retention,
    serve,
    session,
    set_up,
    signals,
    staff,
    supplement,
    voices,
)
from survey_app.foundation.errors import RequestMistakenError

MISTAKEN: Final = 2
OUR_FAULT: Final = 1

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
app.command(name="setup-export", epilog=set_up.EXPORT_EXAMPLE)(set_up.export)
app.add_typer(session.app, name="session")
app.add_typer(questionnaires.questionnaire_app, name="questionnaire")
app.add_typer(questionnaires.translations_app, name="translations")
app.add_typer(release.app, name="release")
app.add_typer(indicator.app, name="indicator")
app.add_typer(signals.app, name="signals")
app.add_typer(staff.app, name="staff")
app.add_typer(carry.instance_app, name="instance")
app.add_typer(carry.carry_app, name="carry")
app.add_typer(parcel.app, name="parcel")
app.add_typer(supplement.app, name="supplement")
app.add_typer(keys.app, name="keys")
app.command(name="rescue", epilog=rescue.EXAMPLE)(rescue.rescue)
app.command(name="backup", epilog=backup.EXAMPLE)(backup.backup)
app.command(name="restore", epilog=backup.EXAMPLE_RESTORE)(backup.restore)
app.command(name="retention", epilog=retention.EXAMPLE)(retention.retention)
app.add_typer(voices.app, name="voices")
app.add_typer(paper.app, name="paper")


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
        ended = app(args=list(arguments), prog_name="survey-app", obj=wishes, standalone_mode=False)
    except RequestMistakenError as mistake:
        return _tell(str(mistake), MISTAKEN)
    except typer.Abort:
        return _tell("stopped; nothing was changed.", OUR_FAULT)
    except Exception as fault:  # noqa: BLE001 - the last door: the fault is told in one line, without its content
        if (usage := _find_usage(fault)) is not None:
            return _tell(usage, MISTAKEN)
        if wishes.debug:
            import traceback

            traceback.print_exception(fault)
        mend = "Run it again with --debug and report what you see."
        return _tell(f"this is our fault ({type(fault).__name__}). {mend}", OUR_FAULT)
    return ended if isinstance(ended, int) else 0


def _find_usage(fault: Exception) -> str | None:
    """Return what Typer says of an argument that is missing or wrong, ``None`` where the fault is another one."""
    say = getattr(fault, "format_message", None)
    if say is None:
        return None
    context = getattr(fault, "ctx", None)
    message = str(say()).replace("Value error, ", "")
    if "\n" in message or context is None:
        return message
    return f"{message.rstrip('.')}. Look at: {context.command_path} --help"


def _tell(message: str, code: int) -> int:
    typer.echo(message if "\n" in message else f"survey-app: {message}", err=True)
    return code
