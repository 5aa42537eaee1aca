"""What an attacker can write down: linear equations over columns of whole persons, and the figures that it wants to know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import highspy
import numpy as np
import numpy.typing as npt

from survey_app.aggregation.tables import Coordinates

INFINITE: Final = highspy.kHighsInf
Vector = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Where = tuple[int, tuple[str, ...]]


class Row(NamedTuple):
    """A weighted sum of columns lies between two numbers. ``is_new``: only the release under attack says so."""

    columns: Whole
    factors: Vector
    least: float
    greatest: float
    is_new: bool


@dataclass(slots=True)
class Target:
    """A withheld figure: the columns it sums, a cell that would show it, and the range that has been proven.

    ``is_low``: 0 < x < k. ``is_sensitive``: a rule withholds it; another is withheld for the sake of such figures only.
    """

    columns: Whole
    where: Where
    at: Coordinates
    is_low: bool = False
    is_sensitive: bool = True
    lowest: float = INFINITE
    highest: float = -INFINITE


@dataclass(slots=True)
class System:
    """Everything known about ``count`` columns. ``people``: the true numbers, where the attacked data are at hand.

    ``families``: a number for each column; columns of one number stand in one table. ``lines``: the numbers of the targets
    in each line of a table, a sum and its parts. ``is_limited``: something is known beside the release that could have
    narrowed a figure before it.
    """

    count: int
    rows: list[Row] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    families: list[int] = field(default_factory=list)
    lines: list[frozenset[int]] = field(default_factory=list)
    people: Whole | None = None
    is_limited: bool = False

    def know(
        self, plus: Iterable[int], minus: Iterable[int], least: float, greatest: float, *, is_new: bool = False
    ) -> None:
        """Add what is known of the difference of two sums of columns."""
        factors = Counter(plus)
        factors.subtract(minus)
        used = [(column, factor) for column, factor in factors.items() if factor]
        if used:
            columns, values = zip(*sorted(used), strict=True)
            row = Row(np.array(columns, np.int64), np.array(values, np.float64), least, greatest, is_new)
            self.rows.append(row)

    @property
    def before(self) -> System:
        """What was known before the release under attack."""
        return replace(self, rows=[row for row in self.rows if not row.is_new])


def merge_columns(system: System) -> System:
    """Make one column of those that always stand together; a sum of whole persons is whole persons."""
    column_of = _number_columns(system)
    count = int(column_of.max(initial=-1)) + 1
    merged = replace(system, count=count, rows=[], families=[0] * count)
    for column, family in zip(column_of.tolist(), system.families, strict=True):
        merged.families[column] = family
    for row in system.rows:
        used, first = np.unique(column_of[row.columns], return_index=True)
        merged.rows.append(row._replace(columns=used, factors=row.factors[first]))
    for target in system.targets:
        target.columns = np.unique(column_of[target.columns])
    if system.people is not None:
        merged.people = np.bincount(column_of, weights=system.people, minlength=count).astype(np.int64)
    return merged


def _number_columns(system: System) -> Whole:
    """Return a number for each column: the same for those that stand in the same rows and targets."""
    marks: list[list[tuple[int, float]]] = [[] for _ in range(system.count)]
    for number, row in enumerate(system.rows):
        for column, factor in zip(row.columns.tolist(), row.factors.tolist(), strict=True):
            marks[column].append((number, factor))
    for number, target in enumerate(system.targets):
        for column in target.columns.tolist():
            marks[column].append((-1 - number, 1.0))
    numbers: dict[tuple[tuple[int, float], ...], int] = {}
    return np.array([numbers.setdefault(tuple(mark), len(numbers)) for mark in marks], dtype=np.int64)


def number_pieces(system: System) -> Whole:
    """Return a number for each column: the same for two of which anything known of the one can tell of the other."""
    piece = list(range(system.count))

    def first(column: int) -> int:
        while piece[column] != column:
            piece[column] = column = piece[piece[column]]
        return column

    for row in system.rows:
        columns = row.columns.tolist()
        for column in columns[1:]:
            piece[first(column)] = first(columns[0])
    return np.array([first(column) for column in range(system.count)], dtype=np.int64)


def mark_figures(system: System) -> Vector:
    """Return a number for each target: the same for two whose counts are equal in every data set.

    The columns get random numbers among which every equation that says that two sums are equal holds.
    """
    equal = [row for row in system.rows if row.least == row.greatest == 0 and (row.factors < 0).any()]
    equations = np.zeros((system.count, len(equal)))
    for number, row in enumerate(equal):
        equations[row.columns, number] = row.factors
    numbers = np.random.default_rng(3).standard_normal(system.count)
    if equal:
        numbers -= equations @ np.linalg.lstsq(equations.T @ equations, equations.T @ numbers, rcond=None)[0]
    return np.array([round(float(numbers[target.columns].sum()), 6) for target in system.targets])
