"""A questionnaire as frozen types: what is asked, in which order, with which answers.

Texts here are in the questionnaire's source language; every other language comes from the catalogues
(``questionnaire.translation``). Codes are stable for ever and are all that a response holds.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Colour = Literal["blue", "teal", "amber", "rust", "violet"]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class OffScale(StrEnum):
    """The three answers beside every scale, always there and counted apart."""

    NOT_UNDERSTOOD = "not-understood"
    NOT_FOR_ME = "not-for-me"
    NO_ANSWER = "no-answer"


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Answer(Frozen):
    """One answer that can be chosen: its code never changes, its position means nothing."""

    code: Code
    text: Text
    picture: Code
    colour: Colour
    counts_as: Literal["positive", "negative"] | None = None


class Scale(Frozen):
    """A labelled answer scale, from the most to the least; results carry ``id`` and ``version``."""

    id: Code
    version: Annotated[int, Field(ge=1)]
    answers: Annotated[tuple[Answer, ...], Field(min_length=3, max_length=4)]


class Is(Frozen):
    """True where ``item`` was answered with one of the codes (for several choices: with at least one of them)."""

    item: Code
    is_one_of: Annotated[tuple[Code, ...], Field(min_length=1)]


class All(Frozen):
    all: Annotated[tuple[Rule, ...], Field(min_length=1)]


class AnyOf(Frozen):
    any: Annotated[tuple[Rule, ...], Field(min_length=1)]


class Not(Frozen):
    not_: Annotated[Rule, Field(alias="not")]


Rule = Is | All | AnyOf | Not


class _Item(Frozen):
    id: Code
    text: Text
    example: Text | None = None
    picture: Code
    activity: Code | None = None
    ask_if: Rule | None = None


class ScaleItem(_Item):
    type: Literal["scale"]
    scale: Code
    role: Literal["indicator", "domain"] | None = None


class SingleItem(_Item):
    type: Literal["single"]
    answers: Annotated[tuple[Answer, ...], Field(min_length=2, max_length=5)]
    role: Literal["age", "gender"] | None = None


class SeveralItem(_Item):
    type: Literal["several"]
    answers: Annotated[tuple[Answer, ...], Field(min_length=2, max_length=5)]
    role: Literal["change"] | None = None


class CommentItem(_Item):
    type: Literal["comment"]
    role: None = None


Item = Annotated[ScaleItem | SingleItem | SeveralItem | CommentItem, Field(discriminator="type")]


class Limits(Frozen):
    """The most items and domains that may be asked in one session."""

    items: Annotated[int, Field(ge=1, le=8)] = 8
    domains: Annotated[int, Field(ge=0, le=8)] = 4


class Questionnaire(Frozen):
    """One version of a questionnaire. ``id`` and ``version`` name it for ever."""

    id: Code
    version: Annotated[int, Field(ge=1)]
    language: str
    title: Text
    stem: Text | None = None
    limits: Limits = Limits()
    scales: tuple[Scale, ...] = ()
    items: Annotated[tuple[Item, ...], Field(min_length=1)]

    def item(self, item_id: str) -> Item | None:
        return next((item for item in self.items if item.id == item_id), None)

    def answers_of(self, item: Item) -> tuple[Answer, ...]:
        """Return the answers of an item in reading order; a comment has none."""
        if isinstance(item, ScaleItem):
            return next(scale.answers for scale in self.scales if scale.id == item.scale)
        return () if isinstance(item, CommentItem) else item.answers

    def asked_for(self, activities: Collection[str]) -> tuple[Item, ...]:
        """Return the items asked where a project does these activities, in order."""
        return tuple(item for item in self.items if item.activity is None or item.activity in activities)


All.model_rebuild()
AnyOf.model_rebuild()
Not.model_rebuild()
