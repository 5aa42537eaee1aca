"""Desk "Today": the sessions that run; start one in three taps, watch its counter, close it. Never a result."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Final
from urllib.parse import urlsplit

import segno
from babel.dates import format_date
from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app import journeys
from survey_app.fieldwork.rights import Right
from survey_app.fieldwork.session import MOST_PEOPLE, Session, State
from survey_app.fieldwork.structure import Module, Project
from survey_app.foundation import clock
from survey_app.foundation.languages import Language, find_language, written_language
from survey_app.questionnaire.practice import load_practice
from survey_app.questionnaire.translation import State as Checked
from survey_app.questionnaire.translation import least_state
from survey_app.storage import devices, sessions, structure
from survey_app.voices.script import Count, count_voices, restrict, write_script
from survey_app.web.console.naming import name_language
from survey_app.web.console.visit import (
    ConsolePage,
    ConsoleRoute,
    DutyVisit,
    RunsSessions,
    SignedIn,
    on_duty,
    stopped,
)
from survey_app.web.kit.pages import Page, show

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)

USUAL_GROUP: Final = 12
MOST_LISTED: Final = 8
ONLY_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PEOPLE_DIGITS: Final = 4
FIRST_DESKS: Final[Mapping[Right, str]] = {
    "see-releases": "/console/releases",
    "review-comments": "/console/comments",
    "manage-staff": "/console/staff",
}
"""Where somebody who runs no sessions begins."""


@dataclass(frozen=True, slots=True)
class Card:
    """A session as staff see it: names instead of codes, and the only live figures that exist.

    ``on_tablets``: names of tablets, each with how many responses it still keeps, as it last said.
    """

    code: str
    project: str
    project_code: str
    module: str
    day: str
    received: int
    people: int
    conflicts: int
    state: State
    on_tablets: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TodayPage(ConsolePage):
    """``running`` sessions and the ``latest`` closed ones."""

    running: tuple[Card, ...]
    latest: tuple[Card, ...]
    has_projects: bool


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """A language that the tablets offer, how far its sentences have been checked, and how many have a voice.

    ``name``: in the language of staff; ``is_expected``: the project expects it in the room.
    """

    language: Language
    state: Checked
    name: str
    sounds: Count
    is_expected: bool


@dataclass(frozen=True, slots=True)
class ProjectChoice:
    """A project to start a session of; ``value`` of a module is what the form sends."""

    name: str
    organisation: str
    modules: tuple[tuple[str, str], ...]
    languages: tuple[LanguageChoice, ...]

    @property
    def expected(self) -> tuple[LanguageChoice, ...]:
        """The languages that the project expects in the room."""
        return tuple(choice for choice in self.languages if choice.is_expected)

    @property
    def drafts(self) -> tuple[LanguageChoice, ...]:
        """The languages whose sentences nobody has checked."""
        return tuple(choice for choice in self.languages if choice.state is Checked.DRAFT)


@dataclass(frozen=True, slots=True)
class StartPage(ConsolePage):
    """``chosen`` is ``project/module``; ``people`` what was typed; ``errors``: field -> code."""

    projects: tuple[ProjectChoice, ...]
    chosen: str
    people: str
    errors: Mapping[str, str] = field(default_factory=dict)
    most: int = MOST_PEOPLE


@dataclass(frozen=True, slots=True)
class SessionPage(ConsolePage):
    """One session.

    ``link``: what tablets open; ``only_here``: no other device can; ``hand_in_until``: end of grace; ``languages``: those
    that the project expects in the room.
    """

    card: Card
    link: str
    only_here: bool
    hand_in_until: str
    languages: tuple[LanguageChoice, ...]


@dataclass(frozen=True, slots=True)
class CounterPart(Page):
    """The part of the session's page that moves."""

    card: Card


@dataclass(frozen=True, slots=True)
class ClosePage(ConsolePage):
    """Asks before a session is closed."""

    card: Card


@dataclass(frozen=True, slots=True)
class NoDeskPage(ConsolePage):
    """Tells somebody whose account has no post what to do."""


@router.get("")
def show_home(visit: SignedIn) -> Response:
    """Show today's sessions; who runs none is led to their first desk."""
    if visit.may("run-sessions"):
        return _today_page(on_duty(visit, "run-sessions"))
    for right, address in FIRST_DESKS.items():
        if visit.may(right):
            return RedirectResponse(address, status_code=303)
    page = NoDeskPage(words=visit.words, language=visit.language, frame=visit.desk("today"))
    return show("console/no_desk.html", page)


