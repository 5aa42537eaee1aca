"""An intruder with the raw bytes of a database, who wants to know who came first."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from uuid import UUID

PAGE = {"sqlite": 4096, "postgresql": 8192}
BY_CHANCE = 0.46  # |rank correlation| of 50 people: by chance once in a thousand times


def draw_ids(people: int) -> list[UUID]:
    """Random ids, the same in every run, so that a test by rank correlation has no bad luck."""
    draws = random.Random(20261127)
    return [UUID(int=draws.getrandbits(128), version=4) for _ in range(people)]


def rank_correlation(found: Sequence[int], true: Sequence[int]) -> float:
    """Spearman's: 1 where what was found orders people as they came, 0 where it says nothing."""
    ranks = [[sorted(values).index(value) for value in values] for values in (found, true)]
    n = len(true)
    return 1 - 6 * sum((one - other) ** 2 for one, other in zip(*ranks, strict=True)) / (n * (n * n - 1))


def guesses(content: bytes, needles: Sequence[bytes], page: int = PAGE["sqlite"]) -> Mapping[str, float]:
    """How well each reading of a file orders the people; no reading where somebody's id is not in it."""
    first, last = [content.find(each) for each in needles], [content.rfind(each) for each in needles]
    if -1 in first:
        return {}
    true = range(len(needles))
    readings = {
        "first place": first,
        "last place": last,
        "page, then from its end": [place // page * page - place % page for place in first],
        "place in its page": [place % page * 10_000_000 + place for place in first],
        "how often": [content.count(each) * 10_000_000 + place for each, place in zip(needles, first, strict=True)],
    }
    return {name: abs(rank_correlation(values, true)) for name, values in readings.items()}
