"""Starting a session: which group, how many people, which languages are in the room; or as last time, in one tap."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app import leading
from survey_app.fieldwork.room import Template
from survey_app.fieldwork.session import MOST_PEOPLE
from survey_app.fieldwork.structure import Module, Project
from survey_app.foundation import clock
from survey_app.foundation.languages import Language, find_language, written_language
from survey_app.questionnaire.practice import load_practice
from survey_app.questionnaire.translation import State as Checked
from survey_app.questionnaire.translation import least_state
from survey_app.storage import rooms, structure
from survey_app.voices.script import Count, count_voices, restrict, write_script
from survey_app.web.console.naming import name_language
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, RunsSessions
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)

USUAL_GROUP: Final = 12
FEW_PROJECTS: Final = 6
"""So many fit on one page with all that can be chosen in them. Of more, a group is chosen first, and only its project shown."""
_PEOPLE_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """A language that the tablets offer, how far its sentences have been checked, and how many have a voice.

    ``name``: in the language of staff; ``is_expected``: it is expected in the room; ``sample``: address of the sound of
    its own name, empty where nobody has spoken it.
    """

    language: Language
    state: Checked
    name: str
    sounds: Count
    is_expected: bool
    sample: str = ""


@dataclass(frozen=True, slots=True)
class ProjectChoice:
    """A project to start a session of; ``value`` of a module is what the form sends."""

    code: str
    name: str
    organisation: str
    modules: tuple[tuple[str, str], ...]
    languages: tuple[LanguageChoice, ...]

    @property
    def expected(self) -> tuple[LanguageChoice, ...]:
        """The languages that are expected in the room."""
        return tuple(choice for choice in self.languages if choice.is_expected)

    @property
    def drafts(self) -> tuple[LanguageChoice, ...]:
        """The languages whose sentences nobody has checked."""
        return tuple(choice for choice in self.languages if choice.state is Checked.DRAFT)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into the form: ``chosen`` is ``project/module``, a language is ``project/tag``."""

    chosen: str = ""
    people: str = str(USUAL_GROUP)
    languages: tuple[str, ...] = ()

    @property
    def project(self) -> str:
        """The code of the project that was chosen."""
        return self.chosen.partition("/")[0]

    def tags_of(self, project: str) -> tuple[str, ...]:
        """Return the tags that were chosen for a project."""
        pairs = (each.partition("/") for each in self.languages)
        return tuple(tag for code, _, tag in pairs if code == project)


@dataclass(frozen=True, slots=True)
class StartPage(ConsolePage):
    """``errors``: field -> code. ``has_others``: projects run today that are not on the page."""

    projects: tuple[ProjectChoice, ...]
    chosen: str
    people: str
    errors: Mapping[str, str] = field(default_factory=dict)
    most: int = MOST_PEOPLE
    has_others: bool = False


@dataclass(frozen=True, slots=True)
class ModuleCard:
    """A module on the card of its project. ``people`` and ``tongues``: of the last time; 0 where it never met."""

    value: str
    name: str
    people: int = 0
    tongues: tuple[Language, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """A project of today, with its modules: those that met last come first."""

    name: str
    organisation: str
    modules: tuple[ModuleCard, ...]


@dataclass(frozen=True, slots=True)
class ChooseGroupPage(ConsolePage):
    """Where many projects run: choose a group first. ``find``: what was looked for; ``people``: what was typed already."""

    groups: tuple[ProjectCard, ...]
    find: str
    people: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@router.get("/sessions/new")
def show_start(visit: RunsSessions, module: str = "", people: str = "", find: str | None = None) -> HTMLResponse:
    """Ask for group, people and languages; what was chosen last time is chosen already.

    ``find``: look for a group by a part of its name, its project's or its organisation's, where many run.
    """
    running = _running(visit)
    if find is not None and len(running) > FEW_PROJECTS:
        return _choose_page(visit, running, Typed(people=people), find)
    own = {project.code for project in running}
    templates = [one for one in rooms.list_templates(visit.db) if one.session.project in own]
    wanted = [one for one in templates if _value(one) == module]
    last = next(iter(wanted or ([] if module else templates)), None)
    typed = Typed(module) if last is None else Typed(_value(last), str(last.session.people), _room_of(last))
    return _start_page(visit, replace(typed, people=people or typed.people), {})


@router.post("/sessions")
def start(
    visit: RunsSessions,
    module: Annotated[str, Form()] = "",
    people: Annotated[str, Form()] = "",
    language: Annotated[tuple[str, ...], Form()] = (),
) -> Response:
    """Start a session and lead to its page."""
    typed = Typed(module, people, language)
    project, _, own = module.partition("/")
    errors: dict[str, str] = {}
    found = visit.find_project(project) if project else None
    if (
        found is None
        or not found.runs_on(clock.today())
        or own not in {each.code for each in structure.list_groups(visit.db, project)}
    ):
        errors["module"] = "module-missing"
    number = read_number(people)
    if number is None:
        errors["people"] = "people-no-number"
    if found is None or number is None or errors:
        return _start_page(visit, typed, errors, status=422)
    offered = {one.tag for one in languages_of(visit, found)}
    tags = [tag for tag in typed.tags_of(found.code) if tag in offered]
    session = leading.start_session(visit.db, found, own, number, tags, clock.today())
    visit.note("session-started", f"session {session.code}")
    return RedirectResponse(f"/console/sessions/{session.code}", status_code=303)


def read_number(text: str, least: int = 1) -> int | None:
    """Read a number of people; ``None`` where it is no group."""
    typed = text.strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= _PEOPLE_DIGITS):
        return None
    return int(typed) if least <= int(typed) <= MOST_PEOPLE else None


