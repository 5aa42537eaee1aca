"""What each respondents' page needs to know, typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from survey_app.foundation.languages import Language
from survey_app.questionnaire.definition import Answer, CommentItem, Item, Questionnaire
from survey_app.web.kit.headers import WITH_MICROPHONE
from survey_app.web.kit.pages import Page
from survey_app.web.respond.modules import form_modules, news_modules, wall_modules
from survey_app.web.respond.speaking import Speaker
from survey_app.web.respond.style import Style, style_for


@dataclass(frozen=True, slots=True)
class RespondPage(Page):
    """Base of every respondents' page. ``synthetic``: a try-out, said on the page."""

    synthetic: bool

    @property
    def style(self) -> Style:
        return style_for(frozenset({self.language.script}))

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the page beside those of every page."""
        return self.style.headers

    @property
    def modules(self) -> tuple[str, ...]:
        """Addresses of the page's modules, its entry first."""
        return wall_modules()


@dataclass(frozen=True, slots=True)
class JoinPage(RespondPage):
    """Asks for the code. ``problem``: ``unknown``, ``closed`` or ``too-many`` tries; ``code``: what was typed."""

    problem: str | None = None
    code: str = ""

    @property
    def style(self) -> Style:
        return style_for(frozenset({self.language.script}), ("css/day-end.css",))


@dataclass(frozen=True, slots=True)
class WallPage(RespondPage):
    """The wall of languages of a session, the project's most used first.

    ``expected``: tags that the project expects in the room; ``names``: address of the clip that says a language's name, by tag;
    ``sounds``: bytes of the clips of each language that the tablet keeps before the session starts, by tag.
    ``begins_with_news``: whether a language leads to what became of earlier answers before the questions.
    """

    code: str
    tongues: tuple[Language, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    expected: frozenset[str] = frozenset()
    sounds: Mapping[str, int] = field(default_factory=dict)
    begins_with_news: bool = False

    @property
    def style(self) -> Style:
        return style_for(frozenset(tongue.script for tongue in (self.language, *self.tongues)))


@dataclass(frozen=True, slots=True)
class FormPage(RespondPage):
    """The whole questionnaire in one language.

    ``entered``: item to the values chosen, where the page is shown again after a fault; ``problem``: ``mistaken`` (with
    ``problem_item``), ``empty``, ``again`` or ``not-now``. ``speaker``: the voice of its sentences.
    ``comment_id``: of a comment that is sent without a script. ``sealing_key``: what a tablet seals to, as
    ``SealingKey.written``. ``is_for_tablets``: only enrolled tablets may hand in.
    """

    code: str
    questionnaire: Questionnaire
    practice: Questionnaire
    items: tuple[Item, ...]
    is_small_group: bool
    is_for_tablets: bool
    response_id: str
    idle_seconds: int
    sealing_key: str
    entered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problem: str | None = None
    problem_item: Item | None = None
    comment_id: str = ""
    speaker: Speaker = field(default_factory=Speaker)

    @property
    def style(self) -> Style:
        more = ("css/comment.css",) if self.asks_comment else ()
        return style_for(frozenset({self.language.script}), more)

    @property
    def headers(self) -> Mapping[str, str]:
        return {**self.style.headers, **WITH_MICROPHONE} if self.asks_comment else self.style.headers

    @property
    def asks_comment(self) -> bool:
        """Whether a person may say more in their own words."""
        return any(isinstance(item, CommentItem) for item in self.items)

    @property
    def modules(self) -> tuple[str, ...]:
        return form_modules()

    @property
    def trial(self) -> Item:
        """The practice question."""
        return self.practice.items[0]

    @property
    def entered_step(self) -> str:
        """Item to show first after a fault: the one at fault, else the last step; empty on a fresh page."""
        if self.problem_item is not None:
            return self.problem_item.id
        return "send" if self.problem is not None else ""

    def answers_of(self, item: Item) -> tuple[Answer, ...]:
        return self.questionnaire.answers_of(item)

    def say(self, sentence: str) -> Mapping[str, str]:
        """Return the attribute of what a sentence sounds like."""
        return self.speaker.mark(sentence)

    def has_stem(self, item: Item) -> bool:
        """Say whether the questionnaire's stem is spoken before the item."""
        return self.questionnaire.stem is not None and item.role == "domain"

    def condition(self, item: Item) -> str:
        """Return an item's condition as JSON for ``rules.js``; empty where there is none."""
        return "" if item.ask_if is None else json.dumps(item.ask_if.model_dump(by_alias=True), separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Told:
    """What people asked for and what became of it: pictures and sentences of the catalogues; ``why``: as staff typed it.

    ``asked`` is empty where a picture alone says it.
    """

    picture: str
    asked: str
    became: str
    became_picture: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class NewsPage(RespondPage):
    """What became of what groups of the project said, before the questions. It shows no figure."""

    code: str
    told: tuple[Told, ...]
    speaker: Speaker

    @property
    def style(self) -> Style:
        return style_for(frozenset({self.language.script}), ("css/news.css",))

    @property
    def modules(self) -> tuple[str, ...]:
        return news_modules()

    def say(self, sentence: str) -> Mapping[str, str]:
        """Return the attribute of what a sentence sounds like."""
        return self.speaker.mark(sentence)


@dataclass(frozen=True, slots=True)
class ThanksPage(RespondPage):
    """Thank you, after a form that was sent without a script."""

    code: str


@dataclass(frozen=True, slots=True)
class ErrorPage(RespondPage):
    """A page that cannot be shown: ``sentence`` is one of ``missing``, ``closed``, ``too-many``, ``not-now``."""

    sentence: str
    status: int
