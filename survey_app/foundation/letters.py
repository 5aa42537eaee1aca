"""Letters that we send to tablets, as some of them lack the script: which characters that is, by script.

Every tablet has good letters for Latin, with those of Lingala, Pular and Kurmanji, and for Cyrillic; fetching ours would only
delay the first question. Chinese ones would be 7 MB, and every tablet has them too. Cheap tablets may have none for the others,
or miss the letters of Dari, Pashto, Sorani and Punjabi.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from survey_app.foundation.languages import Script

SENT: Final[Mapping[Script, str]] = MappingProxyType(
    {
        "arabic": "U+600-6FF,U+750-77F,U+8A0-8FF,U+200C-200F,U+FB50-FDFF,U+FE70-FEFC",
        "bengali": "U+951-952,U+964-965,U+980-9FE,U+200C-200D,U+20B9,U+25CC",
        "ethiopic": "U+1200-1399,U+2D80-2DDE,U+AB01-AB2E",
    }
)
"""The characters for which a page asks for our letters, as CSS writes them."""
_RANGE: Final = re.compile(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?")


def is_everywhere(character: str) -> bool:
    """Say whether each tablet has a character: Latin-1, and the quotes and dashes of any script."""
    return ord(character) <= 0xFF or "\u2010" <= character <= "\u2027"  # noqa: PLR2004 - the end of Latin-1


def find_undrawn(script: Script, text: str) -> str:
    """Return the characters of a text that tablets may not draw, each once; none for scripts that every tablet has."""
    if script not in SENT:
        return ""
    asked = _asked(script)
    return "".join(sorted({each for each in text if not is_everywhere(each) and each not in asked}))


@lru_cache(maxsize=len(SENT))
def _asked(script: Script) -> frozenset[str]:
    ranges = _RANGE.findall(SENT[script])
    return frozenset(chr(code) for first, last in ranges for code in range(int(first, 16), int(last or first, 16) + 1))
