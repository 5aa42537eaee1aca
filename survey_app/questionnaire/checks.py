"""Pictures and looks: what a sound questionnaire still needs before people meet it.

A missing picture is a fault; two answers that look alike are advised against. How plain the words are is measured in
``plain``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from survey_app.foundation.errors import RequestMistakenError
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.document import Document, Place, Value, read_document
from survey_app.questionnaire.faults import Fault
from survey_app.questionnaire.loader import parse_questionnaire
from survey_app.questionnaire.versions import find_edit


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file was found to be: unusable (``faults``), or usable and perhaps easy to mistake (``warnings``)."""

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
    warnings = list(_same_look(document))
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
