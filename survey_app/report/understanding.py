"""Which sentences need work: read from the protected figures of a release, the worst first.

Rule (of the domain): where more than one person in ten says "I do not understand" to an item in a language, it is to be
written anew. Percentages obey the policy as every percentage does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from survey_app.protection.percentages import percentage_of
from survey_app.protection.protected import Coordinates, ProtectedCell

REWRITE_ABOVE: Final = 10.0
"""Per cent of the people asked."""
TOTAL: Final = "total"
_ASKED: Final = ("asked", TOTAL)
_Key = tuple[str, str, str, str]  # table, item, answer, language


@dataclass(frozen=True, slots=True)
class Sentence:
    """How an item was understood, in one language (its tag) or in all (``""``).

    Percentages are ``None`` where they are withheld or nothing was counted: ``share`` did not understand, of the people
    asked; ``replayed`` listened again and ``long`` needed long, of those who finished; ``left`` went away there, of those
    who began. The last three are known for all languages together only.
    """

    item: str
    language: str
    not_understood: ProtectedCell
    asked: ProtectedCell
    share: float | None
    replayed: float | None = None
    long: float | None = None
    left: float | None = None

    @property
    def needs_work(self) -> bool:
        """Say whether the sentence is to be written anew."""
        return self.share is not None and self.share > REWRITE_ABOVE


def judge_sentences(cells: Iterable[ProtectedCell], smallest_base: int) -> tuple[Sentence, ...]:
    """Return every sentence of a release, the worst first, those that cannot be judged last.

    Args:
        cells: all that the release shows.
        smallest_base: the fewest people that a percentage is computed on.
    """
    found = {_key(cell.at): cell for cell in cells if _is_of_scope(cell.at)}
    sentences = [
        _judge(found, item, language, smallest_base)
        for kind, item, answer, language in found
        if (kind, answer) == _ASKED
    ]
    return tuple(sorted(sentences, key=_order))


def _is_of_scope(at: Coordinates) -> bool:
    kind = _kind(at)
    return at.module == TOTAL if kind == "module" else kind in {"language", "replays", "time", "leaving"}


def _kind(at: Coordinates) -> str:
    return at.table.partition(":")[0]


def _key(at: Coordinates) -> _Key:
    """Name a figure by what it says: the options of an item share one sentence, and all languages have no name."""
    kind = _kind(at)
    if kind in {"module", "language"}:
        return "asked", at.item.partition(":")[0], at.answer, "" if at.language == TOTAL else at.language
    return kind, at.item, at.answer, ""


def _judge(found: Mapping[_Key, ProtectedCell], item: str, language: str, smallest_base: int) -> Sentence:
    def share(part: _Key, whole: _Key) -> float | None:
        known = found.get(part), found.get(whole)
        return percentage_of(known[0], known[1], smallest_base) if known[0] and known[1] else None

    asked, missed = ("asked", item, TOTAL, language), ("asked", item, "not-understood", language)
    if language:
        return Sentence(item, language, found[missed], found[asked], share(missed, asked))
    base = item.partition("@")[0]
    once = share(("replays", base, "replayed-never", ""), ("replays", base, TOTAL, ""))
    return Sentence(
        item,
        language,
        found[missed],
        found[asked],
        share(missed, asked),
        replayed=None if once is None else 100.0 - once,
        long=share(("time", base, "long", ""), ("time", base, TOTAL, "")),
        left=share(("leaving", base, "left", ""), ("leaving", TOTAL, TOTAL, "")),
    )


def _order(sentence: Sentence) -> tuple[float, float, str, str]:
    return (
        -(sentence.share if sentence.share is not None else -1.0),
        -(sentence.replayed or 0.0),
        sentence.item,
        sentence.language,
    )
