"""Reading what a device sent: complete, against the questionnaire and this session's activities.

Every problem is found, named by a code and by the item of the questionnaire it concerns. What was sent is never
repeated: an unknown key or value may be anything, an answer in the wrong place included.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeGuard, TypeVar, cast
from uuid import UUID

from survey_app.collection.response import Chosen, Mode, Response
from survey_app.questionnaire.definition import CommentItem, Item, OffScale, Questionnaire, SeveralItem
from survey_app.questionnaire.rules import path

T = TypeVar("T")
Code = Literal[
    "field-missing",
    "field-unknown",
    "not-an-object",
    "other-questionnaire",
    "other-version",
    "language-not-offered",
    "mode-unknown",
    "item-unknown",
    "item-not-asked",
    "item-off-path",
    "item-answered-twice",
    "comment-sent-apart",
    "comment-not-text",
    "comment-empty",
    "comment-too-long",
    "comment-not-asked",
    "answer-unknown",
    "answer-not-one-code",
    "answer-not-a-list",
    "answer-repeated",
    "answer-empty",
    "off-scale-unknown",
    "nothing-answered",
    "not-sealed",
    "key-unknown",
    "seal-broken",
]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong, and where: an item of the questionnaire or a field of the response."""

    where: str
    code: Code


@dataclass(frozen=True, slots=True)
class Rejected:
    """Not a response to this questionnaire. ``problems`` names all that is wrong, each once."""

    problems: tuple[Problem, ...]


FIELDS: Final = ("questionnaire", "version", "language", "mode", "answers", "off_scale")
_MODES: Final = frozenset(mode.value for mode in Mode)
_OFF_SCALE: Final = {answer.value: answer for answer in OffScale}


@dataclass(frozen=True, slots=True)
class _Asked:
    """The questionnaire as this session asks it."""

    questionnaire: Questionnaire
    items: Mapping[str, Item]
    asked: frozenset[str]

    def answers(self, item: Item) -> tuple[str, ...]:
        return tuple(answer.code for answer in self.questionnaire.answers_of(item))


def read_response(
    raw: object,
    response_id: UUID,
    questionnaire: Questionnaire,
    activities: Collection[str],
    languages: Collection[str],
) -> Response | Rejected:
    """Read one response.

    Args:
        raw: the JSON value that was sent.
        response_id: the id that the device drew.
        questionnaire: the one that the session asks.
        activities: those of the project; they decide which items are asked.
        languages: tags of the languages in which the questionnaire is offered.

    Returns:
        The response, several choices in reading order; or all problems, at least one.
    """
    if not isinstance(raw, Mapping):
        return Rejected((Problem("response", "not-an-object"),))
    asked = _Asked(
        questionnaire,
        {item.id: item for item in questionnaire.items},
        frozenset(item.id for item in questionnaire.asked_for(activities)),
    )
    problems = list(_check_fields(raw, questionnaire, languages))
    answers: dict[str, Chosen] = _read_each(raw.get("answers"), "answers", asked, _read_choice, problems)
    off_scale = _read_each(raw.get("off_scale"), "off_scale", asked, _read_off_scale, problems)
    problems += _check_path(asked, activities, answers, off_scale)
    if problems:
        return Rejected(tuple(sorted(set(problems))))
    if not answers and not off_scale:
        return Rejected((Problem("response", "nothing-answered"),))
    return Response(
        id=response_id,
        questionnaire=questionnaire.id,
        version=questionnaire.version,
        language=cast("str", raw["language"]),
        mode=Mode(raw["mode"]),
        answers=answers,
        off_scale=off_scale,
    )


def _check_fields(
    raw: Mapping[object, object], questionnaire: Questionnaire, languages: Collection[str]
) -> Iterator[Problem]:
    for name in FIELDS:
        if name not in raw:
            yield Problem(name, "field-missing")
    if any(name not in FIELDS for name in raw):
        yield Problem("response", "field-unknown")
    if "questionnaire" in raw and raw["questionnaire"] != questionnaire.id:
        yield Problem("questionnaire", "other-questionnaire")
    if "version" in raw and not _is_version(raw["version"], questionnaire.version):
        yield Problem("version", "other-version")
    if "language" in raw and not _is_among(raw["language"], languages):
        yield Problem("language", "language-not-offered")
    if "mode" in raw and not _is_among(raw["mode"], _MODES):
        yield Problem("mode", "mode-unknown")


def _is_version(sent: object, version: int) -> bool:
    return type(sent) is int and sent == version  # neither True nor 1.0 is a version


def _is_among(sent: object, codes: Collection[str]) -> TypeGuard[str]:
    return isinstance(sent, str) and sent in codes


def _read_each(
    sent: object,
    where: str,
    asked: _Asked,
    read_one: Callable[[_Asked, Item, object], T | Problem],
    problems: list[Problem],
) -> dict[str, T]:
    """Read what was sent of each item, and note every problem."""
    if not isinstance(sent, Mapping):
        if sent is not None:
            problems.append(Problem(where, "not-an-object"))
        return {}
    read: dict[str, T] = {}
    for item_id, value in sent.items():
        item = _find_asked(asked, item_id, where)
        found = item if isinstance(item, Problem) else read_one(asked, item, value)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            read[str(item_id)] = found
    return read


def _find_asked(asked: _Asked, item_id: object, where: str) -> Item | Problem:
    """Return the item, or why it may not be answered here."""
    item = asked.items.get(item_id) if isinstance(item_id, str) else None
    if item is None:
        return Problem(where, "item-unknown")
    if item.id not in asked.asked:
        return Problem(item.id, "item-not-asked")
    return item


def _read_choice(asked: _Asked, item: Item, value: object) -> Chosen | Problem:
    if isinstance(item, CommentItem):
        return Problem(item.id, "comment-sent-apart")
    codes = asked.answers(item)
    if isinstance(item, SeveralItem):
        return _read_several(item, value, codes)
    if not isinstance(value, str):
        return Problem(item.id, "answer-not-one-code")
    return value if value in codes else Problem(item.id, "answer-unknown")


def _read_several(item: SeveralItem, value: object, codes: tuple[str, ...]) -> Chosen | Problem:
    """Return the codes in reading order: the order of touching is nobody's business, and a resend may change it."""
    if not isinstance(value, list):
        return Problem(item.id, "answer-not-a-list")
    if not value:
        return Problem(item.id, "answer-empty")
    if any(not _is_among(code, codes) for code in value):
        return Problem(item.id, "answer-unknown")
    if len(set(value)) < len(value):
        return Problem(item.id, "answer-repeated")
    return tuple(code for code in codes if code in value)


def _read_off_scale(_asked: _Asked, item: Item, value: object) -> OffScale | Problem:
    if isinstance(item, CommentItem):
        return Problem(item.id, "comment-sent-apart")
    return _OFF_SCALE[value] if _is_among(value, _OFF_SCALE) else Problem(item.id, "off-scale-unknown")


def _check_path(
    asked: _Asked, activities: Collection[str], answers: Mapping[str, Chosen], off_scale: Mapping[str, OffScale]
) -> Iterator[Problem]:
    on_path = {item.id for item in path(asked.questionnaire, activities, answers, off_scale)}
    for item_id in {*answers, *off_scale} - on_path:
        yield Problem(item_id, "item-off-path")
    for item_id in answers.keys() & off_scale.keys():
        yield Problem(item_id, "item-answered-twice")
