"""Desk "Languages": how far each language has come, sentence by sentence and sound by sound; and correcting it.

A language is taken along as a file and brought back, or one sentence is corrected on its page. Both go through the door by
which what other instances send comes in: all of it is checked as the shipped files are, whoever changes something has seen
what was there before, it holds from the next respondent on, it stands in the log, and the version before can be brought back.
Original sentences are not changed here: what people answered must stay what they were asked.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Annotated, ClassVar, Final, Literal

from babel.dates import format_date, format_datetime
from fastapi import APIRouter, File, Form, Query, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import RESPONDENT_LANGUAGES, Language, find_language
from survey_app.questionnaire.corrections import (
    DOMAINS,
    Corrections,
    Proposal,
    Reviewed,
    check_text,
    propose,
    read_corrections,
    tell_domain,
    write_corrections,
)
from survey_app.questionnaire.practice import load_practice
from survey_app.questionnaire.sentences import pictures_of, sentences_of
from survey_app.questionnaire.translation import Domain, Entry, Key, Wrong, wanted_keys
from survey_app.questionnaire.translation import State as Checked
from survey_app.supplements.contents import Contents, entries_here, find_corrections, write_file
from survey_app.supplements.laying import Change, LostQuestionnaireError, bring_back, lay_down
from survey_app.supplements.shelf import Origin, Shelved, list_shelved
from survey_app.voices.clips import key_of
from survey_app.voices.script import write_script
from survey_app.web.console.visit import ConsolePage, ConsoleRoute, DutyVisit, EditsLanguages, stopped
from survey_app.web.kit.pages import show

LARGEST_FILE: Final = 1_000_000
CHECKED: Final = frozenset({"reviewed", "tested"})
_LETTERS_AS_SENT: Final = 3  # a form writes a byte that is no Latin letter as three
LONGEST_SENTENCE: Final = 500


class LanguageRoute(ConsoleRoute):
    """A route whose form holds a catalogue."""

    largest: ClassVar[int] = _LETTERS_AS_SENT * LARGEST_FILE


router = APIRouter(prefix="/console/languages", route_class=LanguageRoute, include_in_schema=False)

State = Literal["source", "tested", "reviewed", "draft", "missing"]
Voice = Literal["recorded", "draft", "missing", "silent"]
STATES: Final[tuple[State, ...]] = ("missing", "draft", "reviewed", "tested", "source")
"""In the order in which somebody works on them."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that respondents meet. ``where``: what it is, empty for the pages; ``text``: empty where it is missing.

    ``name`` stands for it in addresses; ``changed``: the day of its last correction or review, where there is one.
    """

    name: str
    domain: Domain
    key: Key
    where: str
    text: str
    state: State
    voice: Voice
    changed: str = ""

    @property
    def source(self) -> str:
        return self.key[1]


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


@dataclass(frozen=True, slots=True)
class Proposed:
    """A sentence that a file would change. ``was``: its text and state now, empty and ``missing`` where there is none."""

    source: str
    where: str
    was: str
    was_state: State
    text: str
    state: State


@dataclass(frozen=True, slots=True)
class PreviewPage(ConsolePage):
    """What a file would change, before it does. ``content``: the file; ``stay``: what a person checked and a draft would replace.

    ``unknown``: how many sentences of the file are of another version; ``tested``: how many of the new ones the group had
    understood as they were.
    """

    row: Row
    domain: Domain
    content: str
    reviewed: Reviewed
    new: tuple[Proposed, ...]
    stay: tuple[str, ...]
    unknown: int
    tested: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SentencePage(ConsolePage):
    """One sentence to correct. ``picture``: what stands beside it, empty where nothing does; ``wrong``: why it is not kept."""

    tongue: Language
    sentence: Sentence
    picture: str
    typed: str
    is_reviewed: bool
    changed: str
    longest: int = LONGEST_SENTENCE
    wrong: Wrong | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Version:
    """A change that can be brought back: number, moment, and what the shelf says of it; ``None``: what was shipped."""

    number: int
    at: str
    shelved: Shelved | None


@dataclass(frozen=True, slots=True)
class ChangesPage(ConsolePage):
    """What came or was corrected, the one in use first. ``problem``: why nothing was brought back; ``project``: who needs it."""

    versions: tuple[Version, ...]
    problem: str = ""
    project: str = ""


@router.get("")
def show_languages(visit: EditsLanguages) -> HTMLResponse:
    """Show how far each language has come."""
    rows = tuple(_row(language, tuple(_sentences(visit, language))) for language in RESPONDENT_LANGUAGES)
    page = LanguagesPage(words=visit.words, language=visit.language, frame=visit.desk("languages"), rows=rows)
    return show("console/languages.html", page)


@router.get("/changes")
def show_changes(visit: EditsLanguages) -> HTMLResponse:
    """Show what came or was corrected since the program was installed."""
    return _changes_page(visit)


@router.post("/changes/{number}")
def go_back(visit: EditsLanguages, number: int) -> Response:
    """Bring an earlier version back, as a further change."""
    state = visit.request.app.state
    try:
        bring_back(visit.db, state.contents.places, number, clock.now(), visit.staff.name)
    except LostQuestionnaireError as lost:
        return _changes_page(visit, problem="questionnaire-asked", project=lost.project.name, status=422)
    except RequestMistakenError:
        return _changes_page(visit, problem="version-missing", status=422)
    except OSError:
        return _changes_page(visit, problem="not-now", status=503)
    visit.note("version-brought-back", f"version {number}")
    state.take_up()
    return RedirectResponse("/console/languages/changes", status_code=303)


@router.get("/{tag}")
def show_language(
    visit: EditsLanguages,
    tag: str,
    q: Annotated[str, Query(max_length=100)] = "",
    state: str = "",
    done: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Show the sentences of a language, those that hold some words or have a state only."""
    language = _find(tag)
    if language is None:
        return stopped(visit, "no-page", 404)
    return _language_page(visit, language, q=q, state=state, done=done)


