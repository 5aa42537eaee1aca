"""Parcels: releases, indicator returns and signals of a laptop travel to POD MI's instance as one sealed and signed file.

What travels is what has left already: releases for the network and for everybody, and exact totals, each folder whole and as
it left; and the signals that were passed up to POD MI, of groups that are large enough, which are kept as the newest parcel
tells them. A parcel is taken whole or not at all, each release exactly once, in whatever order parcels come. People are counted
one way: a session whose answers are here is not counted again by somebody's release, nor the other way round.

What was taken is attacked here, too, with all that its sender told before: a release that does not stand it is kept, named, and
counts nowhere.

In: storage, exchange, folders, signals. Out: parcels, and what became of them. Knows nothing of: pages, networks, answers.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, NoReturn
from uuid import UUID, uuid4

import structlog

from survey_app import signals
from survey_app.carrying import by_id, know_instance, list_cards
from survey_app.exchange.envelope import Card, EnvelopeFault
from survey_app.exchange.parcel import (
    TRAVELLING_TIERS,
    CarriedFolder,
    ContentFault,
    Kind,
    Parcel,
    Told,
    is_as_told,
    look_into,
    pack_parcel,
    unpack_parcel,
)
from survey_app.foundation import clock
from survey_app.ledger import find_faults
from survey_app.protection.policy import load_all_policies
from survey_app.protection.protected import Refused
from survey_app.report.folder import write_folder
from survey_app.storage import carried, indicator_returns, ledger
from survey_app.storage.database import Database, UnavailableError
from survey_app.storage.indicator_returns import IndicatorReturn
from survey_app.storage.received import (
    NotReceivedError,
    ReceivedAudit,
    ReceivedFault,
    ReceivedRelease,
    TakenParcel,
    list_audits,
    list_received,
    note_audit,
    receive_parcel,
)

RECEIVED: Final = "received"
"""The name of the folder, in that of the data, where releases of other instances lie."""
ENDING: Final = ".survey-parcel"
_DIGITS_OF_HASH: Final = 12
_LOOK_SECONDS: Final = 10

log = structlog.get_logger()

NotTakenReason = EnvelopeFault | ContentFault | ReceivedFault | Literal["unavailable"]


@dataclass(frozen=True, slots=True)
class PackedParcel:
    """A parcel for one receiver. ``left_out``: ids of what would travel if its folder were here and as it left."""

    id: UUID
    content: bytes
    releases: int
    returns: int
    signals: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """All of a parcel is here. ``added`` now, ``known`` before; ``signals``: how many are new."""

    id: UUID
    sender_name: str
    added: tuple[ReceivedRelease, ...]
    known: int
    signals: int


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Nothing of a parcel was added. ``where``: id of the release that it is about, where it is one."""

    reason: NotTakenReason
    where: str = ""


def pack_releases(  # noqa: PLR0913 - what may leave, to whom, and what is drawn
    db: Database,
    receiver: Card,
    now: datetime,
    *,
    least_people: int,
    head: Path | None = None,
    draw: Callable[[], UUID] = uuid4,
) -> PackedParcel | Refused:
    """Pack every release for readers outside, every indicator return and what was passed up to POD MI, for one receiver.

    Nothing leaves where the ledger of what left can not be trusted.

    Args:
        db: where ledger and log are.
        receiver: the instance that shall open them.
        now: aware.
        least_people: in a group of fewer people, nothing of its signals is seen.
        head: the file that names what left last, beside the data.
        draw: the random ids of the parcel, and of sessions that have none yet.

    Raises:
        UnavailableError: the database cannot be read or written now.
    """
    if faults := find_faults(db, head, now):
        return Refused(faults)
    outside = (one for one in ledger.list_without_figures(db) if one.tier in TRAVELLING_TIERS)
    left: list[ledger.Release | IndicatorReturn] = [*outside, *indicator_returns.list_returns(db)]
    identities = carried.identify(db, sorted({code for one in left for code in one.responses}), draw)
    folders: list[CarriedFolder] = []
    left_out: list[str] = []
    for one in left:
        folder = _read_as_it_left(one)
        if folder == "not-to-travel":
            continue
        if isinstance(folder, dict):
            sessions = tuple(identities[code] for code in one.responses)
            folders.append(CarriedFolder(_kind_of(one), folder, sessions))
        else:
            left_out.append(one.id)
    parcel_id = draw()
    told = signals.list_travelling(db, least_people, now.astimezone(clock.BELGIUM).date())
    content = pack_parcel(folders, told, know_instance(db), receiver, parcel_id, now)
    returns = sum(folder.kind == "return" for folder in folders)
    return PackedParcel(parcel_id, content, len(folders) - returns, returns, len(told), tuple(left_out))


def _kind_of(one: ledger.Release | IndicatorReturn) -> Kind:
    return "return" if isinstance(one, IndicatorReturn) else "release"


def _read_as_it_left(one: ledger.Release | IndicatorReturn) -> dict[str, bytes] | ContentFault:
    """Return the files of a folder; why they do not travel where they are gone, were changed or are made up."""
    folder = Path(one.folder)
    told = look_into(folder, _kind_of(one))
    if not isinstance(told, Told):
        return told
    if told.hash != one.hash:
        return "folder-damaged"
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def folder_of(received: ReceivedRelease, beside: Path) -> Path:
    """Return where a release of another instance lies. ``beside``: the folder of the data."""
    return beside / RECEIVED / received.folder


