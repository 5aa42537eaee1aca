"""Respondents' pages: the code, the wall of languages, the questionnaire, thank you.

None of them holds an answer, but the one that is shown again after a fault in what a plain form sent.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response

from survey_app.collection.comment import MOST_LETTERS, Written, clean
from survey_app.collection.entered import Entered, write_entered
from survey_app.collection.response import Mode
from survey_app.fieldwork.session import SMALL_GROUP, is_code
from survey_app.fieldwork.structure import Project
from survey_app.foundation import clock
from survey_app.foundation.languages import RESPONDENT_LANGUAGES, Language, find_language, written_language
from survey_app.journeys import Receipt, Refusal, receive, receive_comment
from survey_app.questionnaire.definition import CommentItem
from survey_app.questionnaire.practice import load_practice
from survey_app.questionnaire.translated import translate
from survey_app.storage import sessions
from survey_app.storage.rooms import find_room
from survey_app.storage.sealing import current_key
from survey_app.storage.sessions import Asking
from survey_app.voices.script import restrict, write_script
from survey_app.web.kit.bodies import TooLargeError, read_body
from survey_app.web.kit.guessing import SECONDS
from survey_app.web.kit.pages import show
from survey_app.web.respond.contexts import ErrorPage, FormPage, JoinPage, NewsPage, RespondPage, ThanksPage, WallPage
from survey_app.web.respond.edition import marks
from survey_app.web.respond.news import begins_with_news, write_news
from survey_app.web.respond.speaking import find_speaker

router = APIRouter()

_DEFAULT: Final = RESPONDENT_LANGUAGES[0]


class _NoGroupError(Exception):
    """There is no group to answer in: the page that says so."""

    def __init__(self, answer: Response) -> None:
        self.answer = answer


@router.get("/")
def ask_code(request: Request) -> Response:
    """Ask for the code."""
    return _show_join(request, 200)


@router.post("/")
async def open_code(request: Request) -> Response:
    """Go to the wall of languages of the code that was typed."""
    form = await _read_form(request)
    typed = "".join(form.get("code", ("",))[0].split())
    if not is_code(typed):
        return _show_join(request, 404, "unknown", typed[:11])
    return RedirectResponse(f"/s/{typed}", status_code=303)


@router.get("/s/{code}")
def show_wall(request: Request, code: str) -> Response:
    """Show the wall of languages of a session."""
    try:
        asking = _find_open(request, code)
    except _NoGroupError as no_group:
        return no_group.answer
    project = asking.project
    tongues = _offered(request, project)
    first = tongues[0] if tongues else _DEFAULT
    state = request.app.state
    page = WallPage(
        words=state.catalogues.respond(first.text_tag),
        language=first,
        synthetic=project.synthetic,
        code=code,
        tongues=tongues,
        names={one.tag: find_speaker(state.voices, one.tag).address_of(one.own_name) for one in tongues},
        expected=frozenset(project.languages),
        sounds=_weigh_sounds(request, project),
        begins_with_news=begins_with_news(request, code, project),
    )
    return _show(request, "respond/wall.html", page)


@router.get("/s/{code}/{tag}")
def show_form(request: Request, code: str, tag: str) -> Response:
    """Show the whole questionnaire in one language, empty."""
    try:
        asking = _find_open(request, code)
    except _NoGroupError as no_group:
        return no_group.answer
    language = find_language(tag)
    if language is None or language not in _offered(request, asking.project):
        return RedirectResponse(f"/s/{code}", status_code=303)
    return _show(request, "respond/form.html", _form_page(request, asking, language))


@router.post("/s/{code}/{tag}")
async def take_form(request: Request, code: str, tag: str) -> Response:
    """Take the answers of a form that was sent without a script."""
    try:
        form = await _read_form(request)
    except (TooLargeError, ClientDisconnect):
        return error_page(request, 413)
    return await run_in_threadpool(_take, request, code, tag, form)


@router.get("/s/{code}/{tag}/news")
def show_news(request: Request, code: str, tag: str) -> Response:
    """Tell what became of what groups of the project said, then lead to the questions; straight there where nothing is told."""
    try:
        project = _find_open(request, code).project
    except _NoGroupError as no_group:
        return no_group.answer
    language = find_language(tag)
    if language is None or language not in _offered(request, project):
        return RedirectResponse(f"/s/{code}", status_code=303)
    if not begins_with_news(request, code, project):
        return RedirectResponse(f"/s/{code}/{tag}", status_code=303)
    state = request.app.state
    written = written_language(language)
    words = state.catalogues.respond(written.tag)
    form = translate(state.questionnaires[project.form], written, state.catalogues)
    page = NewsPage(
        words=words,
        language=language,
        synthetic=project.synthetic,
        code=code,
        told=write_news(request, project, form, words),
        speaker=find_speaker(state.voices, project.voice_of(language.tag)),
    )
    return _show(request, "respond/news.html", page)


@router.get("/s/{code}/{tag}/thanks")
def show_thanks(request: Request, code: str, tag: str) -> Response:
    """Say thank you, and be ready for the next person."""
    try:
        project = _find_open(request, code).project
    except _NoGroupError as no_group:
        return no_group.answer
    language = find_language(tag) or _DEFAULT
    words = request.app.state.catalogues.respond(language.text_tag)
    return _show(request, "respond/thanks.html", ThanksPage(words, language, project.synthetic, code))


def error_page(request: Request, status: int) -> Response:
    """Answer with a page that says in plain words why there is nothing here, in the language chosen before if any."""
    chosen = request.url.path.split("/")[3:4] if request.url.path.startswith("/s/") else []
    language = (find_language(chosen[0]) if chosen else None) or _DEFAULT
    sentence = {404: "missing", 405: "missing", 410: "closed", 429: "too-many"}.get(status, "not-now")
    words = request.app.state.catalogues.respond(language.text_tag)
    return _show(
        request,
        "errors/error.html",
        ErrorPage(words, language, synthetic=False, sentence=sentence, status=status),
        status,
    )


def _take(request: Request, code: str, tag: str, form: Entered) -> Response:
    state = request.app.state
    asking = sessions.find_asking(state.database, code) if is_code(code) else None
    language = find_language(tag)
    if asking is None or language is None:
        return _refuse_code(request)
    project = asking.project
    questionnaire = state.questionnaires[project.form]
    entered = {item.id: form[item.id] for item in questionnaire.asked_for(project.activities) if item.id in form}
    response_id = form.get("response", ("",))[0]
    outcome = receive(
        state.database,
        state.questionnaires,
        code,
        response_id,
        write_entered(questionnaire, project.activities, language.tag, Mode.ALONE, entered),
        clock.now(),
        languages=state.languages,
        grace_days=state.settings.grace_days,
        by_phone=True,  # a plain form shows no key
    )
    if isinstance(outcome, Receipt):
        outcome = _take_comment(request, code, questionnaire.comment_for(project.activities), form) or outcome
    if isinstance(outcome, Receipt):
        return RedirectResponse(f"/s/{code}/{tag}/thanks", status_code=303)
    return _show_again(request, (asking, language), outcome, entered, form)


def _take_comment(request: Request, code: str, asked: CommentItem | None, form: Entered) -> Refusal | None:
    """Take the comment of a plain form, by itself and under an id of its own. Say where it must be sent again."""
    state = request.app.state
    written = clean(form.get(asked.id, ("",))[0])[:MOST_LETTERS] if asked is not None else ""
    if not written:
        return None
    grace_days = state.settings.grace_days
    comment_id = form.get("comment", ("",))[0]
    words = Written(written)
    outcome = receive_comment(
        state.database,
        state.questionnaires,
        code,
        comment_id,
        words,
        clock.now(),
        grace_days=grace_days,
        by_phone=True,
    )
    return outcome if isinstance(outcome, Refusal) and outcome.reason == "unavailable" else None


def _show_again(
    request: Request,
    group: tuple[Asking, Language],
    refusal: Refusal,
    entered: Entered,
    form: Entered,
) -> Response:
    """Show the form again with everything that was entered, and one sentence."""
    asking, language = group
    status, problem = {
        "not-a-response": (422, "mistaken"),
        "response-id": (422, "again"),
        "different": (409, "again"),
        "session-closed": (410, "not-now"),
        "no-session": (404, "not-now"),
        "unavailable": (503, "again"),
        "device-not-enrolled": (403, "not-now"),
    }[refusal.reason]
    page = _form_page(request, asking, language)
    wrong = next((item for item in page.items if any(found.where == item.id for found in refusal.problems)), None)
    if problem == "mistaken" and wrong is None:
        problem = "again" if entered else "empty"
    # The same id again, so that a form that is sent twice counts once; a new one where the old cannot be used.
    is_same = refusal.reason in {"not-a-response", "unavailable"}
    again = replace(
        page,
        response_id=form.get("response", ("",))[0] if is_same else page.response_id,
        comment_id=form.get("comment", ("",))[0] if is_same else page.comment_id,
        entered=entered,
        problem=problem,
        problem_item=wrong,
    )
    return _show(request, "respond/form.html", again, status)


def _form_page(request: Request, asking: Asking, language: Language) -> FormPage:
    state = request.app.state
    session, project = asking.session, asking.project
    written = written_language(language)
    questionnaire = translate(state.questionnaires[project.form], written, state.catalogues)
    items = questionnaire.asked_for(project.activities)
    return FormPage(
        words=state.catalogues.respond(written.tag),
        language=language,
        synthetic=project.synthetic,
        code=session.code,
        questionnaire=questionnaire,
        practice=translate(load_practice(), written, state.catalogues),
        items=items,
        is_for_tablets=state.settings.enrolled_only or not asking.takes_phones,
        is_small_group=session.people < SMALL_GROUP,
        response_id=str(uuid.uuid4()),
        comment_id=str(uuid.uuid4()),
        idle_seconds=state.settings.idle_seconds,
        sealing_key=current_key(state.database).written,
        speaker=find_speaker(state.voices, project.voice_of(language.tag)),
    )


def _weigh_sounds(request: Request, project: Project) -> dict[str, int]:
    """Return the bytes of what each language of a project says, where it says anything."""
    state = request.app.state
    asked = (restrict(state.questionnaires[project.form], project.activities), load_practice())
    found: dict[str, int] = {}
    for language in _offered(request, project):
        if language.tag in project.languages or not project.languages:
            voice = project.voice_of(language.tag)
            clips = state.voices.clips(voice)
            lines = write_script(language, asked, state.catalogues, voice) if clips else ()
            found[language.tag] = sum(clips[line.key].size for line in lines if line.key in clips)
    return {tag: size for tag, size in found.items() if size}


def _offered(request: Request, project: Project) -> tuple[Language, ...]:
    """Return the languages of a project's form, those of the project first."""
    tags = project.order_languages(request.app.state.languages[project.form])
    return tuple(language for tag in tags if (language := find_language(tag)))


