"""What is measured (a message), what is found (a code with its numbers), and the sentence that staff read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Code(StrEnum):
    """The kinds of findings, in the order in which they are told."""

    LONG_SENTENCE = "long-sentence"
    SEVERAL_SENTENCES = "several-sentences"
    NEGATION = "negation"
    DOUBLE_NEGATION = "double-negation"
    PASSIVE = "passive"
    ABBREVIATION = "abbreviation"
    CAPITALS = "capitals"
    DIGITS = "digits"
    SIGNS = "signs"
    ITALICS = "italics"
    RARE_WORD = "rare-word"
    OTHER_WORD = "other-word"
    TERM_MISSING = "term-missing"


@dataclass(frozen=True, slots=True)
class Message:
    """A text that respondents meet, in one language, beside the text that it was translated from.

    ``origin`` is ``amif-exit.v1`` or ``respond``; ``name`` its context there (``transport/example``), or its English
    sentence where it has none.
    """

    origin: str
    name: str
    language: str
    text: str
    source_language: str
    source: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. ``about`` is the word, the sign or the term; ``amount`` and ``most`` count it."""

    code: Code
    message: Message
    about: str = ""
    amount: int = 0
    most: int = 0

    @property
    def said(self) -> str:
        """Return what was measured and what to look at, in one line."""
        return _SAID[self.code].format(about=self.about, amount=self.amount, most=self.most)

    def __str__(self) -> str:
        """Return ``amif-exit.v1 transport [fr] negation: "..." says no. Look whether ...``."""
        place = f"{self.message.origin} {_short(self.message.name)} [{self.message.language}]"
        return f'{place} {self.code}: "{self.message.text}" {self.said}'


def _short(name: str) -> str:
    return f'"{name}"' if " " in name else name


_SAID: Final[dict[Code, str]] = {
    Code.LONG_SENTENCE: "has a sentence of {amount} {about}. Say it in {most} at most, or in two messages.",
    Code.SEVERAL_SENTENCES: "holds {amount} sentences in one line. Look whether one is enough, or give each its line.",
    Code.NEGATION: 'says no ("{about}"). Look whether it can say what is instead of what is not.',
    Code.DOUBLE_NEGATION: 'says no twice ("{about}"). Say what is, not what is not.',
    Code.PASSIVE: 'hides who acts ("{about}"). Look whether it can name who does it.',
    Code.ABBREVIATION: 'holds an abbreviation ("{about}"). Write the words out.',
    Code.CAPITALS: 'holds capitals or initials ("{about}"). Write the words out, in small letters.',
    Code.DIGITS: 'holds a number ("{about}"). Look whether it can be said without one.',
    Code.SIGNS: "holds signs that are hard to read or to speak ({about}). Say it in words.",
    Code.ITALICS: 'holds slanted or marked letters ("{about}"). Write them upright.',
    Code.RARE_WORD: 'holds a rare word ("{about}"). Look for a word that people hear every day.',
    Code.OTHER_WORD: 'says "{about}", which the glossary gives another word. Say the same thing with the same word.',
    Code.TERM_MISSING: 'lacks the glossary\'s word for "{about}", which the source text has. Look whether it is meant.',
}
