"""Catalogues: every sentence in every language, and which languages are complete enough to be offered.

Read from PO files at start, without a compile step. Three domains: ``messages`` (staff's pages and reports, written in
English), ``respond`` (respondents' pages, written in English) and ``questionnaires`` (written in each questionnaire's
own language). What sentences there are to translate stands in ``translations/<domain>.pot``.
"""

from __future__ import annotations

import gettext
import io
import re
import string
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from babel.messages import Message
from babel.messages.pofile import PoFileError, read_po

from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import RESPONDENT_LANGUAGES, STAFF_LANGUAGES, Language, find_language
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.faults import Fault
from survey_app.questionnaire.sentences import sentences_of

Domain = Literal["messages", "respond", "questionnaires"]
DOMAINS: Final[tuple[Domain, ...]] = ("messages", "respond", "questionnaires")
SOURCE_LANGUAGE: Final = "en"
"""Tag of the language that ``messages`` and ``respond`` are written in."""

Key = tuple[str, str]
"""Context (empty where there is none) and source text of a sentence."""

_LINE: Final = re.compile(r'^\s*(?:#.*|(?:msg[a-z_]+(?:\[\d\])?\s+)?"(?:[^"\\]|\\.)*"\s*)?$')
_STATE: Final = re.compile(r"^state:\s*(\S+)$")
_CHANGED: Final = re.compile(r"^changed:\s*(\d{4}-\d\d-\d\d)$", re.ASCII)
_HTML: Final = re.compile(r"<[A-Za-z/!]|&#?\w+;")
_PERCENT: Final = re.compile(r"%(?:\(\w+\)[a-z])?")


class State(StrEnum):
    """How far a translation has come, in this order. ``tested``: with people whom it is for."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    TESTED = "tested"

    @property
    def rank(self) -> int:
        return list(State).index(self)


@dataclass(frozen=True, slots=True)
class Entry:
    """A translated sentence: one text, or one for each plural form. ``changed``: the day of its last correction or review."""

    texts: tuple[str, ...]
    state: State
    changed: str = ""

    def replaces(self, here: Entry | None) -> bool:
        """Say whether this sentence takes the place of the one that is here.

        A draft never replaces what a person checked. Of two corrections the later one holds; what bears no day only fills a
        gap, or replaces what was checked less.
        """
        if here is None:
            return True
        if self.state is State.DRAFT and here.state is not State.DRAFT:
            return False
        return self.changed >= here.changed if self.changed else self.state.rank > here.state.rank


WrongCode = Literal[
    "encoding", "quotes", "unreadable", "head", "language", "plurals",
    "form-empty", "lines", "html", "brace", "slots", "letters", "original",
]  # fmt: skip
_SAID: Final[Mapping[WrongCode, str]] = {
    "encoding": "this is not text in UTF-8. Save the file with the encoding UTF-8.",
    "quotes": "this line can't be read. Look at its quotes.",
    "unreadable": "this line can't be read. Mend it.",
    "head": "the head of the file can't be read. Take the file along anew, and change its sentences only.",
    "language": 'the file says that its language is "{about}". Choose the file of this language.',
    "plurals": "its plural forms are not those of its language. Take the file along anew.",
    "form-empty": 'a form of the translation of "{source}" is empty. Write each, or none.',
    "lines": 'the translation of "{source}" has several lines. Write it in one.',
    "html": 'the translation of "{source}" holds HTML. Write plain words only.',
    "brace": 'the translation of "{source}" has a brace without its partner. Mend it.',
    "slots": 'the translation of "{source}" differs in {about}. Keep every slot exactly as in the source.',
    "letters": 'the translation of "{source}" holds letters that tablets may not draw: {about}',
    "original": '"{source}" is the original sentence. A new version of its questionnaire changes it, not a translation.',
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a translation, or the file that holds it, cannot be used: a code, the sentence, and what it is about."""

    code: WrongCode
    source: str = ""
    about: str = ""
    line: int = 1

    @property
    def said(self) -> str:
        """The same in one sentence, with its mend."""
        return _SAID[self.code].format(source=self.source, about=self.about)


