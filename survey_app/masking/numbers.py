"""Numbers and addresses of machines that point at one person: each is found by its rule, wherever it has one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from survey_app.masking.span import Span

HOME: Final = "BE"
"""Region whose telephone numbers are written without the code of their country."""

_MAIL: Final = re.compile(r"[^\s@<>,;:()\[\]]+\s?@\s?[^\s@<>,;:()\[\]]+\.[^\W\d_]{2,}|(?<!\w)@\w[\w.]{2,}")
# A voice that is typed out says "arobase" and "point"; a link to an account points at one person as much as its name.
_SPOKEN_MAIL: Final = re.compile(
    r"[\w.+-]+\s*(?:[\[(]\s*(?:at|arobase|apenstaartje|a)\s*[)\]]\s*[\w.-]+"
    r"|\s(?:at|arobase|apenstaartje|chez)\s[\w-]+)\s*(?:\.|\s(?:point|punt|dot)\s)\s*(?:com|be|org|net|eu|fr|nl|info)\b",
    re.IGNORECASE,
)
_LINK: Final = re.compile(
    r"(?:https?://|\bwww\.)[^\s<>\"]+|\b[\w-]+\.(?:com|be|org|net|me|eu)/[^\s<>\"]+", re.IGNORECASE
)
_MONTH: Final = (
    "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
    "|januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"
    "|january|february|march|may|june|july|august|october"
)
_BIRTHDAY: Final = re.compile(
    rf"(?<!\d)\d{{1,2}}(?:er|e|th|st|nd|rd)?[ .]+(?:{_MONTH})[ ,]+(?:19|20)\d{{2}}(?!\d)", re.IGNORECASE
)
_PLATE: Final = re.compile(r"\b[1-9][ -]?[A-Z]{3}[ -]?\d{3}\b")
_IBAN: Final = re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ .-]?[A-Za-z0-9]){11,30}\b")
_SHORTEST_IBAN: Final = 15
_BREAK: Final = r"[ \t\u00a0./\u2010-\u2015-]{0,3}"
_NATIONAL: Final = re.compile(rf"(?<!\d)\d{{2}}(?:{_BREAK}\d{{2}}){{2}}{_BREAK}\d{{3}}{_BREAK}\d{{2}}(?!\d)")
_LONG: Final = re.compile(rf"(?<!\d)\d(?:{_BREAK}\d){{5,}}(?!\d)")
_MONTHS: Final = frozenset({*range(13), *range(20, 33), *range(40, 53)})


def in_plain_digits(text: str) -> str:
    """Return the text, letter by letter, with the digits of every script as 0 to 9."""
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)


def find_mail(text: str) -> Iterator[Span]:
    """Give addresses of electronic mail, written or spoken, names of accounts (``@name``) and links."""
    for rule in (_LINK, _MAIL, _SPOKEN_MAIL):
        yield from (found.span() for found in rule.finditer(text))


def find_ibans(text: str) -> Iterator[Span]:
    """Give bank accounts whose check digits are right (ISO 13616)."""
    for found in _IBAN.finditer(text):
        words = re.split(r"([ .-])", found[0])  # what follows an account may look like a part of it
        ends = [len("".join(words[: at + 1])) for at, word in enumerate(words) if any(map(str.isdigit, word))]
        yield from ((found.start(), found.start() + end) for end in reversed(ends) if is_iban(found[0][:end]))


def is_iban(text: str) -> bool:
    """Say whether the check digits of an account are right (ISO 7064, modulus 97)."""
    bare = re.sub(r"[ .-]", "", text).upper()
    return len(bare) >= _SHORTEST_IBAN and int("".join(str(int(each, 36)) for each in bare[4:] + bare[:4])) % 97 == 1


def find_national_numbers(text: str) -> Iterator[Span]:
    """Give Belgian national-register numbers, those of the second register (BIS) included."""
    return (found.span() for found in _NATIONAL.finditer(text) if is_national_number(found[0]))


def is_national_number(text: str) -> bool:
    """Say whether the check digits are right (Royal Decree of 3 April 1984; 97 less the rest of the first nine).

    People born from 2000 on have a 2 before the nine digits. In a BIS number, 20 or 40 is added to the month.
    """
    digits = re.sub(r"\D", "", text)
    if len(digits) != 11 or int(digits[2:4]) not in _MONTHS:  # noqa: PLR2004 - six of the birth, three of the day, two to check
        return False
    check = int(digits[9:])
    return any(97 - int(century + digits[:9]) % 97 == check for century in ("", "2"))


def find_phones(text: str) -> Iterator[Span]:
    """Give telephone numbers, Belgian ones in any notation and those of every country with its code."""
    from phonenumbers import PhoneNumberMatcher  # noqa: PLC0415 - weighs on the server's start, and a review is rare

    return ((found.start, found.end) for found in PhoneNumberMatcher(text, HOME))


def find_long_numbers(text: str) -> Iterator[Span]:
    """Give other numbers of six digits or more (files, badges, numbers of persons with a slip), birthdays and plates."""
    for rule in (_BIRTHDAY, _PLATE, _LONG):
        yield from (found.span() for found in rule.finditer(text))
