"""The poster "You said": what a group wants to change, and what became of it, in the languages of the group.

It hangs on a wall, and some of its readers read nothing: each line has a picture. It shows no count and no percentage: the
three wishes that were told most often, in their order, and how many of ten people say that the group helps. It is made
from a release that left already, and only where enough people answered for a wall, whatever the release's own circle of
readers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

from survey_app.foundation.became import Became
from survey_app.foundation.languages import Language
from survey_app.paper.printing import print_document
from survey_app.questionnaire.definition import Questionnaire
from survey_app.report.reading import Reading
from survey_app.report.results import Answers
from survey_app.report.wording import split_item

Size = Literal["a3", "a4"]
MOST_WISHES: Final = 3
MOST_LANGUAGES: Final[Mapping[Size, int]] = {"a3": 3, "a4": 2}
"""With more, the letters of a wish were smaller than 14 points, which easy-to-read rules ask for."""
FEWEST_PEOPLE: Final = 10
"""Who must have answered before a wall tells it: as for showing comments."""
_TEMPLATE: Final = Path(__file__).with_name("poster.typ")
_TENTHS: Final = 10
PICTURES: Final[Mapping[Became, str]] = {
    "heard": "listen",
    "in-discussion": "people-group",
    "changed": "done",
    "not-possible": "not-possible",
}


class Words(Protocol):
    """Sentences of respondents' pages in one language."""

    def gettext(self, message: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language of the group: its words, and the questionnaire in it."""

    language: Language
    words: Words
    questionnaire: Questionnaire


@dataclass(frozen=True, slots=True)
class Text:
    """A line in one language."""

    lang: str
    script: str | None
    is_rtl: bool
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A picture and what it says in each language. ``tenths``: how many of ten people, 0 where it tells none."""

    picture: str
    texts: tuple[Text, ...]
    tenths: int = 0


@dataclass(frozen=True, slots=True)
class Poster:
    """What hangs on the wall: ``said`` stands above wishes, each beside what became of it."""

    title: tuple[Text, ...]
    helpful: Line | None
    wishes: tuple[tuple[Line, Line], ...]
    said: tuple[Text, ...]
    thanks: tuple[Text, ...]
    funding: tuple[Text, ...]
    try_out: tuple[Text, ...]


def find_wishes(reading: Reading) -> tuple[Answers, ...]:
    """Return the wishes that may hang on a wall, the one told most often first; none where nothing may be told."""
    base = max(reading.smallest_base, FEWEST_PEOPLE)
    told = [(each.share(each.said, base) or 0.0, each) for each in reading.wishes()]
    ordered = sorted((one for one in told if one[0]), key=lambda one: (-one[0], one[1].item))
    return tuple(each for _share, each in ordered[:MOST_WISHES])


def option_of(answers: Answers) -> str:
    """Return the code of the wish that answers are about."""
    return split_item(answers.item)[2]


def write_poster(reading: Reading, tongues: Sequence[Tongue], became: Mapping[str, Became]) -> Poster:
    """Return the poster. ``became``: by code of a wish; one that is not named was heard."""

    def say(sentence: str) -> tuple[Text, ...]:
        return tuple(_text(tongue.language, tongue.words.gettext(sentence)) for tongue in tongues)

    def answer(code: Became) -> Line:
        return Line(PICTURES[code], tuple(_text(each.language, say_became(each.words)[code]) for each in tongues))

    return Poster(
        title=tuple(_text(tongue.language, tongue.questionnaire.title) for tongue in tongues),
        helpful=_helpful(reading, tongues),
        wishes=tuple(
            (wish, answer(became.get(option_of(answers), "heard")))
            for answers in find_wishes(reading)
            if (wish := _wish(answers, tongues)) is not None
        ),
        said=tuple(_text(tongue.language, tongue.words.gettext("You said")) for tongue in tongues),
        thanks=say("Thank you!"),
        funding=say("Co-funded by the European Union"),
        try_out=say("This is a try-out. No real answers.") if reading.told.facts.synthetic else (),
    )


def say_became(words: Words) -> Mapping[Became, str]:
    """Return the sentence of each answer to a wish."""
    return {
        "heard": words.gettext("We heard you."),
        "in-discussion": words.gettext("We are talking about it."),
        "changed": words.gettext("We changed it."),
        "not-possible": words.gettext("It is not possible now."),
    }


def print_poster(poster: Poster, size: Size) -> bytes:
    """Return the poster as PDF.

    Raises:
        NoPaperError: the printer is not installed, or a letter has no drawing.
    """
    first = poster.title[0].lang
    return print_document(_TEMPLATE, {**asdict(poster), "lang": first, "size": size}, first)


def _helpful(reading: Reading, tongues: Sequence[Tongue]) -> Line | None:
    """Return how many of ten say that the group helps; ``None`` where that may not be told, or two scales met."""
    base = max(reading.smallest_base, FEWEST_PEOPLE)
    found = [each for each in reading.scales() if split_item(each.item)[0] in reading.indicator_items()]
    share = found[0].share(found[0].said, base) if len(found) == 1 else None
    items = [tongue.questionnaire.item(split_item(found[0].item)[0]) for tongue in tongues] if found else []
    texts = tuple(
        _text(tongue.language, item.text) for tongue, item in zip(tongues, items, strict=False) if item is not None
    )
    if share is None or not texts:
        return None
    first = next(item for item in items if item is not None)
    return Line(first.picture, texts, tenths=round(share * _TENTHS))


def _wish(answers: Answers, tongues: Sequence[Tongue]) -> Line | None:
    """Return a wish as people chose it; ``None`` where the questionnaire does not know it."""
    base, _scale, option = split_item(answers.item)
    found = []
    for tongue in tongues:
        item = tongue.questionnaire.item(base)
        known = tongue.questionnaire.answers_of(item) if item is not None else ()
        found += [(tongue, each) for each in known if each.code == option]
    if not found:
        return None
    return Line(found[0][1].picture, tuple(_text(tongue.language, each.text) for tongue, each in found))


def _text(language: Language, text: str) -> Text:
    base, _, more = language.tag.partition("-")
    script = more.lower() if len(more) == len("Arab") else None
    return Text(base, script, language.direction == "rtl", text)
