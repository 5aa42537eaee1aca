"""What whoever leads a group does on the page of a session: cancel it, let it run again, say who had help or may use a phone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from survey_app import leading
from survey_app.foundation import clock
from survey_app.storage import rooms
from survey_app.web.console.today import read_helped, session_page
from survey_app.web.console.visit import ConsoleRoute, RunsSessions, stopped

router = APIRouter(prefix="/console/sessions", route_class=ConsoleRoute, include_in_schema=False)


@router.post("/{code}/cancel")
def cancel(visit: RunsSessions, code: str) -> Response:
    """Cancel a session that was started by mistake; its page offers to undo it."""
    found = visit.find_session(code)
    if found is None:
        return stopped(visit, "no-session", 404)
    if leading.cancel_session(visit.db, found[0], clock.now()) == "cancelled":
        visit.note("session-cancelled", f"session {code}")
    return _to_session(code)


@router.post("/{code}/reopen")
def reopen(visit: RunsSessions, code: str) -> Response:
    """Let a closed or cancelled session run again; where it may not, its page says why."""
    found = visit.find_session(code)
    if found is None:
        return stopped(visit, "no-session", 404)
    if leading.reopen_session(visit.db, found[0], clock.now(), visit.settings.grace_days) == "reopened":
        visit.note("session-reopened", f"session {code}")
    return _to_session(code)


@router.post("/{code}/helped")
def mark_helped(visit: RunsSessions, code: str, helped: Annotated[str, Form(max_length=40)] = "") -> Response:
    """Keep how many people had help with the tablet."""
    found = visit.find_session(code)
    if found is None:
        return stopped(visit, "no-session", 404)
    number, errors = read_helped(helped)
    if errors:
        return session_page(visit, *found, helped, errors)
    rooms.mark_helped(visit.db, code, number)
    visit.note("help-marked", f"session {code}")
    return _to_session(code)


@router.post("/{code}/phones")
def choose_phones(visit: RunsSessions, code: str, allow: Annotated[str, Form(max_length=40)] = "") -> Response:
    """Let people hand in on their own phones too (``allow=yes``), or enrolled tablets only."""
    if visit.find_session(code) is None:
        return stopped(visit, "no-session", 404)
    are_allowed = allow == "yes"
    rooms.allow_phones(visit.db, code, are_allowed=are_allowed)
    visit.note("phones-allowed" if are_allowed else "phones-refused", f"session {code}")
    return _to_session(code)


@router.post("/{code}/news")
def choose_news(visit: RunsSessions, code: str, begin: Annotated[str, Form(max_length=40)] = "") -> Response:
    """Let the tablets of a session first tell what became of what groups said (``begin=yes``), or not."""
    if visit.find_session(code) is None:
        return stopped(visit, "no-session", 404)
    rooms.begin_with_news(visit.db, code, is_chosen=begin == "yes")
    visit.note("news-chosen", f"session {code}")
    return _to_session(code)


def _to_session(code: str) -> Response:
    return RedirectResponse(f"/console/sessions/{code}", status_code=303)
