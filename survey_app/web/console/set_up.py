"""Desk "Set-up": partners, projects with period, activities and modules, and what the register counts.

What is saved here goes the way of the set-up file: the same journey judges it, and the same file comes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app import journeys
from survey_app.fieldwork.codes import draw_readable_code
from survey_app.fieldwork.register_sheet import Column, SheetFault, read_register_sheet
from survey_app.fieldwork.setup_export import write_setup
from survey_app.fieldwork.setup_file import UNDISCLOSED, Setup
from survey_app.fieldwork.structure import Organisation, Project, RegisterCount
from survey_app.foundation import clock
from survey_app.foundation.languages import find_language
from survey_app.questionnaire.definition import Questionnaire, SingleItem
from survey_app.questionnaire.practice import choosable
from survey_app.questionnaire.translated import translate
from survey_app.storage import registers, sessions, structure
from survey_app.storage.aside import BROUGHT_BACK_WITHIN, list_organisations_aside, list_unused_organisations
from survey_app.storage.audit import Deed
from survey_app.web.console.aside import Part, list_parts
from survey_app.web.console.naming import name_day, name_language
from survey_app.web.console.visit import (
    AddsOrganisations,
    ConsolePage,
    ConsoleRoute,
    DutyVisit,
    SetsUp,
    SheetRoute,
    StaffVisit,
    stopped,
)
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)
sheets = APIRouter(prefix="/console", route_class=SheetRoute, include_in_schema=False)

HERE: Final = "/console/set-up"
LONGEST_NAME: Final = 120
MOST_COUNTED: Final = 1_000_000
NEW_MODULES: Final = 3
_PLACE: Final = Path("set-up")


@dataclass(frozen=True, slots=True)
class OrganisationCard:
    """An organisation with its projects; ``lead``: the name of its lead, empty for a lead itself."""

    code: str
    name: str
    lead: str
    projects: tuple[Project, ...] = ()


@dataclass(frozen=True, slots=True)
class SetUpPage(ConsolePage):
    """The desk. ``leads``: organisations that a partner can be added to."""

    organisations: tuple[OrganisationCard, ...]
    leads: tuple[Organisation, ...]
    name: str = ""
    lead: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrganisationsPage(ConsolePage):
    """All organisations, for the administrator who adds one.

    ``unused``: codes of those that can be put aside; ``in_use``: of one that could not; ``aside``: code, name and last
    day of those that can be brought back.
    """

    organisations: tuple[OrganisationCard, ...]
    leads: tuple[Organisation, ...]
    name: str = ""
    lead: str = ""
    unused: frozenset[str] = frozenset()
    in_use: str = ""
    aside: tuple[tuple[str, str, str], ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form of a project holds; ``modules``: code (empty for a new one) and name; ``form``: ``id/version``."""

    name: str = ""
    organisation: str = ""
    form: str = ""
    activities: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    first_day: str = ""
    last_day: str = ""
    modules: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """One field of the register: who, and how many as typed."""

    gender: str
    age: str
    gender_name: str
    age_name: str
    people: str


@dataclass(frozen=True, slots=True)
class ProjectPage(ConsolePage):
    """The form of a project, and what its register counts.

    ``code`` is empty for a new one; ``is_fixed``: it has sessions, so what it asks stays; ``forms``, ``activities`` and
    ``languages`` are choices with their names; ``before``: how many people the register counted before somebody wrote over
    it, where that can be brought back, ``until`` a day; ``sheet_faults``: why a sheet was not taken; ``done``: what was saved;
    ``parts``: what can be put aside; ``kept``: code of what could not be (empty for the project), and why.
    """

    code: str
    typed: Typed
    is_fixed: bool
    organisations: tuple[Organisation, ...]
    forms: tuple[tuple[str, str], ...]
    activities: tuple[tuple[str, str, str], ...]
    languages: tuple[tuple[str, str], ...]
    register: tuple[tuple[Counted, ...], ...] = ()
    before: int | None = None
    until: str = ""
    sheet_faults: tuple[SheetFault, ...] = ()
    done: str = ""
    parts: tuple[Part, ...] = ()
    kept: tuple[str, str] | None = None
    aside_days: int = BROUGHT_BACK_WITHIN.days
    most_domains: int = 4
    new_modules: int = NEW_MODULES
    errors: Mapping[str, str] = field(default_factory=dict)


