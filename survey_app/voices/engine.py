"""Which languages the engine of drafts (eSpeak NG 1.52) really speaks, and why it must not speak the others.

An unknown voice speaks nonsense instead of failing, and an unknown script is spelled letter by letter: what stands here was
listened to or measured, language by language.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ENGINE_VOICES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "fr": "fr-be",
        "nl": "nl",
        "en": "en",
        "ti": "ti",
        "tr": "tr",
        "uk": "uk",
        "ru": "ru",
        "de": "de",
        "es": "es",
        "pt": "pt",
        "sq": "sq",
        "ku": "ku",
        "am": "am",
        "om": "om",
        "ur": "ur",
        "bn": "bn",
        "sw": "sw",
        "zh-Hans": "cmn",
    }
)
"""The engine's voice for each language that it speaks."""

REFUSED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ar": "the engine speaks Arabic only with all vowel signs, which our texts do not write",
        "fa-AF": "the engine speaks the Persian of Iran, with other vowels than Dari, and guesses those not written",
        "ps": "the engine has no Pashto",
        "so": "the engine has no Somali",
        "ckb": "the engine has no Sorani; its Kurdish is Kurmanji in Latin letters",
        "ff": "the engine has no Pular",
        "ln": "the engine has no Lingala",
        "pa-Arab": "the engine spells Punjabi in Arabic letters one by one",
        "ymm": "the engine has no Maay",
    }
)
"""Languages that only people can speak, each with its reason."""

_SECONDS_AT_MOST: Final = 1.5
_SECONDS_PER_LETTER: Final = 0.5


def is_spelled(text: str, seconds: float) -> bool:
    """Say whether a sound is so long that the engine must have spelled the text instead of speaking it."""
    return seconds > _SECONDS_AT_MOST + _SECONDS_PER_LETTER * len(text)
