"""``survey-app indicator``: the exact totals of R.2.9 that the law requires."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

app = typer.Typer(help="The exact totals of R.2.9 that the law requires.", no_args_is_help=True)

MISTAKEN: Final = 2


@app.command("create", epilog="Example: survey-app indicator create --period 2026-H1 --out returns/2026-H1")
def create(
    period: Annotated[str, typer.Option(help="Half-year up to whose end people are counted, such as 2026-H1.")],
    out: Annotated[Path, typer.Option(help="Folder to write the return into.")],
) -> None:
    """Write the exact totals in the columns of Table 11, with a warning for each number that could point at somebody.

    Nothing is withheld in it. Making it is written into a log that the console shows, and later releases take it as known.
    """
    from survey_app import journeys
    from survey_app.commands.installation import opened
    from survey_app.foundation import clock
    from survey_app.ledger import HEAD
    from survey_app.population import AnswersDeleted, say_deleted, word_report
    from survey_app.protection.protected import Refused
    from survey_app.report.indicator_return import say_warnings
    from survey_app.report.reasons import say_reason
    from survey_app.storage.indicator_returns import NOBODY

    with opened() as here:
        made = journeys.return_indicator(
            here.db,
            here.questionnaires,
            here.catalogues,
            period,
            out,
            by=here.settings.genders_by_age,
            made_by=NOBODY,
            now=clock.now(),
            head=here.settings.data_dir / HEAD,
        )
        words = word_report(here.db, here.questionnaires, here.catalogues, "en")
    if isinstance(made, journeys.NothingToCount):
        typer.echo(
            f"R.2.9 was not asked in a session that closed before the end of {period}. Close one first.", err=True
        )
        raise typer.Exit(MISTAKEN)
    if isinstance(made, AnswersDeleted):
        typer.echo(say_reason(say_deleted(made), words), err=True)
        raise typer.Exit(MISTAKEN)
    if isinstance(made, Refused):
        for reason in made.reasons:
            typer.echo(say_reason(reason, words), err=True)
        typer.echo("Nothing was written.", err=True)
        raise typer.Exit(MISTAKEN)
    for warning in say_warnings(made.totals, words, made.smallest):
        typer.echo(f"warning: {warning}", err=True)
    typer.echo(str(made.folder))
