"""Gathers what is measured: a questionnaire's messages and those of the respondents' pages, in every language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from survey_app.foundation.languages import RESPONDENT_LANGUAGES
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.plain.findings import Message
from survey_app.questionnaire.sentences import sentences_of
from survey_app.questionnaire.translation import SOURCE_LANGUAGE, Catalogues
from survey_app.questionnaire.versions import name_version

INTERFACE: Final = "respond"
"""Origin of the messages of the respondents' pages."""


def messages_of(questionnaire: Questionnaire, catalogues: Catalogues) -> Iterator[Message]:
    """Yield each text of a questionnaire in its own language and in every language that it was translated to."""
    origin, own = name_version(questionnaire), questionnaire.language
    for sentence in sentences_of(questionnaire):
        name = sentence.context.removeprefix(f"{questionnaire.id}/")
        yield Message(origin, name, own, sentence.text, own, sentence.text)
        for language in RESPONDENT_LANGUAGES:
            entry = catalogues.entry("questionnaires", language.tag, (sentence.context, sentence.text))
            if language.tag != own and entry is not None:
                yield Message(origin, name, language.tag, entry.texts[0], own, sentence.text)


def messages_of_interface(catalogues: Catalogues) -> Iterator[Message]:
    """Yield each text of the respondents' pages in English and in every language that it was translated to."""
    for context, text in catalogues.wanted["respond"]:
        yield Message(INTERFACE, text, SOURCE_LANGUAGE, text, SOURCE_LANGUAGE, text)
        for language in RESPONDENT_LANGUAGES:
            entry = catalogues.entry("respond", language.tag, (context, text))
            if language.tag != SOURCE_LANGUAGE and entry is not None:
                for translated in dict.fromkeys(entry.texts):
                    yield Message(INTERFACE, text, language.tag, translated, SOURCE_LANGUAGE, text)
