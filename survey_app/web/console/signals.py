"""Desk "Signals": what groups ask for, on its way to who can answer, and what became of it.

A signal is made of a comment that passed, or of a facilitator's note that a reviewer read: never of a group that is not
large enough. It bears no person, session or day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from survey_app import comments as way
from survey_app import signals
from survey_app.collection.comment import clean
from survey_app.fieldwork.signal import LONGEST_SIGNAL, LONGEST_WHY, THEMES, Level, Signal, Theme
from survey_app.fieldwork.structure import Project
from survey_app.foundation import clock
from survey_app.foundation.became import BECAME, Became
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.periods import read_period
from survey_app.masking.parts import MASK
from survey_app.signals import Source
from survey_app.storage import signals as kept
from survey_app.storage import structure
from survey_app.web.console.comments import least_people
from survey_app.web.console.notes import read_theme
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, ReviewsComments, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)

HERE: Final = "/console/signals"


@dataclass(frozen=True, slots=True)
class Line:
    """One signal as staff see it: with the name of its project, and of the organisation where it came from elsewhere."""

    signal: Signal
    project: str
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class SignalsPage(ConsolePage):
    """All signals within sight: those that wait for an answer, and those that have one."""

    waiting: tuple[Line, ...]
    answered: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class SignalPage(ConsolePage):
    """One signal. ``above``: the level that it can be passed up to; ``others``: what it can be merged into."""

    line: Line
    above: Level | None
    others: tuple[Line, ...]
    became: tuple[Became, ...]
    typed: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    longest: int = LONGEST_WHY


@dataclass(frozen=True, slots=True)
class SourcesPage(ConsolePage):
    """What may become a signal in a project and half-year. ``is_large``: whether enough people answered for a look."""

    project: Project
    period: str
    is_large: bool
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class SourcePage(ConsolePage):
    """One note or comment, and the form that makes a signal of it."""

    project: Project
    period: str
    source: Source
    themes: tuple[Theme, ...]
    typed: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    longest: int = LONGEST_SIGNAL
    mask: str = MASK


@router.get("/signals")
def show_signals(visit: ReviewsComments) -> Response:
    """Show what groups ask for: first what has no answer yet."""
    lines = _lines(visit)
    page = SignalsPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("comments"),
        waiting=tuple(line for line in lines if line.signal.became in {"heard", "in-discussion"}),
        answered=tuple(line for line in lines if line.signal.became in {"changed", "not-possible"}),
    )
    return show("console/signals.html", page)


@router.get("/signals/signals.csv")
def download(visit: ReviewsComments) -> Response:
    """Hand out the signals within sight: text and codes, no person."""
    content = signals.write_signals(signals.COLUMNS, (signals.row_of(line.signal) for line in _lines(visit)))
    headers = {"content-disposition": 'attachment; filename="signals.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/signals/{signal_id}")
def show_signal(visit: ReviewsComments, signal_id: UUID) -> Response:
    """Show one signal, what became of it, and where it can go."""
    line = _find_line(visit, signal_id)
    if line is None:
        return stopped(visit, "no-page", 404)
    return show("console/signal.html", _page(visit, line, {"became": line.signal.became, "why": line.signal.why}))


@router.post("/signals/{signal_id}/answer")
def answer(
    visit: ReviewsComments, signal_id: UUID, became: Annotated[str, Form()] = "", why: Annotated[str, Form()] = ""
) -> Response:
    """Say what became of a signal, and why."""
    line = _find_line(visit, signal_id)
    if line is None:
        return stopped(visit, "no-page", 404)
    known = next((each for each in BECAME if each == became), None)
    typed = clean(why)
    fault = "choose" if known is None else signals.find_why_fault(known, typed)
    if known is None or fault is not None:
        errors = {"became" if fault == "choose" else "why": str(fault)}
        return show("console/signal.html", _page(visit, line, {"became": became, "why": typed}, errors), status=422)
    kept.answer(visit.db, signal_id, known, typed)
    visit.note("signal-answered", f"project {line.signal.project}")
    return _to(f"{HERE}/{signal_id}")


@router.post("/signals/{signal_id}/pass-up")
def pass_up(visit: ReviewsComments, signal_id: UUID) -> Response:
    """Pass a signal up one level."""
    line = _find_line(visit, signal_id)
    if line is None:
        return stopped(visit, "no-page", 404)
    above = _level_above(visit, line.signal)
    if above is not None:
        kept.pass_up(visit.db, signal_id, above)
        visit.note("signal-passed-up", f"project {line.signal.project}")
    return _to(f"{HERE}/{signal_id}")


@router.post("/signals/{signal_id}/merge")
def merge(visit: ReviewsComments, signal_id: UUID, into: Annotated[str, Form(max_length=36)] = "") -> Response:
    """Put a signal under another one that says the same."""
    line = _find_line(visit, signal_id)
    if line is None:
        return stopped(visit, "no-page", 404)
    other = next((each for each in _others(visit, line) if str(each.signal.id) == into), None)
    if other is None or not kept.merge(visit.db, line.signal, other.signal):
        typed = {"became": line.signal.became, "why": line.signal.why}
        return show("console/signal.html", _page(visit, line, typed, {"into": "choose"}), status=422)
    visit.note("signals-merged", f"project {line.signal.project}")
    return _to(f"{HERE}/{other.signal.id}")


@router.get("/signals/sources/{project}/{period}")
def show_sources(visit: ReviewsComments, project: str, period: str) -> Response:
    """Show the notes that wait and the comments that passed, where the group is large enough."""
    found = visit.find_project(project)
    if found is None or not _is_half_year(period):
        return stopped(visit, "no-page", 404)
    way.tidy(visit.db, clock.now(), visit.settings.comment_months)
    least = least_people(visit)
    page = SourcesPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("comments"),
        project=found,
        period=period,
        is_large=signals.has_enough_people(visit.db, project, period, least),
        sources=signals.list_sources(visit.db, project, period, least),
    )
    return show("console/signal_sources.html", page)


@router.get("/signals/sources/{project}/{period}/{source_id}")
def show_source(visit: ReviewsComments, project: str, period: str, source_id: UUID) -> Response:
    """Show one note or comment, masked, with the form that makes a signal of it."""
    found = _find_source(visit, project, period, source_id)
    if found is None:
        return stopped(visit, "no-page", 404)
    typed = {"text": found[1].proposal, "theme": found[1].theme}
    return show("console/signal_source.html", _source_page(visit, found, period, typed))


@router.post("/signals/sources/{project}/{period}/{source_id}")
def make_signal(  # noqa: PLR0913, PLR0917 - where it is, and what the form says
    visit: ReviewsComments,
    project: str,
    period: str,
    source_id: UUID,
    theme: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    sure: Annotated[str, Form()] = "",
) -> Response:
    """Make a signal of what the reviewer typed; a note is deleted by it, a comment stays as it is."""
    found = _find_source(visit, project, period, source_id)
    if found is None:
        return stopped(visit, "no-page", 404)
    source, typed, known = found[1], clean(text), read_theme(theme)
    fault = way.find_text_fault(typed, LONGEST_SIGNAL, is_sure=bool(sure))
    if known is None or fault is not None:
        errors = {**({"theme": "choose"} if known is None else {}), **({"text": fault} if fault else {})}
        page = _source_page(visit, found, period, {"text": typed, "theme": theme}, errors)
        return show("console/signal_source.html", page, status=422)
    # What POD MI made itself would be out of its own sight anywhere else.
    level: Level = "organisation" if found[0].organisation in _worked_for(visit) else "network"
    made = Signal(uuid4(), project, period, known, typed, level)
    if not kept.add_signal(visit.db, made, source_id if source.is_note else None):
        return _to(f"{HERE}/sources/{project}/{period}")
    visit.note("signal-made", f"project {project}")
    return _to(f"{HERE}/{made.id}")


@router.post("/signals/sources/{project}/{period}/{source_id}/reject")
def reject_note(visit: ReviewsComments, project: str, period: str, source_id: UUID) -> Response:
    """Delete a note; a comment that passed is not touched."""
    if _find_source(visit, project, period, source_id) is None:
        return stopped(visit, "no-page", 404)
    if kept.drop_note(visit.db, project, period, source_id):
        visit.note("note-rejected", f"project {project}")
    return _to(f"{HERE}/sources/{project}/{period}")


def _to(address: str) -> Response:
    return RedirectResponse(address, status_code=303)


def _is_half_year(period: str) -> bool:
    try:
        return not read_period(period).is_cumulative
    except RequestMistakenError:
        return False


def _worked_for(visit: DutyVisit) -> frozenset[str]:
    """Return the organisations whose projects this member of staff runs; POD MI runs none."""
    return visit.reach("set-up")


def _lines(visit: DutyVisit) -> tuple[Line, ...]:
    is_network = visit.may("release-network")
    shown = signals.list_visible(
        visit.db, least_people(visit), _worked_for(visit), clock.today(), is_network=is_network
    )
    names = {project.code: project.name for project in structure.list_projects(visit.db)}
    return tuple(
        Line(one, names[one.project]) if one.origin is None else Line(one, one.origin.project, one.origin.organisation)
        for one in shown
    )


def _find_line(visit: DutyVisit, signal_id: UUID) -> Line | None:
    found = next((line for line in _lines(visit) if line.signal.id == signal_id), None)
    if found is None:
        visit.note("refused", "signal")
    return found


def _others(visit: DutyVisit, line: Line) -> tuple[Line, ...]:
    """Return what a signal can be merged into: those on the same theme."""
    return tuple(
        each
        for each in _lines(visit)
        if each.signal.theme == line.signal.theme and kept.can_merge(line.signal, each.signal)
    )


def _level_above(visit: DutyVisit, signal: Signal) -> Level | None:
    project = structure.find_project(visit.db, signal.project)
    leads = {one.code: one.lead for one in structure.list_organisations(visit.db)}
    return signals.next_level(signal, has_lead=project is not None and leads.get(project.organisation) is not None)


def _find_source(visit: DutyVisit, project: str, period: str, source_id: UUID) -> tuple[Project, Source] | None:
    found = visit.find_project(project)
    if found is None:
        return None
    sources = signals.list_sources(visit.db, project, period, least_people(visit))
    source = next((each for each in sources if each.id == source_id), None)
    return None if source is None else (found, source)


def _page(
    visit: DutyVisit, line: Line, typed: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> SignalPage:
    return SignalPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("comments"),
        line=line,
        above=_level_above(visit, line.signal),
        others=_others(visit, line),
        became=BECAME,
        typed=typed,
        errors=errors or {},
    )


def _source_page(
    visit: DutyVisit,
    found: tuple[Project, Source],
    period: str,
    typed: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> SourcePage:
    return SourcePage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("comments"),
        project=found[0],
        period=period,
        source=found[1],
        themes=THEMES,
        typed=typed,
        errors=errors or {},
    )
