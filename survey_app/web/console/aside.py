"""What of a project, or of the organisations, is put aside or can be, as its page says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from survey_app.fieldwork.structure import Project
from survey_app.storage import aside, structure
from survey_app.web.console.naming import name_day
from survey_app.web.console.visit import DutyVisit


@dataclass(frozen=True, slots=True)
class Part:
    """A module, or with no ``code`` the whole project. ``is_named``: something names it, so that it is never deleted.

    ``until``: the last day on which it can be brought back, where it is put aside and nothing names it.
    """

    code: str
    name: str
    is_aside: bool
    is_named: bool
    until: str = ""


def list_parts(visit: DutyVisit, project: Project) -> tuple[Part, ...]:
    """Return the modules of a project, and then the project itself."""
    named = aside.find_named(visit.db, project.code)
    modules = structure.list_modules(visit.db, project.code)
    return (
        *(_part(visit, one.code, one.name, one.aside_since, is_named=one.code in named.modules) for one in modules),
        _part(visit, "", project.name, project.aside_since, is_named=named.is_project),
    )


def _part(visit: DutyVisit, code: str, name: str, since: datetime | None, *, is_named: bool) -> Part:
    is_kept = since is None or is_named
    until = "" if since is None or is_kept else name_day(since + aside.BROUGHT_BACK_WITHIN, visit.language)
    return Part(code, name, is_aside=since is not None, is_named=is_named, until=until)