@router.get("/{tag}/{domain}.po")
def take_file(visit: EditsLanguages, tag: str, domain: str) -> Response:
    """Hand out a catalogue as it holds here, to be opened in a program for translators."""
    language, known = _find(tag), _find_domain(domain)
    text = write_file(_here(visit), language, known) if language is not None and known is not None else ""
    return _hand_out(text, f"{tag}-{domain}.po") if text else stopped(visit, "no-page", 404)


@router.get("/{tag}/corrections/{domain}.po")
def take_corrections(visit: EditsLanguages, tag: str, domain: str) -> Response:
    """Hand out what was corrected here and nothing else, for the next version of the program."""
    language, known = _find(tag), _find_domain(domain)
    if language is None or known is None:
        return stopped(visit, "no-page", 404)
    entries = find_corrections(_here(visit), language, known)
    if not entries:
        return stopped(visit, "no-page", 404)
    return _hand_out(write_corrections(entries, language), f"{tag}-{domain}-corrections.po")


@router.post("/{tag}/bring")
def bring(
    visit: EditsLanguages,
    tag: str,
    file: Annotated[UploadFile | None, File()] = None,
    reviewed: Annotated[Reviewed, Form()] = "",
) -> Response:
    """Say what a corrected file would change, or all that is wrong with it. Nothing is changed yet."""
    language = _find(tag)
    if language is None:
        return stopped(visit, "no-page", 404)
    if file is None or not file.filename:
        return _language_page(visit, language, problem="file-missing", status=422)
    content = file.file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        return _language_page(visit, language, problem="file-too-large", status=422)
    return _preview(visit, language, content, reviewed)


@router.post("/{tag}/keep")
def keep(
    visit: EditsLanguages,
    tag: str,
    content: Annotated[str, Form()] = "",
    reviewed: Annotated[Reviewed, Form()] = "",
    tested: Annotated[str, Form()] = "",
) -> Response:
    """Change what a file says, after its reader has seen what that is."""
    language = _find(tag)
    if language is None:
        return stopped(visit, "no-page", 404)
    visit.request.app.state.take_up()
    read = _read(visit, language, content.encode())
    if not isinstance(read, Corrections):
        return _language_page(visit, language, wrong=read, status=422)
    domain = tell_domain(read, visit.catalogues)
    proposal = _propose(visit, language, domain, read, reviewed)
    new = {key: entry for key, entry in proposal.new.items() if tested == "yes" or key not in proposal.tested}
    if not new:
        return _preview(visit, language, content.encode(), reviewed, problem="nothing-changes", status=422)
    if not _lay_down(visit, language, domain, new):
        return _preview(visit, language, content.encode(), reviewed, problem="not-now", status=503)
    return RedirectResponse(f"/console/languages/{language.tag}?done={len(new)}", status_code=303)


