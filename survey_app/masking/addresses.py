"""Where somebody lives: a street with its number, a postal code with its town. Latin letters only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from survey_app.masking.span import Span

_NUMBER: Final = r"(?:,?\s*(?:n[°ºo]\.?\s*|nr\.?\s*|bus\s*|bte\s*|boîte\s*)?\d{1,4}(?!\d)(?:\s?[a-zA-Z]\b)?)"
_WORD: Final = r"[^\W\d_][^\W\d_'’.-]*(?:['’.-][^\W\d_]+)*\.?"
_ROMANCE: Final = re.compile(
    r"\b(?:rue|avenue|av\.|boulevard|bd\.?|chaussée|place|quai|allée|square|impasse|clos|drève|sentier|route|chemin"
    rf"|calle|via|strada|rruga)\s+(?:{_WORD}\s*){{1,6}}?{_NUMBER}",
    re.IGNORECASE,
)
_GERMANIC: Final = re.compile(
    r"\b[^\W\d_]*(?:straat|laan|steenweg|weg|plein|lei|dreef|kaai|dijk|baan|straße|strasse|platz|gasse)"
    rf"\s*{_NUMBER}",
    re.IGNORECASE,
)
_ENGLISH: Final = re.compile(rf"\b\d{{1,4}}\s+(?:{_WORD}\s+){{1,3}}?(?:street|road|avenue|lane)\b", re.IGNORECASE)
# Belgian codes have four digits; a year is no code, so a word in capitals must follow on the same line.
_TOWN: Final = re.compile(r"\b(?:B-)?[1-9]\d{3}[ \t]+[A-ZÀ-Þ][^\W\d_]+(?:[ -][A-ZÀ-Þ][^\W\d_]+)*")


def find_addresses(text: str) -> Iterator[Span]:
    """Give streets with a number and towns with a postal code."""
    for rule in (_ROMANCE, _GERMANIC, _ENGLISH, _TOWN):
        yield from (found.span() for found in rule.finditer(text))
