"""Desk "Review" of POD MI: all organisations and instances of a half-year, what changed, and what a reviewer says of releases.

Every figure comes from a release that left already, as its folder has it. What other instances sent has pages of its own
(``received``), and so has the national indicator (``national``), for it adds up exact totals: its door is the right to take
those out, and that it was read stands in the log.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app.exchange.envelope import read_out
from survey_app.exchange.supplement import LONGEST_REMARK
from survey_app.foundation import clock
from survey_app.foundation.periods import period_of, read_period
from survey_app.report.answering import tell_how_people_answered
from survey_app.report.blocks import Section
from survey_app.report.reading import Earlier, Reading
from survey_app.storage import received, sessions, sign_offs, structure
from survey_app.storage.ledger import Release
from survey_app.storage.received import ReceivedRelease
from survey_app.web.console.comments import list_passed_on
from survey_app.web.console.national import OUTSIDE, choose_half_year
from survey_app.web.console.received import Stands, describe_received, how_it_stands, say_moment
from survey_app.web.console.said import Said, say_signed
from survey_app.web.console.shelf import ALL, Line, describe, list_readable, read_folder, read_in_words
from survey_app.web.console.understanding import SentenceLine, list_sentences
from survey_app.web.console.visit import (
    ConsolePage,
    ConsoleRoute,
    DutyVisit,
    ReviewsReleases,
    stopped,
)
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/review", route_class=ConsoleRoute, include_in_schema=False)

MOST_SENTENCES: Final = 12


@dataclass(frozen=True, slots=True)
class ToRead:
    """A release on the desk. ``hash`` names it; ``origin``: the instance that sent it, empty for one of here."""

    line: Line
    hash: str
    address: str
    origin: str
    said: tuple[Said, ...]
    stands: Stands = "sound"


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation, or another instance. ``covered``: how many answered of those registered, where it may be told."""

    name: str
    has_delivered: bool
    kind: Literal["organisation", "instance"]
    covered: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PassedOn:
    """Comments of a project that passed review."""

    project: str
    project_name: str
    number: int


@dataclass(frozen=True, slots=True)
class ReviewDeskPage(ConsolePage):
    """The desk in one half-year. ``national``: the last release of all projects for the network, where there is one.

    ``attempt``: drawn with the form, so that a second tap makes no second release.
    """

    periods: tuple[str, ...]
    period: str
    national: Line | None
    places: tuple[Place, ...]
    changes: tuple[Section, ...]
    answering: tuple[Section, ...]
    sentences: tuple[SentenceLine, ...]
    comments: tuple[PassedOn, ...]
    to_read: tuple[ToRead, ...]
    may_see_exact: bool
    attempt: str
    longest: int = LONGEST_REMARK
    errors: dict[str, str] = field(default_factory=dict)
    typed: str = ""
    about: str = ""


@router.get("")
def show_review(visit: ReviewsReleases, period: str = "") -> HTMLResponse:
    """Show the desk in a half-year: the one asked for, or the last in which anything left."""
    return _desk(visit, period)


@router.post("/sign-off")
def say(
    visit: ReviewsReleases,
    release: Annotated[str, Form()] = "",
    remark: Annotated[str, Form()] = "",
    period: Annotated[str, Form()] = "",
) -> Response:
    """Sign a release off with a remark: whoever may read the release sees it."""
    known = {one.hash: one.id for one in list_readable(visit)}
    known |= {one.hash: one.id for one in received.list_received(visit.db)}
    if release not in known:
        return stopped(visit, "no-release", 404) if release else _desk(visit, period, status=422)
    typed = " ".join(remark.split())
    problem = "remark-missing" if not typed else "remark-too-long" if len(typed) > LONGEST_REMARK else ""
    if problem:
        return _desk(visit, period, errors={"remark": problem}, typed=remark, about=release, status=422)
    sign_offs.sign_off(visit.db, release, clock.now(), visit.staff.name, typed)
    visit.note("release-signed-off", f"release {known[release]}")
    return RedirectResponse(f"/console/review?period={choose_half_year(visit, period)}#read", status_code=303)


def _periods(visit: DutyVisit, releases: Sequence[Release], from_others: Sequence[ReceivedRelease]) -> tuple[str, ...]:
    days = [session.opened_on for session in sessions.list_all(visit.db)]
    told = {
        read_period(code).half for code in (*(one.period for one in releases), *(one.period for one in from_others))
    }
    return tuple(sorted({period_of(day).code for day in (*days, clock.today())} | told, reverse=True))


