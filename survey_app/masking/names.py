"""Names of people, as far as rules can find them.

No recogniser that works without a network knows names in the languages at hand, so two plain rules propose: a word with
a capital inside a sentence, in the scripts that have capitals (a name that begins a sentence is missed, a town is
proposed too); and, in every script, the words after "my name is" and after a form of address. The person who reviews
decides, and finds the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from survey_app.masking.span import Span

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NAMED: Final = r"((?:\s*[,:]?\s*)?[^\W\d_]+(?:['’-][^\W\d_]+)*(?:[ \t]+[A-ZÀ-ÞА-Я][^\W\d_]+)*)"
_INTRODUCED: Final = re.compile(
    r"(?<!\w)(?:je m['’]appelle|mon nom est|moi c['’]est|ik heet|mijn naam is|my name is|i am called|ich heiße"
    r"|mein name ist|me llamo|mi nombre es|chamo-me|o meu nome é|benim adım|adım|unë quhem|navê min"
    r"|magacaygu waa|jina langu ni|kombo na nga ezali|innde am ko|maqaan koo"
    r"|меня зовут|мене звати|моє ім['’]я|моё имя"
    r"|اسمي|إسمي|نام من|اسم من|زما نوم|میرا نام|ناوم"
    rf"|ስመይ|ስሜ|আমার নাম|我叫|我的名字是){_NAMED}",
    re.IGNORECASE,
)
_ADDRESSED: Final = re.compile(
    r"(?<!\w)(?i:monsieur|madame|mademoiselle|mr|mrs|ms|mme|mlle|mevrouw|meneer|mevr|dhr|mw|docteur|dokter|dr|prof"
    r"|herr|frau|señora?|senhora?|mijnheer|juffrouw|m(?=\.))\.?\s+([A-ZÀ-Þ][^\W\d_]+(?:[ '’-][A-ZÀ-Þ][^\W\d_]+)*)"
)
_BEFORE_A_SENTENCE: Final = frozenset('.!?…:\n«»"“”„()[]-–—•*።፡۔؟।。')
_OF_NOBODY: Final = """
belgique belgië belgie belgium bruxelles brussel brussels flandre vlaanderen wallonie wallonië europe europa cpas ocmw
forem vdab actiris pmi pc i i'm i’m i'll i’ll i've i’ve ok sms gsm whatsapp facebook internet
french dutch english arabic german frans nederlands engels arabisch duits français néerlandais anglais arabe
monday tuesday wednesday thursday friday saturday sunday
"""  # words with a capital that point at nobody, in the staff's languages
_NO_NAMES: Final = frozenset(_OF_NOBODY.split())


def find_names(text: str) -> Iterator[Span]:
    """Give what may be names."""
    for rule in (_INTRODUCED, _ADDRESSED):
        for found in rule.finditer(text):
            start, end = found.span(1)
            yield start + len(text[start:end]) - len(text[start:end].lstrip(" ,:\t\n")), end
    if not text.isupper():  # where everything is in capitals they say nothing
        yield from _find_capitals(text)


def _find_capitals(text: str) -> Iterator[Span]:
    """Give each run of words with a capital, but a single one that begins a sentence."""
    for first, *others in _runs(text):
        if others or not _begins_sentence(text, first[0]):
            yield first[0], others[-1][1] if others else first[1]


def _runs(text: str) -> Iterator[list[Span]]:
    run: list[Span] = []
    for word in _WORD.finditer(text):
        if not _has_capital(word[0]):
            continue
        if run and text[run[-1][1] : word.start()].strip(" "):
            yield run
            run = []
        run.append(word.span())
    if run:
        yield run


def _has_capital(word: str) -> bool:
    return word[0].isupper() and word.casefold() not in _NO_NAMES


def _begins_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \t'’")
    return not before or before[-1] in _BEFORE_A_SENTENCE
