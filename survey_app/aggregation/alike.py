"""Whose answers are all alike: who gave one answer to every question of a scale, and who gave the best one to each.

Tables ``alike`` (by place) and ``alike-module``, one of each scale where two would meet: of the people who were asked
at least ``FEWEST_ITEMS`` questions on the scale, in releases about one project of at most ``MOST_STRATA`` groups. Whoever
skipped one of them did not answer all alike.

**They hang together with the tables of these questions.** Whoever gave the best answer to all gave it to each. So these
people are an atom of their own, which the best answer to each question counts: an attacker who subtracts one figure from
the other computes what can be computed here too. And of the others, nobody gave one answer to all: for each answer, at
least as many people as they are stand at another one, counted over the questions (Fréchet's bound).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from survey_app.aggregation.breakdowns import Breakdown
from survey_app.aggregation.facts import ALIKE
from survey_app.aggregation.frame import Stratum, column_of
from survey_app.aggregation.tables import OTHER_ANSWERS, TOTAL, Axis

if TYPE_CHECKING:
    import pandas as pd

FEWEST_ITEMS: Final = 3
"""Two answers that are the same say little of how somebody answers."""
MOST_PROJECTS: Final = 1
"""Projects of a release, at most: tied, releases about several projects can tell too little after one another."""
MOST_STRATA: Final = 6
"""Groups (a project's module) of a release, at most: these people tie the tables of all questions together, and protecting
many groups so tied takes minutes. Decided by what is released, never by what was answered."""
ALL_SAME, ALL_TOP, ALL_SAME_BELOW = "all-same", "all-top", "all-same-below"
AXIS: Final = Axis("answer", {ALL_SAME: TOTAL, ALL_TOP: ALL_SAME, ALL_SAME_BELOW: ALL_SAME, OTHER_ANSWERS: TOTAL})


@dataclass(frozen=True, slots=True)
class Battery:
    """The questions on one scale that a stratum was asked. ``answers``: those of the scale, the best first."""

    scale: str
    items: tuple[Breakdown, ...]

    @property
    def answers(self) -> tuple[str, ...]:
        return self.items[0].answers


def are_few(strata: Sequence[Stratum]) -> bool:
    """Say whether a release about these strata tells how alike their answers are."""
    return len(strata) <= MOST_STRATA and len({each.project for each in strata}) <= MOST_PROJECTS


def batteries_of(asked: Collection[str], breakdowns: Iterable[Breakdown]) -> tuple[Battery, ...]:
    """Return the batteries that are long enough among the questions that were asked."""
    by_scale: dict[str, list[Breakdown]] = {}
    for breakdown in breakdowns:
        if breakdown.is_on_scale and breakdown.code in asked:
            by_scale.setdefault(breakdown.scale, []).append(breakdown)
    return tuple(Battery(scale, tuple(items)) for scale, items in by_scale.items() if len(items) >= FEWEST_ITEMS)


def break_down_alike(batteries: Iterable[Battery]) -> tuple[Breakdown, ...]:
    """Return how each scale is broken down: as if how alike the answers are had been asked on it."""
    scales = sorted({battery.scale for battery in batteries})
    answers = (ALL_TOP, ALL_SAME_BELOW, OTHER_ANSWERS)
    codes = {scale: ALIKE if len(scales) == 1 else f"{ALIKE}@{scale}" for scale in scales}
    return tuple(Breakdown(codes[scale], ALIKE, "", answers, AXIS, scale=scale) for scale in scales)


def count_alike(frame: pd.DataFrame, batteries: Mapping[int, Sequence[Battery]]) -> Mapping[tuple[int, str, str], int]:
    """Return how many people of a stratum gave one answer to all questions on a scale: (stratum, scale, answer) -> people.

    ``batteries``: of each stratum, by its number.
    """
    found: Counter[tuple[int, str, str]] = Counter()
    for battery, strata in _strata_of_each(batteries):
        columns = [column_of(item.code) for item in battery.items]
        if any(column not in frame for column in columns):
            continue  # nobody of these strata handed in
        rows = frame[frame["stratum"].isin(strata)]
        answers = rows[columns].apply(lambda column: column.cat.codes)
        first = answers[columns[0]]
        is_alike = answers.eq(first, axis=0).all(axis=1) & (first < len(battery.answers))
        sizes = (
            rows["stratum"][is_alike].to_frame().assign(answer=first[is_alike]).groupby(["stratum", "answer"]).size()
        )
        for (stratum, answer), people in sizes.items():
            found[int(stratum), battery.scale, battery.answers[answer]] += int(people)
    return found


def _strata_of_each(batteries: Mapping[int, Sequence[Battery]]) -> Iterator[tuple[Battery, list[int]]]:
    strata: dict[tuple[str, ...], tuple[Battery, list[int]]] = {}
    for stratum, of_stratum in batteries.items():
        for battery in of_stratum:
            strata.setdefault(tuple(item.code for item in battery.items), (battery, []))[1].append(stratum)
    yield from strata.values()
