"""Which sentences need work, for a release's page: read from its protected figures, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from babel.numbers import format_percent

from survey_app.foundation.languages import Language, find_language
from survey_app.protection.protected import ProtectedCell
from survey_app.report.understanding import Sentence, judge_sentences
from survey_app.report.wording import Wording


@dataclass(frozen=True, slots=True)
class SentenceLine:
    """One sentence in one language: ``spoken`` and ``tongue`` as people read it, ``None`` for all languages together.

    ``missed`` and ``asked`` count people; the other figures are percentages in words, empty where they are not known.
    """

    question: str
    language: str
    tongue: Language | None
    spoken: str
    missed: int
    asked: int
    share: str
    needs_work: bool
    replayed: str
    long: str
    left: str


def list_sentences(
    cells: Sequence[ProtectedCell], smallest_base: int | None, wording: Wording, locale: str
) -> Iterator[SentenceLine]:
    """Give the sentences of which anything is known, the worst first; none where no percentage may be computed."""
    if smallest_base is None:
        return
    for sentence in judge_sentences(cells, smallest_base):
        if any(known is not None for known in (sentence.share, sentence.replayed, sentence.long, sentence.left)):
            yield _line(sentence, wording, locale)


def _line(sentence: Sentence, wording: Wording, locale: str) -> SentenceLine:
    def say(percentage: float | None) -> str:
        return "" if percentage is None else format_percent(percentage / 100, "#,##0 %", locale=locale)

    return SentenceLine(
        question=wording.item(sentence.item),
        language=wording.language_of(sentence.language),
        tongue=find_language(sentence.language),
        spoken=wording.sentence(sentence.item, sentence.language),
        missed=sentence.not_understood.value or 0,
        asked=sentence.asked.value or 0,
        share=say(sentence.share),
        needs_work=sentence.needs_work,
        replayed=say(sentence.replayed),
        long=say(sentence.long),
        left=say(sentence.left),
    )
