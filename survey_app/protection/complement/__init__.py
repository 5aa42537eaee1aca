"""Complementary suppression over the whole linked set (rule 5), our own optimiser on HiGHS.

For each withheld figure it asks for the cheapest other data set in which that figure is as large (and one in which it is as
small) as the policy demands; every published figure that differs in that data set must be withheld too. This is the
incremental linear heuristic of Kelly, Golden and Assad (1992) that the statistical offices' engines use for large tables,
applied to all tables at once, and to the complementary figures as well as to the primary ones.

What a figure needs, in persons:

* a low count: to be able to be 0, and to be a count that may be published;
* any other: the policy's width;
* less, where registers and earlier releases leave less already: then the whole of what they leave;
* a complementary figure no more than the sensitive ones of a line that it stands in (a sum and its parts), for it is
  withheld for their sake. Without this, a partner with three people in its register would have its lead's total withheld.
  It does need as much as they: a later release can be compared with a withheld figure only by its range.

Large sets are solved in clusters: the atoms of one item, with what links them to other items (the people of each session)
left unmoved. A data set found so is a data set of the whole. Only what a cluster can not reach is tried on the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import Final

import highspy
import numpy as np
import numpy.typing as npt

from survey_app.aggregation.tables import LinkedTables
from survey_app.protection.complement.changes import TINY, Changes, Limits, Numbers, Room, build_changes, build_limits
from survey_app.protection.complement.columns import merge_atoms
from survey_app.protection.effort import Effort
from survey_app.protection.knowledge import Known, ceiling_of
from survey_app.protection.linkage import Linkage, beside
from survey_app.protection.policy import Policy

_BULK: Final = 12  # data sets drawn at random before each figure is asked for one by one
_INFINITE: Final = highspy.kHighsInf


@dataclass(frozen=True, slots=True)
class Given:
    """A release to be completed: its figures, the policy, what is known beside it, and which figures rules withhold.

    ``has_earlier``: earlier releases are among what is known, so that many figures need less than the policy's width.
    """

    linked: LinkedTables
    linkage: Linkage
    policy: Policy
    known: Sequence[Known] = ()
    sensitive: Collection[int] | None = None  # None: everything that is withheld from the start
    effort: Effort = field(default_factory=Effort)
    has_earlier: bool = False


@dataclass(frozen=True, slots=True)
class Complement:
    """``withheld``: every figure to withhold. ``unreached``: those that stay exposed because of what is known already."""

    withheld: frozenset[int]
    unreached: frozenset[int]


def complete(given: Given, withheld: Iterable[int], worth: float = inf) -> Complement:
    """Return ``withheld`` with the figures that must be withheld too, as far as the effort lasts.

    Gives up once what is withheld costs more than ``worth`` (in ``Figure.weight``).
    """
    return _Search(given, set(withheld)).run(worth)


class _Search:
    def __init__(self, given: Given, withheld: set[int]) -> None:
        self._given, self._linkage, self._withheld = given, given.linkage, withheld
        self._columns = merge_atoms(given.linked, given.linkage, given.known)
        self._models: dict[int | None, Changes] = {}
        figures, policy = given.linkage.figures, given.policy
        self._people = np.array([figure.people for figure in figures], dtype=np.float64)
        self._weights = np.array([figure.weight for figure in figures])
        self._lowest, self._highest = np.zeros(len(figures)), np.zeros(len(figures))
        self._most_up, self._most_down = np.full(len(figures), inf), self._people.copy()
        self._enough = float(max(policy.interval_width, policy.smallest_count))
        self._is_low = (self._people > 0) & (self._people < policy.smallest_count)
        self._width = np.zeros(len(figures))
        self._sensitive = frozenset(withheld if given.sensitive is None else given.sensitive)
        self._beside = beside(given.linked, given.linkage, self._sensitive)
        self._others_beside: dict[int, set[int]] = defaultdict(set)
        for other, lines in self._beside.items():
            for figure in frozenset[int]().union(*lines):
                self._others_beside[figure].add(other)
        self._has_earlier = given.has_earlier
        self._apply_registers()
        self._chance = np.random.default_rng(1)
        self._unreached: set[int] = set()
        self._settled: set[int] = set()
        self._measure_widths(range(len(figures)))

    def _is_worth(self, worth: float) -> bool:
        """Say whether the reader loses no more than that by now."""
        return worth == inf or round(float(self._weights[list(self._withheld)].sum()), 6) <= worth

    def run(self, worth: float) -> Complement:
        """Ask for each withheld figure in turn until every one can move as far as it needs."""
        drawn: set[int] = set()
        while not self._given.effort.is_spent and self._is_worth(worth) and (figure := self._next()) is not None:
            cluster = self._cluster_at(figure)
            if cluster is not None and cluster not in drawn:
                drawn.add(cluster)
                waiting = [int(other) for other in np.flatnonzero(self._exposed())]
                self._draw(self._model(cluster), [other for other in waiting if self._cluster_at(other) == cluster])
                continue
            self._widen(figure, cluster)
        return Complement(frozenset(self._withheld), frozenset(self._unreached))

    # -- what each figure needs --------------------------------------------------------------------------------------

    def _apply_registers(self) -> None:
        """Write down what registers leave of the figures that rules withhold; the rest is measured where it is met."""
        registers = [fact for fact in self._given.known if fact.least == 0 and fact.greatest is not None]
        for figure in self._sensitive:
            self._most_up[figure] = ceiling_of(self._linkage.figures[figure].atoms, registers) - self._people[figure]

    def _measure_widths(self, figures: Iterable[int]) -> None:
        """Write down how wide the range of each of these figures must be."""
        left = self._most_up + self._most_down
        for figure in figures:
            width = min(self._given.policy.interval_width, left[figure])
            for others in self._beside.get(figure, ()):
                width = min(width, max(left[other] for other in others))
            self._width[figure] = width

    def _next(self) -> int | None:
        """Return the withheld figure to ask for next: the smallest of those that can not move far enough."""
        exposed = np.flatnonzero(self._exposed())
        return (
            int(exposed[np.lexsort((exposed, -self._weights[exposed], self._people[exposed]))[0]])
            if len(exposed)
            else None
        )

    def _exposed(self) -> npt.NDArray[np.bool_]:
        narrow = self._highest - self._lowest < self._width - TINY
        too_low = self._highest < np.minimum(self._enough - self._people, self._most_up) - TINY
        one_sided = too_low | (self._lowest > -self._most_down + TINY)
        exposed = np.zeros(len(self._people), dtype=np.bool_)
        exposed[list(self._withheld - self._unreached)] = True
        exposed &= np.where(self._is_low, one_sided, narrow)
        return exposed

    def _is_exposed(self, figure: int) -> bool:
        return any(self._missing(figure, sign) for sign in (1, -1))

    def _missing(self, figure: int, sign: int) -> float:
        """Return to what change the figure must still be brought, up (``sign`` 1) or down (-1); 0 where to none."""
        low, high = self._lowest[figure], self._highest[figure]
        up, down = self._most_up[figure], -self._most_down[figure]
        if self._is_low[figure]:
            wanted = min(self._enough - self._people[figure], up) if sign > 0 else down
        elif high - low >= self._width[figure] - TINY:
            return 0.0
        else:
            wanted = min(self._width[figure] + low, up) if sign > 0 else max(high - self._width[figure], down)
        return float(wanted) if (wanted > high + TINY if sign > 0 else wanted < low - TINY) else 0.0

    def _settle(self, figure: int) -> None:
        """Write down how far what is known lets a figure move, and what it and the figures beside it need by that."""
        if not self._given.known or figure in self._settled:
            return
        self._settled.add(figure)
        members = sorted({self._columns.of_atom[atom] for atom in self._linkage.figures[figure].atoms})
        self._most_up[figure] = min(self._most_up[figure], self._limits.most(members, 1))
        self._most_down[figure] = min(self._most_down[figure], self._limits.most(members, -1))
        self._measure_widths([figure, *self._others_beside[figure]])

    @cached_property
    def _limits(self) -> Limits:
        return build_limits(self._columns, self._room(), self._given.effort)

    # -- other data sets ---------------------------------------------------------------------------------------------

    def _cluster_at(self, figure: int) -> int | None:
        atom = next(iter(self._linkage.figures[figure].atoms), None)
        return None if atom is None else self._columns.clusters[self._columns.of_atom[atom]]

    def _draw(self, model: Changes, waiting: Sequence[int]) -> None:
        """Draw data sets that keep every published figure, to see which figures are safe already."""
        model.release(self._withheld)
        rows = [model.row_of[figure] for figure in waiting if figure in model.row_of]
        for turn in range(_BULK):
            direction = np.zeros(len(model.figures))
            direction[rows] = self._chance.uniform(0.2, 1.0, len(rows))
            if turn > 1:
                direction[rows] *= self._chance.choice([-1.0, 1.0], len(rows))
            elif turn == 1:
                direction *= -1
            changes = model.farthest(direction)
            if changes is None:
                return
            self._learn(model, changes)

    def _widen(self, figure: int, cluster: int | None) -> None:
        if self._has_earlier:  # what many figures need was told already: cheaper to see than to try in vain
            self._settle(figure)
        if cluster is not None and self._move(self._model(cluster), figure):
            return
        self._settle(figure)
        if self._is_exposed(figure) and not self._move(self._model(None), figure):
            self._unreached.add(figure)

    def _move(self, model: Changes, figure: int) -> bool:
        """Move a figure up and down as far as it needs; say whether that was possible."""
        if figure not in model.row_of:
            return False
        model.release(self._withheld)
        for sign in (1, -1):
            if change := self._missing(figure, sign):
                self._reach(model, figure, change)
        return not self._is_exposed(figure)

    def _reach(self, model: Changes, figure: int, change: float) -> None:
        found = model.cheapest(figure, change)
        if found is not None:
            changes, moved = found
            self._withheld.update(moved)
            model.release(self._withheld)
            self._learn(model, changes)

    def _learn(self, model: Changes, changes: Numbers) -> None:
        moved = model.matrix.times(changes)
        at = np.array(model.figures)
        self._lowest[at] = np.minimum(self._lowest[at], moved)
        self._highest[at] = np.maximum(self._highest[at], moved)

    def _model(self, cluster: int | None) -> Changes:
        if cluster not in self._models:
            numbers = self._columns.clusters
            members = [column for column, number in enumerate(numbers) if cluster is None or number == cluster]
            self._models[cluster] = build_changes(
                self._columns, members, self._weights, self._room(), self._given.effort
            )
        return self._models[cluster]

    def _room(self) -> Room:
        policy, known = self._given.policy, self._given.known
        now = [sum(self._given.linked.atoms[atom] for atom in fact.atoms) for fact in known]
        return Room(
            6.0 * max(policy.interval_width, policy.smallest_count),
            [min(0.0, fact.least - people) for fact, people in zip(known, now, strict=True)],
            [
                _INFINITE if fact.greatest is None else max(0.0, fact.greatest - people)
                for fact, people in zip(known, now, strict=True)
            ],
        )