@dataclass(frozen=True, slots=True)
class Gap:
    """A sentence that does not exist in a language."""

    domain: Domain
    context: str
    text: str


class Words:
    """Sentences of one language, as gettext gives them. What is not translated comes back in English."""

    __slots__ = ("_entries", "plural", "tag")

    def __init__(self, tag: str, entries: Mapping[Key, Entry], plural: Callable[[int], int]) -> None:
        self.tag = tag
        self._entries = entries
        self.plural = plural

    def gettext(self, message: str) -> str:
        return self.pgettext("", message)

    def pgettext(self, context: str, message: str) -> str:
        entry = self._entries.get((context, message))
        return entry.texts[0] if entry else message

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.npgettext("", singular, plural, n)

    def npgettext(self, context: str, singular: str, plural: str, n: int) -> str:
        entry = self._entries.get((context, singular))
        if entry is None:
            return singular if n == 1 else plural
        return entry.texts[min(self.plural(n), len(entry.texts) - 1)]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One PO file. ``faults`` are translations that would break a page: they count as not there."""

    words: Words
    entries: Mapping[Key, Entry]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Catalogues:
    """Every catalogue, by domain and language tag. ``wanted`` lists the sentences of each domain's template."""

    found: Mapping[tuple[Domain, str], Catalogue]
    wanted: Mapping[Domain, tuple[Key, ...]]
    _english: Words = field(default_factory=lambda: Words(SOURCE_LANGUAGE, {}, _english_plural))

    def respond(self, tag: str) -> Words:
        """Return the words of the respondents' pages in a language."""
        return self._words("respond", tag)

    def messages(self, tag: str) -> Words:
        """Return the words of staff's pages and of reports in a language.

        They hold the respondents' words too: components and error pages are written once for both.
        """
        return self._words("messages", tag)

    def text(self, questionnaire: Questionnaire, language_tag: str, context: str, source: str) -> str:
        """Return a sentence of a questionnaire in a language; the source text where there is no translation."""
        if language_tag == questionnaire.language:
            return source
        entry = self.entry("questionnaires", language_tag, (context, source))
        return entry.texts[0] if entry else source

    def entry(self, domain: Domain, tag: str, key: Key) -> Entry | None:
        """Return one translated sentence with its state."""
        catalogue = self.found.get((domain, tag))
        return catalogue.entries.get(key) if catalogue else None

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every translation that would break a page, by file and line."""
        return tuple(fault for catalogue in self.found.values() for fault in catalogue.faults)

    def _words(self, domain: Domain, tag: str) -> Words:
        catalogue = self.found.get((domain, tag))
        return catalogue.words if catalogue else self._english


def load_catalogues(folder: Path, more: Path | None = None) -> Catalogues:
    """Read every catalogue of a folder. A second call for unchanged files costs nothing.

    Args:
        folder: catalogues and templates.
        more: catalogues of sentences that came or were corrected later; each takes the place of another as ``Entry.replaces``
            says.

    Raises:
        RequestMistakenError: a template or a catalogue is missing or can't be read.
    """
    files = sorted([*folder.glob("*/LC_MESSAGES/*.po"), *folder.glob("*.pot")])
    files += sorted(more.glob("*/LC_MESSAGES/*.po")) if more is not None else ()
    return _load(folder, tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files))


def missing(questionnaire: Questionnaire, language: Language, catalogues: Catalogues) -> tuple[Gap, ...]:
    """Return what keeps a questionnaire from being offered in a language."""
    return tuple(
        Gap(domain, *key)
        for domain, key in _needed(questionnaire, language, catalogues)
        if catalogues.entry(domain, language.tag, key) is None
    )


def offered_languages(questionnaire: Questionnaire, catalogues: Catalogues) -> tuple[Language, ...]:
    """Return the languages in which every sentence of the questionnaire and of the respondents' pages exists."""
    return tuple(language for language in RESPONDENT_LANGUAGES if not missing(questionnaire, language, catalogues))


