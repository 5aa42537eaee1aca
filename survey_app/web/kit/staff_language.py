"""Which language staff are answered in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from survey_app.foundation.languages import STAFF_LANGUAGES, Language, find_language

LANGUAGES: Final = tuple(language for tag in STAFF_LANGUAGES if (language := find_language(tag)) is not None)
"""The languages of staff, French first."""


def choose_language(chosen: str | None, accepted: str) -> Language:
    """Choose the language of staff pages: the chosen one, else the first of ``Accept-Language`` we have, else French."""
    wanted = [chosen] if chosen else []
    wanted += [tag for tag, _ in sorted(_weights(accepted).items(), key=lambda pair: -pair[1])]
    for tag in wanted:
        for language in LANGUAGES:
            if language.tag == tag.partition("-")[0].lower():
                return language
    return LANGUAGES[0]


def _weights(accepted: str) -> Mapping[str, float]:
    weights: dict[str, float] = {}
    for part in accepted.split(",")[:20]:
        tag, _, quality = part.strip().partition(";q=")
        try:
            weights.setdefault(tag, float(quality or 1))
        except ValueError:
            continue
    return {tag: weight for tag, weight in weights.items() if weight > 0}
