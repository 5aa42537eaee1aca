"""Where somebody lives: a street with its number, a postal code with its town. Latin letters only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from survey_app.masking.span import Span

_BOX: Final = r"(?:,?[ \t]*(?:bus|bte\.?|boîte|box|b)[ \t]?\.?\d{1,4})?"
_NUMBER: Final = rf"(?:,?\s*(?:n[°ºo]\.?\s*|nr\.?\s*)?\d{{1,4}}(?!\d)(?:\s?[a-zA-Z]\b)?{_BOX})"
_BEFORE: Final = r"(?<!\d)\d{1,4}(?:[ \t]?[a-zA-Z]\b)?,?[ \t]+(?:bis[ \t]+)?"
_WORD: Final = r"[^\W\d_][^\W\d_'’.-]*(?:['’.-][^\W\d_]+)*\.?"
_ROAD: Final = (
    r"(?:rue|avenue|av\.|boulevard|bd\.?|chaussée|place|quai|allée|square|impasse|clos|drève|sentier|route|chemin"
    r"|cité|résidence|calle|via|strada|rruga)"
)
_ROMANCE: Final = re.compile(rf"\b{_ROAD}\s+(?:{_WORD}\s*){{1,6}}?{_NUMBER}", re.IGNORECASE)
# The number first, as in France: the name of the street is what has capitals, and small words between them.
_NUMBER_FIRST: Final = re.compile(
    rf"{_BEFORE}(?i:{_ROAD})\s+(?:(?i:du|de la|de l['’]|de|des|d['’]|la|le|les|aux?)\s*)?"
    rf"(?:[A-ZÀ-Þ][^\W\d_]*(?:['’-][^\W\d_]+)*)(?:[ -](?:(?i:du|de|des|la|le|les|et)[ ])?[A-ZÀ-Þ][^\W\d_]*)*"
)
_GERMANIC: Final = re.compile(
    r"\b(?:[A-ZÀ-Þ][^\W\d_]+[ ])*[^\W\d_]*(?i:straat|laan|steenweg|weg|plein|lei|dreef|kaai|dijk|baan|markt|hof|singel"
    r"|gracht|wandeling|steeg|kouter|vest|straße|strasse|platz|gasse)"
    rf"\s*{_NUMBER}"
)
_ENGLISH: Final = re.compile(rf"\b\d{{1,4}}\s+(?:{_WORD}\s+){{1,3}}?(?:street|road|avenue|lane)\b", re.IGNORECASE)
# Belgian codes have four digits; a year is no code, so a word in capitals must follow on the same line, or a town that
# is known in small letters.
_TOWNS: Final = (
    "bruxelles|brussel|anderlecht|schaerbeek|schaarbeek|molenbeek|ixelles|elsene|etterbeek|forest|vorst|jette|laeken|laken"
    "|saint-gilles|sint-gillis|saint-josse|sint-joost|uccle|ukkel|evere|antwerpen|anvers|schoten|edegem|mortsel|gent|gand"
    "|ninove|eeklo|evergem|merelbeke|charleroi|binche|gilly|marchienne|jumet|liège|luik|seraing|herstal|namur|namen|mons"
    "|bergen|leuven|louvain|mechelen|malines|brugge|bruges|hasselt|genk|aalst|alost|kortrijk|courtrai|oostende|ostende"
    "|tournai|doornik|verviers|la louvière"
)
_TOWN: Final = re.compile(
    r"\b(?:B-)?[1-9]\d{3}[ \t]+(?:[A-ZÀ-Þ][^\W\d_]+(?:[ -][A-ZÀ-Þ][^\W\d_]+)*" + rf"|(?:{_TOWNS})\b)"
)


def find_addresses(text: str) -> Iterator[Span]:
    """Give streets with a number and towns with a postal code."""
    for rule in (_TOWN, _ROMANCE, _NUMBER_FIRST, _GERMANIC, _ENGLISH):
        yield from (found.span() for found in rule.finditer(text))
