"""From the last answer to the finished report in two taps: close the session, and make the release that counts it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from survey_app import journeys
from survey_app.foundation.periods import period_of
from survey_app.web.console.making import begin_release
from survey_app.web.console.today import close_and_note, close_page, read_helped
from survey_app.web.console.visit import ConsoleRoute, ReleasesInside, stopped

router = APIRouter(prefix="/console/sessions", route_class=ConsoleRoute, include_in_schema=False)


@router.post("/{code}/report")
def report(
    visit: ReleasesInside,
    code: str,
    helped: Annotated[str, Form(max_length=40)] = "",
    attempt: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Close the session where it still runs, and make the release of its project and half-year, which leads to its files."""
    found = visit.find_session(code)
    if found is None:
        return stopped(visit, "no-session", 404)
    number, errors = read_helped(helped)
    if errors:
        return close_page(visit, *found, helped, errors)
    if found[0].closed_at is None:
        close_and_note(visit, found[0], number)
    request = journeys.ReleaseRequest("inside", period_of(found[0].opened_on).code, found[0].project)
    return begin_release(visit, request, attempt, session=code)
