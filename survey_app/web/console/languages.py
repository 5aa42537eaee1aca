"""Desk "Languages": how far each language has come, and its files for a translator. Correcting it: ``correcting``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, Response

from survey_app.foundation.languages import RESPONDENT_LANGUAGES, Language
from survey_app.questionnaire.corrections import DOMAINS, write_corrections
from survey_app.questionnaire.translation import Domain, Wrong
from survey_app.supplements.contents import entries_here, find_corrections, write_file
from survey_app.web.console.sentences import (
    STATES,
    Row,
    Sentence,
    State,
    contents_of,
    find_tongue,
    list_sentences,
    sum_up,
)
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, EditsLanguages, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/languages", route_class=ConsoleRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class LanguagesPage(ConsolePage):
    """Every language of respondents."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class OneLanguagePage(ConsolePage):
    """The sentences of a language. ``q`` and ``state`` narrow the list; ``files``: what a translator takes along.

    ``corrected``: files of what was corrected here; ``done``: sentences that were just changed; ``problem`` and ``wrong``: why
    a file was not taken.
    """

    row: Row
    sentences: tuple[Sentence, ...]
    q: str
    state: str
    states: tuple[State, ...]
    files: tuple[Domain, ...]
    corrected: tuple[Domain, ...]
    done: int = 0
    problem: str = ""
    wrong: tuple[Wrong, ...] = ()


@router.get("")
def show_languages(visit: EditsLanguages) -> HTMLResponse:
    """Show how far each language has come."""
    rows = tuple(sum_up(language, tuple(list_sentences(visit, language))) for language in RESPONDENT_LANGUAGES)
    page = LanguagesPage(words=visit.words, language=visit.language, frame=visit.desk("languages"), rows=rows)
    return show("console/languages.html", page)


@router.get("/{tag}")
def show_language(
    visit: EditsLanguages,
    tag: str,
    q: Annotated[str, Query(max_length=100)] = "",
    state: str = "",
    done: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Show the sentences of a language, those that hold some words or have a state only."""
    language = find_tongue(tag)
    if language is None:
        return stopped(visit, "no-page", 404)
    return language_page(visit, language, q=q, state=state, done=done)


@router.get("/{tag}/{domain}.po")
def take_file(visit: EditsLanguages, tag: str, domain: str) -> Response:
    """Hand out a catalogue as it holds here, to be opened in a program for translators."""
    language, known = find_tongue(tag), _find_domain(domain)
    text = write_file(contents_of(visit), language, known) if language is not None and known is not None else ""
    return _hand_out(text, f"{tag}-{domain}.po") if text else stopped(visit, "no-page", 404)


@router.get("/{tag}/corrections/{domain}.po")
def take_corrections(visit: EditsLanguages, tag: str, domain: str) -> Response:
    """Hand out what was corrected here and nothing else, for the next version of the program."""
    language, known = find_tongue(tag), _find_domain(domain)
    if language is None or known is None:
        return stopped(visit, "no-page", 404)
    entries = find_corrections(contents_of(visit), language, known)
    if not entries:
        return stopped(visit, "no-page", 404)
    return _hand_out(write_corrections(entries, language), f"{tag}-{domain}-corrections.po")


def _find_domain(domain: str) -> Domain | None:
    return next((one for one in DOMAINS if one == domain), None)


def _hand_out(text: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/x-gettext-translation; charset=utf-8", headers=headers)


def language_page(  # noqa: PLR0913 - each way that the page can come back
    visit: DutyVisit,
    language: Language,
    *,
    q: str = "",
    state: str = "",
    done: int = 0,
    problem: str = "",
    wrong: tuple[Wrong, ...] = (),
    status: int = 200,
) -> HTMLResponse:
    """Show the sentences of a language, and what became of what was sent."""
    found = tuple(list_sentences(visit, language))
    here = contents_of(visit)
    page = OneLanguagePage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("languages"),
        row=sum_up(language, found),
        sentences=tuple(one for one in found if _fits(one, q.strip().casefold(), state)),
        q=q,
        state=state,
        states=STATES,
        files=tuple(domain for domain in DOMAINS if entries_here(here, language, domain)),
        corrected=tuple(domain for domain in DOMAINS if find_corrections(here, language, domain)),
        done=done,
        problem=problem,
        wrong=wrong,
    )
    return show("console/one_language.html", page, status=status)


def _fits(one: Sentence, wanted: str, state: str) -> bool:
    return wanted in f"{one.source}\n{one.text}\n{one.where}".casefold() and state in {"", one.state}