@router.get("/{tag}/sentences/{sentence}")
def show_sentence(visit: EditsLanguages, tag: str, sentence: str) -> Response:
    """Show one sentence, to be corrected or marked as reviewed."""
    language = _find(tag)
    found = _find_sentence(visit, language, sentence) if language is not None else None
    if language is None or found is None:
        return stopped(visit, "no-page", 404)
    return _sentence_page(visit, language, found, found.text, is_reviewed=False)


@router.post("/{tag}/sentences/{sentence}")
def correct_sentence(  # noqa: PLR0913, PLR0917 - the fields of the form
    visit: EditsLanguages,
    tag: str,
    sentence: str,
    text: Annotated[str, Form()] = "",
    reviewed: Annotated[str, Form()] = "",
    sure: Annotated[str, Form()] = "",
) -> Response:
    """Correct one sentence, or mark it as reviewed."""
    language = _find(tag)
    visit.request.app.state.take_up()
    found = _find_sentence(visit, language, sentence) if language is not None else None
    if language is None or found is None:
        return stopped(visit, "no-page", 404)
    typed, is_reviewed = " ".join(text.split()), reviewed == "yes"
    again = partial(_sentence_page, visit, language, found, typed, is_reviewed=is_reviewed, status=422)
    wrong = check_text(found.source, typed, language) if typed else None
    errors = _doubts(found, typed, is_reviewed=is_reviewed, is_sure=sure == "yes")
    if wrong is not None or errors:
        return again(wrong=wrong, errors=errors)
    state = Checked.REVIEWED if is_reviewed else Checked.DRAFT
    if typed == found.text and (not is_reviewed or found.state in CHECKED):
        return RedirectResponse(f"/console/languages/{language.tag}", status_code=303)
    entry = Entry((typed,), state, clock.today().isoformat())
    if not _lay_down(visit, language, found.domain, {found.key: entry}):
        return again(errors={"text": "not-now"})
    return RedirectResponse(f"/console/languages/{language.tag}?done=1#{found.name}", status_code=303)


def _doubts(found: Sentence, typed: str, *, is_reviewed: bool, is_sure: bool) -> dict[str, str]:
    """Protect what a person checked: only a speaker's review replaces it, and what the group understood only on purpose."""
    if not typed:
        return {"text": "sentence-missing"}
    if len(typed) > LONGEST_SENTENCE:
        return {"text": "sentence-too-long"}
    errors = {}
    if typed != found.text and found.state in CHECKED and not is_reviewed:
        errors["reviewed"] = "checked-before"
    if typed != found.text and found.state == "tested" and not is_sure:
        errors["sure"] = "tested-before"
    return errors


def _find(tag: str) -> Language | None:
    language = find_language(tag)
    return language if language in RESPONDENT_LANGUAGES else None


def _find_domain(domain: str) -> Domain | None:
    return next((one for one in DOMAINS if one == domain), None)


def _here(visit: DutyVisit) -> Contents:
    contents: Contents = visit.request.app.state.contents
    return contents