@router.get("/organisations")
def show_organisations(visit: AddsOrganisations) -> HTMLResponse:
    """Show all organisations, and ask for a new one."""
    return organisations_page(visit)


@router.post("/organisations")
def add_organisation(
    visit: AddsOrganisations, name: Annotated[str, Form()] = "", lead: Annotated[str, Form()] = ""
) -> Response:
    """Add a lead organisation, or a partner of any."""
    errors = _organisation_faults(name, lead, _leads(structure.list_organisations(visit.db)), needs_lead=False)
    if errors:
        return organisations_page(visit, name, lead, errors=errors, status=422)
    _add_organisation(visit, name, lead)
    return RedirectResponse("/console/organisations", status_code=303)


@router.get("/set-up")
def show_set_up(visit: SetsUp) -> HTMLResponse:
    """Show organisations and projects within reach."""
    return _set_up_page(visit)


@router.post("/set-up/partners")
def add_partner(visit: SetsUp, name: Annotated[str, Form()] = "", lead: Annotated[str, Form()] = "") -> Response:
    """Add a partner of a lead organisation within reach."""
    errors = _organisation_faults(name, lead, _own_leads(visit), needs_lead=True)
    if errors:
        return _set_up_page(visit, name, lead, errors=errors, status=422)
    _add_organisation(visit, name, lead)
    return RedirectResponse(HERE, status_code=303)


@router.get("/set-up/export.yaml")
def export(visit: SetsUp) -> Response:
    """Hand out what is within reach as a set-up file."""
    projects = visit.projects()
    own = {project.code for project in projects}
    text = write_setup(
        [one for one in structure.list_organisations(visit.db) if one.code in visit.reached],
        projects,
        [each for each in structure.list_modules(visit.db) if each.project in own],
        [each for each in structure.list_register_counts(visit.db) if each.project in own],
    )
    headers = {"content-disposition": 'attachment; filename="setup.yaml"'}
    return Response(text, media_type="application/yaml; charset=utf-8", headers=headers)


@router.get("/set-up/projects/new")
def show_new_project(visit: SetsUp, organisation: str = "") -> HTMLResponse:
    """Ask for a new project: the newest questionnaire is chosen already."""
    forms = _forms(visit)
    typed = Typed(organisation=organisation, form=forms[-1][0] if forms else "")
    return _project_page(visit, None, typed)


@router.get("/set-up/projects/{project}")
def show_project(visit: SetsUp, project: str, done: str = "") -> Response:
    """Show a project and what its register counts."""
    found = visit.find_project(project)
    if found is None:
        return stopped(visit, "no-page", 404)
    return _project_page(visit, found, _typed_of(visit, found), done=done)


@router.post("/set-up/projects")
def add_project(  # noqa: PLR0913, PLR0917 - the fields of the form
    visit: SetsUp,
    name: Annotated[str, Form()] = "",
    organisation: Annotated[str, Form()] = "",
    form: Annotated[str, Form()] = "",
    activities: Annotated[tuple[str, ...], Form()] = (),
    languages: Annotated[tuple[str, ...], Form()] = (),
    first_day: Annotated[str, Form()] = "",
    last_day: Annotated[str, Form()] = "",
    module_code: Annotated[tuple[str, ...], Form()] = (),
    module_name: Annotated[tuple[str, ...], Form()] = (),
) -> Response:
    """Add a project."""
    modules = _pair(module_code, module_name)
    typed = Typed(name.strip(), organisation, form, activities, languages, first_day, last_day, modules)
    return _save(visit, None, typed)


