"""The set-up as a file that ``survey-app setup`` reads again: written from here, it says the same.

In: organisations, projects, modules, register counts. Out: YAML. Knows nothing of: the database, the web.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import yaml

from survey_app.fieldwork.structure import Module, Organisation, Project, RegisterCount

_HEAD: Final = "# Written by survey-app. Read it again with: survey-app setup FILE\n"


def write_setup(
    organisations: Iterable[Organisation],
    projects: Iterable[Project],
    modules: Sequence[Module],
    registered: Sequence[RegisterCount],
) -> str:
    """Return the text of a set-up file. Projects of the demonstration are left out: they are made by ``survey-app demo``."""
    leads_first = sorted(organisations, key=lambda one: (one.lead is not None, one.code))
    content = {
        "organisations": [_organisation(one) for one in leads_first],
        "projects": [_project(one, modules, registered) for one in projects if not one.synthetic],
    }
    return _HEAD + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)


def _organisation(one: Organisation) -> dict[str, Any]:
    return {"code": one.code, "name": one.name} | ({} if one.lead is None else {"lead": one.lead})


def _project(one: Project, modules: Sequence[Module], registered: Sequence[RegisterCount]) -> dict[str, Any]:
    written: dict[str, Any] = {
        "code": one.code,
        "organisation": one.organisation,
        "name": one.name,
        "questionnaire": one.questionnaire,
        "version": one.version,
        "activities": sorted(one.activities),
        "languages": list(one.languages),
        "voices": dict(one.voices),
        "first_day": None if one.first_day is None else one.first_day.isoformat(),
        "last_day": None if one.last_day is None else one.last_day.isoformat(),
        "keep_months": one.keep_months,
        "aside": _aside(one),
        "modules": [_module(each) for each in modules if each.project == one.code],
        "registered": [
            {"gender": each.gender, "age": each.age, "people": each.people}
            for each in registered
            if each.project == one.code
        ],
    }
    return {
        word: value for word, value in written.items() if value not in (None, {}) and (value or word != "registered")
    }


def _module(one: Module) -> dict[str, Any]:
    return {"code": one.code, "name": one.name} | ({} if one.aside_since is None else {"aside": True})


def _aside(one: Project) -> bool | None:
    return True if one.aside_since else None