def _hand_out(text: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/x-gettext-translation; charset=utf-8", headers=headers)


def _lay_down(visit: DutyVisit, language: Language, domain: Domain, new: Mapping[Key, Entry]) -> bool:
    """Let corrections hold from now on; say whether they could be written."""
    origin = Origin("corrected", clock.now(), visit.staff.name, language.tag)
    try:
        lay_down(_here(visit), Change(entries={(language.tag, domain): new}), origin)
    except (OSError, RequestMistakenError):
        return False
    visit.note("language-corrected", f"language {language.tag}")
    visit.request.app.state.take_up()
    return True


def _read(visit: DutyVisit, language: Language, content: bytes) -> Corrections | tuple[Wrong, ...]:
    """Read a file; original sentences in it that say something else are faults, and those of another version are not."""
    read = read_corrections(content, language)
    if not isinstance(read, Corrections):
        return read
    originals = {one.key for one in _sentences(visit, language) if one.state == "source"}
    edited = [key for key, entry in read.entries.items() if key in originals and entry.texts != (key[1],)]
    wrong = tuple(Wrong("original", key[1], line=read.lines[key]) for key in edited)
    return wrong or read


def _propose(visit: DutyVisit, language: Language, domain: Domain, read: Corrections, reviewed: Reviewed) -> Proposal:
    known = {one.key for one in _sentences(visit, language) if one.domain == domain and one.state != "source"}
    entries = {key: entry for key, entry in read.entries.items() if key in known}
    return propose(entries, entries_here(_here(visit), language, domain), clock.today().isoformat(), reviewed)


def _preview(  # noqa: PLR0913 - each way that the page can come back
    visit: DutyVisit, language: Language, content: bytes, reviewed: Reviewed, *, problem: str = "", status: int = 200
) -> Response:
    read = _read(visit, language, content)
    if not isinstance(read, Corrections):
        return _language_page(visit, language, wrong=read, status=422)
    domain = tell_domain(read, visit.catalogues)
    proposal = _propose(visit, language, domain, read, reviewed)
    there = {one.key: one for one in _sentences(visit, language) if one.domain == domain}
    page = PreviewPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("languages"),
        row=_row(language, tuple(there.values())),
        domain=domain,
        content=content.decode("utf-8-sig"),
        reviewed=reviewed,
        new=tuple(
            Proposed(key[1], there[key].where, there[key].text, there[key].state, entry.texts[0], entry.state.value)
            for key, entry in proposal.new.items()
        ),
        stay=tuple(sorted(key[1] for key in proposal.stay)),
        unknown=len(read.entries.keys() - there.keys()),
        tested=len(proposal.tested),
        problem=problem,
    )
    return show("console/language_preview.html", page, status=status)


def _language_page(  # noqa: PLR0913 - each way that the page can come back
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
    found = tuple(_sentences(visit, language))
    here = _here(visit)
    page = OneLanguagePage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("languages"),
        row=_row(language, found),
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


def _find_sentence(visit: DutyVisit, language: Language, name: str) -> Sentence | None:
    """Return a sentence that can be corrected: not an original."""
    found = (one for one in _sentences(visit, language) if one.name == name and one.state != "source")
    return next(found, None)


def _sentence_page(  # noqa: PLR0913 - each way that the page can come back
    visit: DutyVisit,
    language: Language,
    found: Sentence,
    typed: str,
    *,
    is_reviewed: bool,
    wrong: Wrong | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    asked = (*visit.questionnaires.values(), load_practice())
    pictures = {context: picture for form in asked for context, picture in pictures_of(form).items()}
    day = date.fromisoformat(found.changed) if found.changed else None
    page = SentencePage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("languages"),
        tongue=language,
        sentence=found,
        picture=pictures.get(found.key[0], ""),
        typed=typed,
        is_reviewed=is_reviewed,
        changed=format_date(day, "long", locale=visit.language.locale) if day else "",
        wrong=wrong,
        errors=errors or {},
    )
    return show("console/sentence.html", page, status=status)


def _changes_page(visit: DutyVisit, *, problem: str = "", project: str = "", status: int = 200) -> HTMLResponse:
    def say(one: Shelved) -> str:
        return format_datetime(one.origin.at, "medium", tzinfo=clock.BELGIUM, locale=visit.language.locale)

    shelved = list_shelved(_here(visit).places.shelf)
    versions = [Version(one.number, say(one), one) for one in shelved]
    page = ChangesPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("languages"),
        versions=(*versions, Version(0, "", None)) if versions else (),
        problem=problem,
        project=project,
    )
    return show("console/language_changes.html", page, status=status)


def _name(domain: Domain, key: Key) -> str:
    return hashlib.sha256("\0".join((domain, *key)).encode()).hexdigest()[:12]


def _sentences(visit: DutyVisit, language: Language) -> Iterator[Sentence]:
    """Give every sentence of pages and questionnaires in a language, each once."""
    asked = (*visit.questionnaires.values(), load_practice())
    notes = {(one.context, one.text): one.note for form in asked for one in sentences_of(form)}
    own = {(one.context, one.text) for form in asked if form.language == language.tag for one in sentences_of(form)}
    clips = visit.request.app.state.voices.clips(language.tag)
    spoken = {line.key for line in write_script(language, asked, visit.catalogues)}
    for domain in DOMAINS:
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
                _name(domain, key),
                domain,
                key,
                notes.get(key, ""),
                text,
                "source" if is_source else entry.state.value if entry else "missing",
                "silent" if sound not in spoken else clips[sound].state if sound in clips else "missing",
                entry.changed if entry else "",
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