@router.post("/set-up/projects/{project}")
def change_project(  # noqa: PLR0913, PLR0917 - the fields of the form
    visit: SetsUp,
    project: str,
    name: Annotated[str, Form()] = "",
    organisation: Annotated[str, Form()] = "",
    form: Annotated[str, Form()] = "",
    activities: Annotated[tuple[str, ...], Form()] = (),
    languages: Annotated[tuple[str, ...], Form()] = (),
    first_day: Annotated[str, Form()] = "",
    last_day: Annotated[str, Form()] = "",
    module_code: Annotated[tuple[str, ...], Form()] = (),
    module_name: Annotated[tuple[str, ...], Form()] = (),
) -> Response:
    """Change a project; what it asks stays once it has sessions."""
    found = visit.find_project(project)
    if found is None:
        return stopped(visit, "no-page", 404)
    modules = _pair(module_code, module_name)
    typed = Typed(name.strip(), organisation, form, activities, languages, first_day, last_day, modules)
    if _is_fixed(visit, found):
        before = _typed_of(visit, found)
        typed = Typed(
            typed.name, before.organisation, before.form, before.activities, languages, first_day, last_day, modules
        )
    return _save(visit, found, typed)


@router.post("/set-up/projects/{project}/register")
def count_register(
    visit: SetsUp,
    project: str,
    gender: Annotated[tuple[str, ...], Form()] = (),
    age: Annotated[tuple[str, ...], Form()] = (),
    people: Annotated[tuple[str, ...], Form()] = (),
) -> Response:
    """Save how many people the register counts; an empty field that held a number counts nobody, and can be undone."""
    found = visit.find_project(project)
    if found is None:
        return stopped(visit, "no-page", 404)
    asked = {(cell.gender, cell.age) for line in _register(visit, found, {}) for cell in line}
    if not len(gender) == len(age) == len(people) or not set(zip(gender, age, strict=True)) <= asked:
        return stopped(visit, "not-understood", 422)
    typed = dict(zip(zip(gender, age, strict=True), (text.strip() for text in people), strict=True))
    wrong = {f"people-{g}-{a}": "people-not-counted" for (g, a), text in typed.items() if not _is_count(text)}
    if wrong:
        return _project_page(visit, found, _typed_of(visit, found), counts=typed, errors=wrong, status=422)
    there = {(count.gender, count.age): count.people for count in structure.list_register_counts(visit.db, project)}
    read = {key: int(text or 0) for key, text in typed.items() if text or key in there}
    return _count(visit, found, there | read)


@router.post("/set-up/projects/{project}/register/bring-back")
def bring_register_back(visit: SetsUp, project: str) -> Response:
    """Bring back what the register counted before somebody wrote over it."""
    found = visit.find_project(project)
    if found is None:
        return stopped(visit, "no-page", 404)
    registers.bring_back(visit.db, project, _deed(visit, found), clock.now())
    return _to_register(found)


@sheets.post("/set-up/projects/{project}/register/sheet")
def import_register(visit: SetsUp, project: str, sheet: Annotated[UploadFile | None, File()] = None) -> Response:
    """Take the counts out of a sheet: all of them, or none, with every fault named by its row and column."""
    found = visit.find_project(project)
    if found is None:
        return stopped(visit, "no-page", 404)
    content = b"" if sheet is None else sheet.file.read()
    read = read_register_sheet(content, project, _sheet_words(visit, visit.questionnaires[found.form]))
    faults = tuple(each for each in read if isinstance(each, SheetFault))
    if faults:
        return _project_page(visit, found, _typed_of(visit, found), sheet_faults=faults, status=422)
    there = {(count.gender, count.age): count.people for count in structure.list_register_counts(visit.db, project)}
    taken = {(each.gender, each.age): each.people for each in read if isinstance(each, RegisterCount)}
    return _count(visit, found, there | taken)


def _count(visit: DutyVisit, project: Project, people: Mapping[tuple[str, str], int]) -> Response:
    counts = [RegisterCount(project.code, *key, number) for key, number in people.items()]
    registers.count_register(visit.db, project.code, counts, _deed(visit, project), clock.now())
    return _to_register(project)


def _deed(visit: DutyVisit, project: Project) -> Deed:
    return Deed(visit.staff.name, "set-up", f"project {project.code}")


def _to_register(project: Project) -> Response:
    return RedirectResponse(f"{HERE}/projects/{project.code}?done=register#register", status_code=303)


def _add_organisation(visit: StaffVisit, name: str, lead: str) -> None:
    there = structure.list_organisations(visit.db)
    taken = {one.code for one in there} | {one.code for one in structure.list_projects(visit.db)}
    entry = {"code": draw_readable_code(name, taken), "name": name.strip()} | ({"lead": lead} if lead else {})
    _set_up(visit, {"organisations": [entry]})
    visit.note("set-up", f"organisation {entry['code']}")