def _find_open(request: Request, code: str) -> Asking:
    """Find the running session of a code, its project as the room meets it.

    Raises:
        _NoGroupError: with the page to show instead.
    """
    state = request.app.state
    if state.wrong_codes.are_too_many(request):
        answer = _show_join(request, 429, "too-many")
        answer.headers["retry-after"] = str(SECONDS)
        raise _NoGroupError(answer)
    found = sessions.find_asking(state.database, code) if is_code(code) else None
    if found is None:
        raise _NoGroupError(_refuse_code(request))
    if found.session.closed_at is not None:
        raise _NoGroupError(_show_join(request, 410, "closed"))
    return replace(found, project=find_room(state.database, code).seat(found.project))


def _refuse_code(request: Request) -> Response:
    request.app.state.wrong_codes.note(request)
    return _show_join(request, 404, "unknown")


def _show_join(request: Request, status: int, problem: str | None = None, code: str = "") -> Response:
    words = request.app.state.catalogues.respond(_DEFAULT.tag)
    return _show(
        request, "respond/join.html", JoinPage(words, _DEFAULT, synthetic=False, problem=problem, code=code), status
    )


def _show(request: Request, template: str, page: RespondPage, status: int = 200) -> Response:
    return show(template, page, status, {**marks(request.app.state.contents.edition), **page.headers})


async def _read_form(request: Request) -> Entered:
    """Read a plain form; no file and no more than a response may hold.

    Raises:
        TooLargeError: it is larger than a response may be.
        ClientDisconnect: the device went away.
    """
    body = await read_body(request, request.app.state.settings.largest_response)
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=200)
    return {name: tuple(values) for name, values in fields.items()}
