"""Which cells of a release are the same figure, whatever table they stand in (rule 5, first half).

Two cells are the same when their atoms are the same, or become the same by the identities of the linked set. The second is
decided with random fingerprints: each atom gets a random number such that every identity holds among the numbers; two cells
have equal sums of numbers if, and but for one chance in 10^18 only if, their counts are equal in every data set.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from survey_app.aggregation.tables import TOTAL, Axis, LinkedTables, NotAsked, UnprotectedTable

_PRIME: Final = 2**61 - 1
Where = tuple[int, tuple[str, ...]]  # number of the table, codes of the cell
Atoms = frozenset[int]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the release: its atoms, its count, where it stands, and what withholding it costs the reader."""

    atoms: Atoms
    people: int
    places: tuple[Where, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Linkage:
    """Every distinct figure, and which figure each cell shows; cells that were not asked show none."""

    figures: tuple[Figure, ...]
    shown_by: Mapping[Where, int]


def link(linked: LinkedTables) -> Linkage:
    """Find the distinct figures of a linked set."""
    marks = _fingerprints(linked)
    found: dict[int, tuple[Atoms, list[Where]]] = {}
    weights: dict[int, float] = {}
    for number, table in enumerate(linked.tables):
        for codes, cell in table.cells.items():
            if isinstance(cell.atoms, NotAsked):
                continue
            mark = sum(marks[atom] for atom in cell.atoms) % _PRIME
            found.setdefault(mark, (cell.atoms, []))[1].append((number, codes))
            weights[mark] = max(weights.get(mark, 0.0), weight_of(table, codes))
    figures = tuple(
        Figure(atoms, sum(linked.atoms[atom] for atom in atoms), tuple(places), weights[mark])
        for mark, (atoms, places) in found.items()
    )
    return Linkage(figures, {where: number for number, figure in enumerate(figures) for where in figure.places})


def beside(
    linked: LinkedTables, linkage: Linkage, sensitive: Collection[int]
) -> Mapping[int, Sequence[frozenset[int]]]:
    """Return, for each figure, the sensitive figures in each of its lines that has any.

    A line is a sum and its parts. A figure stands in the line of what it sums and in that of the sum it is a part of.
    """
    found: dict[int, list[frozenset[int]]] = defaultdict(list)
    for number, table in enumerate(linked.tables):
        for line in lines_of(table):
            figures = {linkage.shown_by[number, codes] for codes in line if (number, codes) in linkage.shown_by}
            if near := frozenset(figures.intersection(sensitive)):
                for figure in figures.difference(sensitive):
                    found[figure].append(near)
    return found


def lines_of(table: UnprotectedTable) -> Iterable[list[tuple[str, ...]]]:
    """Yield the cells of each sum, its own first, along each axis of a table."""
    for place, axis in enumerate(table.axes):
        children: dict[str, list[str]] = defaultdict(list)
        for code, parent in axis.parents.items():
            children[parent].append(code)
        for codes in table.cells:
            if below := children.get(codes[place]):
                yield [codes, *((*codes[:place], code, *codes[place + 1 :]) for code in below)]


def weight_of(table: UnprotectedTable, codes: tuple[str, ...]) -> float:
    """Return what a reader loses with a cell: totals and the sums of the answer tree cost most, crossings least."""
    weight = 1.0
    for axis, code in zip(table.axes, codes, strict=True):
        depth = _depth(axis, code)
        if axis.name == table.answer_axis:
            weight *= 4.0 if code in axis.leaves else 64.0 / 2.5**depth
        else:
            weight *= 8.0 / 4.0**depth
    return weight * 8.0 ** (2 - len(table.axes))


def _depth(axis: Axis, code: str) -> int:
    depth = 0
    while code != TOTAL:
        code = axis.parents[code]
        depth += 1
    return depth


def _fingerprints(linked: LinkedTables) -> list[int]:
    chance = random.Random(20210715)  # noqa: S311 - no secret: the same release must be protected the same way twice
    marks = [chance.randrange(_PRIME) for _ in linked.atoms]
    for pivot, row in reversed(_reduced(linked.identities)):
        marks[pivot] = -sum(factor * marks[atom] for atom, factor in row.items() if atom != pivot) % _PRIME
    return marks


def _reduced(identities: Iterable[tuple[Atoms, Atoms]]) -> list[tuple[int, dict[int, int]]]:
    """Return the identities in echelon form: no row names the pivot of an earlier one, each pivot has the factor 1."""
    pairs = list(identities)
    uses = Counter(atom for pair in pairs for side in pair for atom in side)
    pivots: dict[int, int] = {}
    rows: list[tuple[int, dict[int, int]]] = []
    for left, right in pairs:
        row = dict.fromkeys(left - right, 1) | dict.fromkeys(right - left, _PRIME - 1)
        while earlier := [pivots[atom] for atom in row if atom in pivots]:
            _subtract(row, *rows[min(earlier)])
        if row:
            pivot = min(row, key=lambda atom: (uses[atom], atom))
            inverse = pow(row[pivot], -1, _PRIME)
            pivots[pivot] = len(rows)
            rows.append((pivot, {atom: factor * inverse % _PRIME for atom, factor in row.items()}))
    return rows


def _subtract(row: dict[int, int], pivot: int, other: Mapping[int, int]) -> None:
    times = row[pivot]
    for atom, factor in other.items():
        left = (row.get(atom, 0) - times * factor) % _PRIME
        if left:
            row[atom] = left
        else:
            row.pop(atom, None)
