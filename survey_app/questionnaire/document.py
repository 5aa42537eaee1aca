"""A YAML file as plain values that remember their line.

The values are those of YAML 1.2's core schema: ``yes`` and ``12:30`` are words, so that a code needs no quotes where
YAML 1.1 would read a boolean or a number in base 60. Anchors, aliases and tags are refused: a questionnaire is read by
people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from survey_app.questionnaire.faults import Fault

Place = tuple[str | int, ...]
"""Where in a document: keys and positions from the top, as in ``("items", 3, "text")``."""

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]

_OF_YAML: Final = "tag:yaml.org,2002:"
_NUMBER: Final = re.compile(r"^[-+]?[0-9]{1,18}$")
_FRACTION: Final = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_DEEPEST: Final = 40


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds. ``faults`` are those of its writing (YAML), not of its meaning."""

    path: Path
    value: Value
    lines: dict[Place, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def line(self, place: Place) -> int:
        """Return the line of a place, or of the nearest place around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def at(self, place: Place) -> Value:
        """Return the value at a place, ``None`` where there is none."""
        value = self.value
        for step in place:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def fault(self, place: Place, message: str) -> Fault:
        """Return a fault at a place."""
        return Fault(self.path, self.line(place), message)


def read_document(path: Path) -> Document:
    """Read a file. It never raises for what the file holds: faults are part of the document.

    Raises:
        OSError: the file can't be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return _broken(path, line, "this is not text in UTF-8. Save the file with the encoding UTF-8.")
    return parse_document(text, path)


def parse_document(text: str, path: Path) -> Document:
    """Read the text of a file."""
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = f"the YAML can't be read: {error.problem or error.context}."
        mend = "Look at the quotes, colons, brackets and spaces of this line and the one before."
        return _broken(path, mark.line + 1 if mark else 1, f"{what} {mend}")
    except yaml.YAMLError:
        line = next((n for n, words in enumerate(text.splitlines(), 1) if _has_unprintable(words)), 1)
        return _broken(path, line, "a character that can't be printed stands here. Delete it.")
    except RecursionError:
        return _broken(path, 1, "the brackets are nested too deeply. Write it flatter.")
    if node is None:
        return _broken(path, 1, "the file is empty. Write a questionnaire, or delete the file.")
    reading = _Reading(path)
    return Document(path, reading.value_of(node, ()), reading.lines, tuple(reading.faults))


def _broken(path: Path, line: int, message: str) -> Document:
    return Document(path, None, {}, (Fault(path, line, message),))


def _has_unprintable(text: str) -> bool:
    return any(not letter.isprintable() and letter != "\t" for letter in text)


class _Reading:
    """One walk over the nodes of a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[Place, int] = {}
        self.faults: list[Fault] = []
        self._seen: set[int] = set()

    def value_of(self, node: yaml.Node, place: Place) -> Value:
        # An alias is found where it is written, not where it points to.
        line = self.lines.setdefault(place, node.start_mark.line + 1)
        if id(node) in self._seen:
            self._refuse(line, "an alias (*) repeats another part. Write that part out here.")
            return None
        self._seen.add(id(node))
        if not node.tag.startswith(_OF_YAML):
            self._refuse(line, f'the tag "{node.tag}" has no meaning here. Delete it.')
            return None
        if len(place) > _DEEPEST:
            self._refuse(line, "this is nested too deeply. Write it flatter.")
            return None
        if isinstance(node, yaml.ScalarNode):
            return _read_scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.value_of(child, (*place, number)) for number, child in enumerate(node.value)]
        return self._mapping_of(node, place)

    def _mapping_of(self, node: yaml.Node, place: Place) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str) or key == "<<":
                self._refuse(line, "this key is not a word. Write every key as one word before a colon.")
                continue
            if key in found:
                first = self.lines[(*place, key)]
                self._refuse(line, f'the key "{key}" was already given on line {first}. Delete one of the two.')
                continue
            self.lines[(*place, key)] = line
            found[key] = self.value_of(value_node, (*place, key))
        return found

    def _refuse(self, line: int, message: str) -> None:
        self.faults.append(Fault(self.path, line, message))


def _read_scalar(node: yaml.ScalarNode) -> Value:
    text = str(node.value)
    kind = node.tag.removeprefix(_OF_YAML)
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if kind == "int" and _NUMBER.match(text):
        return int(text)
    if kind == "float" and _FRACTION.match(text):
        return float(text)
    return text
