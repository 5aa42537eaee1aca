"""What stands on a paper form: sentences of the tablet in the reader's language, and none of its own.

So paper is offered in a language as soon as tablets are. A comment is not asked on paper: a handwriting is known in its
group. A question with a simple condition shows the boxes that lead to it; whoever answers it all the same is not counted,
as ``rules.path`` decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from survey_app.foundation.languages import Language
from survey_app.paper.keys import OFF_SCALE_KEYS, keys_of
from survey_app.questionnaire.definition import CommentItem, Is, Item, OffScale, Questionnaire


class Words(Protocol):
    """Sentences of one language, as gettext gives them."""

    def gettext(self, message: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Line:
    """A picture and what it says. ``turns``: the picture points, so it follows the reading direction."""

    picture: str
    text: str
    turns: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """One box to mark: ``key`` is the digit beside it; ``colour`` empty off the scale."""

    key: str
    picture: str
    text: str
    colour: str = ""
    turns: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One question, never split over two pages.

    ``number`` is empty for the practice; ``only_after``: number and keys of the earlier boxes that lead here.
    """

    number: str
    picture: str
    stem: str
    text: str
    example: str
    hint: str
    boxes: tuple[Box, ...]
    apart: tuple[Box, ...]
    only_after: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class ForStaff:
    """The small print, in a language of staff: sentences ready to print, ``draft`` empty where the words are checked."""

    language: str
    session: str
    code: str
    draft: str


@dataclass(frozen=True, slots=True)
class PaperForm:
    """A form to print. ``name`` says questionnaire, version and language; ``try_out`` is empty for real answers."""

    name: str
    language: Language
    title: str
    promise: tuple[Line, ...]
    funding: str
    practice_title: str
    practice: Question
    questions: tuple[Question, ...]
    thanks: str
    try_out: str
    for_staff: ForStaff
    is_large: bool


_PROMISE: Final = (
    ("promise-who", "The social centre asks: does the group help you?"),
    ("promise-no-name", "We do not ask your name."),
    ("promise-no-change", "Your answer does not change your money or your help."),
    ("promise-unseen", "Your assistant does not see your answer."),
    ("promise-stop", "You can stop at any time."),
)
_SMALL_GROUP: Final = ("people-group", "The group is small. We do not show the answers of a small group.")
APART: Final[Mapping[OffScale, str]] = {
    OffScale.NOT_UNDERSTOOD: "I do not understand",
    OffScale.NOT_FOR_ME: "This is not for me",
    OffScale.NO_ANSWER: "I do not want to answer",
}
_FUNDING: Final = "Co-funded by the European Union"
_PRACTICE: Final = "Let us try first."
_SEVERAL: Final = "You can choose more than one answer."
_THANKS: Final = "Thank you!"
_TRY_OUT: Final = "This is a try-out. No real answers."
SENTENCES: Final = frozenset(
    {*dict((*_PROMISE, _SMALL_GROUP)).values(), *APART.values(), _FUNDING, _PRACTICE, _SEVERAL, _THANKS, _TRY_OUT}
)
"""Every sentence that a form says beside its questions, as the tablet's pages have it."""
_TURNING: Final = frozenset({"promise-stop", "off-not-understood", "off-not-for-me"})
"""Pictures that point: they follow the reading direction."""


def write_form(  # noqa: PLR0913, PLR0917 - all that a form is made of
    questionnaire: Questionnaire,
    practice: Questionnaire,
    activities: Collection[str],
    language: Language,
    words: Words,
    for_staff: ForStaff,
    *,
    is_synthetic: bool,
    is_small_group: bool = False,
    is_large: bool = False,
) -> PaperForm:
    """Write the form of a project in one language.

    Args:
        questionnaire: translated.
        practice: translated.
        activities: those of the project; they decide which items are asked.
        language: of the form; one that is only spoken has none.
        words: of respondents' pages, in that language.
        for_staff: the small print.
        is_synthetic: the project is for trying out, and each page says so.
        is_small_group: known to be smaller than the groups whose answers are shown.
        is_large: print large letters.
    """
    asked = [item for item in questionnaire.asked_for(activities) if not isinstance(item, CommentItem)]
    numbers = {item.id: str(number) for number, item in enumerate(asked, 1)}
    apart = _write_apart(words)
    return PaperForm(
        name=f"{questionnaire.id} {questionnaire.version} {language.tag}",
        language=language,
        title=questionnaire.title,
        promise=_write_promise(words, is_small_group=is_small_group),
        funding=words.gettext(_FUNDING),
        practice_title=words.gettext(_PRACTICE),
        practice=_write_question(practice, practice.items[0], words, {}, ()),
        questions=tuple(_write_question(questionnaire, item, words, numbers, apart) for item in asked),
        thanks=words.gettext(_THANKS),
        try_out=words.gettext(_TRY_OUT) if is_synthetic else "",
        for_staff=for_staff,
        is_large=is_large,
    )


def _write_promise(words: Words, *, is_small_group: bool) -> tuple[Line, ...]:
    """Write what the tablet says before its first question."""
    said = (*_PROMISE, _SMALL_GROUP) if is_small_group else _PROMISE
    return tuple(Line(picture, words.gettext(text), turns=picture in _TURNING) for picture, text in said)


def _write_apart(words: Words) -> tuple[Box, ...]:
    pictures = {code: f"off-{code}" for code in APART}
    return tuple(
        Box(OFF_SCALE_KEYS[code], pictures[code], words.gettext(text), turns=pictures[code] in _TURNING)
        for code, text in APART.items()
    )


def _write_question(
    questionnaire: Questionnaire, item: Item, words: Words, numbers: Mapping[str, str], apart: tuple[Box, ...]
) -> Question:
    has_stem = questionnaire.stem is not None and item.role == "domain"
    return Question(
        number=numbers.get(item.id, ""),
        picture=item.picture,
        stem=questionnaire.stem or "" if has_stem else "",
        text=item.text,
        example=item.example or "",
        hint=words.gettext(_SEVERAL) if item.type == "several" else "",
        boxes=tuple(
            Box(key, answer.picture, answer.text, answer.colour)
            for key, answer in keys_of(questionnaire.answers_of(item))
        ),
        apart=apart,
        only_after=_write_condition(questionnaire, item, numbers),
    )


def _write_condition(
    questionnaire: Questionnaire, item: Item, numbers: Mapping[str, str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    rule = item.ask_if
    earlier = questionnaire.item(rule.item) if isinstance(rule, Is) else None
    if not isinstance(rule, Is) or earlier is None or earlier.id not in numbers:
        return ()
    keys = tuple(key for key, answer in keys_of(questionnaire.answers_of(earlier)) if answer.code in rule.is_one_of)
    return ((numbers[earlier.id], keys),)
