"""What came to the languages or was corrected since the program was installed, and how a version before comes back."""

from __future__ import annotations

from dataclasses import dataclass

from babel.dates import format_datetime
from fastapi import APIRouter
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.supplements.laying import LostQuestionnaireError, bring_back
from survey_app.supplements.shelf import Shelved, list_shelved
from survey_app.web.console.sentences import contents_of
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, EditsLanguages
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/languages/changes", route_class=ConsoleRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Version:
    """A change that can be brought back: number, moment, and what the shelf says of it; ``None``: what was shipped."""

    number: int
    at: str
    shelved: Shelved | None


@dataclass(frozen=True, slots=True)
class ChangesPage(ConsolePage):
    """What came or was corrected, the one in use first. ``problem``: why nothing was brought back; ``project``: who needs it."""

    versions: tuple[Version, ...]
    problem: str = ""
    project: str = ""


@router.get("")
def show_changes(visit: EditsLanguages) -> HTMLResponse:
    """Show what came or was corrected since the program was installed."""
    return _changes_page(visit)


@router.post("/{number}")
def go_back(visit: EditsLanguages, number: int) -> Response:
    """Bring an earlier version back, as a further change."""
    state = visit.request.app.state
    try:
        bring_back(visit.db, state.contents.places, number, clock.now(), visit.staff.name)
    except LostQuestionnaireError as lost:
        return _changes_page(visit, problem="questionnaire-asked", project=lost.project.name, status=422)
    except RequestMistakenError:
        return _changes_page(visit, problem="version-missing", status=422)
    except OSError:
        return _changes_page(visit, problem="not-now", status=503)
    visit.note("version-brought-back", f"version {number}")
    state.take_up()
    return RedirectResponse("/console/languages/changes", status_code=303)


def _changes_page(visit: DutyVisit, *, problem: str = "", project: str = "", status: int = 200) -> HTMLResponse:
    def say(one: Shelved) -> str:
        return format_datetime(one.origin.at, "medium", tzinfo=clock.BELGIUM, locale=visit.language.locale)

    shelved = list_shelved(contents_of(visit).places.shelf)
    versions = [Version(one.number, say(one), one) for one in shelved]
    page = ChangesPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("languages"),
        versions=(*versions, Version(0, "", None)) if versions else (),
        problem=problem,
        project=project,
    )
    return show("console/language_changes.html", page, status=status)
