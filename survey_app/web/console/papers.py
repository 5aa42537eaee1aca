"""Desk "Papers": print the form of a project, and key in what people marked on it.

Whoever keys in sees what stands on a paper, as anybody who holds it does: a paper bears no name, and the stack is
shuffled. What was sent is shown to nobody again, here or anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Final
from urllib.parse import parse_qs
from uuid import uuid4

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from survey_app import journeys
from survey_app.collection.entered import Entered, write_entered
from survey_app.collection.response import Mode
from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Project
from survey_app.foundation import clock
from survey_app.foundation.languages import Language
from survey_app.journeys import Receipt, Refusal
from survey_app.paper.form import APART
from survey_app.paper.keys import EMPTY_KEY, OFF_SCALE_KEYS, keys_of
from survey_app.paper.printing import NoPaperError, print_form
from survey_app.papers import FormRequest, list_paper_languages, prepare_form
from survey_app.questionnaire.definition import CommentItem
from survey_app.questionnaire.translated import translate
from survey_app.questionnaire.translation import State, least_state
from survey_app.storage import structure
from survey_app.web.console.naming import name_language
from survey_app.web.console.visit import (
    ConsolePage,
    ConsoleRoute,
    DutyVisit,
    KeysInPapers,
    RunsSessions,
    stopped,
)
from survey_app.web.kit.pages import show
from survey_app.web.kit.problems import problem

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)

MOST_FIELDS: Final = 100
MOST_COUNTED: Final = 9_999


@dataclass(frozen=True, slots=True)
class FormChoice:
    """A language that a form can be printed in; ``name`` in the language of staff."""

    language: Language
    name: str
    is_draft: bool


@dataclass(frozen=True, slots=True)
class PapersPage(ConsolePage):
    """The forms of a project. ``session``: its code is printed on them; ``may_key_in``: the next step is this visitor's."""

    project: Project
    choices: tuple[FormChoice, ...]
    session: str
    may_key_in: bool


@dataclass(frozen=True, slots=True)
class KeyBox:
    """A box of the paper: the digit beside it, the value that it stands for, its words in the language of staff."""

    key: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class KeyItem:
    """A question of the paper, with the number that stands before it there."""

    id: str
    number: int
    text: str
    is_several: bool
    boxes: tuple[KeyBox, ...]
    apart: tuple[KeyBox, ...]


@dataclass(frozen=True, slots=True)
class KeyInPage(ConsolePage):
    """The form to key papers in, or, before a ``chosen`` language, what to do with the stack first.

    ``entered`` and ``problem`` are for the page without a script: what is shown again after a fault, and its code.
    ``counted``: papers keyed in by this browser without a script.
    """

    session: Session
    module: str
    project: Project
    choices: tuple[FormChoice, ...]
    chosen: str
    items: tuple[KeyItem, ...]
    response_id: str
    counted: int
    entered: Entered = field(default_factory=dict)
    problem: str = ""
    empty_key: str = EMPTY_KEY


_STATUS: Final[Mapping[str, tuple[int, str]]] = {
    "not-a-response": (422, "not-a-response"),
    "response-id": (422, "not-a-response"),
    "different": (409, "refused"),
    "session-closed": (410, "closed"),
    "no-session": (404, "refused"),
    "unavailable": (503, "again"),
}
"""How the journey refuses: status, and the sentence of the page."""


async def _read_entered(request: Request) -> Entered:
    """Read the fields of a form whose size the route has bounded."""
    try:
        sent = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: tuple(values) for name, values in sent.items()}


@router.get("/papers/{project}")
def show_papers(visit: RunsSessions, project: str, session: Annotated[str, Query(max_length=6)] = "") -> Response:
    """Show in which languages a project prints forms."""
    found = _find(visit, project, session)
    if found is None:
        return stopped(visit, "no-page", 404)
    known, running = found
    page = PapersPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("today"),
        project=known,
        choices=_choices(visit, known),
        session=running.code if running is not None else "",
        may_key_in=known.organisation in visit.reach("key-in-papers"),
    )
    return show("console/papers.html", page)


@router.get("/papers/{project}/{tag}.pdf")
def print_paper(
    visit: RunsSessions,
    project: str,
    tag: str,
    session: Annotated[str, Query(max_length=6)] = "",
    *,
    large: bool = False,
) -> Response:
    """Hand out the form of a project in one language."""
    found = _find(visit, project, session)
    if found is None or tag not in {choice.language.tag for choice in _choices(visit, found[0])}:
        return stopped(visit, "no-page", 404)
    known, running = found
    wanted = FormRequest(tag, visit.language.tag, running, is_large=large)
    try:
        printed = print_form(
            prepare_form(known, visit.questionnaires, visit.catalogues, _offered(visit, known), wanted)
        )
    except NoPaperError:
        return stopped(visit, "no-paper", 503)
    name = f"{project}-{tag}{'-large' if large else ''}.pdf"
    headers = {"content-disposition": f'inline; filename="{name}"'}
    return Response(printed, media_type="application/pdf", headers=headers)


