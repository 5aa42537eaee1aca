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
from survey_app.foundation.letters import SENT
from survey_app.web.kit.headers import CONTENT_SECURITY_POLICY
from survey_app.web.kit.pages import STATIC, asset

_SHEETS: Final = ("css/tokens.css", "css/respond.css")


@dataclass(frozen=True, slots=True)
class Style:
    """A stylesheet for the page and the policy header that allows exactly it."""

    text: Markup
    headers: Mapping[str, str]


def fonts_of(script: Script) -> tuple[str, ...]:
    """Return the addresses of the files of letters that a script needs; none where they were not built."""
    name = _file_of(script)
    return (asset(name),) if script in SENT and (STATIC / name).is_file() else ()


@lru_cache(maxsize=32)
def style_for(scripts: frozenset[Script], more: tuple[str, ...] = ()) -> Style:
    """Return the stylesheet of a page whose texts are in these scripts; ``more``: sheets that only some pages need."""
    faces = (script for script in sorted(scripts) if script in SENT)
    sheets = (_squeeze((STATIC / name).read_text(encoding="utf-8")) for name in (*_SHEETS, *more))
    text = "".join((*sheets, *map(_write_face, faces)))
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    policy = CONTENT_SECURITY_POLICY.replace("style-src 'self'", f"style-src 'self' 'sha256-{digest}'")
    # Our own files, not anybody's input: the only text that a template does not escape.
    return Style(Markup(text), MappingProxyType({"content-security-policy": policy}))  # noqa: S704


def _file_of(script: Script) -> str:
    return f"vendor/fonts/{script}.woff2"


def _write_face(script: Script) -> str:
    if not fonts_of(script):
        return ""
    source = f'src:url("{asset(_file_of(script))}")format("woff2");unicode-range:{SENT[script]}'
    return f'@font-face{{font-family:"Survey Sans";font-weight:100 900;font-display:swap;{source}}}'


def _squeeze(sheet: str) -> str:
    """Leave out comments and the spaces that only people need."""
    bare = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    return re.sub(r"\s*([{};,>])\s*", r"\1", re.sub(r"\s+", " ", bare)).strip()
