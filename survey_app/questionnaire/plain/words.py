"""Cuts a text into lines, sentences, clauses and words, in every script that is offered."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

SLOT: Final = "\ue000"
"""Stands for one word that is filled in later; a letter of private use, so that no text means anything by it."""

_SLOTS: Final = re.compile(r"\{\w*\}|%\(\w+\)[a-z]")
_ENDS: Final = ".!?…؟۔።፧፨।॥。！？｡"
_END: Final = re.compile(rf"[{re.escape(_ENDS)}]+[\"'’”»)]*(?=\s|$)")
_END_WITHOUT_SPACE: Final = re.compile(r"[.!?…。！？｡]+[”」』）]*")
_CLAUSE: Final = re.compile(r"[,;:،؛、，；：፣፤፥]")
_QUESTION: Final = re.compile(r"[?؟፧？]")
_JOINERS: Final = frozenset({"\u200c", "\u200d", SLOT})
_APOSTROPHES: Final = str.maketrans(dict.fromkeys("’ʼ‘ʻ´`ꞌ＇", "'") | {"\u2010": "-", "\u2011": "-"})
_WHOLE: Final = re.compile(r"a+(?:['-]a+)*")
_ELIDED: Final = re.compile(r"a+(?:-a+)*'?")
_ONE: Final = re.compile(r"a")
_UNSAID: Final = re.compile("[\u064b-\u0652\u0670\u0640]")


@dataclass(frozen=True, slots=True)
class Cut:
    """How a language's words are cut: ``fr`` elides, ``zh-Hans`` counts characters, ``tr`` has a dotless i."""

    elides: bool = False
    by_character: bool = False
    has_dotless_i: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its words as written, and its clauses as folded words between single spaces."""

    words: tuple[str, ...]
    clauses: tuple[str, ...]
    is_question: bool

    @property
    def folded(self) -> str:
        return " ".join(self.clauses)


@lru_cache(maxsize=4096)
def read_lines(text: str, cut: Cut) -> tuple[tuple[Sentence, ...], ...]:
    """Return the sentences of each line that says anything."""
    filled = _SLOTS.sub(SLOT, text)
    lines = (tuple(_read_sentences(line, cut)) for line in filled.splitlines())
    return tuple(line for line in lines if line)


def find_phrases(phrases: tuple[str, ...], text: str, cut: Cut, but: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return where a folded text holds one of some words or phrases; ``*`` stands for any letters of a word.

    What ``but`` names is not looked at: words that only look like one of them.
    """
    if but:
        text = _compile(but, cut).sub(SLOT, text)
    return tuple(_compile(phrases, cut).findall(text)) if phrases else ()


def fold(text: str, cut: Cut) -> str:
    """Return a text as it is compared: without case, vowel signs that are seldom written, or ornament."""
    if cut.has_dotless_i:
        text = text.replace("İ", "i").replace("I", "ı")
    folded = unicodedata.normalize("NFC", text.translate(_APOSTROPHES).casefold())
    return _UNSAID.sub("", folded)


def find_words(text: str, cut: Cut) -> tuple[str, ...]:
    """Return the words of a text as written; each character where a language has no spaces between words."""
    even = text.translate(_APOSTROPHES)
    shadow = "".join("a" if _is_of_word(letter) else letter if letter in "'-" else " " for letter in even)
    pattern = _ONE if cut.by_character else _ELIDED if cut.elides else _WHOLE
    return tuple(even[found.start() : found.end()] for found in pattern.finditer(shadow))


def _read_sentences(line: str, cut: Cut) -> list[Sentence]:
    found = []
    for part in _split_sentences(line, cut):
        words = find_words(part, cut)
        if words:
            clauses = (" ".join(find_words(fold(clause, cut), cut)) for clause in _CLAUSE.split(part))
            found.append(Sentence(words, tuple(filter(None, clauses)), bool(_QUESTION.search(part))))
    return found


def _split_sentences(line: str, cut: Cut) -> list[str]:
    parts, start = [], 0
    for end in (_END_WITHOUT_SPACE if cut.by_character else _END).finditer(line):
        if not _goes_on(line[end.end() :]):
            parts.append(line[start : end.end()])
            start = end.end()
    return [*parts, line[start:]]


def _goes_on(rest: str) -> bool:
    """A full stop before a small letter ends an abbreviation or an ordinal number, not a sentence."""
    following = rest.lstrip()[:1]
    return following.islower()


def _is_of_word(letter: str) -> bool:
    return letter in _JOINERS or unicodedata.category(letter)[0] in "LMN"


@lru_cache(maxsize=2048)
def _compile(phrases: tuple[str, ...], cut: Cut) -> re.Pattern[str]:
    written = (" ".join(fold(phrase, cut)) if cut.by_character else fold(phrase, cut) for phrase in phrases)
    either = "|".join(re.escape(each).replace(r"\*", "[^ ]*").replace(r"\?", "[^ ]") for each in written)
    return re.compile(f"(?<![^ ])(?:{either})(?![^ ])")
