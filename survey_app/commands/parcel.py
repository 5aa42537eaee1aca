"""``survey-app parcel``: releases and indicator returns travel between instances that never see the internet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from survey_app.commands.sticks import SAY_ENVELOPE, read_from, write_to
from survey_app.foundation.errors import RequestMistakenError

if TYPE_CHECKING:
    from survey_app.parcels import NotTaken

app = typer.Typer(help="Send releases to another instance in one sealed file, and take them in.", no_args_is_help=True)

MISTAKEN: Final = 2

SAY_NOT_TAKEN: Final[Mapping[str, str]] = {
    **SAY_ENVELOPE,
    "damaged": "it is damaged, cut off or no parcel. Copy it anew, or pack it again.",
    "repeated": "it was taken before. Nothing was changed.",
    "older": "it is older than the last one from the same computer, and all that is in it is here. Nothing was changed.",
    "forked": "release {where} does not follow what came before: the list of releases there was put back. Ask why.",
    "answers-are-here": "the answers that release {where} counts are here themselves. Make the release from them here.",
    "counted-by-another": "release {where} counts people whom a release of another instance counts. Ask both which one is right.",
    "folder-damaged": "the files of a release in it are not those that it names. Pack it again.",
    "newer-version": "something in it was written by a newer version of this program. Update this computer.",
    "group-too-small": "a signal in it is of a group of too few people. Nothing was changed. Tell whoever sent it.",
    "not-to-travel": "a release in it is not for readers outside, or its answers were made up.",
}


@app.command("pack", epilog="Example: survey-app parcel pack --to pod-mi --out /media/usb")
def pack(
    to: Annotated[str, typer.Option(help="Name of the instance that shall open it, as it was trusted.")],
    out: Annotated[Path, typer.Option(help="Folder, on a USB stick for instance.", file_okay=False)],
) -> None:
    """Write releases for the network and the public, indicator returns and signals passed up into one sealed and signed file."""
    from survey_app.carrying import find_trusted
    from survey_app.commands.installation import opened
    from survey_app.foundation import clock
    from survey_app.ledger import HEAD
    from survey_app.parcels import ENDING, pack_releases
    from survey_app.population import word_report
    from survey_app.protection.protected import Refused
    from survey_app.report.reasons import say_reason

    with opened() as here:
        receiver = find_trusted(here.db, to)
        head = here.settings.data_dir / HEAD
        packed = pack_releases(here.db, receiver, clock.now(), least_people=here.least_people, head=head)
        if isinstance(packed, Refused):
            words = word_report(here.db, here.questionnaires, here.catalogues, "en")
            raise RequestMistakenError(" ".join(say_reason(reason, words) for reason in packed.reasons))
    typer.echo(str(write_to(out, f"{packed.id}{ENDING}", packed.content)))
    typer.echo(
        f"{packed.releases} releases, {packed.returns} indicator returns and {packed.signals} signals.", err=True
    )
    for left_out in packed.left_out:
        typer.echo(f"Not in it: {left_out}. Its folder is gone or was changed.", err=True)


@app.command("take", epilog="Example: survey-app parcel take /media/usb/*.survey-parcel")
def take(files: Annotated[list[Path], typer.Argument(help="Files that `survey-app parcel pack` wrote.")]) -> None:
    """Take parcels: each whole or not at all, each release once, with where it came from."""
    from survey_app.commands.installation import opened
    from survey_app.exchange.packed import LARGEST
    from survey_app.foundation import clock
    from survey_app.parcels import Taken, audit_received, folder_of, take_parcel

    refused = False
    with opened() as here:
        data_dir = here.settings.data_dir
        for file in files:
            taken = take_parcel(here.db, read_from(file, LARGEST), data_dir, clock.now(), taken_by="")
            if isinstance(taken, Taken):
                typer.echo(
                    f"{file}: from {taken.sender_name}, {len(taken.added)} added, {taken.known} were here before; "
                    f"{taken.signals} new signals."
                )
                for one in taken.added:
                    typer.echo(str(folder_of(one, data_dir)))
            else:
                refused = True
                typer.echo(f"{file} was not taken: {say_not_taken(taken)}", err=True)
        for found in audit_received(
            here.db, data_dir, clock.now(), lambda release: typer.echo(f"Attacking {release}...", err=True)
        ):
            for fault in found.faults:
                refused = True
                typer.echo(f"Kept apart, and counted nowhere: a release did not stand the attack: {fault}", err=True)
    if refused:
        raise typer.Exit(MISTAKEN)


def say_not_taken(refused: NotTaken) -> str:
    """Say why a parcel was not taken, and what to do."""
    return SAY_NOT_TAKEN[refused.reason].format(where=refused.where)
