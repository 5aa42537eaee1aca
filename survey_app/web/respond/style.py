"""The stylesheet of respondents' pages, inside each page: one request less before the first question is on the screen.

The content security policy names it by its hash, so that no other inline style is applied.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from markupsafe import Markup

from survey_app.foundation.languages import Script
from survey_app.web.kit.headers import CONTENT_SECURITY_POLICY
from survey_app.web.kit.pages import STATIC, asset

_SHEETS: Final = ("css/tokens.css", "css/respond.css")


@dataclass(frozen=True, slots=True)
class _Face:
    """One file of letters and the characters it is fetched for."""

    name: str
    characters: str


# Every tablet has good letters for Latin, with those of Lingala, Pular and Kurmanji, and for Cyrillic; fetching ours
# would only delay the first question. Chinese ones would be 7 MB, and every tablet has them too.
# Cheap tablets may have none for these, or miss the letters of Dari, Pashto, Sorani and Punjabi.
_FACES: Final[Mapping[Script, _Face]] = MappingProxyType(
    {
        "arabic": _Face(
            "vendor/fonts/arabic.woff2", "U+600-6FF,U+750-77F,U+8A0-8FF,U+200C-200F,U+FB50-FDFF,U+FE70-FEFC"
        ),
        "bengali": _Face("vendor/fonts/bengali.woff2", "U+951-952,U+964-965,U+980-9FE,U+200C-200D,U+20B9,U+25CC"),
        "ethiopic": _Face("vendor/fonts/ethiopic.woff2", "U+1200-1399,U+2D80-2DDE,U+AB01-AB2E"),
    }
)


@dataclass(frozen=True, slots=True)
class Style:
    """A stylesheet for the page and the policy header that allows exactly it."""

    text: Markup
    headers: Mapping[str, str]


def fonts_of(script: Script) -> tuple[str, ...]:
    """Return the addresses of the files of letters that a script needs; none where they were not built."""
    face = _FACES.get(script)
    return () if face is None or not (STATIC / face.name).is_file() else (asset(face.name),)


@lru_cache(maxsize=32)
def style_for(scripts: frozenset[Script], more: tuple[str, ...] = ()) -> Style:
    """Return the stylesheet of a page whose texts are in these scripts; ``more``: sheets that only some pages need."""
    faces = (_FACES[script] for script in sorted(scripts) if script in _FACES)
    sheets = (_squeeze((STATIC / name).read_text(encoding="utf-8")) for name in (*_SHEETS, *more))
    text = "".join((*sheets, *map(_write_face, faces)))
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    policy = CONTENT_SECURITY_POLICY.replace("style-src 'self'", f"style-src 'self' 'sha256-{digest}'")
    # Our own files, not anybody's input: the only text that a template does not escape.
    return Style(Markup(text), MappingProxyType({"content-security-policy": policy}))  # noqa: S704


def _write_face(face: _Face) -> str:
    if not (STATIC / face.name).is_file():
        return ""
    source = f'src:url("{asset(face.name)}")format("woff2");unicode-range:{face.characters}'
    return f'@font-face{{font-family:"Survey Sans";font-weight:100 900;font-display:swap;{source}}}'


def _squeeze(sheet: str) -> str:
    """Leave out comments and the spaces that only people need."""
    bare = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    return re.sub(r"\s*([{};,>])\s*", r"\1", re.sub(r"\s+", " ", bare)).strip()
