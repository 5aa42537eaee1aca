"""Plain language and pictures: what a sound questionnaire still needs before people meet it.

The rules are those of easy-to-read French (FALC; Inclusion Europe, "Information for all"). They advise: a breach is a
warning, and people who test a wording know better. A missing picture is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from survey_app.foundation.errors import RequestMistakenError
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.document import Document, Place, Value, read_document
from survey_app.questionnaire.faults import Fault
from survey_app.questionnaire.loader import parse_questionnaire
from survey_app.questionnaire.versions import find_edit

MOST_WORDS: Final = 15
"""Words of one sentence, at most."""

_WORD: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_SENTENCE_END: Final = re.compile(r"[.!?…]+(?=\s|$)")
_CAPITALS: Final = re.compile(r"\b[^\W\d_]{2,}\b")
_INITIALS: Final = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_SPECIAL: Final = frozenset('()[]{}<>*/\\&@#_|~^=+;%‰€$£"“”„«»§°•→')
_BESIDE_NE: Final = frozenset({"pas", "jamais", "rien", "plus", "aucun", "aucune", "personne", "guère", "point"})
_ALONE: Final = frozenset({"pas", "jamais", "rien", "aucun", "aucune", "non", "sans"})
_MEANS_NOT: Final = frozenset({"impossible", "inutile", "incapable", "injuste", "interdit", "interdite", "difficile"})


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file was found to be: unusable (``faults``), or usable and perhaps hard to understand (``warnings``)."""

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def check_file(path: Path, pictures: Path) -> Checked:
    """Check one file. ``pictures`` is the folder of the drawn pictures, ``NAME.svg`` each.

    Raises:
        RequestMistakenError: there is no such file, or it can't be read.
    """
    try:
        document = read_document(path)
    except OSError as error:
        raise RequestMistakenError(f"{path} can't be read ({error.strerror}). Name a questionnaire's file.") from None
    found = parse_questionnaire(document)
    edit = find_edit(path, found) if isinstance(found, Questionnaire) else None
    faults = found if isinstance(found, tuple) else (edit,) if edit else ()
    drawn = frozenset(picture.stem for picture in pictures.glob("*.svg"))
    warnings = [*check_language(document), *_uncollected(document), *_same_look(document)]
    return Checked(
        _in_order((*faults, *check_pictures(document, drawn))),
        _in_order(warnings),
    )


def check_pictures(document: Document, drawn: Collection[str]) -> Iterator[Fault]:
    """Yield a fault for each picture that is not drawn."""
    for place, name in _walk(document.value, ()):
        if place[-1] == "picture" and name not in drawn:
            mend = f"Draw survey_app/web/static/pictures/{name}.svg, or name another picture."
            yield document.fault(place, f'there is no picture "{name}". {mend}')


def check_language(document: Document) -> Iterator[Fault]:
    """Yield a warning for each sentence that is hard to read or to hear."""
    is_french = document.at(("language",)) == "fr"
    for place, text in _walk(document.value, ()):
        if place[-1] not in {"text", "example", "title", "stem"}:
            continue
        for rule in (*_RULES, *((_double_negation,) if is_french else ())):
            if advice := rule(text):
                yield document.fault(place, f'"{text}" {advice}')


def _walk(value: Value, place: Place) -> Iterator[tuple[Place, str]]:
    """Yield each text of a document with its place."""
    if isinstance(value, str) and place:
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _walk(inner, (*place, number))


def _long(text: str) -> str | None:
    longest = max((len(_WORD.findall(part)) for part in _SENTENCE_END.split(text)), default=0)
    if longest <= MOST_WORDS:
        return None
    return f"has a sentence of {longest} words. Say it in {MOST_WORDS} at most, or in two questions."


def _several_sentences(text: str) -> str | None:
    spoken = [part for part in _SENTENCE_END.split(text) if _WORD.search(part)]
    return None if len(spoken) <= 1 else f"holds {len(spoken)} sentences. Keep one sentence in a line."


def _capitals(text: str) -> str | None:
    shouted = [word for word in _CAPITALS.findall(text) if word.isupper()] + _INITIALS.findall(text)
    return f'holds capitals or initials ("{shouted[0]}"). Write the words out.' if shouted else None


def _special_characters(text: str) -> str | None:
    special = sorted(_SPECIAL & set(text))
    return f"holds special characters ({' '.join(special)}). Say it in words." if special else None


def _double_negation(text: str) -> str | None:
    words = [word.lower() for word in re.findall(r"[^\W_]+", text)]
    count = sum(word in _MEANS_NOT for word in words)
    is_after_ne = False
    for word in words:
        if word in {"ne", "n"}:
            count += 1
            is_after_ne = True  # "ne" and the words that complete it, as in "ne plus rien", say no once
        elif not (is_after_ne and word in _BESIDE_NE):
            count += word in _ALONE
    return None if count <= 1 else "says no twice. Say what is, not what is not."


def _uncollected(document: Document) -> Iterator[Fault]:
    items = document.at(("items",))
    for number, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict) and item.get("type") == "comment":
            message = f'item "{item.get("id")}" is a comment; comments are not collected yet. Leave it out for now.'
            yield document.fault(("items", number), message)


def _same_look(document: Document) -> Iterator[Fault]:
    """Two answers of one question that share a picture or a colour can be taken for each other."""
    for part in ("scales", "items"):
        owners = document.at((part,))
        for number in range(len(owners) if isinstance(owners, list) else 0):
            place: Place = (part, number, "answers")
            answers = document.at(place)
            for key in ("picture", "colour"):
                yield from _repeats(document, place, answers, key)


def _repeats(document: Document, place: Place, answers: Value, key: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, answer in enumerate(answers if isinstance(answers, list) else []):
        look = answer.get(key) if isinstance(answer, dict) else None
        if not isinstance(look, str):
            continue
        if look in seen:
            yield document.fault((*place, number, key), f'two answers share the {key} "{look}". Give each its own.')
        seen.add(look)


def _in_order(found: Collection[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(set(found), key=lambda fault: (fault.line, fault.message)))


_RULES: Final[tuple[Callable[[str], str | None], ...]] = (_long, _several_sentences, _capitals, _special_characters)
