"""A parcel: release folders, indicator returns and signals on their way from a laptop to the instance of POD MI.

With each folder travel the random identities of the sessions that it counts, and nothing else of them: how many groups, never
how many people in one. So the receiver can tell that two parcels, or a parcel and a batch, count the same people. Signals are
those that were passed up to POD MI: a text that was reviewed and masked, of a group that is large enough, and of nobody. How a
parcel is sealed and signed: ``envelope``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

from survey_app.collection.comment import clean
from survey_app.exchange.envelope import Card, EnvelopeFault, InstanceKey, Opened
from survey_app.exchange.packed import close_packed, open_packed, read_moment, write_moment
from survey_app.fieldwork.signal import LONGEST_SIGNAL, LONGEST_WHY, THEMES, CarriedSignal, Signal
from survey_app.foundation.became import BECAME
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.periods import period_of, read_period
from survey_app.report.canonical import canonical_json, sha256
from survey_app.report.folder import RELEASE, DamagedRelease, read_release, verify_files
from survey_app.report.indicator_return import FORMAT as RETURN_FORMAT
from survey_app.report.indicator_return import INDICATOR, TIER
from survey_app.report.release_json import FORMAT as RELEASE_FORMAT

FORMAT: Final = "survey-app parcel 1"
TRAVELLING_TIERS: Final = frozenset({"network", "public"})
"""Tiers that are made for readers outside the organisation: what is made for inside stays inside."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)
_CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_HALF_YEAR: Final = re.compile(r"20[0-9]{2}-H[12]", re.ASCII)
_LONGEST_NAME: Final = 200
_MOST_SIGNALS: Final = 5_000

Kind = Literal["release", "return"]
ContentFault = Literal["folder-damaged", "newer-version", "not-to-travel", "group-too-small"]


@dataclass(frozen=True, slots=True)
class CarriedFolder:
    """A folder as it travels: its files by name, and the identities of the sessions that it counts."""

    kind: Kind
    files: Mapping[str, bytes]
    sessions: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """What was opened. ``sender``: id of the instance that signed it.

    ``signals``: all that were passed up there; ``None`` where it was packed by a program of before signals travelled.
    """

    id: UUID
    sender: str
    packed_at: datetime
    folders: tuple[CarriedFolder, ...]
    signals: tuple[CarriedSignal, ...] | None


@dataclass(frozen=True, slots=True)
class Told:
    """What a folder says of itself. ``hash``: of its ``release.json`` or ``indicator.json``; ``previous``: of the one before.

    ``tier``: ``indicator`` for a return. ``scope``: ``all`` or the code of a project.
    """

    kind: Kind
    id: str
    created: datetime
    tier: str
    period: str
    scope: str
    hash: str
    previous: str


def pack_parcel(  # noqa: PLR0913, PLR0917 - what travels, from whom, to whom
    folders: Sequence[CarriedFolder],
    signals: Sequence[CarriedSignal],
    sender: InstanceKey,
    receiver: Card,
    parcel_id: UUID,
    packed_at: datetime,
) -> bytes:
    """Seal and sign folders and signals for one receiver."""
    content = {
        "packed_at": write_moment(packed_at),
        "folders": [_write_folder(folder) for folder in folders],
        "signals": [_write_signal(one) for one in signals],
    }
    return close_packed(FORMAT, content, sender, receiver, parcel_id)


def unpack_parcel(
    raw: bytes, receiver: InstanceKey, trusted: Mapping[str, Card]
) -> Parcel | EnvelopeFault | Literal["newer-version"]:
    """Verify and open a parcel; or say why it is not taken, as ``open_packed`` does. See ``look_into`` for each folder.

    ``newer-version``: a signal is about something that this version does not know.
    """
    return open_packed(FORMAT, raw, receiver, trusted, _read_parcel)


def _read_parcel(opened: Opened, found: Mapping[str, Any]) -> Parcel | Literal["newer-version"]:
    folders = tuple(_read_folder(one) for one in found["folders"])
    told = found.get("signals")
    if told is not None and any(one["theme"] not in THEMES or one["became"] not in BECAME for one in told):
        return "newer-version"
    signals = None if told is None else _read_signals(told)
    return Parcel(opened.id, opened.sender, read_moment(found["packed_at"]), folders, signals)


def _write_signal(carried: CarriedSignal) -> dict[str, Any]:
    one = carried.signal
    return {
        "id": str(one.id),
        "organisation": carried.organisation,
        "project": one.project,
        "project_name": carried.project,
        "period": one.period,
        "theme": one.theme,
        "text": one.text,
        "merged": list(one.merged),
        "became": one.became,
        "why": one.why,
        "from_people": carried.from_people,
        "until": carried.until.isoformat() if carried.until else "",
    }


