"""Made-up respondents. Every number that shapes them stands in ``Tendencies``, and the same seed makes the same people.

They answer as studies of this group say that people answer a worker's tablet: most say "a lot" out of courtesy, a few
do not, some questions are not understood. They are no statement about any real project.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from uuid import UUID

from survey_app.questionnaire.definition import Item, Questionnaire, ScaleItem, SeveralItem, SingleItem

OFF_SCALE: Final[Mapping[str, float]] = {"not-understood": 0.5, "not-for-me": 0.3, "no-answer": 0.2}


@dataclass(frozen=True, slots=True)
class Tendencies:
    """Probabilities from 0 to 1 (shares of respondents).

    ``scale``: the four answers of a satisfied group, from the most to the least. ``harder``: items where fewer say the
    most; the share moved down to the other answers. ``off_scale``: a scale item answered beside the scale.
    ``undisclosed``: age or gender not told. ``helped``: answered with a helper. ``wishes``: how many things
    "should change".
    """

    seed: int = 2106
    scale: tuple[float, ...] = (0.79, 0.09, 0.07, 0.05)
    harder: Mapping[str, float] = field(default_factory=lambda: {"housing": 0.35, "work": 0.25, "doctor": 0.10})
    off_scale: float = 0.06
    undisclosed: float = 0.08
    helped: float = 0.15
    wishes: tuple[float, ...] = (0.10, 0.55, 0.35)
    gender: Mapping[str, float] = field(default_factory=lambda: {"female": 0.56, "male": 0.43, "non-binary": 0.01})
    age: Mapping[str, float] = field(default_factory=lambda: {"under-18": 0.0, "18-60": 0.84, "over-60": 0.16})


@dataclass(frozen=True, slots=True)
class MadeUp:
    """One made-up response as a tablet would send it."""

    id: UUID
    body: dict[str, Any]


def make_up(
    questionnaire: Questionnaire,
    activities: frozenset[str],
    languages: Sequence[str],
    tendencies: Tendencies,
    random: Random,
) -> MadeUp:
    """Make up one respondent of a project; ``languages`` as in the project, the most used first."""
    answers: dict[str, str | list[str]] = {}
    off_scale: dict[str, str] = {}
    for item in questionnaire.asked_for(activities):
        given = _answer(questionnaire, item, tendencies, random)
        if given is None:
            off_scale[item.id] = "no-answer" if isinstance(item, SingleItem) else _draw(OFF_SCALE, random)
        else:
            answers[item.id] = given
    body = {
        "questionnaire": questionnaire.id,
        "version": questionnaire.version,
        "language": _draw({tag: 1 / (place + 1) for place, tag in enumerate(languages)}, random),
        "mode": "with-helper" if random.random() < tendencies.helped else "alone",
        "answers": answers,
        "off_scale": off_scale,
    }
    return MadeUp(UUID(int=random.getrandbits(128), version=4), body)


def _answer(questionnaire: Questionnaire, item: Item, tendencies: Tendencies, random: Random) -> str | list[str] | None:
    """Answer one item; ``None`` beside the scale."""
    codes = [answer.code for answer in questionnaire.answers_of(item)]
    if isinstance(item, ScaleItem):
        return None if random.random() < tendencies.off_scale else _on_scale(item.id, codes, tendencies, random)
    if isinstance(item, SeveralItem):
        wished = int(_draw({str(n): share for n, share in enumerate(tendencies.wishes)}, random))
        return sorted(random.sample(codes, wished), key=codes.index) if wished else None
    if isinstance(item, SingleItem):
        known = tendencies.gender if item.role == "gender" else tendencies.age
        shares = {code: known.get(code, 0.0) for code in codes}
        return None if random.random() < tendencies.undisclosed else _draw(shares, random)
    return None


def _on_scale(item: str, codes: Sequence[str], tendencies: Tendencies, random: Random) -> str:
    moved = tendencies.harder.get(item, 0.0)
    most, *others = tendencies.scale[: len(codes)]
    shares = [most - moved, *(share + moved / len(others) for share in others)]
    return _draw(dict(zip(codes, shares, strict=True)), random)


def _draw(shares: Mapping[str, float], random: Random) -> str:
    return random.choices(list(shares), weights=list(shares.values()))[0]