@lru_cache(maxsize=256)
def least_state(questionnaire: Questionnaire, language: Language, catalogues: Catalogues) -> State:
    """Return the state of the least checked sentence that a respondent meets in a language.

    Staff see it before a session starts. A source text is nobody's translation: alone, it counts as reviewed. Files decide
    it alone, so each answer is kept; other catalogues are other files.
    """
    sentences = [*_interface(catalogues), *_own_keys(questionnaire)]
    entries = [catalogues.entry(domain, language.tag, key) for domain, key in sentences]
    states = [entry.state for entry in entries if entry is not None]
    return min(states, key=lambda state: state.rank, default=State.REVIEWED)


def wanted_languages(domain: Domain) -> tuple[Language, ...]:
    """Return the languages that a domain is to exist in."""
    tags = [language.tag for language in RESPONDENT_LANGUAGES] if domain != "messages" else STAFF_LANGUAGES
    return tuple(language for tag in tags if (language := find_language(tag)))


def wanted_keys(
    domain: Domain, tag: str, questionnaires: Collection[Questionnaire], catalogues: Catalogues
) -> tuple[Key, ...] | None:
    """Return the sentences that a domain needs in a language, each once; ``None`` where it is all in that language."""
    if domain != "questionnaires":
        return None if tag == SOURCE_LANGUAGE else catalogues.wanted[domain]
    foreign = [found for found in questionnaires if found.language != tag]
    keys = [key for found in foreign for _, key in _own_keys(found)]
    return tuple(dict.fromkeys(keys)) if foreign else None


