"""``survey-app instance`` and ``survey-app carry``: who counts for all, and how a laptop's sessions get there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from survey_app.commands.sticks import SAY_ENVELOPE, read_from, write_to
from survey_app.foundation.errors import RequestMistakenError

if TYPE_CHECKING:
    from uuid import UUID

    from survey_app.carrying import NotTaken, Packed

instance_app = typer.Typer(help="Know other instances, and be known to them.", no_args_is_help=True)
carry_app = typer.Typer(help="Carry closed sessions to another instance.", no_args_is_help=True)

MISTAKEN: Final = 2
ENDING: Final = ".survey-batch"
ADDRESS: Final = "/api/v1/carried-batches"
SECONDS: Final = 60

SAY_NOT_TAKEN: Final[Mapping[str, str]] = {
    **SAY_ENVELOPE,
    "damaged": "it is damaged or no batch. Pack it again and bring it anew.",
    "project-unknown": 'there is no project "{where}" here. Set up the same projects on both computers.',
    "module-unknown": 'project "{where}" has not the same modules here. Set up the same on both computers.',
    "other-questionnaire": 'project "{where}" asks another questionnaire or version here. Set up the same on both.',
    "other-activities": 'project "{where}" has other activities here. Set up the same on both computers.',
    "session-differs": "session {where} belongs to another project or module here. Tell whoever looks after both computers.",
    "answers-differ": "session {where} holds other answers here under the same id. Tell whoever looks after both computers.",
    "releases-are-here": "releases that count session {where} came here in a parcel. A group is counted one way: not by both.",
    "not-a-session": 'it holds a session of project "{where}" that cannot be one. Pack it again with the same version.',
    "not-a-response": "session {where} holds what is no response to its questionnaire. Pack it again with the same version.",
}

To = Annotated[str, typer.Option(help="Name of the instance that shall take them, as it was trusted.")]


@instance_app.command("show", epilog="Example: survey-app instance show")
def show() -> None:
    """Print the card of this instance, alone on its line, and whom it trusts."""
    from survey_app.carrying import know_instance, list_cards
    from survey_app.commands.installation import opened
    from survey_app.exchange.envelope import read_out

    with opened() as here:
        card = know_instance(here.db).card
        trusted = list_cards(here.db)
    typer.echo(card.written)
    typer.echo(f"Its number, to compare by telephone: {read_out(card.id)}", err=True)
    for name, one in trusted.items():
        typer.echo(f"trusts {name}: {read_out(one.id)}", err=True)


@instance_app.command("trust", epilog="Example: survey-app instance trust centre survey-app-instance:...")
def trust(
    name: Annotated[str, typer.Argument(help="A name of your own for it.")],
    card: Annotated[str, typer.Argument(help="The line that `survey-app instance show` printed there.")],
) -> None:
    """Trust another instance: take its batches, and pack batches for it."""
    from survey_app.carrying import trust_instance
    from survey_app.commands.installation import opened
    from survey_app.exchange.envelope import read_out

    with opened() as here:
        trusted = trust_instance(here.db, name, card)
    typer.echo(f"{name} is trusted. Compare its number by telephone: {read_out(trusted.id)}")


@instance_app.command("distrust", epilog="Example: survey-app instance distrust laptop-2")
def distrust(name: Annotated[str, typer.Argument(help="Its name here.")]) -> None:
    """Trust an instance no more: its batches are refused. What it brought stays."""
    from survey_app.commands.installation import opened
    from survey_app.storage import carried

    with opened() as here:
        if not carried.distrust(here.db, name):
            raise RequestMistakenError(f'no instance "{name}" is trusted here. survey-app instance show lists them.')
    typer.echo(f"{name} is trusted no more.")


@carry_app.command("pack", epilog="Example: survey-app carry pack --to centre --out /media/usb")
def pack(
    to: To, out: Annotated[Path, typer.Option(help="Folder, on a USB stick for instance.", file_okay=False)]
) -> None:
    """Write every session that no tablet can hand in to any more into sealed files for one instance."""
    packed = _pack(to)
    out.mkdir(parents=True, exist_ok=True)
    for batch_id, content in packed.batches:
        typer.echo(str(write_to(out, f"{batch_id}{ENDING}", content)))
    _tell_packed(packed)


def _pack(to: str) -> Packed:
    from survey_app.carrying import find_trusted, pack_sessions
    from survey_app.commands.installation import opened
    from survey_app.foundation import clock

    with opened() as here:
        receiver = find_trusted(here.db, to)
        return pack_sessions(here.db, receiver, clock.now(), grace_days=here.settings.grace_days)


def _tell_packed(packed: Packed) -> None:
    typer.echo(f"{packed.responses} responses of {packed.sessions} sessions.", err=True)
    if packed.not_yet:
        message = "Not yet: {}. Tablets may still hand in there; a session travels after its days of grace."
        typer.echo(message.format(", ".join(packed.not_yet)), err=True)


@carry_app.command("take", epilog="Example: survey-app carry take /media/usb/*.survey-batch")
def take(files: Annotated[list[Path], typer.Argument(help="Files that `survey-app carry pack` wrote.")]) -> None:
    """Take batches: each whole or not at all, each response once. Taking one again changes nothing."""
    from survey_app.carrying import Taken, take_batch
    from survey_app.commands.installation import opened
    from survey_app.exchange.batch import LARGEST

    refused = False
    with opened() as here:
        for file in files:
            taken = take_batch(here.db, here.questionnaires, read_from(file, LARGEST))
            if isinstance(taken, Taken):
                typer.echo(f"{file}: {taken.added} responses added, {taken.known} were here before.")
                for there, code in taken.codes.items():
                    typer.echo(f"{file}: session {there} is called {code} here, as {there} is another one.")
            else:
                refused = True
                typer.echo(f"{file} was not taken: {say_not_taken(taken)}", err=True)
    if refused:
        raise typer.Exit(MISTAKEN)


def say_not_taken(refused: NotTaken) -> str:
    return SAY_NOT_TAKEN[refused.reason].format(where=refused.where)


@carry_app.command("send", epilog="Example: survey-app carry send --to centre --address https://survey.example.be")
def send(to: To, address: Annotated[str, typer.Option(help="Address of that instance.")]) -> None:
    """Send every session that no tablet can hand in to any more over the network. Sending again is harmless."""
    packed = _pack(to)
    for batch_id, content in packed.batches:
        _send(address.rstrip("/") + ADDRESS, batch_id, content)
    _tell_packed(packed)


def _send(address: str, batch_id: UUID, content: bytes) -> None:
    """Send one batch; only a receipt that names it counts."""
    import http.client
    import json
    import urllib.error
    import urllib.request

    if not address.startswith(("https://", "http://")):
        raise RequestMistakenError("the address begins with https://. Check it.")
    asked = urllib.request.Request(address, content, {"content-type": "application/json"}, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=SECONDS) as answer:  # noqa: S310
            receipt = json.loads(answer.read(LARGEST_ANSWER)).get("receipt")
    except urllib.error.HTTPError as error:
        raise RequestMistakenError(_read_refusal(error)) from None
    except (OSError, http.client.HTTPException, ValueError, AttributeError):
        receipt = None
    if receipt != str(batch_id):
        raise RequestMistakenError("the other instance gave no receipt. What arrived counts once; send again later.")


LARGEST_ANSWER: Final = 65_536


def _read_refusal(error: object) -> str:
    """Say why the other instance refused; what is no answer of ours is a network in between."""
    import json

    from survey_app.carrying import NotTaken

    try:
        said = json.loads(error.read(LARGEST_ANSWER))  # type: ignore[attr-defined]
        reason = str(said["type"]).removeprefix("urn:survey-app:problem:batch-")
        refused = NotTaken(reason, str(said.get("where", "")))  # type: ignore[arg-type]
        return f"the other instance did not take it: {say_not_taken(refused)}"
    except (ValueError, KeyError, TypeError, OSError):
        return "the other instance gave no receipt. What arrived counts once; send again later."
