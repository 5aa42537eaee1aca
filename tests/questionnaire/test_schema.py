"""The committed JSON Schema is the one that the types give."""

from __future__ import annotations

import json
from pathlib import Path

from survey_app.questionnaire.schema import DIALECT, questionnaire_schema

COMMITTED = Path(__file__).parents[2] / "docs" / "questionnaire.schema.json"


def test_the_committed_schema_is_current() -> None:
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == questionnaire_schema(), (
        "run: survey-app questionnaire schema > docs/questionnaire.schema.json"
    )


def test_every_type_and_every_key_says_what_it_is_for() -> None:
    schema = questionnaire_schema()
    types = {"Questionnaire": schema, **schema["$defs"]}

    assert schema["$schema"] == DIALECT
    for name, described in types.items():
        assert described.get("description"), name
        for key, value in described["properties"].items():
            assert value.get("description"), f"{name}: {key}"


def test_conditions_are_written_with_the_keys_of_the_file() -> None:
    assert set(questionnaire_schema()["$defs"]["Not"]["properties"]) == {"not"}
