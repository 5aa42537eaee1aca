"""Findings that were looked at and stay: each with its reason, in a file beside the questionnaires.

An explanation that fits nothing is a fault: it would hide the next finding of its name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from survey_app.foundation.languages import find_language
from survey_app.questionnaire.document import Document, read_document
from survey_app.questionnaire.faults import Fault
from survey_app.questionnaire.plain.findings import Code, Finding, Message

EVERY: Final = "every"


def _listed(value: Any) -> Any:  # noqa: ANN401 - what YAML holds
    return [value] if isinstance(value, str | int) else value


Names = Annotated[tuple[Annotated[str, Field(min_length=1, coerce_numbers_to_str=True)], ...], BeforeValidator(_listed)]


class Explanation(BaseModel):
    """Why findings of one kind stay, in some origins, in some messages or about some words, in some languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    finding: Code
    origins: Annotated[Names, Field(alias="in", min_length=1)]
    messages: Names = ()
    about: Names = ()
    languages: Literal["every"] | Names
    reason: Annotated[str, Field(min_length=15)]

    @model_validator(mode="after")
    def _names_something(self) -> Explanation:
        if not self.messages and not self.about:
            raise ValueError('name "messages", or the words that it is "about"')
        return self

    def fits(self, finding: Finding) -> bool:
        """Return whether this explains a finding."""
        message = finding.message
        return (
            finding.code is self.finding
            and message.origin in self.origins
            and (not self.messages or message.name in self.messages)
            and (not self.about or finding.about in self.about)
            and (self.languages == EVERY or message.language in self.languages)
        )


@dataclass(frozen=True, slots=True)
class Explanations:
    """The explanations of a file with their lines, and what is wrong with the file."""

    path: Path
    listed: tuple[tuple[int, Explanation], ...] = ()
    faults: tuple[Fault, ...] = ()

    def of(self, finding: Finding) -> Explanation | None:
        """Return what explains a finding."""
        return next((each for _, each in self.listed if each.fits(finding)), None)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was looked at: only there an explanation can be called stale."""

    messages: Collection[Message]
    findings: Sequence[Finding]
    codes: Mapping[str, frozenset[Code]]
    names: Mapping[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        names: dict[str, set[str]] = {}
        for message in self.messages:
            names.setdefault(message.origin, set()).add(message.name)
        object.__setattr__(self, "names", {origin: frozenset(found) for origin, found in names.items()})


def read_explanations(path: Path) -> Explanations:
    """Read a file of explanations. It never raises for what the file holds.

    Raises:
        OSError: the file can't be read.
    """
    document = read_document(path)
    entries = document.at(("explained",))
    if document.faults or not isinstance(entries, list):
        fault = document.fault((), 'this holds no explanations. Begin it with "explained:" and list them below.')
        return Explanations(path, (), document.faults or (fault,))
    listed: list[tuple[int, Explanation]] = []
    faults: list[Fault] = []
    for number, entry in enumerate(entries):
        read = _read(document, number, entry)
        if isinstance(read, Fault):
            faults.append(read)
        else:
            listed.append((document.line(("explained", number)), read))
    return Explanations(path, tuple(listed), tuple(faults))


def find_stale(explanations: Explanations, measured: Measured) -> tuple[Fault, ...]:
    """Return a fault for each name that an explanation gives in vain: not there, or nothing to explain any more."""
    return tuple(
        Fault(explanations.path, line, said)
        for line, explanation in explanations.listed
        for said in dict.fromkeys(_doubt(explanation, measured))
    )


def _read(document: Document, number: int, entry: object) -> Explanation | Fault:
    try:
        return Explanation.model_validate(entry)
    except ValidationError as error:
        wrong = error.errors()[0]
        name = ".".join(map(str, wrong["loc"])) or "explanation"
        return document.fault(("explained", number), f"{name}: {wrong['msg']}. Mend this explanation.")


def _doubt(explanation: Explanation, measured: Measured) -> Iterator[str]:
    for tag in explanation.languages if explanation.languages != EVERY else ():
        if find_language(tag) is None:
            yield f'there is no language "{tag}". Give its tag as in the table of languages.'
    for origin in explanation.origins:
        if origin not in measured.names:
            continue
        for name in explanation.messages:
            if name not in measured.names[origin]:
                yield f'{origin} has no message "{name}". Delete it here, or name another.'
        yield from _find_idle(explanation, origin, measured)


def _find_idle(explanation: Explanation, origin: str, measured: Measured) -> Iterator[str]:
    """Yield what an explanation names though no finding of that name is left."""
    hits = [found for found in measured.findings if found.message.origin == origin and explanation.fits(found)]
    present = {(message.language, message.name) for message in measured.messages if message.origin == origin}
    spoken = {language for language, _ in present}
    tags = [EVERY] if explanation.languages == EVERY else [tag for tag in explanation.languages if tag in spoken]
    looked = [tag for tag in tags if tag == EVERY or explanation.finding in measured.codes.get(tag, frozenset())]
    for tag, name in product(looked, explanation.messages):
        exists = name in measured.names[origin] and (tag == EVERY or (tag, name) in present)
        if exists and not any(_is_at(found, tag) and found.message.name == name for found in hits):
            yield _idle(explanation, origin, tag, name)
    for tag, about in product(looked, explanation.about):
        if not any(_is_at(found, tag) and found.about == about for found in hits):
            yield _idle(explanation, origin, tag, about)


def _is_at(finding: Finding, tag: str) -> bool:
    return tag in {EVERY, finding.message.language}


def _idle(explanation: Explanation, origin: str, tag: str, name: str) -> str:
    where = "any language" if tag == EVERY else tag
    return f'{origin} has no finding {explanation.finding} for "{name}" in {where} any more. Delete it here.'
