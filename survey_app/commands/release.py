"""``survey-app release``: make protected releases, and check those that were made."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Annotated, Final

import typer

app = typer.Typer(help="Make protected releases, and check those that were made.", no_args_is_help=True)

MISTAKEN: Final = 2


class Tier(StrEnum):
    """Who a release is for."""

    INSIDE = "inside"
    NETWORK = "network"
    PUBLIC = "public"


@app.command(
    "create", epilog="Example: survey-app release create --tier inside --period 2026-H1 --out releases/2026-H1-inside"
)
def create(
    tier: Annotated[Tier, typer.Option(help="Who reads it: inside the organisation, the network, or everyone.")],
    period: Annotated[str, typer.Option(help="Half-year 2026-H1; ..2026-H1: from the start of the programme.")],
    out: Annotated[Path, typer.Option(help="Folder to write the release into.")],
    project: Annotated[str | None, typer.Option(help="Code of one project; without it, all.")] = None,
    *,
    rounded: Annotated[
        bool, typer.Option("--rounded", help="Round every number to a multiple of 5; public only.")
    ] = False,
) -> None:
    """Count, protect, attack and write a release. What cannot be protected is not written."""
    from survey_app import journeys
    from survey_app.commands.installation import opened
    from survey_app.foundation import clock
    from survey_app.ledger import HEAD
    from survey_app.population import word_report
    from survey_app.protection.protected import Refused
    from survey_app.report.reasons import say_reason
    from survey_app.report.report_files import report_name

    with opened() as here:
        request = journeys.ReleaseRequest(tier=tier.value, period=period, project=project, rounded=rounded)
        with _bar() as tell:
            made = journeys.publish(
                here.db,
                here.questionnaires,
                here.catalogues,
                request,
                out,
                now=clock.now(),
                head=here.settings.data_dir / HEAD,
                by=here.settings.genders_by_age,
                tell=tell,
            )
            if isinstance(made, journeys.Published):
                tell("done")
        words = word_report(here.db, here.questionnaires, here.catalogues, "en")
    if isinstance(made, journeys.NothingToCount):
        typer.echo(
            f"No closed session with answers lies in {period}. Close one first, or name another period.", err=True
        )
        raise typer.Exit(MISTAKEN)
    if isinstance(made, Refused):
        for reason in made.reasons:
            typer.echo(say_reason(reason, words), err=True)
        typer.echo("Nothing was written.", err=True)
        raise typer.Exit(MISTAKEN)
    typer.echo(str(made.folder))
    if not (made.folder / report_name("fr", "pdf")).exists():
        typer.echo(
            "The reports have no PDF: what prints is not installed here (survey-app[paper], then scripts/paper_fonts.py).",
            err=True,
        )


@contextmanager
def _bar() -> Iterator[Callable[[str], None]]:
    """Show on a terminal how far a release is; whoever reads standard error otherwise gets nothing of it."""
    from survey_app.journeys import STAGES

    if not sys.stderr.isatty():
        yield lambda _stage: None
        return
    with typer.progressbar(length=len(STAGES) + 1, label="Release", file=sys.stderr, item_show_func=str) as bar:

        def tell(stage: str) -> None:
            bar.current_item = stage
            bar.update(1)

        yield tell


class Described(StrEnum):
    """A file of a release that has a published form."""

    RELEASE = "release"
    TABLES = "tables"


@app.command("schema", epilog="Example: survey-app release schema tables > tables.schema.json")
def schema(
    file: Annotated[Described, typer.Argument(help="release.json or tables.json.")] = Described.RELEASE,
) -> None:
    """Print the JSON Schema of a file of releases, of every format that was ever written."""
    from survey_app.report.schemas import release_schema, tables_schema

    described = tables_schema() if file is Described.TABLES else release_schema()
    typer.echo(json.dumps(described, indent=2, ensure_ascii=False))


@app.command("audit", epilog="Example: survey-app release audit releases/2026-H1-inside releases/2026-H2-inside")
def audit(
    folders: Annotated[list[Path], typer.Argument(help="Release folders; several are attacked together.")],
) -> None:
    """Check release folders with nothing but their files: hashes, and the attack on every withheld figure again."""
    from survey_app.exchange.audit import audit as audit_folders

    started = count(1)
    failed = False
    for found in audit_folders(
        folders, lambda folder: typer.echo(f"{next(started)} of {len(folders)}: attacking {folder} ...", err=True)
    ):
        for fault in found.faults:
            typer.echo(f"{found.folder}: {fault}", err=True)
        failed = failed or bool(found.faults)
        if not found.faults:
            narrowest = (
                "nothing is withheld" if found.narrowest is None else f"narrowest range {found.narrowest} people"
            )
            typer.echo(f"{found.folder}: sound; {found.cells_attacked} withheld figures attacked, {narrowest}")
    if failed:
        raise typer.Exit(MISTAKEN)
