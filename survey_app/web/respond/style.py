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
_LATIN: Final = "U+0-FF,U+131,U+152-153,U+2BB-2BC,U+2C6,U+2DA,U+2DC,U+2000-200B,U+2010-206F,U+20AC,U+2212,U+FEFF,U+FFFD"


@dataclass(frozen=True, slots=True)
class _Face:
    """One file of letters and the characters it is fetched for.

    Every tablet has some letters for Latin and Cyrillic: there ours are used from the second page on and the first one
    never jumps. Where a tablet may have none, ours are shown as soon as they come.
    """

    name: str
    characters: str
    display: str = "optional"


_FACES: Final[Mapping[str, _Face]] = MappingProxyType(
    {
        "latin": _Face("vendor/fonts/latin.woff2", _LATIN),
        "latin-ext": _Face("vendor/fonts/latin-ext.woff2", "U+100-130,U+132-151,U+154-2BA,U+1E00-1EFF,U+2C60-2C7F"),
        "cyrillic": _Face("vendor/fonts/cyrillic.woff2", "U+301,U+400-45F,U+490-491,U+4B0-4B1,U+2116"),
        "arabic": _Face(
            "vendor/fonts/arabic.woff2", "U+600-6FF,U+750-77F,U+8A0-8FF,U+200C-200F,U+FB50-FDFF,U+FE70-FEFC", "swap"
        ),
        "ethiopic": _Face("vendor/fonts/ethiopic.woff2", "U+1200-1399,U+2D80-2DDE,U+AB01-AB2E", "swap"),
    }
)
_NEEDED: Final[Mapping[Script, tuple[str, ...]]] = MappingProxyType(
    {
        "latin": ("latin", "latin-ext"),
        "cyrillic": ("latin", "cyrillic"),
        "arabic": ("latin", "arabic"),
        "ethiopic": ("latin", "ethiopic"),
    }
)


@dataclass(frozen=True, slots=True)
class Style:
    """A stylesheet for the page and the policy header that allows exactly it."""

    text: Markup
    headers: Mapping[str, str]


def fonts_of(script: Script) -> tuple[str, ...]:
    """Return the addresses of the files of letters that a script needs; none where they were not built."""
    faces = (_FACES[name] for name in _NEEDED[script])
    return tuple(asset(face.name) for face in faces if (STATIC / face.name).is_file())


@lru_cache(maxsize=16)
def style_for(scripts: frozenset[Script]) -> Style:
    """Return the stylesheet of a page whose texts are in these scripts."""
    names = sorted({name for script in scripts for name in _NEEDED[script]})
    sheets = (_squeeze((STATIC / name).read_text(encoding="utf-8")) for name in _SHEETS)
    text = "".join((*sheets, *(_write_face(_FACES[name]) for name in names)))
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    policy = CONTENT_SECURITY_POLICY.replace("style-src 'self'", f"style-src 'self' 'sha256-{digest}'")
    # Our own files, not anybody's input: the only text that a template does not escape.
    return Style(Markup(text), MappingProxyType({"content-security-policy": policy}))  # noqa: S704


def _write_face(face: _Face) -> str:
    if not (STATIC / face.name).is_file():
        return ""
    source = f'src:url("{asset(face.name)}")format("woff2");unicode-range:{face.characters}'
    return f'@font-face{{font-family:"Survey Sans";font-weight:100 900;font-display:{face.display};{source}}}'


def _squeeze(sheet: str) -> str:
    """Leave out comments and the spaces that only people need."""
    bare = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    return re.sub(r"\s*([{};,>])\s*", r"\1", re.sub(r"\s+", " ", bare)).strip()
