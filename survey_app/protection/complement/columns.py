"""Atoms that nothing tells apart, and which of them hang together: what makes the optimiser's models small."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from survey_app.aggregation.tables import LinkedTables, NotAsked
from survey_app.protection.knowledge import Known
from survey_app.protection.linkage import Linkage

_CLUSTER: Final = 700  # columns up to which linked families are solved together


@dataclass(slots=True)
class Columns:
    """Atoms that always stand in the same figures, identities and known sums are one column.

    ``people`` in each column; ``figures``, ``identities`` (number and sign) and ``known`` facts that it stands in;
    ``clusters``: the number of the cluster that it belongs to.
    """

    of_atom: list[int]
    people: list[int]
    figures: list[list[int]]
    identities: list[list[tuple[int, int]]]
    known: list[list[int]]
    clusters: list[int]


def merge_atoms(linked: LinkedTables, linkage: Linkage, known: Sequence[Known]) -> Columns:
    """Return the columns of a linked set under what is known of it."""
    figures = _standing_in(figure.atoms for figure in linkage.figures)
    sums = _standing_in(fact.atoms for fact in known)
    identities: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, (left, right) in enumerate(linked.identities):
        for atom in left ^ right:
            identities[atom].append((number, 1 if atom in left else -1))
    columns = Columns([], [], [], [], [], [])
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
    columns.clusters = _clusters(linked, columns)
    return columns


def _standing_in(sums: Iterable[frozenset[int]]) -> dict[int, list[int]]:
    """Return the numbers of the sums that each atom stands in."""
    found: dict[int, list[int]] = defaultdict(list)
    for number, atoms in enumerate(sums):
        for atom in atoms:
            found[atom].append(number)
    return found


def _clusters(linked: LinkedTables, columns: Columns) -> list[int]:
    """Return the cluster of each column: the columns of one table together, linked families while they are few."""
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
