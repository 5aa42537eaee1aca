"""The language table: tag, own name, direction and digits, decided here and never guessed from a text.

Source: Unicode CLDR through Babel. CLDR does not know ``prs`` (Dari): its tag here is ``fa-AF``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["ltr", "rtl"]
Script = Literal["latin", "arabic", "cyrillic", "ethiopic", "bengali", "han"]


@dataclass(frozen=True, slots=True)
class Language:
    """A language that a text can be written in.

    ``tag`` is its BCP 47 tag, as in ``lang`` attributes and in the API; ``locale`` the name of its folder of
    catalogues and of its CLDR data; ``digits`` the CLDR numbering system. ``words_from`` is the tag of the language whose
    words stand behind the pictures of one that is only spoken.
    """

    tag: str
    own_name: str
    direction: Direction
    script: Script
    digits: str = "latn"
    words_from: str = ""

    @property
    def is_only_spoken(self) -> bool:
        return bool(self.words_from)

    @property
    def text_tag(self) -> str:
        """Tag of the language whose catalogues hold its words."""
        return self.words_from or self.tag

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
    Language("de", "Deutsch", "ltr", "latin"),
    Language("es", "Español", "ltr", "latin"),
    Language("pt", "Português", "ltr", "latin"),
    Language("sq", "Shqip", "ltr", "latin"),
    Language("ku", "Kurmancî", "ltr", "latin"),
    Language("ckb", "سۆرانی", "rtl", "arabic"),
    Language("am", "አማርኛ", "ltr", "ethiopic"),
    Language("om", "Afaan Oromoo", "ltr", "latin"),
    Language("ff", "Pular", "ltr", "latin"),
    Language("ln", "Lingála", "ltr", "latin"),
    Language("ur", "اردو", "rtl", "arabic"),
    Language("pa-Arab", "پنجابی", "rtl", "arabic"),
    Language("bn", "বাংলা", "ltr", "bengali"),
    Language("sw", "Kiswahili", "ltr", "latin"),
    Language("zh-Hans", "中文", "ltr", "han"),
)
# Spoken and not written: offered once every sentence has a recorded voice. What is recorded says what the words say.
SPOKEN_LANGUAGES: tuple[Language, ...] = (Language("ymm", "Maay", "ltr", "latin", words_from="so"),)
STAFF_LANGUAGES: tuple[str, ...] = ("fr", "nl", "en")

_BY_TAG = {language.tag: language for language in (*RESPONDENT_LANGUAGES, *SPOKEN_LANGUAGES)}


def find_language(tag: str) -> Language | None:
    """Return the language with this tag, or ``None`` where it is not offered."""
    return _BY_TAG.get(tag)


def written_language(language: Language) -> Language:
    """Return the language in which a language's words are written: its own, unless it is only spoken."""
    return find_language(language.text_tag) or language
