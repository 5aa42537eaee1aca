"""Corrections: sentences that somebody brings back in a PO file, checked before any of them counts.

Every fault of a file is found at once, with its line. What a catalogue that is shipped must pass, these must pass too: quotes,
slots, plural forms, no HTML, and letters that each tablet draws.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import PoFileError, read_po

from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import Language
from survey_app.foundation.letters import find_undrawn
from survey_app.questionnaire.faults import Fault
from survey_app.questionnaire.translation import (
    Catalogues,
    Domain,
    Entry,
    Key,
    State,
    Wrong,
    find_unreadable,
    find_wrong,
    key_of_message,
    read_remarks,
    write_remarks,
)
from survey_app.questionnaire.upkeep import write_out

DOMAINS: Final[tuple[Domain, ...]] = ("respond", "questionnaires")
"""What respondents meet: staff's own pages are not corrected here."""
_COMMENT: Final = "# Corrected or added after the program was installed."


@dataclass(frozen=True, slots=True)
class Corrections:
    """The sentences of a file, by context and source; those without a translation are not among them."""

    entries: Mapping[Key, Entry]
    lines: Mapping[Key, int]


def read_corrections(content: bytes, language: Language) -> Corrections | tuple[Wrong, ...]:
    """Read a PO file that somebody brings; or return all that is wrong with it, by line.

    Args:
        content: as it came.
        language: which one it must be.
    """
    read = _read(content)
    if not isinstance(read, Catalog):
        return read
    found = list(_find_wrong_head(read, language))
    entries: dict[Key, Entry] = {}
    lines: dict[Key, int] = {}
    for message in read:
        texts = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if not message.id or message.fuzzy or not any(texts):
            continue
        if wrong := _find_wrong_sentence(message, texts, language):
            found.append(replace(wrong, line=message.lineno or 1))
            continue
        key = key_of_message(message)
        entries[key], lines[key] = Entry(texts, *read_remarks(message.user_comments)), message.lineno or 1
    return tuple(sorted(found, key=lambda wrong: wrong.line)) if found else Corrections(entries, lines)


def read_our_own(path: Path, language: Language) -> Corrections:
    """Read a file that was written here; none where there is none.

    Raises:
        RequestMistakenError: it is at fault; one line for each place.
    """
    if not path.exists():
        return Corrections({}, {})
    read = read_corrections(path.read_bytes(), language)
    if not isinstance(read, Corrections):
        raise RequestMistakenError("\n".join(say_wrong(path, read)))
    return read


def say_wrong(place: Path, found: Iterable[Wrong]) -> Iterator[str]:
    """Say what is wrong with a file, each with its line."""
    return (str(Fault(place, wrong.line, wrong.said)) for wrong in found)


def check_text(source: str, text: str, language: Language) -> Wrong | None:
    """Say what is wrong with one sentence, ``None`` where nothing is."""
    return _find_wrong_sentence(Message(source, string=text), (text,), language)


def tell_domain(corrections: Corrections, catalogues: Catalogues) -> Domain:
    """Return which catalogue a file is of: the sentences of the pages, or else those of questionnaires."""
    pages = frozenset(catalogues.wanted["respond"])
    of_pages = sum(key in pages for key in corrections.entries)
    return "respond" if of_pages * 2 > len(corrections.entries) else "questionnaires"


def find_changes(corrections: Mapping[Key, Entry], here: Mapping[Key, Entry]) -> dict[Key, Entry]:
    """Return the sentences that differ from those that are here and may take their place."""
    return {
        key: entry for key, entry in corrections.items() if entry != here.get(key) and entry.replaces(here.get(key))
    }


Reviewed = Literal["", "changed", "all"]
"""What a speaker read of a file: nothing beyond what the file itself says, the sentences that it changes, or all of it."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an editor's file would change: ``new`` sentences, and those that stay as a person checked them (``stay``).

    ``tested``: those among the new that the group had understood as they were.
    """

    new: Mapping[Key, Entry]
    tested: frozenset[Key]
    stay: frozenset[Key]


