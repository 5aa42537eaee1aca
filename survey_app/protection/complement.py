"""Complementary suppression over the whole linked set (rule 5), our own optimiser on HiGHS.

For each withheld figure it asks for the cheapest other data set in which that figure is as large (and one in which it is as
small) as the policy demands; every published figure that differs in that data set must be withheld too. This is the
incremental linear heuristic of Kelly, Golden and Assad (1992) that the statistical offices' engines use for large tables,
applied to all tables at once, and to the complementary figures as well as to the primary ones.

Large sets are solved in clusters: the atoms of one item, with what links them to other items (the people of each session)
left unmoved. A data set found so is a data set of the whole. Only what a cluster can not reach is tried on the whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import highspy
import numpy as np
import numpy.typing as npt

from survey_app.aggregation.tables import LinkedTables, NotAsked
from survey_app.protection.knowledge import Known, ceiling_of
from survey_app.protection.linkage import Linkage
from survey_app.protection.policy import Policy

_CLUSTER: Final = 700  # columns above which linked families are solved apart
_BULK: Final = 12  # data sets drawn at random before each figure is asked for one by one
_TINY: Final = 1e-6
_INFINITE: Final = highspy.kHighsInf
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Complement:
    """``withheld``: every figure to withhold. ``unreached``: those that stay exposed because of what is known already."""

    withheld: frozenset[int]
    unreached: frozenset[int]


def complete(
    linked: LinkedTables, linkage: Linkage, withheld: Iterable[int], policy: Policy, known: Sequence[Known] = ()
) -> Complement:
    """Return ``withheld`` with the figures that must be withheld too."""
    return _Search(linked, linkage, set(withheld), policy, known).run()


def complete_cheaper(  # noqa: PLR0913, PLR0917 - as above, and a price
    linked: LinkedTables,
    linkage: Linkage,
    withheld: Iterable[int],
    policy: Policy,
    known: Sequence[Known],
    worth: float,
) -> Complement | None:
    """Do the same, but give up once what is withheld costs more than ``worth`` (in ``Figure.weight``)."""
    search = _Search(linked, linkage, set(withheld), policy, known)
    found = search.run(worth)
    return None if search.price > worth else found


@dataclass(slots=True)
class _Columns:
    """Atoms that always stand in the same figures, identities and known sums are one column."""

    of_atom: list[int]
    people: list[int]
    figures: list[list[int]]
    identities: list[list[tuple[int, int]]]
    known: list[list[int]]


def _merge_atoms(linked: LinkedTables, linkage: Linkage, known: Sequence[Known]) -> _Columns:
    figures = _standing_in(figure.atoms for figure in linkage.figures)
    sums = _standing_in(fact.atoms for fact in known)
    identities: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, (left, right) in enumerate(linked.identities):
        for atom in left ^ right:
            identities[atom].append((number, 1 if atom in left else -1))
    columns = _Columns([], [], [], [], [])
    numbers: dict[Any, int] = {}
    for atom, people in enumerate(linked.atoms):
        key = (tuple(figures[atom]), tuple(identities[atom]), tuple(sums[atom]))
        column = numbers.setdefault(key, len(numbers))
        if column == len(columns.people):
            columns.people.append(0)
            columns.figures.append(figures[atom])
            columns.identities.append(identities[atom])
            columns.known.append(sums[atom])
        columns.people[column] += people
        columns.of_atom.append(column)
    return columns


def _standing_in(sums: Iterable[frozenset[int]]) -> dict[int, list[int]]:
    """Return the numbers of the sums that each atom stands in."""
    found: dict[int, list[int]] = defaultdict(list)
    for number, atoms in enumerate(sums):
        for atom in atoms:
            found[atom].append(number)
    return found


def _families(linked: LinkedTables, columns: _Columns) -> list[int]:
    """Return the cluster number of each column: the columns of one table together, linked families while they are few."""
    union = _Union(len(columns.people))
    for table in linked.tables:
        members = {
            columns.of_atom[atom]
            for cell in table.cells.values()
            if not isinstance(cell.atoms, NotAsked)
            for atom in cell.atoms
        }
        union.join(members)
    sides = Counter(side for pair in linked.identities for side in pair)
    for left, right in sorted(linked.identities, key=lambda pair: max(sides[pair[0]], sides[pair[1]])):
        members = {columns.of_atom[atom] for atom in left | right}
        if sum(union.size[root] for root in {union.root(member) for member in members}) <= _CLUSTER:
            union.join(members)
    return [union.root(column) for column in range(len(columns.people))]


class _Union:
    def __init__(self, count: int) -> None:
        self._parent = list(range(count))
        self.size = [1] * count

    def root(self, member: int) -> int:
        while self._parent[member] != member:
            self._parent[member] = self._parent[self._parent[member]]
            member = self._parent[member]
        return member

    def join(self, members: Iterable[int]) -> None:
        first: int | None = None
        for member in members:
            root = self.root(member)
            if first is None:
                first = root
            elif root != first:
                self._parent[root] = first
                self.size[first] += self.size[root]


@dataclass(slots=True)
class _Model:
    """Changes of a data set: one column for each column of atoms, two for what each published figure moves up and down."""

    solver: Any
    columns: list[int]
    figures: list[int]
    row_of: dict[int, int]
    weights: Numbers
    matrix: _Sparse
    free: set[int] = field(default_factory=set)

    def release(self, withheld: set[int]) -> None:
        """Let the figures that are withheld by now move at no cost."""
        for figure in withheld & self.row_of.keys() - self.free:
            row = self.row_of[figure]
            self.solver.changeRowBounds(row, -_INFINITE, _INFINITE)
            self.free.add(figure)

    def cheapest(self, figure: int, change: float) -> tuple[Numbers, list[int]] | None:
        """Return the cheapest changes with ``figure`` changed by ``change``, and the figures that change with it."""
        row = self.row_of[figure]
        low, high = (change, _INFINITE) if change > 0 else (-_INFINITE, change)
        self._price(published=True)
        self.solver.changeRowBounds(row, low, high)
        self.solver.run()
        found = self._solution()
        self.solver.changeRowBounds(row, -_INFINITE, _INFINITE)
        if found is None:
            return None
        count, rows = len(self.columns), len(self.figures)
        moved = found[count : count + rows] + found[count + rows : count + 2 * rows]
        return found[:count], [
            self.figures[at] for at in np.flatnonzero(moved > _TINY) if self.figures[at] not in self.free
        ]

    def farthest(self, direction: Numbers) -> Numbers | None:
        """Return the changes that go farthest in ``direction`` (one number per figure) with every published figure kept."""
        self._price(published=False, objective=-self.matrix.transposed(direction))
        self.solver.run()
        found = self._solution()
        return None if found is None else found[: len(self.columns)]

    def _price(self, *, published: bool, objective: Numbers | None = None) -> None:
        count, rows = len(self.columns), len(self.figures)
        total = count + 2 * rows
        cost = np.zeros(total)
        upper = np.zeros(2 * rows)
        if published:
            cost[count:] = np.concatenate([self.weights, self.weights])
            held = np.array([figure not in self.free for figure in self.figures] * 2)
            upper[held] = _INFINITE
        elif objective is not None:
            cost[:count] = objective
        at = np.arange(count, total, dtype=np.int32)
        self.solver.changeColsBounds(2 * rows, at, np.zeros(2 * rows), upper)
        self.solver.changeColsCost(total, np.arange(total, dtype=np.int32), cost)

    def _solution(self) -> Numbers | None:
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.asarray(self.solver.getSolution().col_value)


@dataclass(slots=True)
class _Sparse:
    starts: npt.NDArray[np.int32]
    index: npt.NDArray[np.int32]
    width: int

    def times(self, columns: Numbers) -> Numbers:
        summed = np.concatenate([[0.0], np.cumsum(columns[self.index])])
        return np.asarray(summed[self.starts[1:]] - summed[self.starts[:-1]])

    def transposed(self, rows: Numbers) -> Numbers:
        spread = np.repeat(rows, np.diff(self.starts))
        return np.bincount(self.index, weights=spread, minlength=self.width).astype(np.float64)


class _Search:
    def __init__(
        self, linked: LinkedTables, linkage: Linkage, withheld: set[int], policy: Policy, known: Sequence[Known]
    ) -> None:
        self._linked, self._linkage, self._policy, self._known = linked, linkage, policy, known
        self._withheld = withheld
        self._columns = _merge_atoms(linked, linkage, known)
        self._cluster_of = _families(linked, self._columns)
        self._models: dict[int | None, _Model] = {}
        count = len(linkage.figures)
        self._people = np.array([figure.people for figure in linkage.figures], dtype=np.float64)
        self._weights = np.array([figure.weight for figure in linkage.figures])
        self._lowest, self._highest = np.zeros(count), np.zeros(count)
        ceilings = np.array([ceiling_of(figure.atoms, known) for figure in linkage.figures])
        self._enough = np.minimum(max(policy.interval_width, policy.smallest_count), ceilings)
        self._width = np.minimum(policy.interval_width, ceilings)
        self._chance = np.random.default_rng(1)
        self._unreached: set[int] = set()

    @property
    def price(self) -> float:
        """Return what the reader loses by now."""
        return round(float(self._weights[list(self._withheld)].sum()), 6)

    def run(self, worth: float = float("inf")) -> Complement:
        """Ask for each withheld figure in turn until every one can move as far as the policy demands."""
        drawn: set[int] = set()
        while self.price <= worth and (figure := self._next()) is not None:
            cluster = self._cluster_at(figure)
            if cluster is not None and cluster not in drawn:
                drawn.add(cluster)
                waiting = [int(other) for other in np.flatnonzero(self._exposed())]
                self._draw(self._model(cluster), [other for other in waiting if self._cluster_at(other) == cluster])
                continue
            self._widen(figure, cluster)
        return Complement(frozenset(self._withheld), frozenset(self._unreached))

    def _next(self) -> int | None:
        """Return the withheld figure to ask for next: the smallest of those that can not move far enough."""
        exposed = np.flatnonzero(self._exposed())
        return (
            int(exposed[np.lexsort((exposed, -self._weights[exposed], self._people[exposed]))[0]])
            if len(exposed)
            else None
        )

    def _exposed(self) -> npt.NDArray[np.bool_]:
        is_low = (self._people > 0) & (self._people < self._policy.smallest_count)
        narrow = self._highest - self._lowest < self._width - _TINY
        one_sided = (self._highest < self._enough - self._people - _TINY) | (self._lowest > -self._people + _TINY)
        exposed = np.zeros(len(self._people), dtype=np.bool_)
        exposed[list(self._withheld - self._unreached)] = True
        exposed &= np.where(is_low, one_sided, narrow)
        return exposed

    def _cluster_at(self, figure: int) -> int | None:
        atom = next(iter(self._linkage.figures[figure].atoms), None)
        return None if atom is None else self._cluster_of[self._columns.of_atom[atom]]

    def _is_safe(self, figure: int) -> bool:
        return self._missing(figure) == (0.0, 0.0)

    def _missing(self, figure: int) -> tuple[float, float]:
        """Return how much farther up and down the figure must be able to move: (up >= 0, down <= 0)."""
        width, people = self._width[figure], self._people[figure]
        low, high = self._lowest[figure], self._highest[figure]
        if 0 < people < self._policy.smallest_count:
            up = self._enough[figure] - people
            return (0.0 if high >= up - _TINY else up), (0.0 if low <= -people + _TINY else -people)
        if high - low >= width - _TINY:
            return 0.0, 0.0
        return width + low, 0.0

    def _draw(self, model: _Model, waiting: Sequence[int]) -> None:
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
        for where in dict.fromkeys((cluster, None)):
            model = self._model(where)
            model.release(self._withheld)
            if figure in model.row_of and self._move(model, figure):
                return
        self._unreached.add(figure)

    def _move(self, model: _Model, figure: int) -> bool:
        up, down = self._missing(figure)
        either_way = 0 if 0 < self._people[figure] < self._policy.smallest_count else 1
        for change in (up, down):
            if change and not self._reach(model, figure, change):
                other = max(self._highest[figure] - self._width[figure], -self._people[figure])
                if not (either_way and other < 0 and self._reach(model, figure, other) and self._is_safe(figure)):
                    return False
        return True

    def _reach(self, model: _Model, figure: int, change: float) -> bool:
        found = model.cheapest(figure, change)
        if found is None:
            return False
        changes, moved = found
        self._withheld.update(moved)
        model.release(self._withheld)
        self._learn(model, changes)
        return True

    def _learn(self, model: _Model, changes: Numbers) -> None:
        moved = model.matrix.times(changes)
        at = np.array(model.figures)
        self._lowest[at] = np.minimum(self._lowest[at], moved)
        self._highest[at] = np.maximum(self._highest[at], moved)

    def _model(self, cluster: int | None) -> _Model:
        if cluster not in self._models:
            columns = [column for column, number in enumerate(self._cluster_of) if cluster is None or number == cluster]
            self._models[cluster] = self._build(columns)
        return self._models[cluster]

    def _build(self, columns: list[int]) -> _Model:
        figures: dict[int, list[int]] = defaultdict(list)
        identities: dict[int, list[tuple[int, int]]] = defaultdict(list)
        sums: dict[int, list[int]] = defaultdict(list)
        for at, column in enumerate(columns):
            for figure in self._columns.figures[column]:
                figures[figure].append(at)
            for identity, sign in self._columns.identities[column]:
                identities[identity].append((at, sign))
            for number in self._columns.known[column]:
                sums[number].append(at)
        order = sorted(figures)
        weights = np.array([self._linkage.figures[figure].weight for figure in order])
        matrix = _Sparse(
            np.cumsum([0, *(len(figures[figure]) for figure in order)], dtype=np.int32),
            np.array([at for figure in order for at in figures[figure]], dtype=np.int32),
            len(columns),
        )
        solver = self._pass(columns, [figures[figure] for figure in order], list(identities.values()), sums)
        return _Model(solver, columns, order, {figure: at for at, figure in enumerate(order)}, weights, matrix)

    def _pass(
        self,
        columns: list[int],
        figures: list[list[int]],
        identities: list[list[tuple[int, int]]],
        sums: Mapping[int, list[int]],
    ) -> Any:  # noqa: ANN401 - highspy carries no types
        count, rows = len(columns), len(figures)
        people = np.array([self._columns.people[column] for column in columns], dtype=np.float64)
        room = 6.0 * max(self._policy.interval_width, self._policy.smallest_count)
        entries = [
            [(at, 1.0) for at in members] + [(count + row, -1.0), (count + rows + row, 1.0)]
            for row, members in enumerate(figures)
        ]
        entries += [[(at, float(sign)) for at, sign in members] for members in identities]
        low, high = [0.0] * len(entries), [0.0] * len(entries)
        for number, members in sums.items():
            fact, now = self._known[number], sum(self._linked.atoms[atom] for atom in self._known[number].atoms)
            entries.append([(at, 1.0) for at in members])
            low.append(min(0.0, fact.least - now))
            high.append(_INFINITE if fact.greatest is None else max(0.0, fact.greatest - now))
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = count + 2 * rows, len(entries)
        lp.col_cost_ = np.zeros(lp.num_col_)
        lp.col_lower_ = np.concatenate([-people, np.zeros(2 * rows)])
        lp.col_upper_ = np.concatenate([np.full(count, room), np.zeros(2 * rows)])
        lp.row_lower_, lp.row_upper_ = np.array(low), np.array(high)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(row) for row in entries)], dtype=np.int32)
        lp.a_matrix_.index_ = np.array([at for row in entries for at, _ in row], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([value for row in entries for _, value in row], dtype=np.float64)
        solver: Any = highspy.Highs()  # type: ignore[no-untyped-call] # highspy carries no types
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off"), ("solver", "simplex")):
            solver.setOptionValue(option, value)
        solver.passModel(lp)
        return solver
