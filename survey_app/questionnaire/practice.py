"""The practice question as shipped: its answer is never kept, so no project chooses it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from survey_app.foundation.places import shipped
from survey_app.questionnaire.definition import Questionnaire
from survey_app.questionnaire.loader import load_all

PRACTICE: Final = "practice"


@lru_cache(maxsize=1)
def load_practice() -> Questionnaire:
    """Return the practice question.

    Raises:
        LookupError: its file is gone.
    """
    found = load_all(shipped("questionnaires")).latest(PRACTICE)
    if found is None:
        raise LookupError("the practice question is not in the folder of questionnaires.")
    return found


def choosable(questionnaires: Mapping[tuple[str, int], Questionnaire]) -> dict[tuple[str, int], Questionnaire]:
    """Return the questionnaires that a project can choose, by id and version: every one but the practice question."""
    return {form: one for form, one in questionnaires.items() if form[0] != PRACTICE}
