"""Other data sets, as changes of the true one: a linear program in which every published figure has its price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import highspy
import numpy as np
import numpy.typing as npt

from survey_app.protection.complement.columns import Columns
from survey_app.protection.effort import Effort

TINY: Final = 1e-6
_INFINITE: Final = highspy.kHighsInf
Numbers = npt.NDArray[np.float64]


@dataclass(slots=True)
class Sparse:
    """A matrix of zeros and ones, by rows."""

    starts: npt.NDArray[np.int32]
    index: npt.NDArray[np.int32]
    width: int

    def times(self, columns: Numbers) -> Numbers:
        """Return the sum of each row's columns."""
        summed = np.concatenate([[0.0], np.cumsum(columns[self.index])])
        return np.asarray(summed[self.starts[1:]] - summed[self.starts[:-1]])

    def transposed(self, rows: Numbers) -> Numbers:
        """Return the sum of each column's rows."""
        spread = np.repeat(rows, np.diff(self.starts))
        return np.bincount(self.index, weights=spread, minlength=self.width).astype(np.float64)


@dataclass(slots=True)
class Changes:
    """Changes of a data set: one column for each column of atoms, two for what each published figure moves up and down.

    ``room``: how far each figure may move at its price; those in ``free`` move without.
    """

    solver: Any
    columns: list[int]
    figures: list[int]
    row_of: dict[int, int]
    weights: Numbers
    room: Numbers
    matrix: Sparse
    effort: Effort
    free: set[int] = field(default_factory=set)

    def release(self, withheld: set[int]) -> None:
        """Let the figures that are withheld by now move at no cost."""
        for figure in withheld & self.row_of.keys() - self.free:
            self.solver.changeRowBounds(self.row_of[figure], -_INFINITE, _INFINITE)
            self.room[self.row_of[figure]] = 0.0
            self.free.add(figure)

    def cheapest(self, figure: int, change: float) -> tuple[Numbers, list[int]] | None:
        """Return the cheapest changes with ``figure`` changed by ``change``, and the figures that change with it."""
        row = self.row_of[figure]
        low, high = (change, _INFINITE) if change > 0 else (-_INFINITE, change)
        count, rows = len(self.columns), len(self.figures)
        self._ask(np.zeros(count), self.weights, self.room)
        self.solver.changeRowBounds(row, low, high)
        found = self._solve()
        self.solver.changeRowBounds(row, -_INFINITE, _INFINITE)
        if found is None:
            return None
        moved = found[count : count + rows] + found[count + rows : count + 2 * rows]
        return found[:count], [
            self.figures[at] for at in np.flatnonzero(moved > TINY) if self.figures[at] not in self.free
        ]

    def farthest(self, direction: Numbers) -> Numbers | None:
        """Return the changes that go farthest in ``direction`` (one number per figure) with every published figure kept."""
        rows = len(self.figures)
        self._ask(-self.matrix.transposed(direction), np.zeros(rows), np.zeros(rows))
        found = self._solve()
        return None if found is None else found[: len(self.columns)]

    def _ask(self, objective: Numbers, weights: Numbers, most: Numbers) -> None:
        """Set what a unit of each change costs, and how far each published figure may move."""
        count, rows = len(self.columns), len(self.figures)
        total = count + 2 * rows
        at = np.arange(total, dtype=np.int32)
        self.solver.changeColsBounds(2 * rows, at[count:], np.zeros(2 * rows), np.concatenate([most, most]))
        self.solver.changeColsCost(total, at, np.concatenate([objective, weights, weights]))

    def _solve(self) -> Numbers | None:
        return _solve(self.solver, self.effort)


@dataclass(frozen=True, slots=True)
class Limits:
    """How far figures could move if all of them were withheld: what is known beside the release binds alone."""

    solver: Any
    width: int
    effort: Effort

    def most(self, members: Sequence[int], sign: int) -> float:
        """Return how many people more (``sign`` 1) or fewer (-1) these columns can count."""
        cost = np.zeros(self.width)
        cost[list(members)] = -sign
        self.solver.changeColsCost(self.width, np.arange(self.width, dtype=np.int32), cost)
        found = _solve(self.solver, self.effort)
        return 0.0 if found is None else float(np.floor(max(0.0, -float(cost @ found)) + TINY))


