"""Corrections: sentences that somebody brings back in a PO file, checked before any of them counts.

Every fault of a file is found at once, with its line. What a catalogue that is shipped must pass, these must pass too: quotes,
slots, plural forms, no HTML, and letters that each tablet draws.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import PoFileError, read_po

from survey_app.foundation.languages import Language
from survey_app.foundation.letters import find_undrawn
from survey_app.questionnaire.faults import Fault
from survey_app.questionnaire.translation import (
    Catalogues,
    Domain,
    Entry,
    Key,
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


def read_corrections(content: bytes, language: Language, place: Path) -> Corrections | tuple[Fault, ...]:
    """Read a PO file that somebody brings; or return all that is wrong with it, by line.

    Args:
        content: as it came.
        language: which one it must be.
        place: how its reader knows the file.
    """
    read = _read(content, place)
    if not isinstance(read, Catalog):
        return read
    faults = list(_find_wrong_head(read, language, place))
    entries: dict[Key, Entry] = {}
    lines: dict[Key, int] = {}
    for message in read:
        texts = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if not message.id or message.fuzzy or not any(texts):
            continue
        if wrong := _find_wrong_sentence(message, texts, language):
            faults.append(Fault(place, message.lineno or 1, wrong))
            continue
        key = key_of_message(message)
        entries[key], lines[key] = Entry(texts, *read_remarks(message.user_comments)), message.lineno or 1
    return tuple(sorted(faults, key=lambda fault: fault.line)) if faults else Corrections(entries, lines)


def check_text(source: str, text: str, language: Language) -> str:
    """Say what is wrong with one sentence, empty where nothing is."""
    return _find_wrong_sentence(Message(source, string=text), (text,), language) or ""


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


def _read(content: bytes, place: Path) -> Catalog | tuple[Fault, ...]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return (Fault(place, line, "this is not text in UTF-8. Save the file with the encoding UTF-8."),)
    if unreadable := find_unreadable(text):
        return tuple(Fault(place, line, "this line can't be read. Look at its quotes.") for line in unreadable)
    try:
        return read_po(io.BytesIO(text.encode()), abort_invalid=True, ignore_obsolete=True)
    except PoFileError as error:
        return (Fault(place, error.lineno + 1, f"this line can't be read ({error}). Mend it."),)
    except (ValueError, LookupError, SyntaxError):
        return (
            Fault(
                place, 1, "the head of the file can't be read. Take the file along anew, and change its sentences only."
            ),
        )


def _find_wrong_head(catalogue: Catalog, language: Language, place: Path) -> Iterator[Fault]:
    """Find a file of another language, and plural forms that are not those of the language."""
    said = str(catalogue.locale_identifier or "").replace("-", "_")
    if said != language.locale:
        yield Fault(
            place, 1, f'the file says that its language is "{said}", not "{language.locale}". Choose the other file.'
        )
    elif not _has_our_plurals(catalogue, language):
        yield Fault(place, 1, f"its plural forms are not those of {language.tag}. Take the file along anew.")


def _has_our_plurals(catalogue: Catalog, language: Language) -> bool:
    ours = get_plural(Locale.parse(language.locale))
    return (catalogue.num_plurals, catalogue.plural_expr.replace(" ", "")) == (
        ours.num_plurals,
        ours.plural_expr.replace(" ", ""),
    )


def _find_wrong_sentence(message: Message, texts: tuple[str, ...], language: Language) -> str | None:
    if not all(text.strip() for text in texts):
        return f'a plural form of "{_source_of(message)}" is empty. Translate each, or none.'
    if any("\n" in text for text in texts):
        return f'the translation of "{_source_of(message)}" has several lines. Write it in one.'
    if wrong := find_wrong(message, texts):
        return wrong
    if undrawn := find_undrawn(language.script, "".join(texts)):
        return f'the translation of "{_source_of(message)}" holds letters that tablets may not draw: {undrawn}'
    return None


def _source_of(message: Message) -> str:
    return key_of_message(message)[1]


def wanted_keys_of(sentences: Iterable[tuple[str, str]], catalogues: Catalogues) -> Mapping[Domain, frozenset[Key]]:
    """Return the sentences that respondents can meet: those of the pages, and these of questionnaires."""
    return {"respond": frozenset(catalogues.wanted["respond"]), "questionnaires": frozenset(sentences)}
