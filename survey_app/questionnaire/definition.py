"""A questionnaire as frozen types: what is asked, in which order, with which answers.

Texts here are in the questionnaire's source language; every other language comes from the catalogues
(``questionnaire.translation``). Codes are stable for ever and are all that a response holds.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Colour = Literal["blue", "teal", "amber", "rust", "violet"]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class OffScale(StrEnum):
    """The three answers beside every scale, always there and counted apart."""

    NOT_UNDERSTOOD = "not-understood"
    NOT_FOR_ME = "not-for-me"
    NO_ANSWER = "no-answer"


class Frozen(BaseModel):
    """Base of every part: unknown keys are refused, and nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Answer(Frozen):
    """One answer that can be chosen: its code never changes, its position means nothing."""

    code: Code
    """What a response holds: small letters, digits and hyphens. The same code means the same for ever."""

    text: Text
    """The answer as the respondent reads and hears it, in the questionnaire's language."""

    picture: Code
    """Name of the picture beside the text."""

    colour: Colour
    """Colour of the answer's button; never the only difference between two answers."""

    counts_as: Literal["positive", "negative"] | None = None
    """On a scale: the side of "helpful" (indicator R.2.9) that the answer counts for."""


class Scale(Frozen):
    """A labelled answer scale, from the most to the least; results carry ``id`` and ``version``."""

    id: Code
    """Name of the scale."""

    version: Annotated[int, Field(ge=1)]
    """Results of different versions are never added up."""

    answers: Annotated[tuple[Answer, ...], Field(min_length=3, max_length=4)]
    """Three or four answers, from the most to the least."""


class Is(Frozen):
    """True where ``item`` was answered with one of the codes (for several choices: with at least one of them)."""

    item: Code
    """An item that is asked earlier."""

    is_one_of: Annotated[tuple[Code, ...], Field(min_length=1)]
    """Codes of that item's answers."""


class All(Frozen):
    """True where every condition is true."""

    all: Annotated[tuple[Rule, ...], Field(min_length=1)]
    """The conditions."""


class AnyOf(Frozen):
    """True where at least one condition is true."""

    any: Annotated[tuple[Rule, ...], Field(min_length=1)]
    """The conditions."""


class Not(Frozen):
    """True where the condition is not."""

    not_: Annotated[Rule, Field(alias="not")]
    """The condition."""


def _name_rule(value: Any) -> str | None:  # noqa: ANN401 - whatever a file holds
    """Name the kind of rule that a value wants to be, so that a fault in it is reported once and not four times."""
    if isinstance(value, BaseModel):
        return {Is: "rule:is", All: "rule:all", AnyOf: "rule:any", Not: "rule:not"}.get(type(value))
    if not isinstance(value, dict):
        return None
    signs = {"all": "rule:all", "any": "rule:any", "not": "rule:not", "item": "rule:is", "is_one_of": "rule:is"}
    return next((name for sign, name in signs.items() if sign in value), None)


Rule = Annotated[
    Annotated[Is, Tag("rule:is")]
    | Annotated[All, Tag("rule:all")]
    | Annotated[AnyOf, Tag("rule:any")]
    | Annotated[Not, Tag("rule:not")],
    Discriminator(_name_rule),
]


class _Item(Frozen):
    id: Code
    """Name of the item; a response holds its answer under this name."""

    text: Text
    """The question as the respondent reads and hears it, in the questionnaire's language."""

    example: Text | None = None
    """One concrete example, a sentence of its own."""

    picture: Code
    """Name of the picture above the text."""

    activity: Code | None = None
    """Asked only where the project does this activity; without it, asked everywhere."""

    ask_if: Rule | None = None
    """Asked only of respondents for whom this is true."""


class ScaleItem(_Item):
    """A question answered on a scale."""

    type: Literal["scale"]
    """One answer of a scale."""

    scale: Code
    """Name of one of the questionnaire's scales."""

    role: Literal["indicator", "domain"] | None = None
    """``indicator``: feeds R.2.9; ``domain``: one domain of life, chosen per project."""


class SingleItem(_Item):
    """A question with one answer out of its own list."""

    type: Literal["single"]
    """One answer out of a list."""

    answers: Annotated[tuple[Answer, ...], Field(min_length=2, max_length=5)]
    """Two to five answers."""

    role: Literal["age", "gender"] | None = None
    """The breakdown of Annex VIII of Regulation (EU) 2021/1147 that the item feeds."""


class SeveralItem(_Item):
    """A question with any number of answers out of its own list."""

    type: Literal["several"]
    """Any number of answers out of a list."""

    answers: Annotated[tuple[Answer, ...], Field(min_length=2, max_length=5)]
    """Two to five answers."""

    role: Literal["change"] | None = None
    """``change``: what should change in the group."""


class CommentItem(_Item):
    """A free comment, said or written: kept apart from the answers and sent by itself, never with them."""

    type: Literal["comment"]
    """Free words."""

    role: None = None
    """A comment has no role."""


Item = Annotated[ScaleItem | SingleItem | SeveralItem | CommentItem, Field(discriminator="type")]


class Limits(Frozen):
    """The most items and domains that may be asked in one session."""

    items: Annotated[int, Field(ge=1, le=8)] = 8
    """Items asked in one session, at most."""

    domains: Annotated[int, Field(ge=0, le=8)] = 4
    """Items with the role ``domain`` asked in one session, at most."""


class Questionnaire(Frozen):
    """One version of a questionnaire. ``id`` and ``version`` name it for ever."""

    id: Code
    """Name of the questionnaire, the first part of its file's name."""

    version: Annotated[int, Field(ge=1)]
    """A published version is never edited: a change is a new version in a new file."""

    language: str
    """Tag of the language that its texts are written in."""

    title: Text
    """Its name for respondents and staff."""

    stem: Text | None = None
    """Words spoken before each item of a domain."""

    limits: Limits = Limits()
    """The most that may be asked in one session."""

    scales: tuple[Scale, ...] = ()
    """The answer scales that its items use."""

    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    """What is asked, in this order."""

    def item(self, item_id: str) -> Item | None:
        """Return the item with this id, or ``None``."""
        return next((item for item in self.items if item.id == item_id), None)

    def answers_of(self, item: Item) -> tuple[Answer, ...]:
        """Return the answers of an item in reading order; a comment has none."""
        if isinstance(item, ScaleItem):
            return next(scale.answers for scale in self.scales if scale.id == item.scale)
        return () if isinstance(item, CommentItem) else item.answers

    def comment_for(self, activities: Collection[str]) -> CommentItem | None:
        """Return the item that asks for a comment where a project does these activities, or ``None``."""
        asked = self.asked_for(activities)
        return next((item for item in asked if isinstance(item, CommentItem)), None)

    def asked_for(self, activities: Collection[str]) -> tuple[Item, ...]:
        """Return the items asked where a project does these activities, in order."""
        return tuple(item for item in self.items if item.activity is None or item.activity in activities)


All.model_rebuild()
AnyOf.model_rebuild()
Not.model_rebuild()
