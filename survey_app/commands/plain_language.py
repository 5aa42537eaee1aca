"""The plain-language half of ``survey-app questionnaire check``: what it measures, prints, and gives as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from survey_app.foundation.places import shipped

if TYPE_CHECKING:
    from survey_app.questionnaire.definition import Questionnaire
    from survey_app.questionnaire.plain.check import Looked, PlainReport
    from survey_app.questionnaire.plain.explanations import Explanation
    from survey_app.questionnaire.plain.findings import Finding, Message


def measure(found: Sequence[tuple[Path, Questionnaire]], translations: Path | None) -> PlainReport:
    """Measure questionnaires and the respondents' pages, in every language that they exist in."""
    from survey_app.questionnaire.plain.check import check_messages
    from survey_app.questionnaire.plain.messages import messages_of, messages_of_interface
    from survey_app.questionnaire.plain.places import find_explanations, find_glossary
    from survey_app.questionnaire.plain.rarity import find_frequencies
    from survey_app.questionnaire.translation import load_catalogues

    catalogues, ours = load_catalogues(translations or shipped("translations")), shipped("questionnaires")
    messages: list[Message] = [each for _, questionnaire in found for each in messages_of(questionnaire, catalogues)]
    messages += messages_of_interface(catalogues)
    files = [path for path, _ in found]
    glossary = find_glossary(files[0] if files else ours / "none", ours)
    return check_messages(messages, glossary, find_explanations(files, ours), find_frequencies())


def print_report(report: PlainReport) -> None:
    """Print each finding that is not explained and each fault of the explanations, then a line for each language."""
    for finding in report.unexplained:
        typer.echo(f"{finding} (advice)", err=True)
    for fault in report.faults:
        typer.echo(str(fault), err=True)
    for looked in report.languages:
        typer.echo(_sum_up(looked))


def as_json(report: PlainReport) -> dict[str, object]:
    """Return the report for other programs."""
    return {
        "findings": [_as_json(finding, explanation) for finding, explanation in report.findings],
        "languages": [asdict(looked) for looked in report.languages],
        "faults": [str(fault) for fault in report.faults],
    }


def _sum_up(looked: Looked) -> str:
    unit = "characters" if looked.by_character else "words"
    mean = looked.words / looked.sentences if looked.sentences else 0
    unexplained = looked.findings - looked.explained
    line = (
        f"{looked.language:<8} {looked.messages} messages, {mean:.1f} {unit} a sentence, the longest "
        f"{looked.longest} of {looked.most}; {looked.explained} findings explained, {unexplained} not."
    )
    return line + (f" Not looked at: {', '.join(looked.not_looked_at)}." if looked.not_looked_at else "")


def _as_json(finding: Finding, explanation: Explanation | None) -> dict[str, object]:
    return {
        "finding": finding.code,
        "in": finding.message.origin,
        "message": finding.message.name,
        "language": finding.message.language,
        "text": finding.message.text,
        "about": finding.about,
        "said": finding.said,
        "explained": explanation.reason if explanation else None,
    }
