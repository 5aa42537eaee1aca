"""Every sentence that respondents meet is plain in every language, or a reason for it is written down."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from survey_app.commands.plain_language import measure
from survey_app.commands.questionnaires import questionnaire_app
from survey_app.foundation.languages import RESPONDENT_LANGUAGES
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.loader import load_questionnaire
from survey_app.questionnaire.plain.rarity import find_frequencies

FILES = sorted((Path(__file__).parents[2] / "questionnaires").glob("*.yaml"))


def test_no_finding_of_the_shipped_sentences_is_without_a_reason() -> None:
    found = [(path, loaded) for path in FILES if isinstance(loaded := load_questionnaire(path), Questionnaire)]
    assert len(found) == len(FILES) >= 2
    assert find_frequencies() is not None, "tests need the extra that brings frequency lists"

    report = measure(found, None)

    assert {looked.language for looked in report.languages} == {language.tag for language in RESPONDENT_LANGUAGES}
    assert len(report.findings) > 100
    assert [str(finding) for finding in report.unexplained] == []
    assert [str(fault) for fault in report.faults] == []


def test_the_command_that_make_runs_agrees() -> None:
    result = CliRunner().invoke(questionnaire_app, ["check", "--strict", *map(str, FILES)])

    assert (result.exit_code, result.stderr) == (0, "")