def _set_up(visit: StaffVisit, content: Mapping[str, Any], *, synthetic: bool = False) -> None:
    """Write through the journey of the set-up file, which judges it once more.

    Raises:
        RuntimeError: a form let through what the file would not: a fault of ours.
    """
    text = yaml.safe_dump(dict(content), allow_unicode=True)
    languages = visit.request.app.state.languages
    read = journeys.set_up(visit.db, visit.questionnaires, languages, text, _PLACE, synthetic=synthetic)
    if not isinstance(read, Setup):
        raise RuntimeError("the form and the set-up file judge differently")  # noqa: TRY004 - no type was expected


def _save(visit: DutyVisit, found: Project | None, typed: Typed) -> Response:
    errors = _project_faults(visit, typed)
    if errors:
        return _project_page(visit, found, typed, errors=errors, status=422)
    taken = {one.code for one in structure.list_organisations(visit.db)}
    taken |= {one.code for one in structure.list_projects(visit.db)}
    code = found.code if found else draw_readable_code(typed.name, taken)
    _set_up(visit, {"projects": [_entry(visit, code, typed, found)]}, synthetic=found is not None and found.synthetic)
    visit.note("set-up", f"project {code}")
    return RedirectResponse(f"{HERE}/projects/{code}?done=project", status_code=303)


def _entry(visit: DutyVisit, code: str, typed: Typed, found: Project | None) -> dict[str, Any]:
    questionnaire, _, version = typed.form.partition("/")
    taken = {module.code for module in structure.list_modules(visit.db, code)}
    modules = []
    for own, name in typed.modules:
        chosen = own or draw_readable_code(name, taken)
        taken.add(chosen)
        modules.append({"code": chosen, "name": name})
    offered = visit.request.app.state.languages[questionnaire, int(version)]
    before = found.order_languages(tuple(typed.languages)) if found else typed.languages
    voices = {tag: voice for tag, voice in found.voices if tag in typed.languages} if found else {}
    entry: dict[str, Any] = {
        "code": code,
        "organisation": typed.organisation,
        "name": typed.name,
        "questionnaire": questionnaire,
        "version": int(version),
        "activities": list(typed.activities),
        "languages": [tag for tag in before if tag in offered],
        "modules": modules,
        "voices": voices,
    }
    days = {"first_day": typed.first_day, "last_day": typed.last_day}
    return entry | {word: day for word, day in days.items() if day}


def _project_faults(visit: DutyVisit, typed: Typed) -> dict[str, str]:
    """Return what is wrong with the form of a project, by field."""
    found = {
        "name": _name_fault(typed.name),
        "organisation": None if typed.organisation in visit.reached else "choose-organisation",
        "form": None if typed.form in dict(_forms(visit)) else "choose-form",
    }
    if found["form"] is None:
        found |= _asked_faults(visit, typed)
    found["modules"] = _modules_fault(typed)
    found |= _day_faults(typed)
    return {word: code for word, code in found.items() if code is not None}


def _asked_faults(visit: DutyVisit, typed: Typed) -> dict[str, str | None]:
    questionnaire = _questionnaire_of(visit, typed.form)
    there = {item.activity for item in questionnaire.items if item.activity is not None}
    comment = questionnaire.comment_for(there)
    domains = [one for one in typed.activities if comment is None or one != comment.activity]
    offered = visit.request.app.state.languages[questionnaire.id, questionnaire.version]
    activities = None
    if not set(typed.activities) <= there:
        activities = "activity-not-in-form"
    elif len(domains) > questionnaire.limits.domains:
        activities = "too-many-activities"
    return {
        "activities": activities,
        "languages": None if typed.languages and set(typed.languages) <= set(offered) else "choose-languages",
    }


def _modules_fault(typed: Typed) -> str | None:
    if not typed.modules:
        return "no-module"
    return "name-too-long" if any(_name_fault(name) for _, name in typed.modules) else None


