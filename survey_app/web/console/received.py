"""A release of another instance on the desk "Review": where it came from, whether it stood the attack here, what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from babel.dates import format_datetime
from fastapi import APIRouter
from starlette.responses import Response

from survey_app import parcels
from survey_app.exchange.envelope import read_out
from survey_app.foundation import clock
from survey_app.report.blocks import Section
from survey_app.report.reading import Reading
from survey_app.storage import received, sign_offs
from survey_app.storage.ledger import Release
from survey_app.storage.received import ReceivedAudit, ReceivedRelease
from survey_app.web.console.releases import MEDIA
from survey_app.web.console.said import Said, say_signed
from survey_app.web.console.shelf import Line, put_in_words, read_folder
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, ReviewsReleases, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/review/received", route_class=ConsoleRoute, include_in_schema=False)


Stands = Literal["exact", "not-yet", "sound", "failed"]
"""Exact totals are not attacked; a release was not yet, stood the attack, or did not."""


@dataclass(frozen=True, slots=True)
class ReceivedPage(ConsolePage):
    """A release of another instance: where it came from, what it says, its files; none where its folder is not as it came.

    ``faults``: what the attack found, a sentence each.
    """

    release: Line
    hash: str
    sender_name: str
    number: str
    packed_at: str
    taken_at: str
    taken_by: str
    files: tuple[str, ...]
    sections: tuple[Section, ...]
    said: tuple[Said, ...]
    stands: Stands
    faults: tuple[str, ...]


@router.get("/{release_hash}")
def show_received(visit: ReviewsReleases, release_hash: str) -> Response:
    """Show a release of another instance."""
    one = received.find_received(visit.db, release_hash)
    if one is None:
        return stopped(visit, "no-release", 404)
    parcel = next(each for each in received.list_parcels(visit.db) if each.id == one.parcel)
    folder = parcels.sound_folder(one, visit.settings.data_dir)
    audit = received.list_audits(visit.db).get(one.hash)
    stands = how_it_stands(one, audit)
    page = ReceivedPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("review"),
        release=describe_received(visit, one),
        hash=one.hash,
        sender_name=parcel.sender_name,
        number=read_out(parcel.sender),
        packed_at=say_moment(visit, parcel.packed_at),
        taken_at=say_moment(visit, parcel.taken_at),
        taken_by=parcel.taken_by,
        files=() if folder is None else tuple(sorted(path.name for path in folder.iterdir())),
        sections=() if folder is None or stands != "sound" else tuple(_tell(visit, one, folder)),
        said=say_signed(visit, sign_offs.list_sign_offs(visit.db), one.hash),
        stands=stands,
        faults=() if audit is None else audit.faults,
    )
    return show("console/received.html", page)


@router.get("/{release_hash}/files/{name}")
def download(visit: ReviewsReleases, release_hash: str, name: str) -> Response:
    """Hand out a file of a release of another instance, only as it came."""
    one = received.find_received(visit.db, release_hash)
    folder = None if one is None else parcels.sound_folder(one, visit.settings.data_dir)
    if one is None or folder is None or name not in {path.name for path in folder.iterdir()}:
        return stopped(visit, "no-release", 404)
    headers = {"content-disposition": f'attachment; filename="{one.id}-{name}"'}
    media = MEDIA.get(Path(name).suffix, "application/octet-stream")
    return Response((folder / name).read_bytes(), media_type=media, headers=headers)


def how_it_stands(one: ReceivedRelease, audit: ReceivedAudit | None) -> Stands:
    """Say whether a release may be shown and counted."""
    if one.kind == "return":
        return "exact"
    return "not-yet" if audit is None else "failed" if audit.faults else "sound"


def read_received(visit: DutyVisit, one: ReceivedRelease, folder: Path) -> Reading | None:
    """Read a release that came, in the words of here."""
    as_of_here = Release(
        one.id, one.created, one.tier, one.period, one.scope, one.hash, one.previous, frozenset(), (), {}, str(folder)
    )
    read = read_folder(visit, as_of_here)
    return None if read is None else put_in_words(visit, as_of_here, read)


def _tell(visit: DutyVisit, one: ReceivedRelease, folder: Path) -> Iterator[Section]:
    reading = read_received(visit, one, folder) if one.kind == "release" else None
    if reading is None:
        return
    yield Section(
        "answers", visit.words.gettext("Answers to each question"), tuple(reading.distributions(reading.scales()))
    )
    if (covered := reading.coverage_table()) is not None:
        yield Section("coverage", visit.words.gettext("Who answered"), (covered,))


def describe_received(visit: DutyVisit, one: ReceivedRelease) -> Line:
    """Return a release of another instance as the lines of desks show it."""
    return Line(one.id, say_moment(visit, one.created), one.tier, one.period, one.scope)


def say_moment(visit: DutyVisit, moment: datetime) -> str:
    """Say a moment in Belgium."""
    return str(format_datetime(moment, "medium", tzinfo=clock.BELGIUM, locale=visit.language.locale))
