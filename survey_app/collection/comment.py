"""A comment: what a person says or writes beside the answers. It never travels, lies or leaves with them.

Sound is ``audio/basic`` (RFC 2046, 4.3): one channel, 8000 samples a second, one byte each (ITU-T G.711, mu-law), and
nothing else. There is no container that could carry a clock time or the name of a device, nothing that the server would
have to parse, and its length is its duration. The price is the sound of a telephone and twice the bytes of Opus.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from survey_app.collection.reading import Code, Problem, Rejected

SAMPLES_A_SECOND: Final = 8_000
MOST_SECONDS: Final = 60
LARGEST_SOUND: Final = MOST_SECONDS * SAMPLES_A_SECOND
"""Bytes."""
MOST_LETTERS: Final = 500
LARGEST_TEXT: Final = 4 * MOST_LETTERS
"""Bytes: a letter has at most four in UTF-8."""

# They change the order of letters on the screen, so that a reviewer would read other words than are there.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Written:
    """Words that were typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words that were recorded, as samples of ``audio/basic``."""

    samples: bytes


Words = Written | Spoken


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment. ``id`` is random and its own: no response bears it, nothing joins the two."""

    id: UUID
    words: Words


def read_written(raw: bytes) -> Written | Rejected:
    """Read what was typed: UTF-8, at most ``MOST_LETTERS`` letters."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return _reject("comment-not-text")
    cleaned = clean(text)
    if not cleaned:
        return _reject("comment-empty")
    return Written(cleaned) if len(cleaned) <= MOST_LETTERS else _reject("comment-too-long")


def read_spoken(raw: bytes) -> Spoken | Rejected:
    """Read what was recorded. Every byte is a sample, so only its length can be wrong."""
    if not raw:
        return _reject("comment-empty")
    return Spoken(raw) if len(raw) <= LARGEST_SOUND else _reject("comment-too-long")


def clean(text: str) -> str:
    """Return a text without outer spaces, with single line ends, and without characters that nobody can see."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in lines if letter == "\n" or not _is_unseen(letter)).strip()


def _is_unseen(letter: str) -> bool:
    return letter in _TURNING or unicodedata.category(letter) in {"Cc", "Cs", "Co", "Cn"}


def _reject(code: Code) -> Rejected:
    return Rejected((Problem("comment", code),))
