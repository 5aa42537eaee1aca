"""Desk "Languages": how far each language has come, sentence by sentence and sound by sound. Nothing is changed here.

The files are what people edit: a translator takes one along, and it comes back with the next version. So what respondents
hear is what was checked, kept and versioned, and never what somebody typed into a running server.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, Response

from survey_app.foundation.languages import RESPONDENT_LANGUAGES, Language, find_language
from survey_app.foundation.places import shipped
from survey_app.questionnaire.practice import load_practice
from survey_app.questionnaire.sentences import sentences_of
from survey_app.questionnaire.translation import Domain, wanted_keys
from survey_app.voices.clips import Voices, key_of
from survey_app.voices.script import write_script
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, EditsLanguages, stopped
from survey_app.web.kit.pages import show

router = APIRouter(prefix="/console/languages", route_class=ConsoleRoute, include_in_schema=False)

State = Literal["source", "tested", "reviewed", "draft", "missing"]
Voice = Literal["recorded", "draft", "missing", "silent"]
STATES: Final[tuple[State, ...]] = ("missing", "draft", "reviewed", "tested", "source")
"""In the order in which somebody works on them."""
_DOMAINS: Final[tuple[Domain, ...]] = ("respond", "questionnaires")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that respondents meet. ``where``: what it is, empty for the pages; ``text``: empty where it is missing."""

    domain: Domain
    where: str
    source: str
    text: str
    state: State
    voice: Voice


@dataclass(frozen=True, slots=True)
class Row:
    """A language in numbers: its sentences by state, and its sounds."""

    language: Language
    sentences: int
    states: tuple[tuple[State, int], ...]
    recorded: int
    drafts: int
    unspoken: int


@dataclass(frozen=True, slots=True)
class LanguagesPage(ConsolePage):
    """Every language of respondents."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class OneLanguagePage(ConsolePage):
    """The sentences of a language. ``q`` and ``state`` narrow the list; ``files``: what a translator takes along."""

    row: Row
    sentences: tuple[Sentence, ...]
    q: str
    state: str
    states: tuple[State, ...]
    files: tuple[Domain, ...]


@router.get("")
def show_languages(visit: EditsLanguages) -> HTMLResponse:
    """Show how far each language has come."""
    rows = tuple(_row(language, tuple(_sentences(visit, language))) for language in RESPONDENT_LANGUAGES)
    page = LanguagesPage(words=visit.words, language=visit.language, frame=visit.desk("languages"), rows=rows)
    return show("console/languages.html", page)


@router.get("/{tag}")
def show_language(
    visit: EditsLanguages, tag: str, q: Annotated[str, Query(max_length=100)] = "", state: str = ""
) -> Response:
    """Show the sentences of a language, those that hold some words or have a state only."""
    language = _find(tag)
    if language is None:
        return stopped(visit, "no-page", 404)
    found = tuple(_sentences(visit, language))
    wanted = q.strip().casefold()
    page = OneLanguagePage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("languages"),
        row=_row(language, found),
        sentences=tuple(
            one
            for one in found
            if wanted in f"{one.source}\n{one.text}\n{one.where}".casefold() and state in {"", one.state}
        ),
        q=q,
        state=state,
        states=STATES,
        files=tuple(domain for domain in _DOMAINS if _path(language, domain).exists()),
    )
    return show("console/one_language.html", page)


@router.get("/{tag}/{domain}.po")
def take_file(visit: EditsLanguages, tag: str, domain: str) -> Response:
    """Hand out a catalogue, to be opened in a program for translators."""
    language = _find(tag)
    known = next((one for one in _DOMAINS if one == domain), None)
    if language is None or known is None or not _path(language, known).exists():
        return stopped(visit, "no-page", 404)
    return Response(
        _path(language, known).read_bytes(),
        media_type="text/x-gettext-translation; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{language.tag}-{known}.po"'},
    )


def _find(tag: str) -> Language | None:
    language = find_language(tag)
    return language if language in RESPONDENT_LANGUAGES else None


def _path(language: Language, domain: Domain) -> Path:
    return shipped("translations") / language.locale / "LC_MESSAGES" / f"{domain}.po"


def _sentences(visit: DutyVisit, language: Language) -> Iterator[Sentence]:
    """Give every sentence of pages and questionnaires in a language, each once."""
    asked = (*visit.questionnaires.values(), load_practice())
    notes = {(one.context, one.text): one.note for form in asked for one in sentences_of(form)}
    own = {(one.context, one.text) for form in asked if form.language == language.tag for one in sentences_of(form)}
    voices: Voices = visit.request.app.state.voices
    clips = voices.clips(language.tag)
    spoken = {line.key for line in write_script(language, asked, visit.catalogues)}
    for domain in _DOMAINS:
        wanted = wanted_keys(domain, language.tag, asked, visit.catalogues)
        keys = wanted or ()
        if domain == "questionnaires":
            keys = tuple(notes)
        elif wanted is None:
            keys = visit.catalogues.wanted["respond"]
        for key in keys:
            is_source = wanted is None or key in own
            entry = None if is_source else visit.catalogues.entry(domain, language.tag, key)
            text = key[1] if is_source else entry.texts[0] if entry else ""
            sound = key_of(language.tag, text)
            yield Sentence(
                domain,
                notes.get(key, ""),
                key[1],
                text,
                "source" if is_source else entry.state.value if entry else "missing",
                "silent" if sound not in spoken else clips[sound].state if sound in clips else "missing",
            )


def _row(language: Language, sentences: tuple[Sentence, ...]) -> Row:
    states = Counter(one.state for one in sentences)
    by_text: dict[str, Voice] = {one.text: one.voice for one in sentences}
    voices = Counter(by_text.values())
    return Row(
        language,
        len(sentences),
        tuple((state, states[state]) for state in STATES if states[state]),
        voices["recorded"],
        voices["draft"],
        voices["missing"],
    )
