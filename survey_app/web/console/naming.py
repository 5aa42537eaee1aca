"""Names of languages and days as staff call them."""

from __future__ import annotations

from datetime import date, datetime

from babel import Locale
from babel.dates import format_date

from survey_app.foundation import clock
from survey_app.foundation.languages import Language


def name_language(language: Language, reader: Language) -> str:
    """Return the name of a language in the reader's language; its own name where CLDR has none."""
    names = Locale.parse(reader.locale).languages
    return names.get(language.locale) or names.get(language.locale.partition("_")[0]) or language.own_name


def name_day(when: date, reader: Language) -> str:
    """Return a day in the reader's language; of a moment (aware) its day in Belgium."""
    day = when.astimezone(clock.BELGIUM).date() if isinstance(when, datetime) else when
    return format_date(day, "long", locale=reader.locale)
