"""The search for data sets of whole persons that agree with everything known, far enough apart for every target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from survey_app.protection.assurance.part import GAP, Part
from survey_app.protection.assurance.system import (
    INFINITE,
    System,
    Target,
    Vector,
    Whole,
    mark_figures,
    merge_columns,
    number_pieces,
)
from survey_app.protection.effort import Effort
from survey_app.protection.policy import Policy

_BLOCK: Final = 800  # columns up to which linked families are attacked together at once
_DRAWS: Final = 14
_ROOM: Final = 8.0  # times what a figure needs: how many people a column may gain
Claims = npt.NDArray[np.bool_]


class NothingAgreesError(Exception):
    """No data set agrees with what is published and known: the figures contradict each other."""


class Search:
    """Proves a range for each target of a system, or leaves it open.

    What was known before the release (``System.before``) caps what a target needs, measured where it matters only.
    """

    def __init__(self, system: System, policy: Policy, effort: Effort) -> None:
        self._effort = effort
        self._merged = merge_columns(system)
        self._targets = targets = system.targets
        self._chance = np.random.default_rng(7)
        self._sizes = np.array([len(target.columns) for target in targets], dtype=np.int64)
        self._index = np.concatenate([*(target.columns for target in targets), np.zeros(0, dtype=np.int64)])
        self._is_low = np.array([target.is_low for target in targets], dtype=np.bool_)
        self._width: Vector = np.full(len(targets), float(max(policy.interval_width, policy.coalition + 1)))
        self._enough = float(max(policy.smallest_count, policy.interval_width))
        self._least, self._most = np.zeros(len(targets)), np.full(len(targets), INFINITE)
        self._measured: set[int] = set()
        self._known_before: dict[frozenset[int], Part] = {}
        self._lowest, self._highest = np.full(len(targets), INFINITE), np.full(len(targets), -INFINITE)
        self._base = self._find_base()

    def run(self) -> list[Target]:
        """Return the targets whose range could not be proven wide enough, and write down the ranges that were.

        Raises:
            NothingAgreesError: the figures contradict each other.
        """
        self._learn(self._base)
        blocks = np.array(self._blocks(), dtype=np.int64)
        block_of = np.array([blocks[target.columns[0]] if len(target.columns) else -1 for target in self._targets])
        for block in sorted(set(block_of.tolist()) - {-1}):
            self._attack(np.flatnonzero(blocks == block), block_of == block, draws=_DRAWS)
        if self._open().any():
            self._attack(np.arange(self._merged.count), np.ones(len(self._targets), dtype=np.bool_), draws=4)
        for at in np.flatnonzero(self._most > self._least):  # of the others, everything was known before
            self._targets[at].lowest, self._targets[at].highest = float(self._lowest[at]), float(self._highest[at])
        return [self._targets[at] for at in np.flatnonzero(self._open())]

    # -- what each target needs --------------------------------------------------------------------------------------

    def _open(self) -> Claims:
        is_open: Claims = self._needs_less() | self._needs_more()
        return is_open

    def _needs_less(self) -> Claims:
        """Say for which targets a smaller value is still to be found."""
        narrow = self._highest - self._lowest < self._width
        return np.where(self._is_low, self._lowest > self._least, narrow).astype(np.bool_)

    def _needs_more(self) -> Claims:
        """Say for which targets a greater value is still to be found."""
        narrow = self._highest - self._lowest < self._width
        too_low: Claims = self._highest < np.minimum(self._enough, self._most)
        return np.where(self._is_low, too_low, narrow).astype(np.bool_)

    def _measure(self, at: int) -> None:
        """Ask for no more than what was left before the release, and of a figure withheld for others than they need."""
        if not self._merged.is_limited or at in self._measured:
            return
        self._measured.add(at)
        direction = np.zeros(self._merged.count)
        direction[self._targets[at].columns] = 1.0
        now, before = float(self._base @ direction), self._before_around(at)
        self._most[at] = now + before.limit(direction)
        self._least[at] = now - before.limit(-direction)
        self._width[at] = min(self._width[at], self._most[at] - self._least[at])
        for line in self._lines_with(at):
            for other in line:
                self._measure(other)
            self._width[at] = min(self._width[at], max(self._width[other] for other in line))

    def _before_around(self, at: int) -> Part:
        """Return what was known before the release of all columns that can tell anything of a target's."""
        pieces = frozenset(self._pieces[self._targets[at].columns].tolist())
        if pieces not in self._known_before:
            inside = np.flatnonzero(np.isin(self._pieces, sorted(pieces)))
            self._known_before[pieces] = Part(self._merged.before, inside, self._base, self._effort)
        return self._known_before[pieces]

    @cached_property
    def _pieces(self) -> Whole:
        return number_pieces(self._merged.before)

    def _lines_with(self, at: int) -> Iterable[list[int]]:
        """Yield the sensitive targets in each line that a figure withheld for others stands in, in whatever table."""
        if self._targets[at].is_sensitive:
            return
        alike = set(np.flatnonzero(self._marks == self._marks[at]).tolist())
        for line in self._merged.lines:
            near = sorted(other for other in line if self._targets[other].is_sensitive)
            if near and not alike.isdisjoint(line):
                yield near

    @cached_property
    def _marks(self) -> Vector:
        return mark_figures(self._merged)

    # -- other data sets ---------------------------------------------------------------------------------------------

    def _find_base(self) -> Whole:
        if self._merged.people is not None:
            return self._merged.people
        count = self._merged.count
        part = Part(self._merged, np.arange(count), np.zeros(count, dtype=np.int64), self._effort)
        base = part.farthest(np.zeros(count))
        if base is None:
            raise NothingAgreesError
        return base

    def _blocks(self) -> list[int]:
        """Return the block of each column: its family, joined with linked families while the block stays small."""
        block = list(self._merged.families)
        size = Counter(block)
        rows = [row.columns.tolist() for row in self._merged.rows]
        uses = Counter(column for columns in rows for column in columns)
        links = [columns for columns in rows if len({block[column] for column in columns}) > 1]
        for columns in sorted(links, key=lambda columns: max(uses[column] for column in columns)):
            met = {block[column] for column in columns}
            if len(met) > 1 and sum(size[number] for number in met) <= _BLOCK:
                first = min(met)
                size[first] = sum(size[number] for number in met)
                block = [first if number in met else number for number in block]
        return block

    def _attack(self, inside: Whole, members: Claims, draws: int) -> None:
        part = Part(self._merged, inside, self._base, self._effort, _ROOM * self._enough)
        for turn in range(draws):
            waiting = members & self._open()
            if not waiting.any() or self._effort.is_spent:
                return
            signs = np.full(len(waiting), -1.0 if turn % 2 else 1.0)
            if turn > 1:
                signs = self._chance.choice([-1.0, 1.0], len(waiting))
            factors = np.where(waiting, signs * self._chance.uniform(0.3, 1.0, len(waiting)), 0.0)
            self._learn(part.farthest(self._direction(factors)))
        for at in np.flatnonzero(members & self._open()):
            self._stretch(part, int(at))

    def _stretch(self, part: Part, at: int) -> None:
        self._pull(part, at)
        if self._open()[at]:
            self._measure(at)
        if self._open()[at]:  # of a range of five, nearly all of the way is four
            self._pull(part, at, gap=0.0)

    def _pull(self, part: Part, at: int, gap: float = GAP) -> None:
        factors = np.zeros(len(self._sizes))
        for sign, needs in ((1.0, self._needs_more), (-1.0, self._needs_less)):
            if needs()[at] and not self._effort.is_spent:
                factors[at] = sign
                self._learn(part.farthest(self._direction(factors), gap))

    def _direction(self, factors: Vector) -> Vector:
        spread = np.repeat(factors, self._sizes)
        return np.bincount(self._index, weights=spread, minlength=self._merged.count).astype(np.float64)

    def _learn(self, found: Whole | None) -> None:
        if found is None:
            return
        ends = np.cumsum(self._sizes)
        summed = np.concatenate([[0], np.cumsum(found[self._index])])
        values = (summed[ends] - summed[ends - self._sizes]).astype(np.float64)
        self._lowest = np.minimum(self._lowest, values)
        self._highest = np.maximum(self._highest, values)