def sound_folder(received: ReceivedRelease, beside: Path) -> Path | None:
    """Return the folder of a release that came; ``None`` where it is gone or not as it came."""
    folder = folder_of(received, beside)
    return folder if is_as_told(folder, received.kind, received.hash) else None


def take_parcel(db: Database, raw: bytes, beside: Path, now: datetime, taken_by: str) -> Taken | NotTaken:
    """Take a parcel: all of it, each release once, or nothing, and say why.

    Args:
        db: where it is kept.
        raw: the parcel as it came.
        beside: the folder of the data; releases are laid into ``RECEIVED`` of it.
        now: aware.
        taken_by: name of the member of staff, empty for a command.
    """
    try:
        cards = list_cards(db)
        parcel = unpack_parcel(raw, know_instance(db), by_id(cards))
        if isinstance(parcel, str):
            return NotTaken(parcel)
        if any(one.from_people < _fewest_people() for one in parcel.signals or ()):
            return NotTaken("group-too-small")
        name = next(name for name, card in cards.items() if card.id == parcel.sender)
        about = TakenParcel(parcel.id, parcel.sender, name, parcel.packed_at, now, taken_by)
        return _take(db, parcel, about, beside / RECEIVED)
    except NotReceivedError as error:
        return NotTaken(error.reason, error.where)
    except (UnavailableError, OSError):
        return NotTaken("unavailable")


def _fewest_people() -> int:
    """Return of how many people a group must be, whatever is set, before anybody sees something of it."""
    return signals.least_people(0, load_all_policies().values())


def _take(db: Database, parcel: Parcel, about: TakenParcel, shelf: Path) -> Taken | NotTaken:
    shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unpacked-", dir=shelf) as unpacked:
        arriving: list[tuple[ReceivedRelease, frozenset[UUID]]] = []
        for number, carried_folder in enumerate(parcel.folders):
            folder = Path(unpacked) / str(number)
            write_folder(folder, carried_folder.files, str(number), lambda: None)
            told = look_into(folder, carried_folder.kind)
            if not isinstance(told, Told):
                return NotTaken(told)
            arriving.append((_receive(told, about), frozenset(carried_folder.sessions)))
        where = {release.hash: Path(unpacked) / str(number) for number, (release, _) in enumerate(arriving)}
        added, new_signals = receive_parcel(
            db, about, arriving, parcel.signals, lambda new: _lay_down(new, where, shelf)
        )
    return Taken(about.id, about.sender_name, added, len(arriving) - len(added), new_signals)


def _receive(told: Told, about: TakenParcel) -> ReceivedRelease:
    folder = f"{about.sender}/{told.id}-{told.hash[:_DIGITS_OF_HASH]}"
    return ReceivedRelease(
        told.hash, about.sender, about.id, told.kind, told.id, told.created, told.tier, told.period, told.scope,
        told.previous, folder,
    )  # fmt: skip


def _lay_down(new: Iterable[ReceivedRelease], unpacked: Mapping[str, Path], shelf: Path) -> None:
    """Put verified folders where they stay. One that lies there already came with a parcel that was never entered."""
    for release in new:
        folder = shelf / release.folder
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.exists():
            shutil.rmtree(folder)
        unpacked[release.hash].rename(folder)


async def keep_auditing(db: Database, beside: Path) -> NoReturn:
    """Attack what came and was not attacked yet, whoever took it, for as long as the server runs."""
    while True:
        try:
            await asyncio.to_thread(audit_received, db, beside, clock.now())
        except (UnavailableError, OSError) as error:
            log.warning("received-not-audited", problem=type(error).__name__)
        await asyncio.sleep(_LOOK_SECONDS)


def audit_received(
    db: Database, beside: Path, now: datetime, start: Callable[[str], None] = lambda _release: None
) -> tuple[ReceivedAudit, ...]:
    """Attack each release of another instance that was not attacked yet, with all that this instance sent; keep what is found.

    Exact totals are no release: the law wants them as they are. A folder that is not as it came waits until it is again.

    Args:
        db: where it is kept.
        beside: the folder of the data.
        now: aware.
        start: hears the id of each release before it is attacked, which can take half a minute.
    """
    from survey_app.exchange.audit import audit

    known = list_audits(db)
    releases = [one for one in list_received(db) if one.kind == "release"]
    found: list[ReceivedAudit] = []
    for sender in sorted({one.sender for one in releases if one.hash not in known}):
        theirs = {
            folder: one
            for one in releases
            if one.sender == sender and (folder := sound_folder(one, beside)) is not None
        }
        before = [folder for folder, one in theirs.items() if one.hash in known]
        names = {folder: one.id for folder, one in theirs.items()}
        for one in audit(list(theirs), _telling(names, start), known=before):
            if theirs[one.folder].hash not in known:
                kept = ReceivedAudit(theirs[one.folder].hash, now, one.cells_attacked, one.faults)
                note_audit(db, kept)
                found.append(kept)
    return tuple(found)


def _telling(names: Mapping[Path, str], start: Callable[[str], None]) -> Callable[[Path], None]:
    return lambda folder: start(names[folder])
