"""The JSON Schema of questionnaires, for editors that complete and check while one writes."""

from __future__ import annotations

from typing import Any, Final

from survey_app.questionnaire.definition import Questionnaire

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def questionnaire_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12) of a questionnaire file.

    It knows the shape only; ``survey-app questionnaire check`` also knows what its parts must agree on.
    """
    return {
        "$schema": DIALECT,
        **Questionnaire.model_json_schema(by_alias=True),
        "title": "Questionnaire of survey-app",
    }
