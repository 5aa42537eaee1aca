"""Notes: what a facilitator heard in a group, kept until a reviewer reads it and perhaps makes a signal of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from survey_app import comments
from survey_app.collection.comment import clean
from survey_app.fieldwork.signal import LONGEST_SIGNAL, THEMES, Note, Theme
from survey_app.fieldwork.structure import Project
from survey_app.foundation import clock
from survey_app.foundation.periods import period_of
from survey_app.storage import signals as kept
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, RunsSessions, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/notes", route_class=ConsoleRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class NotePage(ConsolePage):
    """The form for a note on a group. ``is_kept``: one was kept a moment ago."""

    project: Project
    periods: tuple[str, ...]
    themes: tuple[Theme, ...]
    typed: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    is_kept: bool = False
    longest: int = LONGEST_SIGNAL


@router.get("/{project}")
def show_note(visit: RunsSessions, project: str, kept_now: str = "") -> Response:
    """Show the form for a note on a group."""
    found = visit.find_project(project)
    if found is None:
        return stopped(visit, "no-page", 404)
    return show("console/signal_note.html", _note_page(visit, found, {}, is_kept=bool(kept_now)))


@router.post("/{project}")
def write_note(  # noqa: PLR0913, PLR0917 - each field of the form
    visit: RunsSessions,
    project: str,
    theme: Annotated[str, Form()] = "",
    period: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    sure: Annotated[str, Form()] = "",
) -> Response:
    """Keep a note until a reviewer reads it, which happens in a large group only."""
    found = visit.find_project(project)
    if found is None:
        return stopped(visit, "no-page", 404)
    typed, known = clean(text), read_theme(theme)
    fault = comments.find_text_fault(typed, LONGEST_SIGNAL, is_sure=bool(sure))
    errors = {
        **({"theme": "choose"} if known is None else {}),
        **({"period": "period-missing"} if period not in _periods() else {}),
        **({"text": fault} if fault else {}),
    }
    if known is not None and not errors and kept.add_note(visit.db, project, period, Note(uuid4(), known, typed)):
        visit.note("note-written", f"project {project}")
        return RedirectResponse(f"/console/notes/{project}?kept_now=1", status_code=303)
    said = {"theme": theme, "period": period, "text": typed}
    return show("console/signal_note.html", _note_page(visit, found, said, errors or {"text": "too-many"}), status=422)


def read_theme(typed: str) -> Theme | None:
    """Return the theme that was chosen in a form; ``None`` where it is none."""
    return next((each for each in THEMES if each == typed), None)


def _periods() -> tuple[str, ...]:
    """This half-year and the one before: a note is often written when the last group has gone home."""
    now = period_of(clock.today())
    return (now.code, now.before.code) if now.before else (now.code,)


def _note_page(
    visit: DutyVisit,
    project: Project,
    typed: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    *,
    is_kept: bool = False,
) -> NotePage:
    return NotePage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("today"),
        project=project,
        periods=_periods(),
        themes=THEMES,
        typed=typed,
        errors=errors or {},
        is_kept=is_kept,
    )
