"""The language table: tag, own name, direction and digits, decided here and never guessed from a text.

Source: Unicode CLDR through Babel. CLDR does not know ``prs`` (Dari): its tag here is ``fa-AF``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["ltr", "rtl"]
Script = Literal["latin", "arabic", "cyrillic", "ethiopic"]


@dataclass(frozen=True, slots=True)
class Language:
    """A language that a text can be written in.

    ``tag`` is its BCP 47 tag, as in ``lang`` attributes and in the API; ``locale`` the name of its folder of
    catalogues and of its CLDR data; ``digits`` the CLDR numbering system.
    """

    tag: str
    own_name: str
    direction: Direction
    script: Script
    digits: str = "latn"

    @property
    def locale(self) -> str:
        return self.tag.replace("-", "_")


RESPONDENT_LANGUAGES: tuple[Language, ...] = (
    Language("fr", "Français", "ltr", "latin"),
    Language("nl", "Nederlands", "ltr", "latin"),
    Language("en", "English", "ltr", "latin"),
    Language("ar", "العربية", "rtl", "arabic"),
    Language("fa-AF", "دری", "rtl", "arabic"),
    Language("ps", "پښتو", "rtl", "arabic"),
    Language("ti", "ትግርኛ", "ltr", "ethiopic"),
    Language("so", "Soomaali", "ltr", "latin"),
    Language("tr", "Türkçe", "ltr", "latin"),
    Language("uk", "Українська", "ltr", "cyrillic"),
    Language("ru", "Русский", "ltr", "cyrillic"),
)
STAFF_LANGUAGES: tuple[str, ...] = ("fr", "nl", "en")

_BY_TAG = {language.tag: language for language in RESPONDENT_LANGUAGES}


def find_language(tag: str) -> Language | None:
    """Return the language with this tag, or ``None`` where it is not offered."""
    return _BY_TAG.get(tag)
