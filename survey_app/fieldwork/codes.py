"""Codes of organisations, projects and modules, made of their names so that people recognise them in a release."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from itertools import count
from typing import Final

from survey_app.fieldwork.setup_file import OWN_PART, RESERVED

LONGEST: Final = 32
_NOT_PLAIN: Final = re.compile(r"[^a-z0-9]+")


def draw_readable_code(name: str, taken: Container[str]) -> str:
    """Return a code that looks like a name and is not taken: small letters, digits and ``-``, a letter first."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    stem = _NOT_PLAIN.sub("-", plain).strip("-")[:LONGEST].strip("-").removesuffix(OWN_PART)
    if not stem or not stem[0].isalpha():
        stem = f"c-{stem}".strip("-")
    if stem not in RESERVED and stem not in taken:
        return stem
    return next(code for number in count(2) if (code := f"{stem}-{number}") not in taken)
