"""One key for each box: the digit that is printed beside it, and pressed when the paper is keyed in.

The digits of the boxes off the scale and of an empty question never change, however many answers a question has, so that
a hand learns them once. All lie on the number pad.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from survey_app.questionnaire.definition import Answer, OffScale

OFF_SCALE_KEYS: Final[Mapping[OffScale, str]] = MappingProxyType(
    {OffScale.NOT_UNDERSTOOD: "7", OffScale.NOT_FOR_ME: "8", OffScale.NO_ANSWER: "9"}
)
EMPTY_KEY: Final = "0"
"""No box is crossed, or nobody can tell which: the question stays without an answer."""


def keys_of(answers: Sequence[Answer]) -> tuple[tuple[str, Answer], ...]:
    """Pair the answers of an item with their keys, from ``1`` on; at most five, so none meets those off the scale."""
    return tuple((str(number), answer) for number, answer in enumerate(answers, 1))
