"""Parts of a text that could say who somebody is, and the text without them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from survey_app.masking.addresses import find_addresses
from survey_app.masking.names import find_names
from survey_app.masking.numbers import (
    find_ibans,
    find_long_numbers,
    find_mail,
    find_national_numbers,
    find_phones,
    in_plain_digits,
)
from survey_app.masking.span import Span

Kind = Literal["mail", "iban", "national-number", "phone", "number", "address", "name"]
MASK: Final = "[…]"
"""Stands for what was masked, in every language."""


@dataclass(frozen=True, slots=True)
class Part:
    """One identifying part: where it begins and ends in the text."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text. ``kind`` is ``None`` where nothing was found in it."""

    text: str
    kind: Kind | None


# The surest first: where two overlap, the first one stands.
_FINDERS: Final[tuple[tuple[Kind, Callable[[str], Iterator[Span]]], ...]] = (
    ("mail", find_mail),
    ("iban", find_ibans),
    ("national-number", find_national_numbers),
    ("phone", find_phones),
    ("address", find_addresses),
    ("number", find_long_numbers),
    ("name", find_names),
)


def find_parts(text: str) -> tuple[Part, ...]:
    """Return what could say who somebody is, in the order of the text and without overlap."""
    plain = in_plain_digits(text)
    found: list[Part] = []
    for kind, find in _FINDERS:
        for start, end in find(plain):
            if not any(start < other.end and other.start < end for other in found):
                found.append(Part(start, end, kind))
    return tuple(sorted(found, key=lambda part: part.start))


def cut(text: str, parts: tuple[Part, ...]) -> tuple[Piece, ...]:
    """Return the text in pieces: those found, and what lies between."""
    pieces: list[Piece] = []
    reached = 0
    for part in parts:
        pieces += [Piece(text[reached : part.start], None), Piece(text[part.start : part.end], part.kind)]
        reached = part.end
    pieces.append(Piece(text[reached:], None))
    return tuple(piece for piece in pieces if piece.text)


def mask(text: str) -> str:
    """Return the text with ``MASK`` in place of each part found."""
    return "".join(piece.text if piece.kind is None else MASK for piece in cut(text, find_parts(text)))
