"""Desk "Today": the sessions that run; start one in three taps, watch its counter, close it. Never a result."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import segno
from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app import journeys, leading
from survey_app.fieldwork.rights import Right
from survey_app.fieldwork.room import Room
from survey_app.fieldwork.session import Session, State
from survey_app.fieldwork.structure import Module, Project
from survey_app.foundation import clock
from survey_app.signals import list_told
from survey_app.storage import devices, rooms, sessions, structure
from survey_app.storage.news import latest_news
from survey_app.web.console import guide
from survey_app.web.console.comments import least_people
from survey_app.web.console.guide import Step
from survey_app.web.console.naming import name_day
from survey_app.web.console.starting import (
    LanguageChoice,
    ProjectCard,
    choose_of,
    languages_of,
    list_cards,
    read_number,
)
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

MOST_LISTED: Final = 8
ONLY_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
FIRST_DESKS: Final[Mapping[Right, str]] = {
    "see-releases": "/console/releases",
    "review-comments": "/console/comments",
    "manage-staff": "/console/staff",
    "edit-languages": "/console/languages",
}
"""Where somebody who runs no sessions begins."""
Running = Literal["possible", "counted", "too-late"]
Phones = Literal["as-everywhere", "refused", "allowed", "never"]
"""What a session's page says of people's own phones; ``as-everywhere``: nothing, as no tablet was ever enrolled."""
News = Literal["nothing", "not-shown", "first"]
"""Whether a session's tablets first tell what became of what groups said; ``nothing``: there is none to tell yet."""


@dataclass(frozen=True, slots=True)
class Card:
    """A session as staff see it: names instead of codes, and the only live figures that exist.

    ``on_tablets``: names of tablets, each with how many responses it still keeps, as it last said. ``unseen``: those that may
    keep some, as they were not seen since a backup was put back.
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
    unseen: tuple[str, ...] = ()
    is_cancelled: bool = False
    is_practice: bool = False


@dataclass(frozen=True, slots=True)
class TodayPage(ConsolePage):
    """``running`` sessions, the ``latest`` closed ones, and the groups that can meet today.

    ``steps``: the first steps, where they lead the page.
    """

    running: tuple[Card, ...]
    latest: tuple[Card, ...]
    groups: tuple[ProjectCard, ...]
    has_projects: bool
    steps: tuple[Step, ...] = ()

    @property
    def may_put_away(self) -> bool:
        """Whether the first steps lead the page, so that they can be put away."""
        return bool(self.steps)


@dataclass(frozen=True, slots=True)
class SessionPage(ConsolePage):
    """One session.

    ``link``: what tablets open; ``only_here``: no other device can; ``hand_in_until``: end of grace; ``languages``: those
    that are expected in the room; ``again``: whether it may run again; ``may_report``: whether the visitor may make a
    release that counts it; ``helped``: how many had help, as it was typed; ``attempt``: drawn, so that a form that is sent
    twice makes one report; ``errors``: field -> code.
    """

    card: Card
    link: str
    only_here: bool
    hand_in_until: str
    languages: tuple[LanguageChoice, ...]
    again: Running
    may_report: bool
    helped: str
    phones: Phones
    attempt: str
    news: News
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CounterPart(Page):
    """The part of the session's page that moves."""

    card: Card


@dataclass(frozen=True, slots=True)
class ClosePage(ConsolePage):
    """Asks before a session is closed. ``may_report``, ``attempt``, ``helped``, ``errors`` as on its page."""

    card: Card
    may_report: bool
    attempt: str
    helped: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoDeskPage(ConsolePage):
    """Tells somebody whose account has no post what to do."""


@router.get("")
def show_home(visit: SignedIn) -> Response:
    """Show today's sessions; who runs none is led to the first steps, or to their first desk."""
    if visit.may("run-sessions"):
        return _today_page(on_duty(visit, "run-sessions"))
    if any(step.may for step in guide.lead(visit)):
        return guide.guide_page(visit)
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
    latest = [session for session in reversed(closed) if session.project in own and not session.is_practice]
    page = TodayPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("today"),
        running=_cards(visit, (session for session in sessions.list_open(visit.db) if session.project in own)),
        latest=_cards(visit, latest[:MOST_LISTED]),
        groups=list_cards(visit, projects),
        has_projects=bool(projects),
        steps=guide.lead(visit),
    )
    return show("console/today.html", page)


@router.get("/sessions/{code}")
def show_session(visit: RunsSessions, code: str) -> Response:
    """Show the join code, the QR code and the counter of a session."""
    found = visit.find_session(code)
    return stopped(visit, "no-session", 404) if found is None else session_page(visit, *found)


