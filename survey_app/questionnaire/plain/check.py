"""Measures messages, sets explained findings apart, and says for each language how far it was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from survey_app.questionnaire.faults import Fault
from survey_app.questionnaire.plain.explanations import Explanation, Explanations, Measured, find_stale
from survey_app.questionnaire.plain.findings import Code, Finding, Message
from survey_app.questionnaire.plain.glossary import Glossary, compare_terms
from survey_app.questionnaire.plain.languages import rules_of
from survey_app.questionnaire.plain.measures import MEASURES, Reading, find_rare_words, read
from survey_app.questionnaire.plain.rarity import Frequencies

_ALWAYS: Final = frozenset(Code) - {
    Code.NEGATION, Code.DOUBLE_NEGATION, Code.PASSIVE, Code.RARE_WORD, Code.OTHER_WORD, Code.TERM_MISSING,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Looked:
    """How one language was looked at: sums over its messages, and the measures that were not possible."""

    language: str
    messages: int
    sentences: int
    words: int
    longest: int
    most: int
    by_character: bool
    findings: int
    explained: int
    not_looked_at: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlainReport:
    """Every finding with its explanation or none, in order of message; the sums; faults of the explanations."""

    findings: tuple[tuple[Finding, Explanation | None], ...]
    languages: tuple[Looked, ...]
    faults: tuple[Fault, ...]

    @property
    def unexplained(self) -> tuple[Finding, ...]:
        return tuple(finding for finding, explanation in self.findings if explanation is None)


def check_messages(
    messages: Iterable[Message],
    glossary: Glossary,
    explanations: Sequence[Explanations],
    frequencies: Frequencies | None,
) -> PlainReport:
    """Measure messages. ``frequencies`` is ``None`` where no frequency lists are installed."""
    readings = [read(message, rules_of(message.language)) for message in messages]
    findings = [found for reading in readings for found in _measure(reading, glossary, frequencies)]
    tags = tuple(dict.fromkeys(reading.message.language for reading in readings))
    codes = {tag: _looked_for(tag, glossary, frequencies) for tag in tags}
    measured = Measured(tuple(reading.message for reading in readings), findings, codes)
    faults = [fault for each in explanations for fault in (*each.faults, *find_stale(each, measured))]
    explained = tuple((finding, _explain(finding, explanations)) for finding in findings)
    looked = tuple(_sum_up(tag, readings, explained, codes, frequencies) for tag in tags)
    return PlainReport(explained, looked, tuple(faults))


def _measure(reading: Reading, glossary: Glossary, frequencies: Frequencies | None) -> list[Finding]:
    found = [finding for measure in MEASURES for finding in measure(reading)]
    if frequencies is not None:
        found += find_rare_words(reading, frequencies)
    found += compare_terms(reading, glossary)
    return found


def _explain(finding: Finding, explanations: Sequence[Explanations]) -> Explanation | None:
    return next((reason for each in explanations if (reason := each.of(finding))), None)


def _looked_for(tag: str, glossary: Glossary, frequencies: Frequencies | None) -> frozenset[Code]:
    rules, codes = rules_of(tag), set(_ALWAYS)
    if rules.negation is not None:
        codes |= {Code.NEGATION, Code.DOUBLE_NEGATION}
    if rules.passive is not None:
        codes.add(Code.PASSIVE)
    if frequencies is not None and rules.frequencies in frequencies.lists:
        codes.add(Code.RARE_WORD)
    if any(tag in term.use for term in glossary):
        codes |= {Code.OTHER_WORD, Code.TERM_MISSING}
    return frozenset(codes)


def _sum_up(
    tag: str,
    readings: Sequence[Reading],
    explained: Sequence[tuple[Finding, Explanation | None]],
    codes: Mapping[str, frozenset[Code]],
    frequencies: Frequencies | None,
) -> Looked:
    rules = rules_of(tag)
    own = [reading for reading in readings if reading.message.language == tag]
    lengths = [len(sentence.words) for reading in own for sentence in reading.sentences]
    found = [explanation for finding, explanation in explained if finding.message.language == tag]
    return Looked(
        language=tag,
        messages=len(own),
        sentences=len(lengths),
        words=sum(lengths),
        longest=max(lengths, default=0),
        most=rules.most,
        by_character=rules.by_character,
        findings=len(found),
        explained=sum(explanation is not None for explanation in found),
        not_looked_at=_name_unlooked(codes[tag], frequencies, has_abbreviations=rules.abbreviations is not None),
    )


def _name_unlooked(
    codes: frozenset[Code], frequencies: Frequencies | None, *, has_abbreviations: bool
) -> tuple[str, ...]:
    absent = 'wordfreq is not installed: it comes with the extra "check"'
    no_list = f"rare words ({absent if frequencies is None else 'there is no list'})"
    unlooked = {
        "negation (its rules are not known here)": Code.NEGATION in codes,
        "passive (its rules are not known here)": Code.PASSIVE in codes,
        "abbreviations beyond initials (none are listed)": has_abbreviations,
        no_list: Code.RARE_WORD in codes,
        "glossary (no word is decided)": Code.OTHER_WORD in codes,
    }
    return tuple(name for name, is_looked_at in unlooked.items() if not is_looked_at)