def _day_faults(typed: Typed) -> dict[str, str | None]:
    days = {word: _read_day(getattr(typed, word)) for word in ("first_day", "last_day")}
    wrong: dict[str, str | None] = {word: "no-day" for word in days if getattr(typed, word) and days[word] is None}
    first, last = days["first_day"], days["last_day"]
    if first and last and last < first:
        wrong["last_day"] = "ends-before-it-begins"
    return wrong


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _name_fault(name: str) -> str | None:
    if not name.strip():
        return "name-missing"
    return "name-too-long" if len(name.strip()) > LONGEST_NAME or not name.isprintable() else None


def _organisation_faults(name: str, lead: str, leads: Sequence[Organisation], *, needs_lead: bool) -> dict[str, str]:
    found = {"name": _name_fault(name)}
    if (lead or needs_lead) and lead not in {one.code for one in leads}:
        found["lead"] = "choose-organisation"
    return {word: code for word, code in found.items() if code is not None}


def _is_count(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and len(text) <= len(str(MOST_COUNTED)) - 1)


def _pair(codes: Sequence[str], names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pair codes and names of modules as the form sends them; a new one without a name is none."""
    pairs = zip(codes, (name.strip() for name in names), strict=False)
    return tuple((code, name) for code, name in pairs if code or name)


def _is_fixed(visit: DutyVisit, project: Project) -> bool:
    held = (session for session in sessions.list_all(visit.db) if not session.is_practice)
    return any(session.project == project.code for session in held)


def _leads(organisations: Sequence[Organisation]) -> tuple[Organisation, ...]:
    return tuple(one for one in organisations if one.lead is None)


def _own_leads(visit: DutyVisit) -> tuple[Organisation, ...]:
    return tuple(one for one in _leads(structure.list_organisations(visit.db)) if one.code in visit.reached)


def _typed_of(visit: DutyVisit, project: Project) -> Typed:
    modules = structure.list_groups(visit.db, project.code)
    return Typed(
        name=project.name,
        organisation=project.organisation,
        form=f"{project.questionnaire}/{project.version}",
        activities=tuple(sorted(project.activities)),
        languages=project.languages,
        first_day=project.first_day.isoformat() if project.first_day else "",
        last_day=project.last_day.isoformat() if project.last_day else "",
        modules=tuple((module.code, module.name) for module in modules),
    )


def _forms(visit: DutyVisit) -> tuple[tuple[str, str], ...]:
    """Return the questionnaires to choose from, in the reader's language, the newest version last."""
    return tuple(
        (f"{name}/{version}", translate(one, visit.language, visit.catalogues).title)
        for (name, version), one in sorted(choosable(visit.questionnaires).items())
        if visit.request.app.state.languages.get((name, version))
    )


def _questionnaire_of(visit: DutyVisit, form: str) -> Questionnaire:
    name, _, version = form.partition("/")
    return visit.questionnaires[name, int(version)]


def _activities(visit: DutyVisit) -> tuple[tuple[str, str, str], ...]:
    """Return every activity that some questionnaire asks about: its code, its question, and in which forms."""
    found: dict[str, tuple[str, list[str]]] = {}
    for form, _ in _forms(visit):
        spoken = translate(_questionnaire_of(visit, form), visit.language, visit.catalogues)
        for item in spoken.items:
            if item.activity is not None:
                found.setdefault(item.activity, (item.text, []))[1].append(form)
    return tuple((code, text, " ".join(forms)) for code, (text, forms) in found.items())


def _language_choices(visit: DutyVisit) -> tuple[tuple[str, str], ...]:
    tags = {tag for offered in visit.request.app.state.languages.values() for tag in offered}
    named = [(tag, name_language(found, visit.language)) for tag in tags if (found := find_language(tag))]
    return tuple(sorted(named, key=lambda pair: (pair[1].casefold(), pair[0])))


def _answers(visit: StaffVisit, questionnaire: Questionnaire, role: str) -> tuple[tuple[str, str], ...]:
    """Return the codes of gender or age with their names, and the one for those not known."""
    spoken = translate(questionnaire, visit.language, visit.catalogues)
    items = [item for item in spoken.items if isinstance(item, SingleItem) and item.role == role]
    named = tuple((answer.code, answer.text) for item in items for answer in item.answers)
    return (*named, (UNDISCLOSED, visit.words.gettext("Not known")))


def _sheet_words(visit: StaffVisit, questionnaire: Questionnaire) -> dict[Column, dict[str, str]]:
    """Return what may stand in a sheet: codes, and their names in the reader's language."""
    genders, ages = (_answers(visit, questionnaire, role) for role in ("gender", "age"))
    return {
        "gender": {word.casefold(): code for code, name in genders for word in (code, name)},
        "age": {word.casefold(): code for code, name in ages for word in (code, name)},
    }


def _register(
    visit: DutyVisit, project: Project, typed: Mapping[tuple[str, str], str] | None
) -> tuple[tuple[Counted, ...], ...]:
    questionnaire = visit.questionnaires[project.form]
    kept = {(c.gender, c.age): str(c.people) for c in structure.list_register_counts(visit.db, project.code)}
    shown = kept if typed is None else typed
    ages = _answers(visit, questionnaire, "age")
    return tuple(
        tuple(Counted(gender, age, gender_name, age_name, shown.get((gender, age), "")) for age, age_name in ages)
        for gender, gender_name in _answers(visit, questionnaire, "gender")
    )


def _cards(
    visit: StaffVisit, shown: Sequence[Organisation], projects: Sequence[Project]
) -> tuple[OrganisationCard, ...]:
    names = {one.code: one.name for one in structure.list_organisations(visit.db)}
    return tuple(
        OrganisationCard(
            one.code,
            one.name,
            names.get(one.lead or "", ""),
            tuple(project for project in projects if project.organisation == one.code),
        )
        for one in sorted(shown, key=lambda one: (one.lead or one.code, one.lead is not None, one.code))
    )


def organisations_page(  # noqa: PLR0913 - each way that the page can come back
    visit: DutyVisit,
    name: str = "",
    lead: str = "",
    *,
    in_use: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Show all organisations. ``in_use``: code of one that could not be put aside."""
    there = structure.list_organisations(visit.db)
    put_aside = list_organisations_aside(visit.db)
    page = OrganisationsPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("organisations"),
        organisations=_cards(visit, there, ()),
        leads=_leads(there),
        name=name,
        lead=lead,
        unused=list_unused_organisations(visit.db, clock.now()),
        in_use=in_use,
        aside=tuple((one.code, one.name, name_day(until, visit.language)) for one, until in put_aside),
        errors=errors or {},
    )
    return show("console/organisations.html", page, status=status)


def _set_up_page(
    visit: DutyVisit, name: str = "", lead: str = "", errors: Mapping[str, str] | None = None, status: int = 200
) -> HTMLResponse:
    own = [one for one in structure.list_organisations(visit.db) if one.code in visit.reached]
    page = SetUpPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("set-up"),
        organisations=_cards(visit, own, visit.projects()),
        leads=_own_leads(visit),
        name=name,
        lead=lead,
        errors=errors or {},
    )
    return show("console/set_up.html", page, status=status)


def show_kept(visit: DutyVisit, project: Project, module: str, why: str) -> HTMLResponse:
    """Show a project of which a module (or, where none is named, the whole) could not be put aside, and why."""
    return _project_page(visit, project, _typed_of(visit, project), kept=(module, why), status=422)


def _project_page(  # noqa: PLR0913 - each way that the page can come back
    visit: DutyVisit,
    found: Project | None,
    typed: Typed,
    *,
    counts: Mapping[tuple[str, str], str] | None = None,
    sheet_faults: tuple[SheetFault, ...] = (),
    done: str = "",
    kept: tuple[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    known = dict(_forms(visit))
    before = None if found is None else registers.find_before(visit.db, found.code, clock.now())
    page = ProjectPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("set-up"),
        code=found.code if found else "",
        typed=typed,
        is_fixed=found is not None and _is_fixed(visit, found),
        organisations=tuple(one for one in structure.list_organisations(visit.db) if one.code in visit.reached),
        forms=_forms(visit),
        activities=_activities(visit),
        languages=_language_choices(visit),
        register=() if found is None else _register(visit, found, counts),
        before=None if before is None else before.people,
        until="" if before is None else name_day(before.until, visit.language),
        sheet_faults=sheet_faults,
        done=done,
        parts=() if found is None else list_parts(visit, found),
        kept=kept,
        most_domains=_questionnaire_of(visit, typed.form).limits.domains if typed.form in known else 4,
        errors=errors or {},
    )
    return show("console/project.html", page, status=status)