def _desk(  # noqa: PLR0913 - each way that the page can come back
    visit: DutyVisit,
    wanted: str,
    *,
    errors: dict[str, str] | None = None,
    typed: str = "",
    about: str = "",
    status: int = 200,
) -> HTMLResponse:
    period = choose_half_year(visit, wanted)
    own = [one for one in list_readable(visit) if one.tier in OUTSIDE]
    others = received.list_received(visit.db)
    in_period = [one for one in own if read_period(one.period).half == period]
    national = next((one for one in reversed(in_period) if _is_national(one, period)), None)
    reading = None if national is None else read_in_words(visit, national)
    page = ReviewDeskPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("review"),
        periods=_periods(visit, own, others),
        period=period,
        national=None if national is None else describe(visit, [national])[0],
        places=(*_organisations(visit, national, reading), *_instances(visit, period, others)),
        changes=tuple(_changes(visit, own, reading)),
        answering=() if reading is None else (tell_how_people_answered(reading),),
        sentences=tuple(_sentences(visit, national, reading)),
        comments=tuple(PassedOn(*each) for each in list_passed_on(visit, period)),
        to_read=tuple(_to_read(visit, in_period, others, period)),
        may_see_exact=visit.may("return-indicator"),
        attempt=secrets.token_hex(8),
        errors=errors or {},
        typed=typed,
        about=about,
    )
    return show("console/review.html", page, status=status)


def _is_national(release: Release, period: str) -> bool:
    return (release.period, release.tier, release.scope) == (period, "network", ALL)


def _organisations(visit: DutyVisit, national: Release | None, reading: Reading | None) -> Iterator[Place]:
    """Give every organisation: whether the national release counts a session of it, and how many it covers.

    Those that are not in it come first: they are the ones to call.
    """
    counted = {place[0] for place in national.places.values()} if national else set()
    with_projects = {project.organisation for project in visit.projects()}
    covered = dict(_covered(reading)) if reading else {}
    found = [
        Place(one.name, one.code in counted, "organisation", covered.get(one.code, ""))
        for one in structure.list_organisations(visit.db)
        if one.code in counted | with_projects
    ]
    yield from sorted(found, key=lambda place: (place.has_delivered, place.name))


def _covered(reading: Reading) -> Iterator[tuple[str, str]]:
    """Give organisation and coverage in words, where both figures are shown."""
    _ = reading.told.wording.gettext
    for one in reading.coverage():
        if one.at.project or one.at.organisation in {"", "total"} or one.is_exceeded:
            continue
        if one.answered.value is not None and one.registered.value:
            counts = {"answered": one.answered.value, "registered": one.registered.value}
            yield one.at.organisation, _("%(answered)d of %(registered)d registered") % counts


def _instances(visit: DutyVisit, period: str, others: Sequence[ReceivedRelease]) -> Iterator[Place]:
    """Give every instance that sent something, now or before, and when it sent for this half-year."""
    names = {parcel.sender: parcel.sender_name for parcel in received.list_parcels(visit.db)}
    for sender, name in sorted(names.items(), key=lambda one: (one[1], one[0])):
        now = [one for one in others if one.sender == sender and read_period(one.period).half == period]
        note = say_moment(visit, now[-1].created) if now else ""
        yield Place(f"{name} ({read_out(sender)[:9]})", bool(now), "instance", note=note)


def _changes(visit: DutyVisit, own: Sequence[Release], reading: Reading | None) -> Iterator[Section]:
    """Say what changed since the half-year before: between two releases that were made for the same readers."""
    if reading is None or reading.is_rounded:
        return
    before = read_period(reading.told.facts.period).before
    same = [one for one in own if before and _is_national(one, before.code)]
    earlier = read_in_words(visit, same[-1]) if same else None
    if earlier is None or earlier.is_rounded:
        return
    compared = Reading(
        reading.told, reading.tables, reading.smallest_base, Earlier(earlier.told.facts.period, earlier.tables)
    )
    if (table := compared.change_table()) is not None:
        yield Section("changes", visit.words.gettext("Change since the half-year before"), (table,))


def _sentences(visit: DutyVisit, national: Release | None, reading: Reading | None) -> Iterator[SentenceLine]:
    """Give the sentences that need work, in every language, the worst first."""
    read = None if national is None or reading is None else read_folder(visit, national)
    if read is None or reading is None:
        return
    lines = list_sentences(read.cells, reading.smallest_base, reading.told.wording, visit.language.locale)
    yield from [line for line in lines if line.needs_work][:MOST_SENTENCES]


def _to_read(
    visit: DutyVisit, own: Sequence[Release], others: Sequence[ReceivedRelease], period: str
) -> Iterator[ToRead]:
    """Give the releases of a half-year, those of here first, the latest of each first."""
    said = sign_offs.list_sign_offs(visit.db)
    latest = list(reversed(own))
    for release, line in zip(latest, describe(visit, latest), strict=True):
        signed = say_signed(visit, said, release.hash)
        yield ToRead(line, release.hash, f"/console/releases/{release.id}", "", signed)
    names = {parcel.id: parcel.sender_name for parcel in received.list_parcels(visit.db)}
    audits = received.list_audits(visit.db)
    for one in (each for each in reversed(others) if read_period(each.period).half == period):
        signed = say_signed(visit, said, one.hash)
        address, stands = f"/console/review/received/{one.hash}", how_it_stands(one, audits.get(one.hash))
        yield ToRead(describe_received(visit, one), one.hash, address, names[one.parcel], signed, stands)
