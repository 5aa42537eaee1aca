"""Rule 10 of the disclosure specification: controlled rounding of a release that is protected already.

Every published figure becomes a multiple of the base, 0 stays 0, and whatever added up adds up still, in all tables at once:
a figure that stands in two tables is rounded once. Where it can be done, no figure moves by a whole base and multiples stay
(zero-restricted); where it can not, by less than two. Never conventional rounding, which does not add up, so that the sums
tell the parts again.

**It takes nothing away from the protection and is asked for no part of it.** What is withheld stays withheld, and the
rounded figures are computed from the published ones alone. Whatever can be learned from the rounded release can therefore be
learned from the exact one, which stood the attack, by whoever knows this program too. For the same reason the ledger
remembers the exact figures of a rounded release: later releases are proven safe against readers who know more than these.

The programme: of each figure its multiple below or above, of each withheld one any count; for every sum, that it is the sum
of its parts; the least distance from the exact figures. Solved table family by table family with HiGHS, in a number of steps
that is the same on every machine. tau-ARGUS's own rounding (``RND``) knows one table at a time and no withheld cells; on linked
tables its sums would contradict each other, so that it is not asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import highspy
import numpy as np
import numpy.typing as npt

from survey_app.aggregation.tables import Axis, Coordinates, as_unused
from survey_app.protection.assurance import attack
from survey_app.protection.folding import OWN, PLACE
from survey_app.protection.policy import Policy
from survey_app.protection.protected import (
    ProtectedCell,
    ProtectedTable,
    ProtectedTables,
    Refused,
    Rounded,
    Status,
)
from survey_app.protection.reasons import Reason

_OPTIONS: Final[dict[str, bool | int | float]] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 1,
    "mip_rel_gap": 0.02,  # of the least distance: close enough
    "mip_max_nodes": 2_000,  # of the search in each family of tables
}
_NEARLY: Final = 1e-6
_FREE: Final = highspy.kHighsInf
Numbers = npt.NDArray[np.float64]
_NOT_ROUNDED: Final = Refused((Reason("not-rounded"),))


def round_release(protected: ProtectedTables, policy: Policy) -> ProtectedTables | Refused:
    """Round every published figure to a multiple of ``policy.rounding_base``, or say that it can not be done.

    Raises:
        ValueError: the policy has no base.
    """
    base = policy.rounding_base
    if base is None:
        raise ValueError(policy.name)
    figures = _Figures(protected)
    for widest in (1, 2):  # how many bases a figure may move by, not quite
        values = _round(figures, _To(base, widest, policy.smallest_count))
        if values is not None:
            break
    else:
        return _NOT_ROUNDED
    rounded = Rounded(base, widest * base - 1)
    tables = tuple(_rounded_table(table, figures, values, base) for table in protected.tables)
    result = replace(protected, tables=tables, certificate=replace(protected.certificate, rounded=rounded))
    return result if _tells_no_more(protected, result, policy) else _NOT_ROUNDED


def _tells_no_more(exact: ProtectedTables, rounded: ProtectedTables, policy: Policy) -> bool:
    """Attack the rounded tables: nothing may be lost in them that is not lost in the exact ones."""
    found = attack(rounded.tables, policy, rounded.folded, rounded.certificate.rounded).violations
    if not found:
        return True
    before = attack(exact.tables, policy, exact.folded).violations  # what earlier releases told, and this one withholds
    return {lost.where for lost in found} <= {lost.where for lost in before}


# -- the figures and how they add up ---------------------------------------------------------------------------------


@dataclass(slots=True)
class _Figures:
    """Each distinct figure of a release and each sum: (whole, parts, whether people count in the whole alone)."""

    protected: ProtectedTables
    number: dict[Coordinates, int] = field(default_factory=dict)
    exact: list[int | None] = field(default_factory=list)
    sums: list[tuple[int, tuple[int, ...], bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for table in self.protected.tables:
            for cell in table.cells.values():
                self._add(cell)
        leads = frozenset(self.protected.folded.values())
        for table in self.protected.tables:
            self.sums.extend(self._sums_of(table, leads))

    def _add(self, cell: ProtectedCell) -> None:
        at = _wherever(cell.at)
        if at not in self.number:
            self.number[at] = len(self.exact)
            self.exact.append(None)
        if cell.status is Status.PUBLISHED:
            self.exact[self.number[at]] = cell.value

    def _sums_of(self, table: ProtectedTable, leads: frozenset[str]) -> Iterable[tuple[int, tuple[int, ...], bool]]:
        for place, axis in enumerate(table.axes):
            for code in axis.codes:
                children = axis.children(code)
                if not children:
                    continue
                for codes, cell in table.cells.items():
                    if codes[place] == code:
                        parts = (table.cells[(*codes[:place], child, *codes[place + 1 :])] for child in children)
                        numbers = tuple(self.number[_wherever(part.at)] for part in parts)
                        yield self.number[_wherever(cell.at)], numbers, _counts_a_folded_one(axis, code, leads)

    def families(self) -> list[list[int]]:
        """Return the figures that sums tie together, family by family, each in its order."""
        family = list(range(len(self.exact)))

        def root(number: int) -> int:
            while family[number] != number:
                family[number] = family[family[number]]
                number = family[number]
            return number

        for whole, parts, _ in self.sums:
            for part in parts:
                family[root(part)] = root(whole)
        members: dict[int, list[int]] = defaultdict(list)
        for number in range(len(self.exact)):
            members[root(number)].append(number)
        return list(members.values())


def _wherever(at: Coordinates) -> Coordinates:
    """Return where a figure stands, whatever table shows it: an unused dimension is the same as its total."""
    return as_unused(at, table="")


def _counts_a_folded_one(axis: Axis, code: str, leads: frozenset[str]) -> bool:
    """Say whether the row of a code counts a folded partner, whom no row below it shows."""
    if axis.name != PLACE:
        return False
    return any(code == (f"{lead}{OWN}" if f"{lead}{OWN}" in axis.parents else lead) for lead in leads)


# -- the programme ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _To:
    """Multiples of ``base``, ``widest`` bases away at most and not quite, and none that looks like less than ``least``."""

    base: int
    widest: int
    least: int


def _round(figures: _Figures, to: _To) -> Mapping[int, int] | None:
    """Return the rounded value of each published figure; ``None`` where no rounding was found."""
    values: dict[int, int] = {}
    for family in figures.families():
        found = _round_family(figures, family, to)
        if found is None:
            return None
        values |= found
    return values


def _round_family(figures: _Figures, family: Sequence[int], to: _To) -> Mapping[int, int] | None:
    published = {number: value for number in family if (value := figures.exact[number]) is not None}
    column = {number: at for at, number in enumerate(family)}
    programme = _Programme(len(family), to)
    for number, value in published.items():
        programme.bind(column[number], value)
    for whole, parts, has_more in figures.sums:
        if whole in column:
            programme.add_up(column[whole], (column[part] for part in parts), has_more=has_more)
    found = programme.solve()
    return None if found is None else {number: to.base * round(float(found[column[number]])) for number in published}


class _Row(NamedTuple):
    """A weighted sum of columns lies between two numbers."""

    entries: tuple[tuple[int, float], ...]
    least: float
    most: float

    def holds(self, values: Numbers) -> bool:
        total = sum(factor * values[at] for at, factor in self.entries)
        return bool(self.least - _NEARLY <= total <= self.most + _NEARLY)


class _Bend(NamedTuple):
    """A column whose distance grows faster below the multiple ``below`` and above the next one."""

    column: int
    below: int
    under: float
    over: float


class _Programme:
    """Multiples of the base, one for each figure of a family, as near to the exact figures as they can be.

    The distance of a figure is straight between two multiples, so that one column more for each step measures it.
    """

    def __init__(self, count: int, to: _To) -> None:
        self._to = to
        self._low, self._high = np.zeros(count), np.full(count, _FREE)
        self._cost = np.zeros(count)
        self._kinds = [highspy.HighsVarType.kContinuous] * count
        self._bends: list[_Bend] = []
        self._rows: list[_Row] = []

    def bind(self, column: int, value: int) -> None:
        """Let a column be a multiple near ``value``; nobody stays nobody."""
        below, rest = divmod(value, self._to.base)
        further = 0 if value == 0 else self._to.widest - 1
        self._kinds[column] = highspy.HighsVarType.kInteger
        self._low[column] = min(below, max(below - further, self._to.least // self._to.base))
        self._high[column] = below + further + (1 if rest else 0)
        self._cost[column] = self._to.base - 2 * rest
        if further:
            self._bends.append(_Bend(column, below, 2.0 * (self._to.base - rest), 2.0 * rest))

    def add_up(self, whole: int, parts: Iterable[int], *, has_more: bool) -> None:
        """Demand that a column is the sum of its parts, or no less than it where it counts somebody more."""
        self._rows.append(_Row(((whole, 1.0), *((part, -1.0) for part in parts)), 0.0, _FREE if has_more else 0.0))

    def solve(self) -> Numbers | None:
        """Return the value of each column, in bases; ``None`` where none is found in time."""
        count, bends = len(self._low), len(self._bends)
        under = [
            _Row(((bend.column, 1.0), (count + at, 1.0)), bend.below, _FREE) for at, bend in enumerate(self._bends)
        ]
        over = [
            _Row(((bend.column, 1.0), (count + bends + at, -1.0)), -_FREE, bend.below + 1)
            for at, bend in enumerate(self._bends)
        ]
        rows = [*self._rows, *under, *over]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = count + 2 * bends, len(rows)
        further = [bend.under for bend in self._bends] + [bend.over for bend in self._bends]
        lp.col_cost_ = np.concatenate([self._cost, further])
        lp.col_lower_ = np.concatenate([self._low, np.zeros(2 * bends)])
        lp.col_upper_ = np.concatenate([self._high, np.full(2 * bends, _FREE)])
        lp.integrality_ = [*self._kinds, *[highspy.HighsVarType.kContinuous] * (2 * bends)]
        lp.row_lower_ = np.array([row.least for row in rows])
        lp.row_upper_ = np.array([row.most for row in rows])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(row.entries) for row in rows)], dtype=np.int32)
        lp.a_matrix_.index_ = np.array([at for row in rows for at, _ in row.entries], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([factor for row in rows for _, factor in row.entries], dtype=np.float64)
        return _solve(lp, rows)


def _solve(lp: Any, rows: Iterable[_Row]) -> Numbers | None:  # noqa: ANN401 - highspy carries no types
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call] # highspy carries no types
    for option, chosen in _OPTIONS.items():
        solver.setOptionValue(option, chosen)
    solver.passModel(lp)
    solver.run()
    solution = solver.getSolution()
    values = np.asarray(solution.col_value)
    return values if solution.value_valid and all(row.holds(values) for row in rows) else None


def _rounded_table(table: ProtectedTable, figures: _Figures, values: Mapping[int, int], base: int) -> ProtectedTable:
    def rounded(cell: ProtectedCell) -> ProtectedCell:
        if cell.status is Status.HELD and cell.value is not None:  # stands in no sum of this release
            return replace(cell, value=base * ((2 * cell.value + base) // (2 * base)))
        if cell.status is not Status.PUBLISHED:
            return cell
        return replace(cell, value=values[figures.number[_wherever(cell.at)]], status=Status.ROUNDED)

    return replace(table, cells={codes: rounded(cell) for codes, cell in table.cells.items()})