def _today_page(visit: DutyVisit) -> HTMLResponse:
    """Show what runs now, and what was closed lately."""
    today = clock.today()
    projects = visit.projects()
    own = {project.code for project in projects}
    closed = sessions.list_closed(visit.db, today - timedelta(days=visit.settings.grace_days), today)
    latest = [session for session in reversed(closed) if session.project in own]
    page = TodayPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("today"),
        running=_cards(visit, (session for session in sessions.list_open(visit.db) if session.project in own)),
        latest=_cards(visit, latest[:MOST_LISTED]),
        has_projects=bool(projects),
    )
    return show("console/today.html", page)


@router.get("/sessions/new")
def show_start(visit: RunsSessions) -> HTMLResponse:
    """Ask for module and number of people; what was chosen last time is chosen already."""
    own = {project.code for project in visit.projects()}
    last = next((session for session in sessions.list_all(visit.db) if session.project in own), None)
    chosen = f"{last.project}/{last.module}" if last else ""
    return _start_page(visit, chosen, str(last.people if last else USUAL_GROUP), {})


@router.post("/sessions")
def start(visit: RunsSessions, module: Annotated[str, Form()] = "", people: Annotated[str, Form()] = "") -> Response:
    """Start a session and lead to its page."""
    project, _, own = module.partition("/")
    errors: dict[str, str] = {}
    found = visit.find_project(project) if project else None
    if (
        found is None
        or not found.runs_on(clock.today())
        or own not in {each.code for each in structure.list_modules(visit.db, project)}
    ):
        errors["module"] = "module-missing"
    number = _number(people)
    if number is None:
        errors["people"] = "people-no-number"
    if errors or number is None:
        return _start_page(visit, module, people, errors, status=422)
    session = journeys.open_session(visit.db, project, own, number, clock.today())
    visit.note("session-started", f"session {session.code}")
    return RedirectResponse(f"/console/sessions/{session.code}", status_code=303)


@router.get("/sessions/{code}")
def show_session(visit: RunsSessions, code: str) -> Response:
    """Show the join code, the QR code and the counter of a session."""
    card = _find_card(visit, code)
    if card is None:
        return stopped(visit, "no-session", 404)
    link = _link(visit, code)
    page = SessionPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("today"),
        card=card,
        link=link,
        only_here=urlsplit(link).hostname in ONLY_HERE,
        hand_in_until=_hand_in_until(visit, code),
        languages=_expected_in(visit, code),
    )
    return show("console/session.html", page)


@router.get("/sessions/{code}/counter")
def show_counter(visit: RunsSessions, code: str) -> Response:
    """Answer with the counter alone, as the session's page shows it."""
    card = _find_card(visit, code)
    if card is None:
        return stopped(visit, "no-session", 404)
    return show("console/parts/counter.html", CounterPart(words=visit.words, language=visit.language, card=card))


@router.get("/sessions/{code}/qr.svg")
def draw_qr(visit: RunsSessions, code: str) -> Response:
    """Draw the session's link as a QR code."""
    if visit.find_session(code) is None:
        return stopped(visit, "no-session", 404)
    drawn = io.BytesIO()
    segno.make_qr(_link(visit, code), error="m").save(drawn, kind="svg", border=3, light="#fff", omitsize=True)
    return Response(drawn.getvalue(), media_type="image/svg+xml")


@router.get("/sessions/{code}/close")
def ask_to_close(visit: RunsSessions, code: str) -> Response:
    """Ask before a session is closed."""
    card = _find_card(visit, code)
    if card is None:
        return stopped(visit, "no-session", 404)
    if card.state != "open":
        return RedirectResponse(f"/console/sessions/{code}", status_code=303)
    page = ClosePage(words=visit.words, language=visit.language, frame=visit.desk("today"), card=card)
    return show("console/close.html", page)


@router.post("/sessions/{code}/close")
def close(visit: RunsSessions, code: str) -> Response:
    """Close a session; closing a closed one changes nothing."""
    if visit.find_session(code) is None:
        return stopped(visit, "no-session", 404)
    journeys.close_session(visit.db, code, clock.now())
    visit.note("session-closed", f"session {code}")
    return RedirectResponse(f"/console/sessions/{code}", status_code=303)


