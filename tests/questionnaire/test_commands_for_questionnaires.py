"""What a writer of questionnaires and a translator see at the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from survey_app.commands.questionnaires import questionnaire_app, translations_app
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import RESPONDENT_LANGUAGES

ROOT = Path(__file__).parents[2]
PRACTICE = ROOT / "questionnaires" / "practice.v1.yaml"


def run(*arguments: str | Path) -> Result:
    app = questionnaire_app if arguments[0] in {"check", "publish", "schema"} else translations_app
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_check_says_that_a_sound_file_is_sound_and_how_plain_each_language_is() -> None:
    result = run("check", PRACTICE)

    first, *languages = result.stdout.splitlines()
    assert (result.exit_code, result.stderr, first) == (0, "", f"{PRACTICE}: sound")
    assert [line.split()[0] for line in languages] == [language.tag for language in RESPONDENT_LANGUAGES]
    assert all("0 not." in line for line in languages)


def test_check_goes_on_after_a_faulty_file_and_a_missing_one(tmp_path: Path) -> None:
    faulty = tmp_path / "x.v1.yaml"
    faulty.write_text("id: x\nversion: 1\nlanguage: fr\ntitle: X\n", encoding="utf-8")

    result = run("check", faulty, tmp_path / "nowhere.v1.yaml", PRACTICE)

    assert result.exit_code == 2
    assert f'{faulty} line 1: the questionnaire has no "items". Add it.' in result.stderr
    assert "nowhere.v1.yaml can't be read" in result.stderr
    assert "practice.v1.yaml: sound" in result.stdout


@pytest.fixture
def shouting(tmp_path: Path) -> Path:
    path = tmp_path / "practice.v1.yaml"
    path.write_text(PRACTICE.read_text(encoding="utf-8").replace("le thé ?", "le THÉ ?"), encoding="utf-8")
    return path


def test_check_gives_advice_and_fails_for_it_only_when_strict(shouting: Path) -> None:
    result = run("check", shouting)

    assert result.exit_code == 0
    assert result.stderr == (
        'practice.v1 tea [fr] capitals: "J\'aime le THÉ ?" holds capitals or initials ("THÉ"). '
        "Write the words out, in small letters. (advice)\n"
    )
    assert run("check", shouting, "--strict").exit_code == 2


def test_an_explanation_beside_the_questionnaire_lets_it_pass_until_it_fits_nothing(shouting: Path) -> None:
    beside = shouting.parent / "plain-language" / "explanations.yaml"
    beside.parent.mkdir()
    text = (
        "explained: [{ finding: capitals, in: practice.v1, messages: tea, languages: fr, reason: A test of capitals. }]"
    )
    beside.write_text(text, encoding="utf-8")
    assert run("check", shouting, "--strict").exit_code == 0

    shutil.copy(PRACTICE, shouting)
    result = run("check", shouting)
    assert result.exit_code == 2
    assert 'explanations.yaml line 1: practice.v1 has no finding capitals for "tea" in fr any more.' in result.stderr


def test_check_as_json_gives_every_finding_with_its_reason_or_none(shouting: Path) -> None:
    given = json.loads(run("check", shouting, "--json").stdout)

    reasons = {(each["finding"], each["message"], each["language"]): each["explained"] for each in given["findings"]}
    assert reasons["capitals", "tea", "fr"] is None
    assert "Two short sentences" in reasons["several-sentences", "Too many tries. Please wait a little.", "ar"]
    assert {each["language"] for each in given["languages"]} >= {"fr", "ar", "zh-Hans"}
    assert given["faults"] == []


def test_publish_freezes_a_version(tmp_path: Path) -> None:
    path = Path(shutil.copy(PRACTICE, tmp_path / "practice.v1.yaml"))

    assert run("publish", path).stdout == "practice.v1 is published.\n"
    assert run("publish", path).stdout == "practice.v1 was published before, and is unchanged.\n"

    path.write_text(path.read_text(encoding="utf-8").replace("le thé", "le café"), encoding="utf-8")
    assert "was published and can't be edited" in run("check", path).stderr
    with pytest.raises(RequestMistakenError, match=r"practice\.v2\.yaml"):
        raise_of(run("publish", path))


def test_publish_refuses_a_faulty_file(tmp_path: Path) -> None:
    path = tmp_path / "x.v1.yaml"
    path.write_text("id: x\n", encoding="utf-8")

    with pytest.raises(RequestMistakenError, match="line 1"):
        raise_of(run("publish", path))
    assert not (tmp_path / "published.json").exists()


def test_schema_is_printed_as_committed() -> None:
    committed = (ROOT / "docs" / "questionnaire.schema.json").read_text(encoding="utf-8")

    assert json.loads(run("schema").stdout) == json.loads(committed)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "translations", tmp_path / "translations"))


def test_status_counts_each_language_and_says_whether_it_is_offered(folder: Path) -> None:
    result = run("status", "--folder", folder)

    lines = [line.split() for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert ["fr", "questionnaires", "source"] in lines
    assert any(line[:2] == ["ps", "respond"] and line[-1] == "yes" for line in lines)


def test_status_names_what_is_missing_and_strict_fails_on_it(folder: Path) -> None:
    path = folder / "ps" / "LC_MESSAGES" / "questionnaires.po"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('msgctxt "practice/tea"', 'msgctxt "practice/coffee"'), encoding="utf-8")

    result = run("status", "--folder", folder)
    assert result.exit_code == 0
    assert 'ps: questionnaires lacks "J\'aime le thé ?" (practice/tea)' in result.stdout
    assert any(line.startswith("ps ") and line.endswith(" no") for line in result.stdout.splitlines())

    assert run("status", "--folder", folder, "--strict").exit_code == 2


def test_update_brings_a_folder_in_step_once(folder: Path) -> None:
    run("update", "--folder", folder)

    assert run("update", "--folder", folder).stdout == "Everything is in step already.\n"
    assert run("extract", "--folder", folder).stdout == "Everything is in step already.\n"


def raise_of(result: Result) -> None:
    """Raise what the command raised; the command line's one door turns it into exit code 2."""
    assert result.exception is not None
    raise result.exception
