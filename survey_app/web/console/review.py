"""Desk "Review" of POD MI: all organisations and instances of a half-year, what changed, and what a reviewer says of releases.

Every figure comes from a release that left already, as its folder has it. The national indicator has a page of its own, for it
adds up exact totals: its door is the right to take those out, and that it was read stands in the log.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from babel.dates import format_datetime
from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app import parcels
from survey_app.exchange.parcel import Told as ToldOfFolder
from survey_app.exchange.parcel import look_into
from survey_app.exchange.supplement import LONGEST_REMARK
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.periods import period_of, read_period
from survey_app.population import word_report
from survey_app.report.answering import tell_how_people_answered
from survey_app.report.blocks import Row, Section, Table
from survey_app.report.indicator_return import INDICATOR
from survey_app.report.national import MARGINS, Range, Rows, add_up, read_exact, read_protected
from survey_app.report.reading import Earlier, Reading
from survey_app.report.wording import Wording
from survey_app.storage import indicator_returns, received, sessions, sign_offs, structure
from survey_app.storage.ledger import Release
from survey_app.storage.received import ReceivedRelease
from survey_app.web.console.comments import list_passed_on
from survey_app.web.console.parcels import read_out
from survey_app.web.console.releases import MEDIA
from survey_app.web.console.said import Said, say_signed
from survey_app.web.console.shelf import ALL, Line, describe, list_readable, put_in_words, read_folder, read_in_words
from survey_app.web.console.understanding import SentenceLine, list_sentences
from survey_app.web.console.visit import (
    ConsolePage,
    ConsoleRoute,
    DutyVisit,
    ReturnsIndicator,
    ReviewsReleases,
    stopped,
)
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/review", route_class=ConsoleRoute, include_in_schema=False)

MOST_SENTENCES: Final = 12
OUTSIDE: Final = ("network", "public")


@dataclass(frozen=True, slots=True)
class ToRead:
    """A release on the desk. ``hash`` names it; ``origin``: the instance that sent it, empty for one of here."""

    line: Line
    hash: str
    address: str
    origin: str
    said: tuple[Said, ...]


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
    return RedirectResponse(f"/console/review?period={_chosen(visit, period)}#read", status_code=303)


def _moment(visit: DutyVisit, moment: datetime) -> str:
    return str(format_datetime(moment, "medium", tzinfo=clock.BELGIUM, locale=visit.language.locale))


def _periods(visit: DutyVisit, releases: Sequence[Release], from_others: Sequence[ReceivedRelease]) -> tuple[str, ...]:
    days = [session.opened_on for session in sessions.list_all(visit.db)]
    told = {
        read_period(code).half for code in (*(one.period for one in releases), *(one.period for one in from_others))
    }
    return tuple(sorted({period_of(day).code for day in (*days, clock.today())} | told, reverse=True))


def _chosen(visit: DutyVisit, period: str) -> str:
    """Return a half-year that was asked for; the last one in which a release was made where none was."""
    try:
        return read_period(period).half
    except RequestMistakenError:
        made = [read_period(one.period).half for one in list_readable(visit)]
        return max(made, default=period_of(clock.today()).code)


def _desk(  # noqa: PLR0913 - each way that the page can come back
    visit: DutyVisit,
    wanted: str,
    *,
    errors: dict[str, str] | None = None,
    typed: str = "",
    about: str = "",
    status: int = 200,
) -> HTMLResponse:
    period = _chosen(visit, wanted)
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
        note = _moment(visit, now[-1].created) if now else ""
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
    for one in reversed(others):
        if read_period(one.period).half == period:
            signed = say_signed(visit, said, one.hash)
            yield ToRead(_line(visit, one), one.hash, f"/console/review/received/{one.hash}", names[one.parcel], signed)


def _line(visit: DutyVisit, one: ReceivedRelease) -> Line:
    return Line(one.id, _moment(visit, one.created), one.tier, one.period, one.scope)


@dataclass(frozen=True, slots=True)
class ReceivedPage(ConsolePage):
    """A release of another instance: where it came from, what it says, its files; none where its folder is not as it came."""

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


@router.get("/received/{release_hash}")
def show_received(visit: ReviewsReleases, release_hash: str) -> Response:
    """Show a release of another instance."""
    one = received.find_received(visit.db, release_hash)
    if one is None:
        return stopped(visit, "no-release", 404)
    parcel = next(each for each in received.list_parcels(visit.db) if each.id == one.parcel)
    folder = _sound_folder(visit, one)
    page = ReceivedPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("review"),
        release=_line(visit, one),
        hash=one.hash,
        sender_name=parcel.sender_name,
        number=read_out(parcel.sender),
        packed_at=_moment(visit, parcel.packed_at),
        taken_at=_moment(visit, parcel.taken_at),
        taken_by=parcel.taken_by,
        files=() if folder is None else tuple(sorted(path.name for path in folder.iterdir())),
        sections=() if folder is None else tuple(_tell(visit, one, folder)),
        said=say_signed(visit, sign_offs.list_sign_offs(visit.db), one.hash),
    )
    return show("console/received.html", page)


@router.get("/received/{release_hash}/files/{name}")
def download(visit: ReviewsReleases, release_hash: str, name: str) -> Response:
    """Hand out a file of a release of another instance, only as it came."""
    one = received.find_received(visit.db, release_hash)
    folder = None if one is None else _sound_folder(visit, one)
    if one is None or folder is None or name not in {path.name for path in folder.iterdir()}:
        return stopped(visit, "no-release", 404)
    headers = {"content-disposition": f'attachment; filename="{one.id}-{name}"'}
    media = MEDIA.get(Path(name).suffix, "application/octet-stream")
    return Response((folder / name).read_bytes(), media_type=media, headers=headers)


def _sound_folder(visit: DutyVisit, one: ReceivedRelease) -> Path | None:
    """Return the folder of a release that came; ``None`` where it is gone or not as it came."""
    folder = parcels.folder_of(one, visit.settings.data_dir)
    told = look_into(folder, one.kind)
    return folder if isinstance(told, ToldOfFolder) and told.hash == one.hash else None


def _read_received(visit: DutyVisit, one: ReceivedRelease, folder: Path) -> Reading | None:
    as_of_here = Release(
        one.id, one.created, one.tier, one.period, one.scope, one.hash, one.previous, frozenset(), (), {}, str(folder)
    )
    read = read_folder(visit, as_of_here)
    return None if read is None else put_in_words(visit, as_of_here, read)


def _tell(visit: DutyVisit, one: ReceivedRelease, folder: Path) -> Iterator[Section]:
    reading = _read_received(visit, one, folder) if one.kind == "release" else None
    if reading is None:
        return
    yield Section(
        "answers", visit.words.gettext("Answers to each question"), tuple(reading.distributions(reading.scales()))
    )
    if (covered := reading.coverage_table()) is not None:
        yield Section("coverage", visit.words.gettext("Who answered"), (covered,))


@dataclass(frozen=True, slots=True)
class Source:
    """What an instance adds to the national figures. ``kind``: ``exact``, ``protected`` or ``nothing``; empty name: here."""

    name: str
    kind: Literal["exact", "protected", "nothing"]
    at: str = ""


@dataclass(frozen=True, slots=True)
class NationalPage(ConsolePage):
    """R.2.9 from the start of the programme to the end of a half-year, over all instances."""

    period: str
    sources: tuple[Source, ...]
    tables: tuple[Section, ...]


@router.get("/national")
def show_national(visit: ReturnsIndicator, period: str = "") -> HTMLResponse:
    """Add up what every instance told of R.2.9: exact totals, and what its releases show."""
    chosen = _chosen(visit, period)
    words = word_report(visit.db, visit.questionnaires, visit.catalogues, visit.language.tag)
    found = [_own_part(visit, chosen), *_other_parts(visit, chosen)]
    visit.note("national-read", chosen)
    page = NationalPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("review"),
        period=f"..{chosen}",
        sources=tuple(source for source, _ in found),
        tables=tuple(_national_tables(add_up(rows for _, rows in found), words)),
    )
    return show("console/national.html", page)


def _own_part(visit: DutyVisit, period: str) -> tuple[Source, Rows]:
    """Return what is known here: the last exact totals, else what the last release from the start shows."""
    made = [one for one in indicator_returns.list_returns(visit.db) if one.period == f"..{period}"]
    for one in reversed(made):
        folder = Path(one.folder)
        told = look_into(folder, "return")
        if isinstance(told, ToldOfFolder) and told.hash == one.hash:
            return Source("", "exact", _moment(visit, one.created)), read_exact((folder / INDICATOR).read_bytes())
    for release in reversed(list_readable(visit)):
        if (release.period, release.scope) == (f"..{period}", ALL) and release.tier in OUTSIDE:
            reading = read_in_words(visit, release)
            if reading is not None and not reading.is_rounded:
                return Source("", "protected", _moment(visit, release.created)), read_protected(reading.tables)
    return Source("", "nothing"), {}


def _other_parts(visit: DutyVisit, period: str) -> Iterator[tuple[Source, Rows]]:
    """Give what each other instance sent for the same time, the exact totals before a release."""
    sent = [one for one in received.list_received(visit.db) if (one.period, one.scope) == (f"..{period}", ALL)]
    names = {parcel.sender: parcel.sender_name for parcel in received.list_parcels(visit.db)}
    for sender, name in sorted(names.items(), key=lambda one: (one[1], one[0])):
        of_them = [one for one in sent if one.sender == sender]
        yield _part_of(visit, name, sorted(of_them, key=lambda one: (one.kind == "return", one.created), reverse=True))


def _part_of(visit: DutyVisit, name: str, best_first: Sequence[ReceivedRelease]) -> tuple[Source, Rows]:
    for one in best_first:
        folder = _sound_folder(visit, one)
        if folder is None:
            continue
        if one.kind == "return":
            return Source(name, "exact", _moment(visit, one.created)), read_exact((folder / INDICATOR).read_bytes())
        reading = _read_received(visit, one, folder)
        if reading is not None and not reading.is_rounded:
            return Source(name, "protected", _moment(visit, one.created)), read_protected(reading.tables)
    return Source(name, "nothing"), {}


def _national_tables(rows: Rows, words: Wording) -> Iterator[Section]:
    """Put the sums into words, a table for each scale."""
    _ = words.gettext
    for item, found in sorted(rows.items()):
        lines = tuple(Row(_breakdown(words, *row), (_say(found[row], words),)) for row in MARGINS if row in found)
        table = Table(_("By gender and by age"), (_("Breakdown"), _("People who found it helpful")), lines)
        yield Section(f"item-{item}", words.item(item), (table,))


def _breakdown(words: Wording, gender: str, age: str) -> str:
    return words.age(age) if gender == "total" else words.gender(gender)


def _say(found: Range, words: Wording) -> str:
    _ = words.gettext
    if found.is_exact:
        return str(found.low)
    if found.high is None:
        return _("at least %(low)d") % {"low": found.low}
    return _("between %(low)d and %(high)d") % {"low": found.low, "high": found.high}
