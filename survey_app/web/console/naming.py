"""Names of languages as staff call them."""

from __future__ import annotations

from babel import Locale

from survey_app.foundation.languages import Language


def name_language(language: Language, reader: Language) -> str:
    """Return the name of a language in the reader's language; its own name where CLDR has none."""
    names = Locale.parse(reader.locale).languages
    return names.get(language.locale) or names.get(language.locale.partition("_")[0]) or language.own_name
