"""A picture that is not drawn is a fault; two answers that look alike are advised against."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_app.foundation.errors import RequestMistakenError
from survey_app.questionnaire.checks import check_file

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "survey_app" / "web" / "static" / "pictures"

FORM = """\
id: exit
version: 1
language: {language}
title: "Le groupe"
items:
  - id: change
    type: several
    text: {text}
    picture: change
    answers:
      - {{ code: a, text: "Oui", picture: face-a-lot, colour: blue }}
      - {{ code: b, text: "Non", picture: face-not-at-all, colour: rust }}
"""


def test_the_shipped_questionnaires_pass_without_a_fault_or_advice() -> None:
    files = sorted((ROOT / "questionnaires").glob("*.yaml"))

    assert files
    for file in files:
        checked = check_file(file, PICTURES)
        assert (checked.faults, checked.warnings) == ((), ())


def test_a_picture_that_is_not_drawn_is_a_fault_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "exit.v1.yaml"
    path.write_text(FORM.format(text='"Oui ?"', language="fr").replace("face-a-lot", "face-a-lott"), encoding="utf-8")

    checked = check_file(path, PICTURES)

    assert [(fault.line, 'no picture "face-a-lott"' in fault.message) for fault in checked.faults] == [(11, True)]


def test_two_answers_that_look_alike_are_advised_against(tmp_path: Path) -> None:
    path = tmp_path / "exit.v1.yaml"
    path.write_text(FORM.format(text='"Oui ?"', language="fr").replace("rust", "blue"), encoding="utf-8")

    warnings = check_file(path, PICTURES).warnings

    assert [warning.message for warning in warnings] == ['two answers share the colour "blue". Give each its own.']


def test_a_file_that_is_not_there_is_the_request_s_mistake(tmp_path: Path) -> None:
    with pytest.raises(RequestMistakenError, match="can't be read"):
        check_file(tmp_path / "nowhere.v1.yaml", PICTURES)
