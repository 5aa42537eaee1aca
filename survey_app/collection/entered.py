"""What a plain form sent, item by item, written as the response that it stands for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from survey_app.collection.response import Mode
from survey_app.questionnaire.definition import CommentItem, OffScale, Questionnaire
from survey_app.questionnaire.rules import path

Entered = Mapping[str, tuple[str, ...]]
"""Item to the values chosen: codes of answers, or one answer off the scale."""

_OFF_SCALE: Final = frozenset(OffScale)


def write_entered(
    questionnaire: Questionnaire, activities: Collection[str], language: str, mode: Mode, entered: Entered
) -> dict[str, object]:
    """Write a response as a device sends it, without what lies off the respondent's path.

    ``read_response`` still judges it: what was sent may be anything.
    """
    answers: dict[str, str | list[str]] = {}
    off_scale: dict[str, str] = {}
    for item in questionnaire.asked_for(activities):
        values = () if isinstance(item, CommentItem) else entered.get(item.id, ())
        codes = [value for value in values if value not in _OFF_SCALE]
        if codes:
            answers[item.id] = codes if item.type == "several" or len(codes) > 1 else codes[0]
        elif values:
            off_scale[item.id] = values[0]
    met = {item.id for item in path(questionnaire, activities, answers, off_scale)}
    return {
        "questionnaire": questionnaire.id,
        "version": questionnaire.version,
        "language": language,
        "mode": mode.value,
        "answers": {item: given for item, given in answers.items() if item in met},
        "off_scale": {item: given for item, given in off_scale.items() if item in met},
    }
