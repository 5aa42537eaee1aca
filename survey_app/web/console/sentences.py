"""What respondents meet in each language, sentence by sentence and sound by sound, as the desk "Languages" reads it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from survey_app.foundation.languages import RESPONDENT_LANGUAGES, Language, find_language
from survey_app.questionnaire.corrections import DOMAINS
from survey_app.questionnaire.practice import load_practice
from survey_app.questionnaire.sentences import sentences_of
from survey_app.questionnaire.translation import Domain, Key, wanted_keys
from survey_app.supplements.contents import Contents
from survey_app.voices.clips import key_of
from survey_app.voices.script import write_script
from survey_app.web.console.visit import DutyVisit

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


def find_tongue(tag: str) -> Language | None:
    """Return a language of respondents; ``None`` where there is none of this tag."""
    language = find_language(tag)
    return language if language in RESPONDENT_LANGUAGES else None


def contents_of(visit: DutyVisit) -> Contents:
    """Return what this installation asks and says now."""
    contents: Contents = visit.request.app.state.contents
    return contents


def _name(domain: Domain, key: Key) -> str:
    return hashlib.sha256("\0".join((domain, *key)).encode()).hexdigest()[:12]


def list_sentences(visit: DutyVisit, language: Language) -> Iterator[Sentence]:
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


def sum_up(language: Language, sentences: tuple[Sentence, ...]) -> Row:
    """Return a language in numbers."""
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
