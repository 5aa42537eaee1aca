"""The first steps: what comes before the first group, in order, with what is done ticked. The last one is done on a phone.

They lead the first page of an installation that never held a session, until somebody puts them away, and can be called again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from fastapi import APIRouter
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app import leading
from survey_app.fieldwork.rights import Right
from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Module, Project
from survey_app.foundation import clock
from survey_app.storage import devices, sessions, staff, structure
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, RunsSessions, SignedIn, StaffVisit
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)

GUIDE_COOKIE: Final = "first-steps"
AWAY: Final = "away"
_YEAR: Final = 365 * 24 * 3600
StepCode = Literal["organisation", "project", "staff", "tablets", "practice"]


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first steps. ``may``: the reader has the right to take it; where not, it says who has."""

    code: StepCode
    is_done: bool
    may: bool
    is_next: bool = False


@dataclass(frozen=True, slots=True)
class GuidePage(ConsolePage):
    """The first steps. ``may_put_away``: they lead the first page now. ``has_no_group``: there is nothing to practise with."""

    steps: tuple[Step, ...]
    may_put_away: bool
    has_no_group: bool = False


def lead(visit: StaffVisit) -> tuple[Step, ...]:
    """Return the first steps where they lead the first page; none where a session was held, or they were put away."""
    if visit.request.cookies.get(GUIDE_COOKIE) == AWAY or sessions.is_any_held(visit.db):
        return ()
    return list_steps(visit)


def list_steps(visit: StaffVisit) -> tuple[Step, ...]:
    """Return the first steps, in order. Without a tablet of one's own one goes on: phones answer too."""
    done: dict[StepCode, tuple[bool, Right]] = {
        "organisation": (bool(structure.list_organisations(visit.db)), "add-organisations"),
        "project": (bool(structure.list_groups(visit.db)), "set-up"),
        "staff": (len(staff.list_staff(visit.db)) > 1, "manage-staff"),
        "tablets": (bool(devices.list_devices(visit.db)), "keep-tablets"),
        "practice": (sessions.is_any_practised(visit.db), "run-sessions"),
    }
    following = next((code for code, (is_done, _) in done.items() if not is_done and code != "tablets"), None)
    return tuple(Step(code, is_done, visit.may(right), code == following) for code, (is_done, right) in done.items())


def guide_page(visit: StaffVisit, *, has_no_group: bool = False) -> HTMLResponse:
    """Show the first steps on a page of their own."""
    page = GuidePage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("today"),
        steps=list_steps(visit),
        may_put_away=bool(lead(visit)),
        has_no_group=has_no_group,
    )
    return show("console/guide.html", page, status=422 if has_no_group else 200)


@router.get("/guide")
def show_guide(visit: SignedIn) -> HTMLResponse:
    """Show the first steps again."""
    return guide_page(visit)


@router.post("/guide/away")
def put_away(visit: SignedIn) -> Response:
    """Let the first page begin without the first steps, in this browser."""
    reply = RedirectResponse("/console", status_code=303)
    reply.set_cookie(
        GUIDE_COOKIE, AWAY, max_age=_YEAR, path="/console", secure=visit.is_https, httponly=True, samesite="lax"
    )
    return reply


@router.post("/practice")
def practise(visit: RunsSessions) -> Response:
    """Lead to a practice session: one that runs already, or a new one of the first group that can meet today."""
    running = _find_running(visit)
    if running is None:
        group = _find_group(visit)
        if group is None:
            return guide_page(visit, has_no_group=True)
        project, module = group
        running = leading.start_practice(visit.db, project, module.code, clock.today())
        visit.note("practice-started", f"session {running.code}")
    return RedirectResponse(f"/console/sessions/{running.code}", status_code=303)


def _find_running(visit: DutyVisit) -> Session | None:
    own = {project.code for project in visit.projects()}
    return next((one for one in sessions.list_open(visit.db) if one.is_practice and one.project in own), None)


def _find_group(visit: DutyVisit) -> tuple[Project, Module] | None:
    running = {project.code: project for project in visit.projects() if project.runs_on(clock.today())}
    modules = (module for module in structure.list_groups(visit.db) if module.project in running)
    module = next(modules, None)
    return None if module is None else (running[module.project], module)
