"""How long answers are kept: for each project within reach, what is deleted when, and the period that decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app.fieldwork.keeping import CHOICES, DAYS_TO_THINK, date_setting
from survey_app.fieldwork.structure import Project
from survey_app.foundation import clock
from survey_app.retention import Plan, list_plans
from survey_app.storage import structure
from survey_app.web.console.naming import name_day
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, SetsUp, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/keeping", route_class=ConsoleRoute, include_in_schema=False)

UNTIL_DECIDED: Final = ""
"""The choice of who has not decided yet."""


@dataclass(frozen=True, slots=True)
class HalfYearLine:
    """A half-year of a project. ``due`` and ``deleted_on``: days in words, empty where there is none."""

    period: str
    sessions: int
    responses: int
    due: str
    deleted_on: str


@dataclass(frozen=True, slots=True)
class KeepingCard:
    """A project: ``chosen`` is its period in months as the form has it; ``choices``: those offered."""

    code: str
    name: str
    chosen: str
    choices: tuple[int, ...]
    is_open: bool
    lines: tuple[HalfYearLine, ...]


@dataclass(frozen=True, slots=True)
class KeepingPage(ConsolePage):
    """The page. ``saved``: code of the project whose period was just set; ``errors``: project -> code of what is wrong."""

    cards: tuple[KeepingCard, ...]
    saved: str = ""
    days_to_think: int = DAYS_TO_THINK
    errors: Mapping[str, str] = field(default_factory=dict)


@router.get("")
def show_keeping(visit: SetsUp, saved: str = "") -> HTMLResponse:
    """Show what is deleted when."""
    return _page(visit, saved=saved)


@router.post("/{project}")
def set_period(visit: SetsUp, project: str, months: Annotated[str, Form()] = UNTIL_DECIDED) -> Response:
    """Set how long the answers of a project are kept."""
    found = visit.find_project(project)
    if found is None:
        return stopped(visit, "no-page", 404)
    if months not in {UNTIL_DECIDED, *(str(choice) for choice in _choices(found))}:
        return _page(visit, errors={project: "choose"}, status=422)
    changed = replace(found, keep_months=int(months) if months else None)
    structure.write_structure(visit.db, projects=[date_setting(changed, found, clock.today())])
    visit.note("keeping-set", f"project {project}: {months or 'not decided'}")
    return RedirectResponse(f"/console/keeping?saved={project}#{project}", status_code=303)


def _page(
    visit: DutyVisit, *, saved: str = "", errors: Mapping[str, str] | None = None, status: int = 200
) -> HTMLResponse:
    projects = visit.projects()
    plans = list_plans(visit.db, {project.code for project in projects})
    page = KeepingPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("set-up"),
        cards=tuple(_card(visit, one, [plan for plan in plans if plan.project == one.code]) for one in projects),
        saved=saved,
        errors=errors or {},
    )
    return show("console/keeping.html", page, status=status)


def _card(visit: DutyVisit, project: Project, plans: list[Plan]) -> KeepingCard:
    return KeepingCard(
        code=project.code,
        name=project.name,
        chosen=UNTIL_DECIDED if project.keep_months is None else str(project.keep_months),
        choices=_choices(project),
        is_open=project.last_day is None,
        lines=tuple(_line(visit, plan) for plan in plans),
    )


def _choices(project: Project) -> tuple[int, ...]:
    """Return the months to choose from, with what a set-up file said among them."""
    return tuple(sorted({*CHOICES, *([] if project.keep_months is None else [project.keep_months])}))


def _line(visit: DutyVisit, plan: Plan) -> HalfYearLine:
    return HalfYearLine(
        period=plan.period,
        sessions=plan.sessions,
        responses=plan.responses,
        due=_day(visit, plan.due) if plan.responses or plan.deleted_on is None else "",
        deleted_on=_day(visit, plan.deleted_on),
    )


def _day(visit: DutyVisit, day: date | None) -> str:
    return "" if day is None else name_day(day, visit.language)
