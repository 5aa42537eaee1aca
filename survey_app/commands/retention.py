"""``survey-app retention``: delete the answers whose time is over, or say when that will be."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from survey_app.foundation.errors import RequestMistakenError

EXAMPLE: Final = "Example: survey-app retention --plan"


def retention(
    *,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what is deleted when.")] = False,
    clock_is_right: Annotated[
        bool, typer.Option("--clock-is-right", help="Believe the clock, though nothing happened here for long.")
    ] = False,
) -> None:
    """Delete the answers whose time is over, for good. The server does the same each hour; a timer may run this instead."""
    from survey_app.commands.installation import opened
    from survey_app.foundation import clock
    from survey_app.retention import ClockInDoubt, delete_what_is_due, list_plans

    with opened() as here:
        if plan:
            for one in list_plans(here.db):
                kept = "nobody decided how long to keep them" if one.due is None else f"deleted on {one.due}"
                typer.echo(f"{one.project}\t{one.period}\t{one.responses} answers of {one.sessions} sessions\t{kept}")
            return
        done = delete_what_is_due(here.db, clock.now(), is_clock_right=clock_is_right)
    if isinstance(done, ClockInDoubt):
        raise RequestMistakenError(
            f"nothing was deleted. The clock says {done.today}, and nothing happened here since {done.last}: look at "
            "the clock of this computer. If it is right, add --clock-is-right."
        )
    for one in done.plans:
        typer.echo(f"{one.project}\t{one.period}\t{one.responses} answers of {len(one.held)} sessions deleted")
    if not done.plans:
        typer.echo("Nothing is due.")
    if not done.is_erased:
        typer.echo("Others use the database now: the server writes its files anew within a minute.", err=True)
