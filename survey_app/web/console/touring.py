"""Only on a demonstration: go on with the tour, stop it, and make all data what they were when it began."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app.foundation import clock
from survey_app.storage import staff
from survey_app.storage.database import UnavailableError
from survey_app.web.console.accounts import hash_token
from survey_app.web.console.tour import TOUR_COOKIE, find_stop
from survey_app.web.console.visit import BacksUp, ConsolePage, ConsoleRoute, DutyVisit, SignedIn, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/demo", route_class=ConsoleRoute, include_in_schema=False)

_DAY: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class ResetPage(ConsolePage):
    """Asks before everything that was tried is thrown away. ``problem``: a code of why nothing was."""

    problem: str = ""


@router.post("/tour")
def go_on(visit: SignedIn) -> Response:
    """Begin the tour, or go to its next stop; behind the last one it ends."""
    frame = visit.desk("")
    if not visit.is_demo:
        return stopped(visit, "no-page", 404)
    number = 1 if frame.tour is None else frame.tour.number + 1
    stop = find_stop(str(number), frame.rights)
    if stop is None:
        return stop_tour(visit)
    reply = RedirectResponse(stop.hint.address, status_code=303)
    reply.set_cookie(
        TOUR_COOKIE,
        str(stop.number),
        max_age=_DAY,
        path="/console",
        secure=visit.is_https,
        httponly=True,
        samesite="lax",
    )
    return reply


@router.post("/tour/stop")
def stop_tour(visit: SignedIn) -> Response:
    """End the tour."""
    reply = RedirectResponse("/console", status_code=303)
    reply.delete_cookie(TOUR_COOKIE, path="/console", secure=visit.is_https, httponly=True, samesite="lax")
    return reply


@router.get("/reset")
def ask_to_reset(visit: BacksUp) -> Response:
    """Ask before everything that was tried is thrown away."""
    return _page(visit) if visit.reset_demo is not None else stopped(visit, "no-page", 404)


@router.post("/reset")
def reset(visit: BacksUp, sure: Annotated[str, Form()] = "") -> Response:
    """Make all data what they were when the demonstration began; whoever asked stays signed in."""
    if visit.reset_demo is None:
        return stopped(visit, "no-page", 404)
    if sure != "yes":
        return _page(visit, "not-sure", 422)
    try:
        visit.reset_demo()
    except UnavailableError:
        return _page(visit, "in-use", 503)
    visit.request.app.state.take_up()
    _stay_signed_in(visit)
    return RedirectResponse("/console", status_code=303)


def _stay_signed_in(visit: DutyVisit) -> None:
    """Sign whoever asked in again, where their account is one of the demonstration's own."""
    token = visit.request.cookies.get(visit.cookie)
    if token is not None and staff.find_staff(visit.db, visit.staff.name) is not None:
        now = clock.now()
        over = now + timedelta(hours=visit.settings.staff_hours)
        staff.start_staff_session(visit.db, hash_token(token), visit.staff.name, over, now)
        visit.note("demo-reset")


def _page(visit: DutyVisit, problem: str = "", status: int = 200) -> HTMLResponse:
    page = ResetPage(words=visit.words, language=visit.language, frame=visit.desk(""), problem=problem)
    return show("console/reset.html", page, status=status)
