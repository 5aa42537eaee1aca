"""Atoms cut into the people that earlier releases tell apart, so that each of their figures is a sum of atoms again.

A count of a release that is being made is known; how many of it an earlier release counted is known only where that release
told it. So numbers are put in that agree with all counts and with everything that was told. Which of the many such data sets
is taken does not matter: the attack asks how far *any* may lie from another, and what can be computed is the same in all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import highspy
import numpy as np

from survey_app.aggregation.tables import TOTAL, Coordinates, LinkedTables, NotAsked, UnprotectedTable, as_unused
from survey_app.protection.cohorts import Cohorts, People, connected, divide
from survey_app.protection.knowledge import places_of

Atoms = frozenset[int]
_NEARLY: Final = 1e-6
_NODES: Final = 2000


class NoDataSetError(Exception):
    """No data set of whole persons was found that agrees with the counts and the earlier releases."""


@dataclass(frozen=True, slots=True)
class Told:
    """A figure of an earlier release: what it counted, of whom, and how many; ``tier``: whose readers know it.

    ``is_part``: it counted only a place or a module of that release.
    """

    what: Coordinates
    cohorts: Cohorts
    people: int
    tier: str
    is_part: bool = False


@dataclass(slots=True)
class Split:
    """A linked set whose atoms are cut. ``parts``: of each old atom, the people in it and the new atom that counts them.

    ``others``: the same of people whom only earlier releases counted, by what they count.
    """

    linked: LinkedTables
    parts: Mapping[int, Sequence[tuple[Cohorts, int]]]
    others: Mapping[frozenset[int], Sequence[tuple[Cohorts, int]]]
    figures: Figures
    contradicted: frozenset[Told] = frozenset()
    _known: dict[tuple[int, Cohorts], Atoms] = field(default_factory=dict)

    def counting(self, what: Coordinates, cohorts: Cohorts, *, is_part: bool) -> Iterable[Atoms]:
        """Yield the atoms that count something of some people, in each table that does.

        ``is_part``: of a place or a module, which not all tables tell apart.
        """
        for number in self.figures.counting(what, is_part=is_part):
            if (number, cohorts) not in self._known:
                self._known[number, cohorts] = frozenset(
                    atom for mask, atom in self.people_in(number) if mask & cohorts
                )
            yield self._known[number, cohorts]

    def people_in(self, number: int) -> Iterable[tuple[Cohorts, int]]:
        """Yield everybody that a figure can count, now and before, with their atoms."""
        for atom in self.figures.atoms[number]:
            yield from self.parts[atom]
        for leaf, others in self.others.items():
            if number in leaf:
                yield from others

    def within(self, atoms: Iterable[int], cohorts: Cohorts) -> Atoms | None:
        """Return the part of some old atoms that lies in some cohorts; ``None`` where that is not told apart."""
        found: list[int] = []
        for atom in atoms:
            for mask, part in self.parts[atom]:
                if mask & cohorts:
                    if mask & ~cohorts:
                        return None
                    found.append(part)
        return frozenset(found)


class Figures:
    """What a linked set counts of everybody in it, whatever table shows it: ``of`` each thing, the numbers of its ``atoms``.

    A *leaf* is the set of figures that an atom stands in: atoms of one leaf count the same thing of different people.
    """

    def __init__(self, linked: LinkedTables) -> None:
        self.of: dict[Coordinates, list[int]] = defaultdict(list)
        numbers: dict[tuple[Coordinates, Atoms], int] = {}
        for table in linked.tables:
            for codes, cell in table.cells.items():
                if (
                    cell.at.measure != "registered"
                    and is_of_scope(table, codes)
                    and not isinstance(cell.atoms, NotAsked)
                ):
                    key = (what_of(cell.at), cell.atoms)
                    if key not in numbers:
                        self.of[key[0]].append(len(numbers))
                        numbers[key] = len(numbers)
        self.atoms = [atoms for _, atoms in numbers]
        self.places = places_of(linked)
        self._placed = {number for number, atoms in enumerate(self.atoms) if atoms <= self.places.keys()}

    def counting(self, what: Coordinates, *, is_part: bool) -> Sequence[int]:
        """Return the numbers of what counts something; of a part of it, those by place and module where there are any."""
        numbers = self.of.get(what, ())
        placed = [number for number in numbers if number in self._placed] if is_part else ()
        return placed or numbers

    @cached_property
    def leaf_of(self) -> Mapping[int, frozenset[int]]:
        standing: dict[int, set[int]] = defaultdict(set)
        for number, atoms in enumerate(self.atoms):
            for atom in atoms:
                standing[atom].add(number)
        return {atom: frozenset(numbers) for atom, numbers in standing.items()}


def what_of(at: Coordinates) -> Coordinates:
    """Return what coordinates count, of whomever: without table, place, module and period; a total is the same as unused."""
    return as_unused(at, table="", organisation="", project="", module="", period="")


def is_of_scope(table: UnprotectedTable, codes: Sequence[str]) -> bool:
    """Say whether a cell counts everybody of the release, whatever their place and module."""
    return all(code == TOTAL for axis, code in zip(table.axes, codes, strict=True) if axis.name in {"place", "module"})


def split(
    linked: LinkedTables, people: People, told: Collection[Told], scopes: Mapping[Coordinates, Collection[Cohorts]]
) -> Split:
    """Cut the atoms of a linked set along the figures that were told before.

    Args:
        linked: the counts of now.
        people: the cohorts.
        told: every figure of earlier releases.
        scopes: for what was told before, further sets of people that it is to be told apart by.

    Raises:
        NoDataSetError: nothing agrees with all of it.
    """
    return _Splitting(linked, people, told, scopes).split()


class _Splitting:
    def __init__(
        self,
        linked: LinkedTables,
        people: People,
        told: Collection[Told],
        scopes: Mapping[Coordinates, Collection[Cohorts]],
    ) -> None:
        self._linked, self._people, self._told = linked, people, told
        self._figures = Figures(linked)
        self._masks = self._masks_of_leaves(scopes)
        self._count = len(linked.atoms)
        self._parts: dict[int, list[tuple[Cohorts, int]]] = {}
        self._others: dict[frozenset[int], list[tuple[Cohorts, int]]] = {}

    def split(self) -> Split:
        self._cut_atoms()
        self._add_others()
        done = Split(self._linked, self._parts, self._others, self._figures)
        identities = tuple(self._identities())
        numbers, contradicted = self._fill(done, identities)
        tables = tuple(self._cut_table(table) for table in self._linked.tables)
        ceilings = tuple((self._cut(atoms), people) for atoms, people in self._linked.ceilings)
        done.linked = replace(self._linked, atoms=numbers, tables=tables, identities=identities, ceilings=ceilings)
        done.contradicted = contradicted
        return done

    def _masks_of_leaves(
        self, scopes: Mapping[Coordinates, Collection[Cohorts]]
    ) -> Mapping[frozenset[int], Sequence[Cohorts]]:
        """Return along which sets of people the atoms of each leaf are cut."""
        by_figure: dict[int, set[Cohorts]] = defaultdict(set)
        for one in self._told:
            for number in self._figures.counting(one.what, is_part=one.is_part):
                by_figure[number].add(one.cohorts)
        for what, masks in scopes.items():
            for number in self._figures.of.get(what, ()):
                by_figure[number].update(masks)
        return {
            leaf: sorted(set[Cohorts]().union(*(by_figure[number] for number in leaf)))
            for leaf in set(self._figures.leaf_of.values())
        }

    def _cut_atoms(self) -> None:
        known: dict[tuple[frozenset[int], tuple[str, str]], list[Cohorts]] = {}
        for atom in range(len(self._linked.atoms)):
            leaf, place = self._figures.leaf_of.get(atom), self._figures.places.get(atom, ("", ""))
            if leaf is None:
                self._parts[atom] = [(self._people.at(*place), atom)]
                continue
            if (leaf, place) not in known:
                known[leaf, place] = divide(self._people.at(*place), self._masks[leaf])
            first, *more = known[leaf, place]
            self._parts[atom] = [(first, atom), *((mask, self._new_atom()) for mask in more)]

    def _add_others(self) -> None:
        for leaf, masks in sorted(self._masks.items(), key=lambda one: sorted(one[0])):
            away = 0
            for mask in masks:
                away |= mask & ~self._people.now
            self._others[leaf] = [(mask, self._new_atom()) for mask in divide(away, masks)]

    def _new_atom(self) -> int:
        self._count += 1
        return self._count - 1

    # -- the same equations, people by people ------------------------------------------------------------------------

    def _cut(self, atoms: Iterable[int]) -> Atoms:
        return frozenset(part for atom in atoms for _, part in self._parts[atom])

    def _cut_table(self, table: UnprotectedTable) -> UnprotectedTable:
        known: dict[Atoms, Atoms] = {}
        cells = {}
        for codes, cell in table.cells.items():
            if isinstance(cell.atoms, NotAsked):
                cells[codes] = cell
                continue
            if cell.atoms not in known:
                known[cell.atoms] = self._cut(cell.atoms)
            cells[codes] = replace(cell, atoms=known[cell.atoms])
        return replace(table, cells=cells)

    def _identities(self) -> Iterable[tuple[Atoms, Atoms]]:
        """Yield every identity for each set of people that both of its sides tell apart."""
        for left, right in self._linked.identities:
            yield from self._apart(
                [part for atom in left for part in self._parts[atom]],
                [part for atom in right for part in self._parts[atom]],
            )
        for numbers in self._figures.of.values():
            sides = [self._others_in(number) for number in numbers]
            for side in sides[1:]:
                yield from self._apart(sides[0], side)

    def _others_in(self, number: int) -> list[tuple[Cohorts, int]]:
        return [other for leaf, others in self._others.items() if number in leaf for other in others]

    @staticmethod
    def _apart(
        left: Sequence[tuple[Cohorts, int]], right: Sequence[tuple[Cohorts, int]]
    ) -> Iterable[tuple[Atoms, Atoms]]:
        for together in connected({mask for mask, _ in (*left, *right)}):
            sides = [frozenset(atom for mask, atom in side if mask & together) for side in (left, right)]
            one, other = sides[0] - sides[1], sides[1] - sides[0]
            if one or other:
                yield one, other

    # -- numbers that agree with everything --------------------------------------------------------------------------

    def _fill(self, done: Split, identities: Sequence[tuple[Atoms, Atoms]]) -> tuple[tuple[int, ...], frozenset[Told]]:
        numbers = [*self._linked.atoms, *[0] * (self._count - len(self._linked.atoms))]
        unknown = {part for parts in self._parts.values() if len(parts) > 1 for _, part in parts}
        unknown |= {part for parts in self._others.values() for _, part in parts}
        columns = {atom: column for column, atom in enumerate(sorted(unknown))}
        sums = {one: frozenset(done.counting(one.what, one.cohorts, is_part=one.is_part)) for one in self._told}
        contradicted = {
            one
            for one, each in sums.items()
            for atoms in each
            if unknown.isdisjoint(atoms) and sum(numbers[atom] for atom in atoms) != one.people
        }
        if not columns:
            return tuple(numbers), frozenset(contradicted)
        model = _Filling(columns, numbers)
        for atom, parts in self._parts.items():
            if len(parts) > 1:
                model.demand((part for _, part in parts), (), self._linked.atoms[atom])
        for left, right in identities:
            model.demand(left, right, 0)
        wanted = [
            (one, atoms) for one, each in sums.items() if one not in contradicted for atoms in sorted(each, key=sorted)
        ]
        for one, atoms in wanted:
            model.wish(atoms, one.people)
        values, missed = model.solve()
        for atom, column in columns.items():
            numbers[atom] = values[column]
        return tuple(numbers), frozenset(contradicted | {wanted[number][0] for number in missed})


class _Filling:
    """A search for whole numbers: what is demanded holds, what is wished for is missed by as little as can be."""

    def __init__(self, columns: Mapping[int, int], numbers: Sequence[int]) -> None:
        self._columns, self._numbers = columns, numbers
        self._rows: dict[tuple[tuple[int, int], ...], float] = {}
        self._wishes: list[tuple[tuple[tuple[int, int], ...], float]] = []

    def demand(self, plus: Iterable[int], minus: Iterable[int], people: int) -> None:
        row, rest = self._row(plus, minus)
        if row:
            self._rows[row] = people - rest

    def wish(self, plus: Iterable[int], people: int) -> None:
        row, rest = self._row(plus, ())
        self._wishes.append((row, people - rest))

    def _row(self, plus: Iterable[int], minus: Iterable[int]) -> tuple[tuple[tuple[int, int], ...], int]:
        """Return the columns that are not known, with their factors, and the sum of what is known."""
        factors: dict[int, int] = defaultdict(int)
        rest = 0
        for sign, atoms in ((1, plus), (-1, minus)):
            for atom in atoms:
                if atom in self._columns:
                    factors[self._columns[atom]] += sign
                else:
                    rest += sign * self._numbers[atom]
        return tuple(sorted((column, factor) for column, factor in factors.items() if factor)), rest

    def solve(self) -> tuple[list[int], list[int]]:
        """Return a number for each column, and the wishes that they miss.

        Raises:
            NoDataSetError: none was found.
        """
        solver = self._pass()
        count = len(self._columns)
        values = _run(solver)
        if values is None or np.abs(values - np.round(values)).max(initial=0.0) > _NEARLY:
            kinds = np.full(count, highspy.HighsVarType.kInteger.value, dtype=np.uint8)
            solver.changeColsIntegrality(count, np.arange(count, dtype=np.int32), kinds)
            solver.setOptionValue("presolve", "on")
            values = _run(solver)
        if values is None:
            raise NoDataSetError
        whole = np.round(values)
        missed = [
            number
            for number in range(len(self._wishes))
            if whole[count + 2 * number] > _NEARLY or whole[count + 2 * number + 1] > _NEARLY
        ]
        return [int(value) for value in whole[:count]], missed

    def _pass(self) -> Any:  # noqa: ANN401 - highspy carries no types
        count, wishes = len(self._columns), len(self._wishes)
        rows = [(row, people) for row, people in self._rows.items()]
        rows += [
            ((*row, (count + 2 * number, 1), (count + 2 * number + 1, -1)), people)
            for number, (row, people) in enumerate(self._wishes)
        ]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = count + 2 * wishes, len(rows)
        lp.col_cost_ = np.concatenate([np.zeros(count), np.ones(2 * wishes)])
        lp.col_lower_ = np.zeros(lp.num_col_)
        lp.col_upper_ = np.full(lp.num_col_, highspy.kHighsInf)
        lp.row_lower_ = lp.row_upper_ = np.array([people for _, people in rows], dtype=np.float64)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(row) for row, _ in rows)], dtype=np.int32)
        lp.a_matrix_.index_ = np.array([column for row, _ in rows for column, _ in row], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([factor for row, _ in rows for _, factor in row], dtype=np.float64)
        solver: Any = highspy.Highs()  # type: ignore[no-untyped-call] # highspy carries no types
        for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 1), ("mip_max_nodes", _NODES)):
            solver.setOptionValue(option, value)
        solver.passModel(lp)
        return solver


def _run(solver: Any) -> Any:  # noqa: ANN401 - highspy carries no types
    solver.run()
    solution = solver.getSolution()
    return np.asarray(solution.col_value) if solution.value_valid else None
