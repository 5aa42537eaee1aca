"""Taking in a file that a tablet saved: what waited there, still sealed, each response once. Nobody sees an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import HTMLResponse

from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.rescue import LARGEST_FILE, Rescued, read_rescue_file, rescue
from survey_app.storage import sessions
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, KeepsTablets
from survey_app.web.kit.pages import show

_AROUND: Final = 4096  # bytes of a form around its file


class RescueRoute(ConsoleRoute):
    """A route whose form holds a file."""

    largest: ClassVar[int] = LARGEST_FILE + _AROUND


router = APIRouter(prefix="/console/rescue", route_class=RescueRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class RescuePage(ConsolePage):
    """``rescued``: what became of a file; ``is_no_file``: what was chosen is none that a tablet saved."""

    rescued: Rescued | None = None
    is_no_file: bool = False


@router.get("")
def show_form(visit: KeepsTablets) -> HTMLResponse:
    """Ask for the file."""
    return _page(visit)


@router.post("")
def take_in(
    visit: KeepsTablets,
    file: Annotated[UploadFile | None, File()] = None,
    late: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """Take in the responses of a file, and say what became of them; late ones only of organisations within reach."""
    try:
        kept = read_rescue_file(file.file.read() if file is not None else b"")
    except RequestMistakenError:
        return _page(visit, is_no_file=True, status=422)
    state = visit.request.app.state
    rescued = rescue(
        visit.db,
        visit.questionnaires,
        kept,
        clock.now(),
        languages=state.languages,
        grace_days=visit.settings.grace_days,
        takes_late=lambda code: bool(late) and _is_within_reach(visit, code),
    )
    visit.note("rescued", f"{rescued.stored} of {rescued.total} responses, {rescued.late} late")
    return _page(visit, rescued)


def _is_within_reach(visit: DutyVisit, code: str) -> bool:
    found = sessions.find_with_project(visit.db, code)
    return found is not None and found[1].organisation in visit.reached


def _page(
    visit: DutyVisit, rescued: Rescued | None = None, *, is_no_file: bool = False, status: int = 200
) -> HTMLResponse:
    frame = visit.desk("tablets")
    page = RescuePage(visit.words, visit.language, frame, rescued, is_no_file)
    return show("console/rescue.html", page, status=status)