def _solve(solver: Any, effort: Effort) -> Numbers | None:  # noqa: ANN401 - highspy carries no types
    solver.run()
    effort.charge(solver)
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.asarray(solver.getSolution().col_value)


@dataclass(frozen=True, slots=True)
class Room:
    """How far columns may move: ``most`` people more in each; each known sum from ``low`` to ``high`` of what it is now."""

    most: float
    low: Sequence[float]
    high: Sequence[float]


def build_changes(columns: Columns, members: Sequence[int], weights: Numbers, room: Room, effort: Effort) -> Changes:
    """Write down the changes of some columns, the others left unmoved. ``weights``: of every figure."""
    figures, identities, sums = _rows_of(columns, members)
    order = sorted(figures)
    matrix = Sparse(
        np.cumsum([0, *(len(figures[figure]) for figure in order)], dtype=np.int32),
        np.array([at for figure in order for at in figures[figure]], dtype=np.int32),
        len(members),
    )
    people = np.array([columns.people[column] for column in members], dtype=np.float64)
    rows = [figures[figure] for figure in order]
    solver = _pass(people, rows, list(identities.values()), sums, room)
    row_of = {figure: at for at, figure in enumerate(order)}
    room_of_each = np.full(len(order), _INFINITE)
    return Changes(solver, list(members), order, row_of, weights[order], room_of_each, matrix, effort)


def build_limits(columns: Columns, room: Room, effort: Effort) -> Limits:
    """Write down the changes of all columns, with no figure published."""
    everything = range(len(columns.people))
    _, identities, sums = _rows_of(columns, everything)
    people = np.array(columns.people, dtype=np.float64)
    return Limits(_pass(people, [], list(identities.values()), sums, room), len(people), effort)


_Signed = list[tuple[int, int]]


def _rows_of(
    columns: Columns, members: Sequence[int]
) -> tuple[dict[int, list[int]], dict[int, _Signed], dict[int, list[int]]]:
    """Return which members each figure, identity and known sum counts."""
    figures: dict[int, list[int]] = defaultdict(list)
    identities: dict[int, _Signed] = defaultdict(list)
    sums: dict[int, list[int]] = defaultdict(list)
    for at, column in enumerate(members):
        for figure in columns.figures[column]:
            figures[figure].append(at)
        for identity, sign in columns.identities[column]:
            identities[identity].append((at, sign))
        for number in columns.known[column]:
            sums[number].append(at)
    return figures, identities, sums


def _pass(
    people: Numbers,
    figures: Sequence[Sequence[int]],
    identities: Sequence[_Signed],
    sums: Mapping[int, Sequence[int]],
    room: Room,
) -> Any:  # noqa: ANN401 - highspy carries no types
    count, rows = len(people), len(figures)
    entries = [
        [(at, 1.0) for at in members] + [(count + row, -1.0), (count + rows + row, 1.0)]
        for row, members in enumerate(figures)
    ]
    entries += [[(at, float(sign)) for at, sign in members] for members in identities]
    still = [0.0] * len(entries)
    entries += [[(at, 1.0) for at in members] for members in sums.values()]
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = count + 2 * rows, len(entries)
    lp.col_cost_ = np.zeros(lp.num_col_)
    lp.col_lower_ = np.concatenate([-people, np.zeros(2 * rows)])
    lp.col_upper_ = np.concatenate([np.full(count, room.most), np.zeros(2 * rows)])
    lp.row_lower_ = np.array(still + [room.low[number] for number in sums])
    lp.row_upper_ = np.array(still + [room.high[number] for number in sums])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0, *(len(row) for row in entries)], dtype=np.int32)
    lp.a_matrix_.index_ = np.array([at for row in entries for at, _ in row], dtype=np.int32)
    lp.a_matrix_.value_ = np.array([value for row in entries for _, value in row], dtype=np.float64)
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call] # highspy carries no types
    for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off"), ("solver", "simplex")):
        solver.setOptionValue(option, value)
    solver.passModel(lp)
    return solver