def session_page(
    visit: DutyVisit,
    session: Session,
    project: Project,
    helped: str | None = None,
    errors: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Show a session, with what was typed on its page where that is at fault."""
    link = _link(visit, session.code)
    room = rooms.find_room(visit.db, session.code)
    said = "" if room.helped is None else str(room.helped)
    page = SessionPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("today"),
        card=_cards(visit, (session,))[0],
        link=link,
        only_here=urlsplit(link).hostname in ONLY_HERE,
        hand_in_until=_hand_in_until(visit, session),
        languages=_expected_in(visit, project, room),
        again=_again(visit, session),
        may_report=may_report(visit, session, project),
        helped=said if helped is None else helped,
        phones=_phones(visit, project, room),
        attempt=secrets.token_hex(8),
        news=_news(visit, project, room),
        errors=errors or {},
    )
    return show("console/session.html", page, status=422 if errors else 200)


def _phones(visit: DutyVisit, project: Project, room: Room) -> Phones:
    if visit.settings.enrolled_only:
        return "never"
    if not devices.has_enrolled(visit.db, project.organisation):
        return "as-everywhere"
    return "allowed" if room.own_phones else "refused"


def _news(visit: DutyVisit, project: Project, room: Room) -> News:
    if latest_news(visit.db, project.code) is None and not list_told(visit.db, project.code, least_people(visit)):
        return "nothing"
    return "first" if room.begins_with_news else "not-shown"


def may_report(visit: DutyVisit, session: Session, project: Project) -> bool:
    """Say whether the visitor may make a release, inside the organisation of its project, that counts a session."""
    return not session.is_practice and project.organisation in visit.reach("release-inside")


def read_helped(text: str) -> tuple[int | None, dict[str, str]]:
    """Read how many people had help, and what is wrong with it; nothing typed is nothing said."""
    number = read_number(text, least=0)
    return number, {"helped": "helped-no-number"} if number is None and text.strip() else {}


def _again(visit: DutyVisit, session: Session) -> Running:
    if session.state(clock.now(), visit.settings.grace_days) == "closed":
        return "too-late"
    return "counted" if leading.is_counted(visit.db, session.code) else "possible"


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
    found = visit.find_session(code)
    if found is None:
        return stopped(visit, "no-session", 404)
    if found[0].closed_at is not None:
        return RedirectResponse(f"/console/sessions/{code}", status_code=303)
    return close_page(visit, *found)


def close_page(
    visit: DutyVisit, session: Session, project: Project, helped: str = "", errors: Mapping[str, str] | None = None
) -> HTMLResponse:
    """Ask before a session is closed, with what was typed where that is at fault."""
    page = ClosePage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("today"),
        card=_cards(visit, (session,))[0],
        may_report=may_report(visit, session, project),
        attempt=secrets.token_hex(8),
        helped=helped,
        errors=errors or {},
    )
    return show("console/close.html", page, status=422 if errors else 200)


@router.post("/sessions/{code}/close")
def close(visit: RunsSessions, code: str, helped: Annotated[str, Form(max_length=40)] = "") -> Response:
    """Close a session; closing a closed one changes nothing."""
    found = visit.find_session(code)
    if found is None:
        return stopped(visit, "no-session", 404)
    number, errors = read_helped(helped)
    if errors:
        return close_page(visit, *found, helped, errors)
    close_and_note(visit, found[0], number)
    return RedirectResponse(f"/console/sessions/{code}", status_code=303)


def close_and_note(visit: DutyVisit, session: Session, helped: int | None) -> None:
    """Close a session, keep how many had help, and write into the log that it was closed."""
    if helped is not None:
        rooms.mark_helped(visit.db, session.code, helped)
    journeys.close_session(visit.db, session.code, clock.now())
    visit.note("session-closed", f"session {session.code}")


def _link(visit: DutyVisit, code: str) -> str:
    return f"{visit.tablet_address}/s/{code}"


def _hand_in_until(visit: DutyVisit, session: Session) -> str:
    if session.closed_at is None:
        return ""
    last = session.closed_at + timedelta(days=visit.settings.grace_days)
    return name_day(last, visit.language)


def _find_card(visit: DutyVisit, code: str) -> Card | None:
    found = visit.find_session(code)
    return None if found is None else _cards(visit, (found[0],))[0]


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around sessions, read once for all of them."""

    projects: Mapping[str, Project]
    modules: Mapping[tuple[str, str], Module]
    tablets: tuple[devices.Kept, ...]
    counters: Mapping[str, sessions.Counter]
    rooms: Mapping[str, Room]


def _cards(visit: DutyVisit, shown: Iterable[Session]) -> tuple[Card, ...]:
    wanted = tuple(shown)
    codes = [session.code for session in wanted]
    around = _Around(
        projects={project.code: project for project in structure.list_projects(visit.db)},
        modules={(module.project, module.code): module for module in structure.list_modules(visit.db)},
        tablets=devices.list_devices(visit.db),
        counters=sessions.counters(visit.db, codes),
        rooms=rooms.find_rooms(visit.db, codes),
    )
    return tuple(_card(visit, session, around) for session in wanted)


def _card(visit: DutyVisit, session: Session, around: _Around) -> Card:
    counter = around.counters.get(session.code)
    received = counter.received if counter else 0
    room = around.rooms.get(session.code, Room())
    waiting = ((one.device.name, one.kept_of(session.code)) for one in around.tablets)
    project, state = around.projects[session.project], session.state(clock.now(), visit.settings.grace_days)
    return Card(
        code=session.code,
        project=project.name,
        project_code=session.project,
        module=around.modules[session.project, session.module].name,
        day=name_day(session.opened_on, visit.language),
        received=received,
        people=session.people,
        conflicts=counter.conflicts if counter else 0,
        state=state,
        on_tablets=tuple((name, kept) for name, kept in waiting if kept),
        unseen=_list_unseen(around.tablets, project.organisation) if state != "closed" else (),
        is_cancelled=room.is_cancelled and not received,
        is_practice=session.is_practice,
    )


def _list_unseen(tablets: Iterable[devices.Kept], organisation: str) -> tuple[str, ...]:
    """Return the names of an organisation's tablets that nobody has opened since a backup was put back."""
    return tuple(one.device.name for one in tablets if one.is_unseen and one.device.organisation == organisation)


def _expected_in(visit: DutyVisit, project: Project, room: Room) -> tuple[LanguageChoice, ...]:
    """Return the languages that are expected in the room of a session."""
    expected = room.languages or project.languages
    return choose_of(visit, project, (one for one in languages_of(visit, project) if one.tag in expected))
