"""A tablet that is sent letters is sent every letter of the sentences that it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from survey_app.foundation.languages import RESPONDENT_LANGUAGES, Language
from survey_app.foundation.letters import is_everywhere
from survey_app.questionnaire.translation import Catalogues, load_catalogues
from survey_app.web.kit.pages import STATIC
from survey_app.web.respond.style import fonts_of, style_for

TRANSLATIONS = Path(__file__).parents[2] / "translations"
SENT = [language for language in RESPONDENT_LANGUAGES if fonts_of(language.script)]


def find_letters(language: Language, catalogues: Catalogues) -> set[str]:
    texts = [language.own_name]
    for domain in ("respond", "questionnaires"):
        catalogue = catalogues.found.get((domain, language.tag))
        texts += [text for entry in catalogue.entries.values() for text in entry.texts] if catalogue else []
    return {character for text in texts for character in text if not is_everywhere(character)}


def find_asked(language: Language) -> set[str]:
    """Return the characters for which a page asks for the file of letters."""
    ranges = re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", style_for(frozenset({language.script})).text)
    return {chr(code) for first, last in ranges for code in range(int(first, 16), int(last or first, 16) + 1)}


def test_letters_are_sent_for_the_scripts_that_cheap_tablets_lack() -> None:
    assert {language.script for language in SENT} == {"arabic", "bengali", "ethiopic"}


@pytest.mark.parametrize("language", SENT, ids=lambda language: language.tag)
def test_the_letters_that_are_sent_cover_every_sentence(language: Language) -> None:
    (address,) = fonts_of(language.script)
    file = STATIC / address.partition("?")[0].removeprefix("/static/")
    with TTFont(file) as font:
        drawn = {chr(code) for code in font.getBestCmap()}

    letters = find_letters(language, load_catalogues(TRANSLATIONS))

    assert letters, "at least those of its own name"
    assert sorted(letters - drawn) == [], "no drawing in the font"
    assert sorted(letters - find_asked(language)) == [], "the page does not ask for the font"