def _read_signals(told: Sequence[Mapping[str, Any]]) -> tuple[CarriedSignal, ...]:
    signals = tuple(_read_signal(one) for one in told)
    if len(signals) > _MOST_SIGNALS or len({one.signal.id for one in signals}) != len(signals):
        raise ValueError(len(signals))
    return signals


def _read_signal(found: Mapping[str, Any]) -> CarriedSignal:
    if not _CODE.fullmatch(found["project"]) or not _HALF_YEAR.fullmatch(found["period"]):
        raise ValueError(found["project"], found["period"])
    if found["became"] == "not-possible" and not found["why"]:
        raise ValueError(found["became"])
    signal = Signal(
        UUID(found["id"]),
        found["project"],
        found["period"],
        found["theme"],
        _read_text(found["text"], LONGEST_SIGNAL),
        "network",
        found["became"],
        _read_text(found["why"], LONGEST_WHY) if found["why"] else "",
        tuple(_read_text(each, LONGEST_SIGNAL) for each in found["merged"]),
    )
    until = date.fromisoformat(found["until"]) if found["until"] else None
    organisation, project = (_read_text(found[name], _LONGEST_NAME) for name in ("organisation", "project_name"))
    return CarriedSignal(signal, organisation, project, int(found["from_people"]), until)


def _read_text(text: str, longest: int) -> str:
    cleaned = clean(text)
    if not cleaned or len(cleaned) > longest:
        raise ValueError(longest)
    return cleaned


def _write_folder(folder: CarriedFolder) -> dict[str, Any]:
    return {
        "kind": folder.kind,
        "sessions": sorted(str(identity) for identity in folder.sessions),
        "files": {name: base64.b64encode(content).decode() for name, content in sorted(folder.files.items())},
    }


def _read_folder(found: Mapping[str, Any]) -> CarriedFolder:
    files = {str(name): base64.b64decode(content, validate=True) for name, content in found["files"].items()}
    if found["kind"] not in {"release", "return"} or not all(_NAME.fullmatch(name) for name in files):
        raise ValueError(found["kind"])
    return CarriedFolder(found["kind"], files, tuple(UUID(identity) for identity in found["sessions"]))


def look_into(folder: Path, kind: Kind) -> Told | ContentFault:
    """Verify a folder that was unpacked, and say what it is.

    ``folder-damaged``: its files are not those that it names. ``newer-version``: a newer version of this program wrote it.
    ``not-to-travel``: it is for inside its organisation, or its answers were made up.
    """
    try:
        return _look_into_release(folder) if kind == "release" else _look_into_return(folder)
    except (DamagedRelease, RequestMistakenError, OSError, KeyError, TypeError, ValueError, AttributeError):
        return "folder-damaged"


def is_as_told(folder: Path, kind: Kind, told_hash: str) -> bool:
    """Say whether a folder is there, sound, and the one of this hash."""
    told = look_into(folder, kind)
    return isinstance(told, Told) and told.hash == told_hash


def _look_into_release(folder: Path) -> Told | ContentFault:
    if int(json.loads((folder / RELEASE).read_bytes())["format"]) > RELEASE_FORMAT:
        return "newer-version"
    if verify_files(folder):
        return "folder-damaged"
    read = read_release(folder)
    said = read.document
    if said["tier"] not in TRAVELLING_TIERS or said["synthetic"] is not False:
        return "not-to-travel"
    return Told(
        kind="release",
        id=_read_id(said),
        created=read_moment(said["created"]),
        tier=said["tier"],
        period=read_period(said["period"]).code,
        scope=str(said["scope"].get("project") or "all"),
        hash=read.hash,
        previous=str(said["previous"] or ""),
    )


def _look_into_return(folder: Path) -> Told | ContentFault:
    content = (folder / INDICATOR).read_bytes()
    said = json.loads(content)
    if int(said["format"]) > RETURN_FORMAT:
        return "newer-version"
    hashes = {name: about["sha256"] for name, about in said["files"].items()} | {INDICATOR: sha256(content)}
    if canonical_json(said) != content or said["kind"] != "indicator-return":
        return "folder-damaged"
    if {path.name: sha256(path.read_bytes()) for path in folder.iterdir()} != hashes:
        return "folder-damaged"
    if said["synthetic"] is not False:
        return "not-to-travel"
    return Told(
        kind="return",
        id=_read_id(said),
        created=read_moment(said["created"]),
        tier=TIER,
        period=f"..{period_of(date.fromisoformat(said['until'])).code}",
        scope="all",
        hash=hashes[INDICATOR],
        previous=str(said["previous"] or ""),
    )


def _read_id(said: Mapping[str, Any]) -> str:
    if not _NAME.fullmatch(said["id"]):
        raise ValueError(said["id"])
    return str(said["id"])