def find_slots(text: str) -> frozenset[str]:
    """Return what is filled into a sentence: ``{name}``, ``%(name)s``, and any bare ``%``.

    Raises:
        ValueError: a brace stands alone.
    """
    braces = {f"{{{name}}}" for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    return frozenset(braces | set(_PERCENT.findall(text)))


def _needed(questionnaire: Questionnaire, language: Language, catalogues: Catalogues) -> list[tuple[Domain, Key]]:
    return [
        *(_interface(catalogues) if language.tag != SOURCE_LANGUAGE else ()),
        *(_own_keys(questionnaire) if language.tag != questionnaire.language else ()),
    ]


def _interface(catalogues: Catalogues) -> list[tuple[Domain, Key]]:
    return [("respond", key) for key in catalogues.wanted["respond"]]


def _own_keys(questionnaire: Questionnaire) -> list[tuple[Domain, Key]]:
    return [("questionnaires", (sentence.context, sentence.text)) for sentence in sentences_of(questionnaire)]


@lru_cache(maxsize=4)
def _load(folder: Path, files: tuple[tuple[Path, int, int], ...]) -> Catalogues:
    found: dict[tuple[Domain, str], Catalogue] = {}
    for path, changed_at, size in files:
        for domain in DOMAINS:
            if path.name == f"{domain}.po":
                tag = path.parent.parent.name.replace("_", "-")
                read = _read_catalogue(path, tag, changed_at, size)
                found[domain, tag] = _lay_over(found.get((domain, tag)), read)
    for tag in STAFF_LANGUAGES:
        _share(found, tag)
    known = {path: (changed_at, size) for path, changed_at, size in files}
    templates = {domain: folder / f"{domain}.pot" for domain in DOMAINS}
    return Catalogues(
        found, {domain: _read_wanted(path, *known.get(path, (0, 0))) for domain, path in templates.items()}
    )


def _lay_over(ours: Catalogue | None, later: Catalogue) -> Catalogue:
    if ours is None:
        return later
    new = {key: entry for key, entry in later.entries.items() if entry.replaces(ours.entries.get(key))}
    entries = {**ours.entries, **new}
    return Catalogue(Words(ours.words.tag, entries, ours.words.plural), entries, (*ours.faults, *later.faults))


def _share(found: dict[tuple[Domain, str], Catalogue], tag: str) -> None:
    """Let staff's words fall back on the respondents'."""
    own, shared = found.get(("messages", tag)), found.get(("respond", tag))
    if shared is None:
        return
    entries = {**shared.entries, **(own.entries if own else {})}
    words = Words(tag, entries, (own or shared).words.plural)
    found["messages", tag] = Catalogue(words, own.entries if own else {}, own.faults if own else ())


@lru_cache(maxsize=16)
def _read_wanted(path: Path, _changed_at: int, _size: int) -> tuple[Key, ...]:
    if not path.exists():
        raise RequestMistakenError(f"{path} is missing. Run: survey-app translations extract")
    _, messages = _read_messages(path)
    return tuple(key_of_message(message) for message in messages)


@lru_cache(maxsize=256)
def _read_catalogue(path: Path, tag: str, _changed_at: int, _size: int) -> Catalogue:
    plural, messages = _read_messages(path)
    entries: dict[Key, Entry] = {}
    faults: list[Fault] = []
    for message in messages:
        texts = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if message.fuzzy or not texts or not all(texts):
            continue
        wrong = find_wrong(message, texts)
        if wrong:
            faults.append(Fault(path, message.lineno or 1, wrong.said))
            continue
        entries[key_of_message(message)] = Entry(texts, *read_remarks(message.user_comments))
    return Catalogue(Words(tag, entries, plural), entries, tuple(faults))


def _read_messages(path: Path) -> tuple[Callable[[int], int], list[Message]]:
    """Return the plural rule of a file and its sentences."""
    content = path.read_bytes()
    try:
        # Babel takes a line without its closing quote, less its last letter.
        for number in find_unreadable(content.decode("utf-8")):
            raise RequestMistakenError(f"{path} line {number} can't be read. Look at its quotes.")
        catalogue = read_po(io.BytesIO(content), ignore_obsolete=True, abort_invalid=True)
    except PoFileError as error:
        raise RequestMistakenError(f"{path} line {error.lineno + 1} can't be read ({error}). Mend that line.") from None
    except ValueError as error:
        raise RequestMistakenError(f"{path} can't be read ({error}). Take it back from the last commit.") from None
    return gettext.c2py(catalogue.plural_expr), [message for message in catalogue if message.id]


def find_unreadable(text: str) -> tuple[int, ...]:
    """Return the lines of a PO file that Babel would take otherwise than they stand there: less a closing quote, say."""
    return tuple(number for number, line in enumerate(text.splitlines(), 1) if not _LINE.match(line))


def key_of_message(message: Message) -> Key:
    """Return context and source text of a message."""
    source = message.id if isinstance(message.id, str) else message.id[0]
    return message.context or "", source


def read_remarks(comments: Collection[str]) -> tuple[State, str]:
    """Return the state that stands above a sentence, a draft where none does, and the day of its last change."""
    state, changed = State.DRAFT, ""
    for comment in reversed([each.strip() for each in comments]):
        if (found := _STATE.match(comment)) and found[1] in frozenset(State):
            state = State(found[1])
        elif (found := _CHANGED.match(comment)) and _is_day(found[1]):
            changed = found[1]
    return state, changed


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def write_remarks(comments: Collection[str], state: State, changed: str) -> list[str]:
    """Return what stands above a sentence, with another state and day."""
    others = [each for each in comments if not _STATE.match(each.strip()) and not _CHANGED.match(each.strip())]
    return [f"state: {state}", *([f"changed: {changed}"] if changed else []), *others]


def find_wrong(message: Message, texts: tuple[str, ...]) -> Wrong | None:
    """Say what in a translation would break a page, ``None`` where nothing would."""
    source = message.id if isinstance(message.id, str) else message.id[-1]
    wanted = find_slots(source)
    for number, text in enumerate(texts):
        if _HTML.search(text):
            return Wrong("html", source)
        try:
            found = find_slots(text)
        except ValueError:
            return Wrong("brace", source)
        # "One person" may leave its number out; every other form may not.
        if found - wanted or (wanted - found and number == len(texts) - 1):
            return Wrong("slots", source, ", ".join(sorted(found ^ wanted)))
    return None


def _english_plural(n: int) -> int:
    return int(n != 1)
