"""Desk "Indicator": take out the exact totals of R.2.9 that the law requires, and the log of who did.

Only for those who have the right ``return-indicator``. That somebody used it stands in the log of all deeds too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from babel.dates import format_datetime
from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app import journeys
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.periods import period_of, read_period
from survey_app.ledger import HEAD, find_faults
from survey_app.population import AnswersDeleted, word_report
from survey_app.protection.protected import Refused
from survey_app.report.indicator_return import INDICATOR, read_warnings, say_codes
from survey_app.report.reasons import say_reason
from survey_app.storage import indicator_returns, sessions
from survey_app.storage.indicator_returns import IndicatorReturn
from survey_app.web.console.releases import MEDIA
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, ReturnsIndicator, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/indicator", route_class=ConsoleRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log. ``made_by``: empty where a command made it on the machine."""

    id: str
    created: str
    made_by: str
    half: str


@dataclass(frozen=True, slots=True)
class IndicatorPage(ConsolePage):
    """The desk. ``problem``: a code, empty where there is none. ``distrusted``: why nothing may be taken out now."""

    halves: tuple[str, ...]
    chosen: str
    log: tuple[Entry, ...]
    distrusted: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ReturnPage(ConsolePage):
    """One return: its warnings and files; no files where its folder is gone or was changed."""

    entry: Entry
    warnings: tuple[str, ...]
    files: tuple[tuple[str, str], ...]


@router.get("")
def show_indicator(visit: ReturnsIndicator) -> HTMLResponse:
    """Show the form and the log."""
    return _desk(visit)


@router.post("")
def make(visit: ReturnsIndicator, period: Annotated[str, Form()] = "", sure: Annotated[str, Form()] = "") -> Response:
    """Take the exact totals out and lead to their page."""
    if not sure:
        return _desk(visit, chosen=period, problem="not-sure", status=422)
    try:
        return_id = journeys.draw_return_id(read_period(period).half)
        made = journeys.return_indicator(
            visit.db,
            visit.questionnaires,
            visit.catalogues,
            period,
            _folder(visit, return_id),
            by=visit.settings.genders_by_age,
            made_by=visit.staff.name,
            now=clock.now(),
            return_id=return_id,
            head=visit.settings.data_dir / HEAD,
        )
    except RequestMistakenError:
        return _desk(visit, chosen=period, problem="changed-meanwhile", status=422)
    if isinstance(made, journeys.NothingToCount):
        return _desk(visit, chosen=period, problem="nothing-to-count", status=422)
    if isinstance(made, AnswersDeleted):
        return _desk(visit, chosen=period, problem="answers-deleted", status=422)
    if isinstance(made, Refused):
        return _desk(visit, chosen=period, problem="distrusted", status=422)
    visit.note("indicator-returned", made.return_id)
    return RedirectResponse(f"/console/indicator/{made.return_id}", status_code=303)


@router.get("/{return_id}")
def show_return(visit: ReturnsIndicator, return_id: str) -> Response:
    """Show the warnings and the files of a return."""
    made = indicator_returns.find_return(visit.db, return_id)
    if made is None:
        return stopped(visit, "no-page", 404)
    words = word_report(visit.db, visit.questionnaires, visit.catalogues, visit.language.tag)
    document = _content(made, INDICATOR)
    page = ReturnPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("indicator"),
        entry=_entry(visit, made),
        warnings=() if document is None else tuple(say_codes(read_warnings(document), words)),
        files=() if document is None else tuple(_files(made)),
    )
    return show("console/indicator_return.html", page)


@router.get("/{return_id}/files/{name}")
def download(visit: ReturnsIndicator, return_id: str, name: str) -> Response:
    """Hand out a file of a return, only as it was written."""
    made = indicator_returns.find_return(visit.db, return_id)
    content = None if made is None else _content(made, name)
    if content is None:
        return stopped(visit, "no-page", 404)
    headers = {"content-disposition": f'attachment; filename="{return_id}-{name}"'}
    return Response(content, media_type=MEDIA.get(Path(name).suffix, "application/octet-stream"), headers=headers)


def _folder(visit: DutyVisit, return_id: str) -> Path:
    return visit.settings.data_dir / "returns" / return_id


def _desk(visit: DutyVisit, *, chosen: str = "", problem: str = "", status: int = 200) -> HTMLResponse:
    made = indicator_returns.list_returns(visit.db)
    words = word_report(visit.db, visit.questionnaires, visit.catalogues, visit.language.tag)
    faults = find_faults(visit.db, visit.settings.data_dir / HEAD, clock.now())
    halves = _halves(visit)
    page = IndicatorPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("indicator"),
        halves=halves,
        chosen=chosen or halves[0],
        log=tuple(_entry(visit, each) for each in reversed(made)),
        distrusted=tuple(say_reason(fault, words) for fault in faults),
        problem=problem,
    )
    return show("console/indicator.html", page, status=status)


def _halves(visit: DutyVisit) -> tuple[str, ...]:
    """Return the half-years to count up to, the latest first."""
    days = [session.opened_on for session in sessions.list_all(visit.db)]
    return tuple(sorted({period_of(day).code for day in (*days, clock.today())}, reverse=True))


def _entry(visit: DutyVisit, made: IndicatorReturn) -> Entry:
    moment = format_datetime(made.created, "medium", tzinfo=clock.BELGIUM, locale=visit.language.locale)
    return Entry(made.id, moment, made.made_by, read_period(made.period).half)


def _files(made: IndicatorReturn) -> list[tuple[str, str]]:
    """Return the name of each file and the language of a workbook, empty for the JSON."""
    names = sorted(path.name for path in Path(made.folder).iterdir())
    kept = [name for name in names if _content(made, name) is not None]
    return [(name, name.removesuffix(".xlsx").rpartition("-")[2] if name.endswith(".xlsx") else "") for name in kept]


def _content(made: IndicatorReturn, name: str) -> bytes | None:
    """Return a file of a return; ``None`` where it has none of this name, or where it is not as it was written."""
    try:
        document = (Path(made.folder) / INDICATOR).read_bytes()
        if sha256(document).hexdigest() != made.hash:
            return None
        hashes = {known: about["sha256"] for known, about in json.loads(document)["files"].items()} | {
            INDICATOR: made.hash
        }
        content = (Path(made.folder) / name).read_bytes() if name in hashes else b""
    except OSError:
        return None
    return content if sha256(content).hexdigest() == hashes.get(name) else None