@router.get("/sessions/{code}/papers")
def show_key_in(
    visit: KeysInPapers,
    code: str,
    language: Annotated[str, Query(max_length=12)] = "",
    counted: Annotated[int, Query(ge=0, le=MOST_COUNTED)] = 0,
) -> Response:
    """Show what to do with the stack first; then, in the language of the first paper, the form to key in."""
    found = visit.find_session(code)
    if found is None:
        return stopped(visit, "no-session", 404)
    if found[0].state(clock.now(), visit.settings.grace_days) == "closed":
        return RedirectResponse(f"/console/sessions/{code}", status_code=303)
    return show("console/key_in.html", _key_in_page(visit, found, language, counted))


@router.post("/sessions/{code}/papers")
def take_paper(visit: KeysInPapers, code: str, sent: Annotated[Entered, Depends(_read_entered)]) -> Response:
    """Take one paper. A script is answered with a receipt, a plain form with an empty one for the next paper."""
    found = visit.find_session(code)
    if found is None:
        return stopped(visit, "no-session", 404)
    language = sent.get("language", ("",))[0]
    project = found[1]
    questionnaire = visit.questionnaires[project.form]
    entered = {item.id: sent[item.id] for item in questionnaire.asked_for(project.activities) if item.id in sent}
    response_id = sent.get("response", ("",))[0]
    outcome = journeys.receive(
        visit.db,
        visit.questionnaires,
        code,
        response_id,
        write_entered(questionnaire, project.activities, language, Mode.PAPER, entered),
        clock.now(),
        languages=visit.request.app.state.languages,
        grace_days=visit.settings.grace_days,
    )
    if visit.request.headers.get("accept") == "application/json":
        return _answer_script(outcome)
    counted = _count(sent)
    if isinstance(outcome, Receipt):
        next_one = f"/console/sessions/{code}/papers?language={language}&counted={counted + 1}"
        return RedirectResponse(next_one, status_code=303)
    return _show_again(visit, found, sent, entered, outcome)


def _answer_script(outcome: Receipt | Refusal) -> Response:
    """Answer with a receipt that names the response, or why there is none."""
    if isinstance(outcome, Receipt):
        return JSONResponse({"receipt": str(outcome.receipt), "status": outcome.status}, status_code=201)
    status, _ = _STATUS[outcome.reason]
    return problem(status, outcome.reason, "This paper was not taken.")


def _show_again(
    visit: DutyVisit, found: tuple[Session, Project], sent: Entered, entered: Entered, outcome: Refusal
) -> Response:
    """Show the form again with everything that was keyed in, and one sentence."""
    status, sentence = _STATUS[outcome.reason]
    page = _key_in_page(visit, found, sent.get("language", ("",))[0], _count(sent))
    is_same = outcome.reason in {"not-a-response", "unavailable"}
    again = replace(
        page,
        response_id=sent.get("response", ("",))[0] if is_same else page.response_id,
        entered=entered,
        problem=sentence,
    )
    return show("console/key_in.html", again, status)


def _count(sent: Entered) -> int:
    """Return how many papers this browser has keyed in before, as the form says."""
    said = sent.get("counted", ("0",))[0]
    return min(int(said), MOST_COUNTED - 1) if said.isascii() and said.isdigit() and len(said) <= len("9999") else 0


def _key_in_page(visit: DutyVisit, found: tuple[Session, Project], language: str, counted: int) -> KeyInPage:
    session, project = found
    choices = _choices(visit, project)
    modules = {module.code: module.name for module in structure.list_modules(visit.db, project.code)}
    return KeyInPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("today"),
        session=session,
        module=modules[session.module],
        project=project,
        choices=choices,
        chosen=language if language in {choice.language.tag for choice in choices} else "",
        items=_items(visit, project),
        response_id=str(uuid4()),
        counted=counted,
    )


def _items(visit: DutyVisit, project: Project) -> tuple[KeyItem, ...]:
    """Return the questions of the paper in the language of staff: who keys in need not read the paper's."""
    questionnaire = translate(visit.questionnaires[project.form], visit.language, visit.catalogues)
    apart = tuple(KeyBox(OFF_SCALE_KEYS[code], code, visit.words.gettext(text)) for code, text in APART.items())
    asked = (item for item in questionnaire.asked_for(project.activities) if not isinstance(item, CommentItem))
    return tuple(
        KeyItem(
            id=item.id,
            number=number,
            text=item.text,
            is_several=item.type == "several",
            boxes=tuple(
                KeyBox(key, answer.code, answer.text) for key, answer in keys_of(questionnaire.answers_of(item))
            ),
            apart=apart,
        )
        for number, item in enumerate(asked, 1)
    )


def _find(visit: DutyVisit, project: str, session: str) -> tuple[Project, Session | None] | None:
    """Return a project within reach, and the session of it that is named; ``None`` where either is not there."""
    known = visit.find_project(project)
    if known is None or not session:
        return None if known is None else (known, None)
    found = visit.find_session(session)
    return (known, found[0]) if found is not None and found[1].code == project else None


def _choices(visit: DutyVisit, project: Project) -> tuple[FormChoice, ...]:
    questionnaire = visit.questionnaires[project.form]
    return tuple(
        FormChoice(
            language=language,
            name=name_language(language, visit.language),
            is_draft=least_state(questionnaire, language, visit.catalogues) is State.DRAFT,
        )
        for language in list_paper_languages(project, _offered(visit, project))
    )


def _offered(visit: DutyVisit, project: Project) -> tuple[str, ...]:
    return tuple(visit.request.app.state.languages[project.form])
