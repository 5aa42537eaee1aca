"""From the last answer to the finished report in two taps: close the session, and make the release that counts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from survey_app import journeys
from survey_app.fieldwork.session import Session
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.periods import period_of
from survey_app.ledger import HEAD
from survey_app.population import word_report
from survey_app.protection.protected import Refused
from survey_app.report.reasons import say_reason
from survey_app.web.console.shelf import releases_folder
from survey_app.web.console.today import close_and_note, close_page, read_helped
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, ReleasesInside, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/sessions", route_class=ConsoleRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class NoReportPage(ConsolePage):
    """Says why no report was made of a session's project. ``problem``: a code, empty where ``refused`` says it."""

    code: str
    problem: str = ""
    refused: tuple[str, ...] = ()


@router.post("/{code}/report")
def report(visit: ReleasesInside, code: str, helped: Annotated[str, Form(max_length=40)] = "") -> Response:
    """Close the session where it still runs, make the release of its project and half-year, and lead to its files."""
    found = visit.find_session(code)
    if found is None:
        return stopped(visit, "no-session", 404)
    number, errors = read_helped(helped)
    if errors:
        return close_page(visit, *found, helped, errors)
    if found[0].closed_at is None:
        close_and_note(visit, found[0], number)
    return _publish(visit, found[0])


def _publish(visit: DutyVisit, session: Session) -> Response:
    request = journeys.ReleaseRequest("inside", period_of(session.opened_on).code, session.project)
    release_id = journeys.draw_release_id(request)
    try:
        made = journeys.publish(
            visit.db,
            visit.questionnaires,
            visit.catalogues,
            request,
            releases_folder(visit) / release_id,
            now=clock.now(),
            release_id=release_id,
            head=visit.settings.data_dir / HEAD,
            by=visit.settings.genders_by_age,
        )
    except RequestMistakenError:
        return _no_report(visit, session, problem="changed-meanwhile")
    if isinstance(made, journeys.NothingToCount):
        return _no_report(visit, session, problem="nothing-to-count")
    if isinstance(made, Refused):
        words = word_report(visit.db, visit.questionnaires, visit.catalogues, visit.language.tag)
        return _no_report(visit, session, refused=tuple(say_reason(reason, words) for reason in made.reasons))
    visit.note("release-made", f"release {made.release_id}")
    return RedirectResponse(f"/console/releases/{made.release_id}", status_code=303)


def _no_report(visit: DutyVisit, session: Session, problem: str = "", refused: tuple[str, ...] = ()) -> Response:
    page = NoReportPage(visit.words, visit.language, visit.desk("today"), session.code, problem, refused)
    return show("console/no_report.html", page, status=422)
