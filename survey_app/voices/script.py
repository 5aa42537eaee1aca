"""The script: every sentence that a respondent hears in a language, in the order of the screens."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from survey_app.foundation.languages import Language, written_language
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.sentences import sentences_of
from survey_app.questionnaire.translation import SOURCE_LANGUAGE, Catalogues, find_slots
from survey_app.voices.clips import Clip, Voices, key_of

SILENT: Final = frozenset(
    {
        # The code is typed by staff, and no language is chosen yet.
        "Type the code",
        "Go",
        "We do not find this code. Please ask the person of the group.",
        "This group is closed. Please ask the person of the group.",
        "Too many tries. Please wait a little.",
        "This page does not exist.",
        "Choose your language",
        # Said to staff, beside what the respondent hears.
        "This is a try-out. No real answers.",
        "The tablet is not connected. You can go on.",
        # They act at once when they are touched.
        "Leave",
        "Back",
        "Next",
        "Listen again",
        # Read before there is sound, or where there is none.
        "Touch here to listen.",
        "There is no sound now. You can go on.",
    }
)
"""English sentences of respondents' pages that nobody speaks, and those with something filled in."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence to speak. ``where`` tells a person who records what it is."""

    key: str
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many of the sentences of a language have which voice."""

    recorded: int
    draft: int
    missing: int

    @property
    def total(self) -> int:
        return self.recorded + self.draft + self.missing


def write_script(
    language: Language, questionnaires: Iterable[Questionnaire], catalogues: Catalogues, voice: str = ""
) -> tuple[Line, ...]:
    """Return what is spoken in a language, each sentence once, without those that nobody has translated yet.

    ``voice`` is the tag of the language that speaks, where it is another one.
    """
    return _write(language, tuple(questionnaires), catalogues, voice or language.tag)


def restrict(questionnaire: Questionnaire, activities: Collection[str]) -> Questionnaire:
    """Return what of a questionnaire is asked where a project does these activities."""
    return questionnaire.model_copy(update={"items": questionnaire.asked_for(activities)})


def count_voices(lines: Collection[Line], tag: str, voices: Voices) -> Count:
    """Count the clips of a script in a language."""
    there = voices.clips(tag)
    found: list[Clip | None] = [there.get(line.key) for line in lines]
    states = [clip.state if clip else "missing" for clip in found]
    return Count(states.count("recorded"), states.count("draft"), states.count("missing"))


@lru_cache(maxsize=256)
def _write(
    language: Language, questionnaires: tuple[Questionnaire, ...], catalogues: Catalogues, voice: str
) -> tuple[Line, ...]:
    lines = {line.key: line for line in _lines(language, questionnaires, catalogues, voice)}
    return tuple(lines.values())


def _lines(
    language: Language, questionnaires: Iterable[Questionnaire], catalogues: Catalogues, voice: str
) -> Iterator[Line]:
    def line(text: str, where: str) -> Line:
        return Line(key_of(voice, text), text, where)

    yield line(language.own_name, "name of the language")
    written = written_language(language)
    for key in catalogues.wanted["respond"]:
        _, source = key
        entry = catalogues.entry("respond", written.tag, key)
        text = entry.texts[0] if entry else source
        if source not in SILENT and not find_slots(source) and (entry or written.tag == SOURCE_LANGUAGE):
            yield line(text, source)
    for questionnaire in questionnaires:
        for sentence in sentences_of(questionnaire):
            # A title is read, not spoken.
            if sentence.context == f"{questionnaire.id}/title":
                continue
            entry = catalogues.entry("questionnaires", written.tag, (sentence.context, sentence.text))
            if entry or written.tag == questionnaire.language:
                yield line(entry.texts[0] if entry else sentence.text, sentence.note)
