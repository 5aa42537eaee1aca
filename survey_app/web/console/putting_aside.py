"""Putting aside what was made by mistake, and bringing it back: projects and their modules, and organisations."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from survey_app.foundation import clock
from survey_app.storage import aside, structure
from survey_app.storage.audit import Deed
from survey_app.web.console.set_up import HERE, organisations_page, show_kept
from survey_app.web.console.visit import AddsOrganisations, ConsoleRoute, DutyVisit, SetsUp, stopped

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)

ORGANISATIONS: Final = "/console/organisations"


@router.post("/set-up/projects/{project}/aside")
def put_aside(visit: SetsUp, project: str, module: Annotated[str, Form()] = "") -> Response:
    """Put a project aside, or one of its modules."""
    found = visit.find_project(project)
    if found is None or not _has(visit, project, module):
        return stopped(visit, "no-page", 404)
    deed, now = _deed(visit, "put-aside", project, module), clock.now()
    if module:
        kept = aside.put_module_aside(visit.db, project, module, deed, now)
    else:
        kept = aside.put_project_aside(visit.db, project, deed, now)
    return _to(project) if kept is None else show_kept(visit, found, module, kept.value)


@router.post("/set-up/projects/{project}/bring-back")
def bring_back(visit: SetsUp, project: str, module: Annotated[str, Form()] = "") -> Response:
    """Bring a project back, or one of its modules."""
    if visit.find_project(project) is None or not _has(visit, project, module):
        return stopped(visit, "no-page", 404)
    deed, now = _deed(visit, "brought-back", project, module), clock.now()
    if module:
        aside.bring_module_back(visit.db, project, module, deed, now)
    else:
        aside.bring_project_back(visit.db, project, deed, now)
    return _to(project)


@router.post("/organisations/{organisation}/aside")
def put_organisation_aside(visit: AddsOrganisations, organisation: str) -> Response:
    """Put an organisation aside that nothing names."""
    if not _is_known(visit, organisation):
        return stopped(visit, "no-page", 404)
    deed = Deed(visit.staff.name, "put-aside", f"organisation {organisation}")
    if aside.put_organisation_aside(visit.db, organisation, deed, clock.now()) is not None:
        return organisations_page(visit, in_use=organisation, status=422)
    return RedirectResponse(f"{ORGANISATIONS}#aside", status_code=303)


@router.post("/organisations/{organisation}/bring-back")
def bring_organisation_back(visit: AddsOrganisations, organisation: str) -> Response:
    """Bring an organisation back."""
    if not _is_known(visit, organisation):
        return stopped(visit, "no-page", 404)
    deed = Deed(visit.staff.name, "brought-back", f"organisation {organisation}")
    aside.bring_organisation_back(visit.db, organisation, deed, clock.now())
    return RedirectResponse(ORGANISATIONS, status_code=303)


def _deed(visit: DutyVisit, action: str, project: str, module: str) -> Deed:
    return Deed(visit.staff.name, action, f"module {module} of {project}" if module else f"project {project}")


def _has(visit: DutyVisit, project: str, module: str) -> bool:
    return not module or module in {one.code for one in structure.list_modules(visit.db, project)}


def _is_known(visit: DutyVisit, organisation: str) -> bool:
    there = {one.code for one in structure.list_organisations(visit.db)}
    return organisation in there | {one.code for one, _ in aside.list_organisations_aside(visit.db)}


def _to(project: str) -> Response:
    return RedirectResponse(f"{HERE}/projects/{project}#aside", status_code=303)