def propose(corrections: Mapping[Key, Entry], here: Mapping[Key, Entry], day: str, reviewed: Reviewed) -> Proposal:
    """Say what the sentences of a file would change on a day.

    A file says again what is here: only another text, or a state that is further than ours, is a change.
    """
    new: dict[Key, Entry] = {}
    stay: set[Key] = set()
    for key, entry in corrections.items():
        ours = here.get(key)
        is_other = ours is None or entry.texts != ours.texts
        is_read = reviewed == "all" or (reviewed == "changed" and is_other)
        state = State.REVIEWED if is_read and entry.state is State.DRAFT else entry.state
        proposed = Entry(entry.texts, state, day)
        if ours is not None and not is_other and state.rank <= ours.state.rank:
            continue
        if proposed.replaces(ours):
            new[key] = proposed
        else:
            stay.add(key)
    tested = frozenset(key for key in new if key in here and here[key].state is State.TESTED)
    return Proposal(new, tested, frozenset(stay))


def write_corrections(entries: Mapping[Key, Entry], language: Language) -> str:
    """Return sentences as a PO file of their own, in the order of their contexts."""
    catalogue = Catalog(locale=language.locale)
    for key in sorted(entries):
        _put(catalogue, key, entries[key], ())
    return write_out(catalogue, language, _COMMENT)


def write_whole(shipped: bytes, entries: Mapping[Key, Entry], language: Language) -> str:
    """Return a shipped PO file with what holds here in place of its own sentences. Remarks of translators stay."""
    catalogue = read_po(io.BytesIO(shipped), locale=language.locale, ignore_obsolete=True)
    comment = catalogue.header_comment
    whole = Catalog(locale=language.locale)
    for message in catalogue:
        if message.id:
            key = key_of_message(message)
            _put(whole, key, entries.get(key), message.user_comments, message)
    for key in sorted(entries.keys() - {key_of_message(message) for message in catalogue if message.id}):
        _put(whole, key, entries[key], ())
    return write_out(whole, language, comment)


def _put(
    catalogue: Catalog, key: Key, entry: Entry | None, comments: Collection[str], like: Message | None = None
) -> None:
    context, source = key
    texts = entry.texts if entry else ("",)
    remarks = write_remarks(comments, entry.state, entry.changed) if entry else list(comments)
    catalogue.add(
        like.id if like else source,
        texts[0] if len(texts) == 1 else texts,
        context=context or None,
        user_comments=remarks,
        auto_comments=like.auto_comments if like else (),
    )


def _read(content: bytes) -> Catalog | tuple[Wrong, ...]:
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return (Wrong("encoding", line=content[: error.start].count(b"\n") + 1),)
    if unreadable := find_unreadable(text):
        return tuple(Wrong("quotes", line=line) for line in unreadable)
    try:
        return read_po(io.BytesIO(text.encode()), abort_invalid=True, ignore_obsolete=True)
    except PoFileError as error:
        return (Wrong("unreadable", line=error.lineno + 1),)
    except (ValueError, LookupError, SyntaxError):
        return (Wrong("head"),)


def _find_wrong_head(catalogue: Catalog, language: Language) -> Iterator[Wrong]:
    """Find a file of another language, and plural forms that are not those of the language."""
    said = str(catalogue.locale_identifier or "").replace("-", "_")
    if said != language.locale:
        yield Wrong("language", about=said)
    elif not _has_our_plurals(catalogue, language):
        yield Wrong("plurals")


def _has_our_plurals(catalogue: Catalog, language: Language) -> bool:
    ours = get_plural(Locale.parse(language.locale))
    return (catalogue.num_plurals, catalogue.plural_expr.replace(" ", "")) == (
        ours.num_plurals,
        ours.plural_expr.replace(" ", ""),
    )


def _find_wrong_sentence(message: Message, texts: tuple[str, ...], language: Language) -> Wrong | None:
    source = key_of_message(message)[1]
    if not all(text.strip() for text in texts):
        return Wrong("form-empty", source)
    if any("\n" in text for text in texts):
        return Wrong("lines", source)
    if wrong := find_wrong(message, texts):
        return wrong
    undrawn = find_undrawn(language.script, "".join(texts))
    return Wrong("letters", source, undrawn) if undrawn else None
