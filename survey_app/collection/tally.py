"""How a form was understood, as sums over several people: what a tablet counts, and reading what it sends.

A tally says of each item how many people met it, listened again, were quick, took long, or left there: never an answer,
a time or a language (where one person speaks it, a sum by language would be theirs, and so would the response beside
it). One person's share is in the tablet's memory until they send or leave, then it waits sealed. The tablet sends shares
between two people, in an order drawn by lot: once there are five, so that nothing arrives beside one response, or, of two
at least, when their session is over. They are opened and added up in one act; nobody sees or keeps a share. The
session keeps the sum of all tallies, and only the random ids of tallies, until it takes no more, so that one that is sent
again is not added twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from survey_app.fieldwork.session import MOST_PEOPLE

FINISHED: Final = "finished"
FAST, UNHURRIED = "fast", "unhurried"  # every question quick, or not; of who met FEWEST_MET at least
MET: Final = "met"
REPLAYED_ONCE, REPLAYED_MORE = "replayed-once", "replayed-more"
QUICK, LONG = "quick", "long"  # less than 3 seconds, more than 30: see static/js/respond/tally.js
LEFT: Final = "left"
MEASURES: Final = (MET, REPLAYED_ONCE, REPLAYED_MORE, QUICK, LONG, LEFT)
FIELDS: Final = (FINISHED, "items")
FEWEST_PEOPLE: Final = 2  # what one person did is no sum
FEWEST_MET: Final = 3  # questions: two that were quick say little of how somebody answers

TallyCode = Literal[
    "not-an-object",
    "field-missing",
    "field-unknown",
    "item-unknown",
    "item-not-asked",
    "measure-unknown",
    "not-a-count",
    "more-than-took-part",
    "too-few-people",
    "too-many-people",
    "not-one-person",
]


@dataclass(frozen=True, slots=True, order=True)
class TallyProblem:
    """What is wrong, and where: an item of the questionnaire or a field of the tally. What was sent is not repeated."""

    where: str
    code: TallyCode


@dataclass(frozen=True, slots=True)
class NotATally:
    """Not sums over people of this session. ``problems`` names all that is wrong, each once."""

    problems: tuple[TallyProblem, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over the people of one tablet. ``finished``: who sent a response; ``items``: item -> measure -> people.

    Replays and times count among the people who finished; nobody is in two of ``replayed-once`` and ``replayed-more``,
    or of ``quick`` and ``long``. ``left`` counts who went away from an item without sending. ``fast``: who was quick at every
    item, ``unhurried``: who was not; neither where only sums were sent, which do not tell.
    """

    id: UUID
    finished: int
    items: Mapping[str, Mapping[str, int]]
    fast: int = 0
    unhurried: int = 0

    @property
    def people(self) -> int:
        """Return how many people it is about."""
        return self.finished + sum(counts.get(LEFT, 0) for counts in self.items.values())

    def sums(self) -> Iterator[tuple[str, str, int]]:
        """Give item, measure and people of each sum that is not 0, in one order; the whole form is item ``""``."""
        found = [("", FINISHED, self.finished), ("", FAST, self.fast), ("", UNHURRIED, self.unhurried)]
        found += [(item, measure, people) for item, counts in self.items.items() for measure, people in counts.items()]
        yield from sorted(line for line in found if line[2])


def read_tally(raw: object, tally_id: UUID, known: Collection[str], asked: Collection[str]) -> Tally | NotATally:
    """Read one tally.

    Args:
        raw: the JSON value that was sent.
        tally_id: the random id that the device drew for it.
        known: ids of the questionnaire's items.
        asked: ids of those that the session asks.

    Returns:
        The tally; or all problems, at least one.
    """
    read = _read_sums(raw, tally_id, known, asked)
    return read if isinstance(read, NotATally) else _check_people(read)


def add_up(
    shares: Iterable[object], tally_id: UUID, known: Collection[str], asked: Collection[str]
) -> Tally | NotATally:
    """Add up what was counted of one person each; the arguments are those of ``read_tally``, ``shares`` what was sealed."""
    sums: dict[str, Counter[str]] = {}
    finished = fast = unhurried = 0
    for raw in shares:
        share = _read_sums(raw, tally_id, known, asked)
        if isinstance(share, NotATally):
            return share
        if share.people != 1:
            return NotATally((TallyProblem("tally", "not-one-person"),))
        finished += share.finished
        fast += was_fast(share) is True
        unhurried += was_fast(share) is False
        for item, counts in share.items.items():
            sums.setdefault(item, Counter()).update(counts)
    return _check_people(Tally(tally_id, finished, sums, fast, unhurried))


def was_fast(share: Tally) -> bool | None:
    """Say whether the one person of a share answered every question before it could be heard; ``None`` if it tells nothing."""
    met = [counts for counts in share.items.values() if counts.get(MET)]
    if not share.finished or len(met) < FEWEST_MET:
        return None
    return all(counts.get(QUICK) for counts in met)


def _read_sums(raw: object, tally_id: UUID, known: Collection[str], asked: Collection[str]) -> Tally | NotATally:
    if not isinstance(raw, Mapping):
        return NotATally((TallyProblem("tally", "not-an-object"),))
    problems = set(_check_fields(raw))
    items = raw.get("items")
    if isinstance(items, Mapping):
        for item, counts in items.items():
            problems |= set(_check_item(item, counts, raw.get(FINISHED), known, asked))
    elif "items" in raw:
        problems.add(TallyProblem("items", "not-an-object"))
    if problems:
        return NotATally(tuple(sorted(problems)))
    return Tally(tally_id, raw[FINISHED], raw["items"])


def _check_people(tally: Tally) -> Tally | NotATally:
    if tally.people < FEWEST_PEOPLE:
        return NotATally((TallyProblem("tally", "too-few-people"),))
    if tally.people > MOST_PEOPLE:
        return NotATally((TallyProblem("tally", "too-many-people"),))
    return tally


def _check_fields(raw: Mapping[object, object]) -> Iterator[TallyProblem]:
    for name in FIELDS:
        if name not in raw:
            yield TallyProblem(name, "field-missing")
    if any(name not in FIELDS for name in raw):
        yield TallyProblem("tally", "field-unknown")
    if FINISHED in raw and not _is_count(raw[FINISHED]):
        yield TallyProblem(FINISHED, "not-a-count")


def _check_item(
    item: object, counts: object, finished: object, known: Collection[str], asked: Collection[str]
) -> Iterator[TallyProblem]:
    if not isinstance(item, str) or item not in known:
        yield TallyProblem("items", "item-unknown")
    elif item not in asked:
        yield TallyProblem(item, "item-not-asked")
    elif not isinstance(counts, Mapping):
        yield TallyProblem(item, "not-an-object")
    elif any(measure not in MEASURES for measure in counts):
        yield TallyProblem(item, "measure-unknown")
    elif not all(_is_count(people) for people in counts.values()):
        yield TallyProblem(item, "not-a-count")
    elif _is_count(finished) and not _adds_up(counts, finished):
        yield TallyProblem(item, "more-than-took-part")


def _adds_up(counts: Mapping[str, int], finished: object) -> bool:
    met = counts.get(MET, 0)
    classes = ((REPLAYED_ONCE, REPLAYED_MORE), (QUICK, LONG))
    are_fewer = all(sum(counts.get(measure, 0) for measure in each) <= met for each in classes)
    return are_fewer and isinstance(finished, int) and met <= finished


def _is_count(sent: object) -> bool:
    return type(sent) is int and 0 <= sent <= MOST_PEOPLE  # neither True nor 1.0 counts people