def _number(text: str) -> int | None:
    """Read a number of people; ``None`` where it is no group."""
    typed = text.strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= _PEOPLE_DIGITS):
        return None
    return int(typed) if 1 <= int(typed) <= MOST_PEOPLE else None


def _link(visit: DutyVisit, code: str) -> str:
    return f"{visit.tablet_address}/s/{code}"


def _day(visit: DutyVisit, day: date) -> str:
    return format_date(day, format="long", locale=visit.language.locale)


def _hand_in_until(visit: DutyVisit, code: str) -> str:
    session = sessions.find(visit.db, code)
    if session is None or session.closed_at is None:
        return ""
    last = session.closed_at + timedelta(days=visit.settings.grace_days)
    return _day(visit, last.astimezone(clock.BELGIUM).date())


def _find_card(visit: DutyVisit, code: str) -> Card | None:
    found = visit.find_session(code)
    return None if found is None else _cards(visit, (found[0],))[0]


def _cards(visit: DutyVisit, shown: Iterable[Session]) -> tuple[Card, ...]:
    projects = {project.code: project for project in structure.list_projects(visit.db)}
    modules = {(module.project, module.code): module for module in structure.list_modules(visit.db)}
    tablets = devices.list_devices(visit.db)
    return tuple(_card(visit, session, projects, modules, tablets) for session in shown)


def _card(
    visit: DutyVisit,
    session: Session,
    projects: Mapping[str, Project],
    modules: Mapping[tuple[str, str], Module],
    tablets: Iterable[devices.Kept],
) -> Card:
    counter = sessions.counter(visit.db, session.code)
    return Card(
        code=session.code,
        project=projects[session.project].name,
        project_code=session.project,
        module=modules[session.project, session.module].name,
        day=_day(visit, session.opened_on),
        received=counter.received if counter else 0,
        people=session.people,
        conflicts=counter.conflicts if counter else 0,
        state=session.state(clock.now(), visit.settings.grace_days),
        on_tablets=tuple((one.device.name, kept) for one in tablets if (kept := one.kept_of(session.code))),
    )


def _start_page(
    visit: DutyVisit, chosen: str, people: str, errors: Mapping[str, str], status: int = 200
) -> HTMLResponse:
    page = StartPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("today"),
        projects=_choices(visit),
        chosen=chosen,
        people=people,
        errors=errors,
    )
    return show("console/start.html", page, status=status)


def _choices(visit: DutyVisit) -> tuple[ProjectChoice, ...]:
    names = {organisation.code: organisation.name for organisation in structure.list_organisations(visit.db)}
    modules = structure.list_modules(visit.db)
    return tuple(
        ProjectChoice(
            name=project.name,
            organisation=names[project.organisation],
            modules=tuple((f"{project.code}/{m.code}", m.name) for m in modules if m.project == project.code),
            languages=tuple(_choose(visit, project, language) for language in _languages(visit, project)),
        )
        for project in visit.projects()
        if project.runs_on(clock.today())
    )


def _languages(visit: DutyVisit, project: Project) -> tuple[Language, ...]:
    """Return the languages on the tablets, in their order there."""
    tags = project.order_languages(visit.request.app.state.languages[project.form])
    return tuple(language for tag in tags if (language := find_language(tag)))


def _choose(visit: DutyVisit, project: Project, language: Language) -> LanguageChoice:
    questionnaire = visit.questionnaires[project.form]
    voice = project.voice_of(language.tag)
    asked = (restrict(questionnaire, project.activities), load_practice())
    lines = write_script(language, asked, visit.catalogues, voice)
    return LanguageChoice(
        language=language,
        state=least_state(questionnaire, written_language(language), visit.catalogues),
        name=name_language(language, visit.language),
        sounds=count_voices(lines, voice, visit.request.app.state.voices),
        is_expected=language.tag in project.languages,
    )


def _expected_in(visit: DutyVisit, code: str) -> tuple[LanguageChoice, ...]:
    """Return the languages that the project of a session expects in the room."""
    found = sessions.find_with_project(visit.db, code)
    if found is None:
        return ()
    _, project = found
    expected = (language for language in _languages(visit, project) if language.tag in project.languages)
    return tuple(_choose(visit, project, language) for language in expected)
