"""Correcting a language: a file that was taken along comes back, or one sentence is corrected on its page.

Both go through the door by which what other instances send comes in: all of it is checked as the shipped files are, whoever
changes something has seen what was there before, it holds from the next respondent on, it stands in the log, and the version
before can be brought back. Original sentences are not changed here: what people answered must stay what they were asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Annotated, ClassVar, Final

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import Language
from survey_app.questionnaire.corrections import (
    Corrections,
    Proposal,
    Reviewed,
    check_text,
    propose,
    read_corrections,
    tell_domain,
)
from survey_app.questionnaire.practice import load_practice
from survey_app.questionnaire.sentences import pictures_of
from survey_app.questionnaire.translation import Domain, Entry, Key, Wrong
from survey_app.questionnaire.translation import State as Checked
from survey_app.supplements.contents import entries_here
from survey_app.supplements.laying import Change, lay_down
from survey_app.supplements.shelf import Origin
from survey_app.web.console.languages import language_page
from survey_app.web.console.naming import name_day
from survey_app.web.console.sentences import Row, Sentence, State, contents_of, find_tongue, list_sentences, sum_up
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
class Weighed:
    """A file beside what is here. ``there``: the sentences of its domain; ``unknown``: how many are of another version."""

    language: Language
    content: bytes
    reviewed: Reviewed
    domain: Domain
    there: Mapping[Key, Sentence]
    unknown: int
    proposal: Proposal


@router.post("/{tag}/bring")
def bring(
    visit: EditsLanguages,
    tag: str,
    file: Annotated[UploadFile | None, File()] = None,
    reviewed: Annotated[Reviewed, Form()] = "",
) -> Response:
    """Say what a corrected file would change, or all that is wrong with it. Nothing is changed yet."""
    language = find_tongue(tag)
    if language is None:
        return stopped(visit, "no-page", 404)
    if file is None or not file.filename:
        return language_page(visit, language, problem="file-missing", status=422)
    content = file.file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        return language_page(visit, language, problem="file-too-large", status=422)
    weighed = _weigh(visit, language, content, reviewed)
    if not isinstance(weighed, Weighed):
        return language_page(visit, language, wrong=weighed, status=422)
    return _preview_page(visit, weighed)


@router.post("/{tag}/keep")
def keep(
    visit: EditsLanguages,
    tag: str,
    content: Annotated[str, Form()] = "",
    reviewed: Annotated[Reviewed, Form()] = "",
    tested: Annotated[str, Form()] = "",
) -> Response:
    """Change what a file says, after its reader has seen what that is."""
    language = find_tongue(tag)
    if language is None:
        return stopped(visit, "no-page", 404)
    visit.request.app.state.take_up()
    weighed = _weigh(visit, language, content.encode(), reviewed)
    if not isinstance(weighed, Weighed):
        return language_page(visit, language, wrong=weighed, status=422)
    proposal = weighed.proposal
    new = {key: entry for key, entry in proposal.new.items() if tested == "yes" or key not in proposal.tested}
    if not new:
        return _preview_page(visit, weighed, problem="nothing-changes", status=422)
    if not _lay_down(visit, language, weighed.domain, new):
        return _preview_page(visit, weighed, problem="not-now", status=503)
    return RedirectResponse(f"/console/languages/{language.tag}?done={len(new)}", status_code=303)


@router.get("/{tag}/sentences/{sentence}")
def show_sentence(visit: EditsLanguages, tag: str, sentence: str) -> Response:
    """Show one sentence, to be corrected or marked as reviewed."""
    language = find_tongue(tag)
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
    language = find_tongue(tag)
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


def _lay_down(visit: DutyVisit, language: Language, domain: Domain, new: Mapping[Key, Entry]) -> bool:
    """Let corrections hold from now on; say whether they could be written."""
    origin = Origin("corrected", clock.now(), visit.staff.name, language.tag)
    try:
        lay_down(contents_of(visit), Change(entries={(language.tag, domain): new}), origin)
    except (OSError, RequestMistakenError):
        return False
    visit.note("language-corrected", f"language {language.tag}")
    visit.request.app.state.take_up()
    return True


def _weigh(visit: DutyVisit, language: Language, content: bytes, reviewed: Reviewed) -> Weighed | tuple[Wrong, ...]:
    """Read a file; original sentences in it that say something else are faults, and those of another version are not."""
    read = read_corrections(content, language)
    if not isinstance(read, Corrections):
        return read
    found = tuple(list_sentences(visit, language))
    originals = {one.key for one in found if one.state == "source"}
    edited = [key for key, entry in read.entries.items() if key in originals and entry.texts != (key[1],)]
    if edited:
        return tuple(Wrong("original", key[1], line=read.lines[key]) for key in edited)
    domain = tell_domain(read, visit.catalogues)
    there = {one.key: one for one in found if one.domain == domain}
    ours = {key: entry for key, entry in read.entries.items() if key in there and there[key].state != "source"}
    proposal = propose(ours, entries_here(contents_of(visit), language, domain), clock.today().isoformat(), reviewed)
    return Weighed(language, content, reviewed, domain, there, len(read.entries.keys() - there.keys()), proposal)


def _preview_page(visit: DutyVisit, weighed: Weighed, *, problem: str = "", status: int = 200) -> Response:
    proposal, there = weighed.proposal, weighed.there
    page = PreviewPage(
        words=visit.words,
        language=visit.language,
        frame=visit.desk("languages"),
        row=sum_up(weighed.language, tuple(there.values())),
        domain=weighed.domain,
        content=weighed.content.decode("utf-8-sig"),
        reviewed=weighed.reviewed,
        new=tuple(
            Proposed(key[1], there[key].where, there[key].text, there[key].state, entry.texts[0], entry.state.value)
            for key, entry in proposal.new.items()
        ),
        stay=tuple(sorted(key[1] for key in proposal.stay)),
        unknown=weighed.unknown,
        tested=len(proposal.tested),
        problem=problem,
    )
    return show("console/language_preview.html", page, status=status)


def _find_sentence(visit: DutyVisit, language: Language, name: str) -> Sentence | None:
    """Return a sentence that can be corrected: not an original."""
    found = (one for one in list_sentences(visit, language) if one.name == name and one.state != "source")
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
        changed=name_day(day, visit.language) if day else "",
        wrong=wrong,
        errors=errors or {},
    )
    return show("console/sentence.html", page, status=status)
