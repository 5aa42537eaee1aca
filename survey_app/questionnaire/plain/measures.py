"""The measures, one function each. Every one names the rule that it looks after; the package names the sources."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from survey_app.questionnaire.plain.findings import Code, Finding, Message
from survey_app.questionnaire.plain.languages import LanguageRules, Negation, Passive
from survey_app.questionnaire.plain.rarity import Frequencies
from survey_app.questionnaire.plain.words import SLOT, Sentence, find_phrases, fold, read_lines

_SLOTS: Final = re.compile(r"\{\w*\}|%\(\w+\)[a-z]")
_INITIALS: Final = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,}")
_MARKED: Final = re.compile(r"</?(?:i|em|u|b|strong)\b[^>]*>|(?<!\w)([*_])(?=\S)[^*_]+\1(?!\w)")
_MATHEMATICAL: Final = range(0x1D400, 0x1D800)
_SIGNS: Final = frozenset('/\\&@#%‰٪*†‡§¶•·_;؛；"')
_SIGN_KINDS: Final = frozenset({"Sm", "Sc", "Sk", "So", "Ps", "Pe", "Pi", "Pf"})
_SAID_APOSTROPHES: Final = frozenset("’‘´`")
_DASHES: Final = frozenset("–—―")
_BOUND: Final = "\u200c"  # joins a Persian word and its endings, each of them a word of the lists
_LEAST_LETTERS: Final = 3
_NUMBERS: Final = re.compile(r"\d[\d.,   ٫٬]*\d|\d")


@dataclass(frozen=True, slots=True)
class Reading:
    """A message cut into lines and sentences, beside what is known of its language."""

    message: Message
    rules: LanguageRules
    lines: tuple[tuple[Sentence, ...], ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for line in self.lines for sentence in line)

    @property
    def shown(self) -> str:
        """Return the text without the places that are filled in later."""
        return _SLOTS.sub(SLOT, self.message.text)


def read(message: Message, rules: LanguageRules) -> Reading:
    """Cut a message."""
    return Reading(message, rules, read_lines(message.text, rules.cut))


def measure_length(reading: Reading) -> Iterator[Finding]:
    """Keep sentences short (Inclusion Europe, Sentences).

    15 words at most, as FALC is taught; fewer where words are longer; characters where no spaces are written (ours).
    """
    longest = max((len(sentence.words) for sentence in reading.sentences), default=0)
    if longest > reading.rules.most:
        unit = "characters" if reading.rules.by_character else "words"
        yield Finding(Code.LONG_SENTENCE, reading.message, unit, longest, reading.rules.most)


def count_sentences(reading: Reading) -> Iterator[Finding]:
    """Start each sentence on a new line (Inclusion Europe, Sentences)."""
    most = max((len(line) for line in reading.lines), default=0)
    if most > 1:
        yield Finding(Code.SEVERAL_SENTENCES, reading.message, amount=most)


def find_negation(reading: Reading) -> Iterator[Finding]:
    """Use positive sentences rather than negative ones (Inclusion Europe, Sentences).

    Two in one clause undo each other and are told as such.
    """
    rules = reading.rules.negation
    if rules is None:
        return
    said = [
        _say_no(clause, rules, reading, is_asked=sentence.is_question)
        for sentence in reading.sentences
        for clause in sentence.clauses
    ]
    double = next((words for words in said if len(words) > 1), ())
    if double:
        yield Finding(Code.DOUBLE_NEGATION, reading.message, ", ".join(double))
    elif single := [word for words in said for word in words]:
        yield Finding(Code.NEGATION, reading.message, single[0])


def _say_no(clause: str, rules: Negation, reading: Reading, *, is_asked: bool) -> tuple[str, ...]:
    cut = reading.rules.cut
    words = rules.says_no if is_asked else rules.says_no + rules.in_statements
    found = find_phrases(words, clause, cut, rules.but)
    found = found or find_phrases(rules.completes, clause, cut, rules.but)[:1]
    return found + find_phrases(rules.means_no, clause, cut) if found else ()


def find_passive(reading: Reading) -> Iterator[Finding]:
    """Say who acts: active, not passive (Inclusion Europe, Sentences)."""
    rules = reading.rules.passive
    if rules is None:
        return
    cut = reading.rules.cut
    for sentence in reading.sentences:
        hidden = find_phrases(rules.forms, sentence.folded, cut, rules.but)
        hidden = hidden or _find_participle(sentence.folded.split(" "), rules, reading)
        if hidden:
            yield Finding(Code.PASSIVE, reading.message, " ".join(hidden))
            return


def _find_participle(words: list[str], rules: Passive, reading: Reading) -> tuple[str, ...]:
    cut = reading.rules.cut
    for number, word in enumerate(words):
        if find_phrases(rules.auxiliaries, word, cut):
            after = " ".join(words[number + 1 : number + 1 + rules.within])
            if found := find_phrases(rules.participles, after, cut, rules.but):
                return word, found[0]
    return ()


def find_abbreviations(reading: Reading) -> Iterator[Finding]:
    """Write words in full: no initials, no abbreviations (Inclusion Europe, Words)."""
    found = _INITIALS.findall(reading.shown)
    for sentence in reading.sentences:
        found += find_phrases(reading.rules.abbreviations or (), sentence.folded, reading.rules.cut)
    if found:
        yield Finding(Code.ABBREVIATION, reading.message, found[0])


def find_capitals(reading: Reading) -> Iterator[Finding]:
    """Write no word all in capitals (Inclusion Europe, Design and format)."""
    for sentence in reading.sentences:
        for word in sentence.words:
            if word.isupper() and sum(letter.isalpha() for letter in word) > 1:
                yield Finding(Code.CAPITALS, reading.message, word)
                return


def find_digits(reading: Reading) -> Iterator[Finding]:
    """Numbers and percentages are hard to understand (Inclusion Europe, Words); respondents are shown none (ours)."""
    if numbers := _NUMBERS.findall(reading.shown):
        yield Finding(Code.DIGITS, reading.message, ", ".join(numbers))


def find_signs(reading: Reading) -> Iterator[Finding]:
    """Avoid special characters (Inclusion Europe, Words). A voice stumbles over them too."""
    found = sorted({letter for letter in reading.shown if _is_sign(letter)})
    if found:
        yield Finding(Code.SIGNS, reading.message, " ".join(found))


def _is_sign(letter: str) -> bool:
    if letter in _SAID_APOSTROPHES:
        return False
    return letter in _SIGNS or letter in _DASHES or unicodedata.category(letter) in _SIGN_KINDS


def find_italics(reading: Reading) -> Iterator[Finding]:
    """Write no italics and underline nothing (Inclusion Europe, Design and format)."""
    marked = _MARKED.search(reading.shown)
    slanted = [letter for letter in reading.shown if ord(letter) in _MATHEMATICAL]
    if marked or slanted:
        yield Finding(Code.ITALICS, reading.message, marked.group() if marked else "".join(slanted))


def find_rare_words(reading: Reading, frequencies: Frequencies) -> Iterator[Finding]:
    """Use words that people know well (Inclusion Europe, Words).

    Words said less often than once in a million are seldom known well (Zipf scale: below 3 is "low frequency").
    """
    name = reading.rules.frequencies
    if name is None:
        return
    words = dict.fromkeys(word for sentence in reading.sentences for word in sentence.words if _is_plain_word(word))
    for word in words:
        folded = fold(word, reading.rules.cut)
        parts = [part for part in folded.split(_BOUND) if len(part) > 1]
        if any(_is_rare(part, name, reading.rules, frequencies) for part in parts):
            yield Finding(Code.RARE_WORD, reading.message, folded)


def _is_rare(word: str, name: str, rules: LanguageRules, frequencies: Frequencies) -> bool:
    known = [frequencies.of(form, name) for form in _shorten(word, rules.endings)]
    return all(each is not None and each < rules.rarest for each in known)


def _shorten(word: str, letters: int) -> Iterator[str]:
    """Yield a word, and its beginnings that lack at most so many letters of its end."""
    yield word
    for end in range(len(word) - 1, max(len(word) - letters, _LEAST_LETTERS) - 1, -1):
        yield word[:end]


def _is_plain_word(word: str) -> bool:
    return len(word) > 1 and not word.endswith("'") and any(map(str.isalpha, word)) and SLOT not in word


MEASURES: Final[tuple[Callable[[Reading], Iterator[Finding]], ...]] = (
    measure_length,
    count_sentences,
    find_negation,
    find_passive,
    find_abbreviations,
    find_capitals,
    find_digits,
    find_signs,
    find_italics,
)
"""Every measure that needs nothing but the text and what is known of its language."""
