"""``survey-app supplement``: questionnaires, languages, voices and remarks travel back to computers without internet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from survey_app.commands.sticks import SAY_ENVELOPE, read_from, write_to
from survey_app.foundation.errors import RequestMistakenError

if TYPE_CHECKING:
    from survey_app.supplements.shelf import Counts, Shelved
    from survey_app.supplements.taking import NotTaken

app = typer.Typer(
    help="Send questionnaires, languages and voices to another instance in one sealed file, and take them in.",
    no_args_is_help=True,
)

MISTAKEN: Final = 2

SAY_NOT_TAKEN: Final[Mapping[str, str]] = {
    **SAY_ENVELOPE,
    "damaged": "it is damaged, cut off or no supplement. Copy it anew, or pack it again.",
    "newer-version": "what is in it needs a newer version of this program. Update this computer first.",
    "repeated": "it was taken before. Nothing was changed.",
    "older": "it is older than the last one from the same computer. Nothing was changed.",
    "version-edited": "a questionnaire in it was edited after it was published.",
    "questionnaire-faulty": "a questionnaire in it is at fault.",
    "sentence-faulty": "a sentence in it is at fault.",
    "voice-faulty": "a voice in it is at fault.",
    "answer-faulty": "what it says of a signal names no reason, or holds the number or address of somebody.",
}


@app.command("pack", epilog="Example: survey-app supplement pack --to laptop --out /media/usb")
def pack(
    to: Annotated[str, typer.Option(help="Name of the instance that shall open it, as it was trusted.")],
    out: Annotated[Path, typer.Option(help="Folder, on a USB stick for instance.", file_okay=False)],
) -> None:
    """Write questionnaires, languages, voices, remarks on its releases and answers to its signals into one sealed file."""
    from survey_app.carrying import find_trusted
    from survey_app.commands.installation import opened
    from survey_app.foundation import clock
    from survey_app.supplements.packing import ENDING, pack_contents

    with opened() as here:
        packed = pack_contents(here.db, here.contents, find_trusted(here.db, to), clock.now())
    typer.echo(str(write_to(out, f"{packed.id}{ENDING}", packed.content)))
    typer.echo(
        f"{packed.questionnaires} questionnaires, {packed.languages} languages, {packed.voices} voices, "
        f"{packed.remarks} remarks, {packed.answers} answers to signals.",
        err=True,
    )


@app.command("take", epilog="Example: survey-app supplement take /media/usb/*.survey-supplement")
def take(files: Annotated[list[Path], typer.Argument(help="Files that `survey-app supplement pack` wrote.")]) -> None:
    """Take supplements: each whole or not at all, once. A running server asks and says the new within seconds."""
    from survey_app.commands.installation import opened
    from survey_app.exchange.packed import LARGEST
    from survey_app.foundation import clock
    from survey_app.storage import audit
    from survey_app.supplements.contents import load_contents
    from survey_app.supplements.taking import Taken, take_supplement

    refused = False
    with opened() as here:
        contents = here.contents
        for file in files:
            taken = take_supplement(here.db, contents, read_from(file, LARGEST), clock.now(), taken_by="")
            if isinstance(taken, Taken):
                audit.record(
                    here.db, audit.Deed(audit.MACHINE, "supplement-taken", f"supplement {taken.id}"), clock.now()
                )
                contents = load_contents(here.settings)
                typer.echo(
                    f"{file}: from {taken.sender_name}: {_sum_up(taken.counts)}; {taken.remarks} new remarks, "
                    f"{taken.answers} new answers to signals."
                )
                if taken.advice:
                    typer.echo(
                        f"{taken.advice} of the new sentences could be plainer: survey-app questionnaire check.",
                        err=True,
                    )
            else:
                refused = True
                typer.echo(f"{file} was not taken: {say_not_taken(taken)}", err=True)
    if refused:
        raise typer.Exit(MISTAKEN)


def say_not_taken(refused: NotTaken) -> str:
    """Say why a supplement was not taken, with each place, and what to do."""
    return "\n  ".join((SAY_NOT_TAKEN[refused.reason], *map(str, refused.faults)))


@app.command("list", epilog="Example: survey-app supplement list")
def list_versions() -> None:
    """Show what came or was corrected since the program was installed, the last change first."""
    from survey_app.foundation.settings import read_settings
    from survey_app.supplements.shelf import SHELF, list_shelved

    found = list_shelved(read_settings().data_dir / SHELF)
    for one in found:
        typer.echo(f"{one.number:>4}  {one.origin.at:%Y-%m-%d %H:%M}  {_tell_origin(one)}: {_sum_up(one.counts)}")
    if not found:
        typer.echo("Nothing came or was corrected yet.")


@app.command("back", epilog="Example: survey-app supplement back")
def back(
    number: Annotated[
        int | None,
        typer.Argument(help="Number of the version; without it, the one before the last; 0 for what is shipped."),
    ] = None,
) -> None:
    """Bring an earlier version back: as a further change, so that nothing is lost."""
    from survey_app.foundation import clock
    from survey_app.foundation.settings import read_settings
    from survey_app.main import open_database
    from survey_app.storage import audit
    from survey_app.supplements.contents import find_places
    from survey_app.supplements.laying import bring_back
    from survey_app.supplements.shelf import SHELF, newest

    settings = read_settings()
    wanted = max(newest(settings.data_dir / SHELF) - 1, 0) if number is None else number
    db = open_database(settings)
    try:
        here = bring_back(db, find_places(settings), wanted, clock.now(), by="")
        audit.record(db, audit.Deed(audit.MACHINE, "version-brought-back", f"version {wanted}"), clock.now())
    except OSError as error:
        raise RequestMistakenError(f"it cannot be written ({error.strerror}). Check the disk and try again.") from None
    finally:
        db.close()
    typer.echo(f"Version {wanted} holds again, as version {here.in_use.number}.")


def _tell_origin(one: Shelved) -> str:
    who = one.origin.by or "a command"
    if one.origin.kind == "came":
        return f"from {one.origin.sender_name}, taken by {who}"
    if one.origin.kind == "brought-back":
        return f"version {one.origin.about} brought back by {who}"
    return f"{one.origin.about} corrected by {who}"


def _sum_up(counts: Counts) -> str:
    said = list(counts.questionnaires)
    said += [f"{number} sentences ({tag})" for tag, number in counts.sentences.items()]
    said += [f"{number} voices ({tag})" for tag, number in counts.voices.items()]
    return ", ".join(said) or "nothing new"
