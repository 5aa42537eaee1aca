"""Desk "Exchange": releases travel to and from instances that never see the internet, in one sealed file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Final

from babel.dates import format_datetime
from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import HTMLResponse, Response

from survey_app.carrying import find_trusted, know_instance, list_cards
from survey_app.exchange.envelope import read_out
from survey_app.exchange.packed import LARGEST
from survey_app.exchange.supplement import is_supplement
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.parcels import ENDING, NotTaken, Taken, pack_releases, take_parcel
from survey_app.population import word_report
from survey_app.protection.protected import Refused
from survey_app.report.reasons import say_reason
from survey_app.storage import received
from survey_app.supplements.packing import ENDING as SUPPLEMENT_ENDING
from survey_app.supplements.packing import pack_contents
from survey_app.supplements.shelf import SHELF, Counts, list_shelved
from survey_app.supplements.taking import NotTaken as NotSupplied
from survey_app.supplements.taking import Taken as Supplied
from survey_app.supplements.taking import take_supplement
from survey_app.web.console.comments import least_people
from survey_app.web.console.making import head_of
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, ReviewsReleases
from survey_app.web.kit.pages import show

_AROUND: Final = 4096  # bytes of a form around its file


class ParcelRoute(ConsoleRoute):
    """A route whose form holds a parcel."""

    largest: ClassVar[int] = LARGEST + _AROUND


router = APIRouter(prefix="/console/exchange", route_class=ParcelRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Known:
    """An instance that is trusted here: our name for it, and the number of its card as it is read out."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Came:
    """A parcel that was taken. ``releases``: how many releases and returns came with it first."""

    sender_name: str
    number: str
    packed_at: str
    taken_at: str
    taken_by: str
    releases: int


@dataclass(frozen=True, slots=True)
class Brought:
    """A supplement that was taken. ``counts``: what was new in it."""

    sender_name: str
    number: str
    packed_at: str
    taken_at: str
    taken_by: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class ExchangePage(ConsolePage):
    """The desk. ``card``: of this instance, one line; ``refused``: why nothing was packed.

    ``taken``, ``supplied``: what was just taken in, a parcel or a supplement; ``not_taken``: why not.
    """

    card: str
    number: str
    trusted: tuple[Known, ...]
    came: tuple[Came, ...]
    brought: tuple[Brought, ...]
    taken: Taken | None = None
    supplied: Supplied | None = None
    not_taken: NotTaken | NotSupplied | None = None
    refused: tuple[str, ...] = ()
    problem: str = ""


@router.get("")
def show_exchange(visit: ReviewsReleases) -> HTMLResponse:
    """Show whom this instance knows, and what came."""
    return _desk(visit)


@router.post("/pack")
def pack(visit: ReviewsReleases, to: Annotated[str, Form(max_length=80)] = "") -> Response:
    """Hand out one sealed file with every release for readers outside, and every indicator return."""
    try:
        receiver = find_trusted(visit.db, to)
    except RequestMistakenError:
        return _desk(visit, problem="receiver-missing", status=422)
    packed = pack_releases(visit.db, receiver, clock.now(), least_people=least_people(visit), head=head_of(visit))
    if isinstance(packed, Refused):
        words = word_report(visit.db, visit.questionnaires, visit.catalogues, visit.language.tag)
        return _desk(visit, refused=tuple(say_reason(reason, words) for reason in packed.reasons), status=422)
    visit.note("releases-packed", f"parcel {packed.id}")
    headers = {"content-disposition": f'attachment; filename="{packed.id}{ENDING}"'}
    return Response(packed.content, media_type="application/octet-stream", headers=headers)


@router.post("/supply")
def supply(visit: ReviewsReleases, to: Annotated[str, Form(max_length=80)] = "") -> Response:
    """Hand out one sealed file with what is asked and said here, and what was said of the receiver's releases."""
    try:
        receiver = find_trusted(visit.db, to)
    except RequestMistakenError:
        return _desk(visit, problem="receiver-missing", status=422)
    packed = pack_contents(visit.db, visit.request.app.state.contents, receiver, clock.now())
    visit.note("supplement-packed", f"supplement {packed.id}")
    headers = {"content-disposition": f'attachment; filename="{packed.id}{SUPPLEMENT_ENDING}"'}
    return Response(packed.content, media_type="application/octet-stream", headers=headers)


@router.post("/take")
def take(visit: ReviewsReleases, file: Annotated[UploadFile | None, File()] = None) -> HTMLResponse:
    """Take a file whole, releases or questionnaires, languages and voices; or say why not."""
    if file is None or not file.filename:
        return _desk(visit, problem="file-missing", status=422)
    raw = file.file.read()
    return _take_supplement(visit, raw) if is_supplement(raw) else _take_parcel(visit, raw)


def _take_supplement(visit: DutyVisit, raw: bytes) -> HTMLResponse:
    state = visit.request.app.state
    state.take_up()
    supplied = take_supplement(visit.db, state.contents, raw, clock.now(), visit.staff.name)
    if isinstance(supplied, NotSupplied):
        visit.note("supplement-refused", supplied.reason)
        return _desk(visit, not_taken=supplied, status=422)
    visit.note("supplement-taken", f"supplement {supplied.id}")
    state.take_up()
    return _desk(visit, supplied=supplied)


def _take_parcel(visit: DutyVisit, raw: bytes) -> HTMLResponse:
    taken = take_parcel(visit.db, raw, visit.settings.data_dir, clock.now(), visit.staff.name)
    if isinstance(taken, NotTaken):
        visit.note("parcel-refused", taken.reason)
        return _desk(visit, not_taken=taken, status=422)
    visit.note("parcel-taken", f"parcel {taken.id}")
    return _desk(visit, taken=taken)


def _desk(  # noqa: PLR0913 - each way that the page can come back
    visit: DutyVisit,
    *,
    taken: Taken | None = None,
    supplied: Supplied | None = None,
    not_taken: NotTaken | NotSupplied | None = None,
    refused: tuple[str, ...] = (),
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    own = know_instance(visit.db).card
    page = ExchangePage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("review"),
        card=own.written,
        number=read_out(own.id),
        trusted=tuple(Known(name, read_out(card.id)) for name, card in list_cards(visit.db).items()),
        came=tuple(_came(visit)),
        brought=tuple(_brought(visit)),
        taken=taken,
        supplied=supplied,
        not_taken=not_taken,
        refused=refused,
        problem=problem,
    )
    return show("console/exchange.html", page, status=status)


def _say(visit: DutyVisit, moment: datetime) -> str:
    return format_datetime(moment, "medium", tzinfo=clock.BELGIUM, locale=visit.language.locale)


def _brought(visit: DutyVisit) -> Iterator[Brought]:
    """Give the supplements among the last changes, the last one first."""
    for one in list_shelved(visit.settings.data_dir / SHELF):
        origin = one.origin
        if origin.kind == "came" and origin.packed_at is not None:
            packed_at, taken_at = _say(visit, origin.packed_at), _say(visit, origin.at)
            yield Brought(origin.sender_name, read_out(origin.sender), packed_at, taken_at, origin.by, one.counts)


def _came(visit: DutyVisit) -> Iterator[Came]:
    """Give every parcel that was taken, the last one first."""
    brought = [one.parcel for one in received.list_received(visit.db)]
    for parcel in reversed(received.list_parcels(visit.db)):
        yield Came(
            parcel.sender_name,
            read_out(parcel.sender),
            _say(visit, parcel.packed_at),
            _say(visit, parcel.taken_at),
            parcel.taken_by,
            brought.count(parcel.id),
        )