def list_cards(visit: DutyVisit, projects: Iterable[Project]) -> tuple[ProjectCard, ...]:
    """Return a card for each project that runs today; whoever met last comes first."""
    names = {organisation.code: organisation.name for organisation in structure.list_organisations(visit.db)}
    modules = structure.list_groups(visit.db)
    last = {(one.session.project, one.session.module): one for one in rooms.list_templates(visit.db)}
    place = {key: number for number, key in enumerate(last)}

    def met(module: Module) -> tuple[int, str]:
        return place.get((module.project, module.code), len(place)), module.name

    cards: list[tuple[tuple[int, str], ProjectCard]] = []
    for project in projects:
        own = sorted((module for module in modules if module.project == project.code), key=met)
        if own and project.runs_on(clock.today()):
            lines = tuple(_module_card(project, module, last.get((project.code, module.code))) for module in own)
            cards.append((met(own[0]), ProjectCard(project.name, names[project.organisation], lines)))
    return tuple(card for _, card in sorted(cards, key=lambda one: one[0]))


def _module_card(project: Project, module: Module, last: Template | None) -> ModuleCard:
    value = f"{project.code}/{module.code}"
    if last is None:
        return ModuleCard(value, module.name)
    tongues = (find_language(tag) for tag in last.room.languages or project.languages)
    return ModuleCard(value, module.name, last.session.people, tuple(tongue for tongue in tongues if tongue))


def languages_of(visit: DutyVisit, project: Project) -> tuple[Language, ...]:
    """Return the languages on the tablets, in their order there."""
    tags = project.order_languages(visit.request.app.state.languages[project.form])
    return tuple(language for tag in tags if (language := find_language(tag)))


def choose_of(visit: DutyVisit, project: Project, languages: Iterable[Language]) -> tuple[LanguageChoice, ...]:
    """Return what staff should know of some languages of a project."""
    questionnaire = visit.questionnaires[project.form]
    asked = (restrict(questionnaire, project.activities), load_practice())
    voices = visit.request.app.state.voices

    def choose(language: Language) -> LanguageChoice:
        voice = project.voice_of(language.tag)
        spoken = voices.find(voice, language.own_name)
        return LanguageChoice(
            language=language,
            state=least_state(questionnaire, written_language(language), visit.catalogues),
            name=name_language(language, visit.language),
            sounds=count_voices(write_script(language, asked, visit.catalogues, voice), voice, voices),
            is_expected=language.tag in project.languages,
            sample=f"/voices/{voice}/{spoken.name}.mp3" if spoken else "",
        )

    return tuple(choose(language) for language in languages)


def _value(template: Template) -> str:
    return f"{template.session.project}/{template.session.module}"


def _room_of(template: Template) -> tuple[str, ...]:
    return tuple(f"{template.session.project}/{tag}" for tag in template.room.languages)


def _running(visit: DutyVisit) -> list[Project]:
    today = clock.today()
    return [project for project in visit.projects() if project.runs_on(today)]


def _start_page(visit: DutyVisit, typed: Typed, errors: Mapping[str, str], status: int = 200) -> HTMLResponse:
    running = _running(visit)
    has_others = len(running) > FEW_PROJECTS
    shown = [one for one in running if one.code == typed.project] if has_others else running
    if has_others and not shown:
        return _choose_page(visit, running, typed, errors=errors, status=status)
    page = StartPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("today"),
        projects=_choices(visit, shown, typed),
        chosen=typed.chosen,
        people=typed.people,
        errors=errors,
        has_others=has_others,
    )
    return show("console/start.html", page, status=status)


def _choose_page(  # noqa: PLR0913 - each way that the page can come
    visit: DutyVisit,
    running: Sequence[Project],
    typed: Typed,
    find: str = "",
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    page = ChooseGroupPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("today"),
        groups=_named(list_cards(visit, running), find),
        find=find,
        people=typed.people,
        errors=errors or {},
    )
    return show("console/choose_group.html", page, status=status)


def _named(cards: Iterable[ProjectCard], find: str) -> tuple[ProjectCard, ...]:
    """Return the cards, and on them the modules, that have a word in their name, their project's or their organisation's."""
    wanted = _plain(find).split()

    def has(card: ProjectCard, module: ModuleCard) -> bool:
        name = _plain(f"{card.organisation} {card.name} {module.name}")
        return all(word in name for word in wanted)

    found = (replace(card, modules=tuple(each for each in card.modules if has(card, each))) for card in cards)
    return tuple(card for card in found if card.modules)


def _plain(text: str) -> str:
    """Return a text as it is looked for: "Liège" and "liege" are the same."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _choices(visit: DutyVisit, shown: Iterable[Project], typed: Typed) -> tuple[ProjectChoice, ...]:
    names = {organisation.code: organisation.name for organisation in structure.list_organisations(visit.db)}
    modules = structure.list_groups(visit.db)
    return tuple(
        ProjectChoice(
            code=project.code,
            name=project.name,
            organisation=names[project.organisation],
            modules=tuple((f"{project.code}/{m.code}", m.name) for m in modules if m.project == project.code),
            languages=_choose_in(visit, project, typed.tags_of(project.code)),
        )
        for project in shown
    )


def _choose_in(visit: DutyVisit, project: Project, tags: Sequence[str]) -> tuple[LanguageChoice, ...]:
    """Return the languages of a project; ``tags``: those expected, the project's own where none were chosen."""
    expected = tuple(tags) or project.languages
    return tuple(
        replace(choice, is_expected=choice.language.tag in expected)
        for choice in choose_of(visit, project, languages_of(visit, project))
    )
