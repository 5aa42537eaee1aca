"""The path of a respondent, in the same cases as ``tests/js/rules.test.js``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.rules import path

CASES = json.loads((Path(__file__).parents[1] / "cases" / "rules.json").read_text(encoding="utf-8"))


def questionnaire_of(items: list[dict[str, Any]]) -> Questionnaire:
    """Fill in what a path does not depend on."""
    filled = [
        {
            "id": item["id"],
            "type": item["type"],
            "text": "...",
            "picture": "x",
            "activity": item.get("activity"),
            "ask_if": item.get("ask_if"),
            "answers": [{"code": code, "text": code, "picture": "x", "colour": "blue"} for code in item["codes"]],
        }
        for item in items
    ]
    return Questionnaire.model_validate({"id": "x", "version": 1, "language": "fr", "title": "x", "items": filled})


def test_there_are_enough_cases_to_agree_on() -> None:
    assert len(CASES["cases"]) >= 25
    assert {case["questionnaire"] for case in CASES["cases"]} == set(CASES["questionnaires"])


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_a_respondent_meets_the_items_that_the_tablet_shows(case: dict[str, Any]) -> None:
    questionnaire = questionnaire_of(CASES["questionnaires"][case["questionnaire"]])

    met = path(questionnaire, case["activities"], case["answers"], case["off_scale"])

    assert [item.id for item in met] == case["path"]
