"""The atoms behind the answers: for each item and stratum, which atoms each answer counts, and which count the same people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from survey_app.aggregation.alike import (
    ALL_SAME_BELOW,
    ALL_TOP,
    Battery,
    are_few,
    batteries_of,
    break_down_alike,
    count_alike,
)
from survey_app.aggregation.breakdowns import Breakdown
from survey_app.aggregation.facts import OFF_SCALE_ANSWERS
from survey_app.aggregation.frame import Stratum, column_of, count_by
from survey_app.aggregation.tables import OTHER_ANSWERS

if TYPE_CHECKING:
    import pandas as pd

Atoms = frozenset[int]
Identity = tuple[Atoms, Atoms]
_AllAlike = Mapping[tuple[int, str, str], int]  # (stratum, scale, answer) -> atom
_NOBODY: Atoms = frozenset()


@dataclass(slots=True)
class Families:
    """``of``: code -> (stratum, answer) -> atoms. ``atoms``: the people in each; ``identities``: sums that are the same people.

    ``alike``: how alike the answers of each person are, as a breakdown for each scale.
    """

    strata: Sequence[Stratum]
    breakdowns: Sequence[Breakdown]
    atoms: list[int] = field(default_factory=list)
    identities: list[Identity] = field(default_factory=list)
    of: dict[str, dict[tuple[int, str], Atoms]] = field(default_factory=dict)
    alike: tuple[Breakdown, ...] = ()

    def add_atom(self, people: int) -> int:
        """Add an atom of so many people, and return its number."""
        self.atoms.append(people)
        return len(self.atoms) - 1

    def people_in(self, atoms: Iterable[int]) -> int:
        """Return how many people some atoms count."""
        return sum(self.atoms[atom] for atom in atoms)

    def everyone(self, breakdown: Breakdown, number: int) -> Atoms:
        """Return the atoms of everybody of a stratum who was asked; none where nobody was."""
        family = self.of[breakdown.code]
        return _NOBODY.union(*(family.get((number, leaf), _NOBODY) for leaf in breakdown.leaves))

    def someone(self, number: int) -> Atoms:
        """Return atoms that count each person of a stratum once; none where it asked nothing that is counted."""
        return next((found for each in self.breakdowns if (found := self.everyone(each, number))), _NOBODY)

    def asking(self, breakdown: Breakdown) -> tuple[tuple[int, Stratum], ...]:
        """Return the strata that were asked something, with their numbers."""
        family = self.of[breakdown.code]
        return tuple((n, stratum) for n, stratum in enumerate(self.strata) if (n, breakdown.leaves[0]) in family)

    def count(self, frame: pd.DataFrame) -> None:
        """Count each breakdown in each stratum, and how alike the answers of each person are."""
        told = self.strata if are_few(self.strata) else ()
        batteries = {number: batteries_of(each.codes, self.breakdowns) for number, each in enumerate(told)}
        same = self._count_alike(frame, batteries)
        shared: dict[tuple[str, int, str], int] = {}
        for breakdown in self.breakdowns:
            self._add_family(breakdown, frame, shared, same)
        self.alike = break_down_alike(battery for each in batteries.values() for battery in each)
        for breakdown in self.alike:
            self._add_alike_family(breakdown, batteries, same)
        for number in range(len(self.strata)):
            self._identify_people(number)

    def _count_alike(self, frame: pd.DataFrame, batteries: Mapping[int, Sequence[Battery]]) -> _AllAlike:
        """Give those who gave one answer to all questions of a scale an atom for each answer."""
        people = count_alike(frame, batteries)
        keys = [(number, b.scale, answer) for number, each in batteries.items() for b in each for answer in b.answers]
        return {key: self.add_atom(people.get(key, 0)) for key in keys}

    def _add_family(
        self,
        breakdown: Breakdown,
        frame: pd.DataFrame,
        shared: dict[tuple[str, int, str], int],
        same: _AllAlike,
    ) -> None:
        """Give each stratum and answer its atoms.

        Off the scale, the options of one item count the same persons; on it, ``same`` are those who answered all alike.
        """
        people = count_by(frame, "stratum", column_of(breakdown.code))
        family = self.of[breakdown.code] = {}
        item = breakdown.code.removesuffix(f":{breakdown.option}") if breakdown.option else breakdown.code
        for number, stratum in enumerate(self.strata):
            if breakdown.code not in stratum.codes:
                continue
            for leaf in breakdown.leaves:
                count = people.get((number, leaf), 0)
                if leaf in OFF_SCALE_ANSWERS:
                    key = (item, number, leaf)
                    atom = shared[key] if key in shared else shared.setdefault(key, self.add_atom(count))
                    family[number, leaf] = frozenset({atom})
                    continue
                place = (number, breakdown.scale, leaf)
                alike = {same[place]} if breakdown.is_on_scale and place in same else set[int]()
                family[number, leaf] = frozenset({*alike, self.add_atom(count - self.people_in(alike))})

    def _add_alike_family(
        self, breakdown: Breakdown, batteries: Mapping[int, Sequence[Battery]], same: _AllAlike
    ) -> None:
        """Give who answered all alike the atoms that each of their answers counts, and the others one of their own."""
        family = self.of[breakdown.code] = {}
        for number, battery in ((n, b) for n, each in batteries.items() for b in each if b.scale == breakdown.scale):
            top, *below = (same[number, battery.scale, answer] for answer in battery.answers)
            alike = frozenset({top, *below})
            everyone = self.everyone(battery.items[0], number)
            others = frozenset({self.add_atom(self.people_in(everyone) - self.people_in(alike))})
            family[number, ALL_TOP], family[number, ALL_SAME_BELOW] = frozenset({top}), frozenset(below)
            family[number, OTHER_ANSWERS] = others
            for answer in battery.answers:
                elsewhere = self._elsewhere(battery, number, answer) - alike
                more = self.add_atom(self.people_in(elsewhere) - self.people_in(others))
                self.identities.append((elsewhere, others | {more}))

    def _elsewhere(self, battery: Battery, number: int, answer: str) -> Atoms:
        """Return who stands at another answer, counted over the questions."""
        families = ((self.of[item.code], leaf) for item in battery.items for leaf in item.leaves if leaf != answer)
        return _NOBODY.union(*(family[number, leaf] for family, leaf in families))

    def _identify_people(self, number: int) -> None:
        """Say that each breakdown of a stratum splits the same persons."""
        found = (self.everyone(breakdown, number) for breakdown in (*self.breakdowns, *self.alike))
        families = [family for family in found if family]
        for family in families[1:]:
            self.identities.append((family, families[0]))
