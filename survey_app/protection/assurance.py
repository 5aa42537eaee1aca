"""Rule 9 of the disclosure specification: the independent attacker that has the last word on every release.

The attacker writes down everything that is known as a system of linear equations over whole numbers: published figures,
additivity, which groups are the same people, earlier releases, ceilings from registers, no negative counts. A withheld
figure is safe only when two data sets *of whole persons* that agree with all of it are found, in which the figure differs by
at least the policy's width; nothing that is merely not disproved counts as safe. The strict reading of the rule is taken:

* every withheld figure, primary or complementary, needs the full width, which is at least the smallest count, so that no
  range lies within 0 < x < k;
* a figure that *is* low (0 < x < k) needs both a data set in which it is 0 and one in which it is at least k;
* where a register alone says that no more than so many people can stand in a cell, the release may add nothing to that: the
  range must still be the whole of what the register leaves;
* a group of fewer than ``group_at_risk`` people may not be seen to have given one answer. Where its answers are withheld,
  the width (never less than ``dissenters``) leaves for each answer a data set in which that many people gave another one.

``attack_counts`` knows the atoms and is asked before a release is written. ``attack`` works from published tables alone; it
sees less of what links the tables (not which sessions lie behind a module, nor that two questions were asked of the same
people, which need not be so where a project changed its questions), so that a release that passes the first passes
the second, and it is what anybody can repeat on a release folder.

Not tried yet (left to the full specification): coalitions of respondents who subtract their own answers. The width holds
against one respondent except for the one count that is theirs.

Nothing here is shared with the engine: neither code nor data structures nor the search.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, Final

import highspy
import numpy as np
import numpy.typing as npt

from survey_app.aggregation.tables import OTHER_ANSWERS, TOTAL, Axis, Coordinates, LinkedTables, NotAsked
from survey_app.protection.knowledge import Known, ceiling_of
from survey_app.protection.policy import Policy
from survey_app.protection.protected import ProtectedCell, ProtectedTable, Status
from survey_app.protection.reasons import Attack, Lost

ADDITIVITY: Final = "additivity"
WHOLE_PERSONS: Final = "whole-persons"
REGISTERS: Final = "registers"
EARLIER: Final = "earlier-releases"
GROUPS: Final = "one-answer"
LOW_COUNT: Final = "low-count"
NOT_POSSIBLE: Final = "not-possible"  # no data set agrees with the published figures
NARROWED: Final = "narrowed"  # the count can be computed, or narrowed too far, from the other figures

_BLOCK: Final = 800  # columns up to which linked families are attacked together at once
_DRAWS: Final = 14
_MIP_SECONDS: Final = 4.0
_GAP: Final = 0.3  # of the way that could be gone at most: any data set far enough will do
_WHOLE: Final = 1e-6
_INFINITE: Final = highspy.kHighsInf
Vector = npt.NDArray[np.float64]
Where = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Violation:
    """An attack that worked: on which cell, and which attack. Never says a hidden count."""

    at: Coordinates
    attack: Lost
    where: Where


@dataclass(frozen=True, slots=True)
class AttackResult:
    """``narrowest``: the least width proven for a withheld cell, in persons; the true range may be wider."""

    violations: tuple[Violation, ...]
    cells_attacked: int
    narrowest: int | None
    attacks: tuple[Attack, ...]

    @property
    def is_clean(self) -> bool:
        """Say whether no attack worked."""
        return not self.violations


@dataclass(frozen=True, slots=True)
class Strength:
    """What a withheld figure must stand: the width of its range and the smallest count that may be published."""

    width: int
    smallest_count: int

    @classmethod
    def of(cls, policy: Policy) -> Strength:
        """Return what a policy demands."""
        return cls(policy.interval_width, policy.smallest_count)


@dataclass(slots=True)
class _Target:
    """A withheld figure: the columns it sums, the cells that show it, and the range that has been proven."""

    columns: npt.NDArray[np.int64]
    where: Where
    at: Coordinates
    is_low: bool = False
    ceiling: float = _INFINITE
    lowest: float = _INFINITE
    highest: float = -_INFINITE


@dataclass(slots=True)
class _System:
    """Everything known: ``rows`` of (columns, factors, least, greatest) over ``count`` columns of whole persons."""

    count: int
    rows: list[tuple[npt.NDArray[np.int64], Vector, float, float]] = field(default_factory=list)
    targets: list[_Target] = field(default_factory=list)
    families: list[int] = field(default_factory=list)
    people: npt.NDArray[np.int64] | None = None

    def know(self, plus: Iterable[int], minus: Iterable[int], least: float, greatest: float) -> None:
        """Add what is known of the difference of two sums of columns."""
        factors = Counter(plus)
        factors.subtract(minus)
        used = [(column, factor) for column, factor in factors.items() if factor]
        if used:
            columns, values = zip(*sorted(used), strict=True)
            self.rows.append((np.array(columns, dtype=np.int64), np.array(values, dtype=np.float64), least, greatest))


# -- the attacker who knows the atoms --------------------------------------------------------------------------------


def attack_counts(
    linked: LinkedTables,
    statuses: Mapping[Where, Status],
    policy: Policy,
    known: Sequence[Known] = (),
    strength: Strength | None = None,
) -> AttackResult:
    """Attack counts before they leave.

    Args:
        linked: the tables, hidden rows of folded partners included.
        statuses: of every cell that was asked, by number of the table and codes.
        policy: the policy of the release.
        known: what is known beside the release. Facts that contradict the counts are left out.
        strength: what withheld figures must stand, where that is not what the policy says.
    """
    strength = strength or Strength.of(policy)
    violations = list(_published_outright(linked, statuses, policy))
    system = _system_of_atoms(linked, statuses, policy, known)
    violations += _Attacker(system, strength).run()
    return _result(system, violations, bool(known))


def _published_outright(linked: LinkedTables, statuses: Mapping[Where, Status], policy: Policy) -> Iterable[Violation]:
    for number, table in enumerate(linked.tables):
        shown = {
            codes: linked.count(cell)
            for codes, cell in table.cells.items()
            if statuses.get((number, codes)) is Status.PUBLISHED
        }
        counts = {codes: count for codes, count in shown.items() if isinstance(count, int)}
        at = {codes: table.cells[codes].at for codes in counts}
        yield from _seen_at_once(number, counts, at, table.axes, table.answer_axis, policy)


def _seen_at_once(  # noqa: PLR0913, PLR0917 - the parts of a table, of either kind
    number: int,
    counts: Mapping[tuple[str, ...], int],
    at: Mapping[tuple[str, ...], Coordinates],
    axes: Sequence[Axis],
    answer_axis: str | None,
    policy: Policy,
) -> Iterable[Violation]:
    """Find what a reader sees without computing: low counts, and groups of which (nearly) all gave one answer."""
    answer = next((place for place, axis in enumerate(axes) if axis.name == answer_axis), None)
    for codes, count in counts.items():
        if 0 < count < policy.smallest_count:
            yield Violation(at[codes], LOW_COUNT, (number, codes))
        if answer is None or codes[answer] not in axes[answer].leaves or codes[answer] == OTHER_ANSWERS:
            continue
        size = counts.get((*codes[:answer], TOTAL, *codes[answer + 1 :]))
        if size and size < policy.group_at_risk and size - count < policy.dissenters:
            yield Violation(at[codes], GROUPS, (number, codes))


def _system_of_atoms(
    linked: LinkedTables, statuses: Mapping[Where, Status], policy: Policy, known: Sequence[Known]
) -> _System:
    system = _System(len(linked.atoms), families=_families_of(linked))
    system.people = np.array(linked.atoms, dtype=np.int64)
    published, withheld = _sums_of(linked, statuses)
    for atoms in sorted(published, key=sorted):
        count = float(_people_in(linked, atoms))
        system.know(atoms, (), count, count)
    for left, right in linked.identities:
        system.know(left, right, 0.0, 0.0)
    true = [fact for fact in known if _holds(fact, linked)]
    for fact in true:
        system.know(fact.atoms, (), float(fact.least), _INFINITE if fact.greatest is None else float(fact.greatest))
    pinned = {fact.atoms for fact in true if fact.least == fact.greatest}
    for atoms, (where, at) in withheld.items():
        if atoms not in pinned:  # an earlier release told it: it is known, and nothing is left to protect
            target = _Target(np.array(sorted(atoms), dtype=np.int64), where, at)
            target.is_low = 0 < _people_in(linked, atoms) < policy.smallest_count
            target.ceiling = ceiling_of(atoms, true)
            system.targets.append(target)
    return system


def _sums_of(
    linked: LinkedTables, statuses: Mapping[Where, Status]
) -> tuple[set[frozenset[int]], dict[frozenset[int], tuple[Where, Coordinates]]]:
    """Return the sums of atoms that are published, and those that are withheld with a cell that shows them."""
    published: set[frozenset[int]] = set()
    withheld: dict[frozenset[int], tuple[Where, Coordinates]] = {}
    for number, table in enumerate(linked.tables):
        for codes, cell in table.cells.items():
            if isinstance(cell.atoms, NotAsked):
                continue
            if statuses[number, codes] is Status.PUBLISHED:
                published.add(cell.atoms)
            else:
                withheld.setdefault(cell.atoms, ((number, codes), cell.at))
    return published, withheld


def _people_in(linked: LinkedTables, atoms: Iterable[int]) -> int:
    return sum(linked.atoms[atom] for atom in atoms)


def _holds(fact: Known, linked: LinkedTables) -> bool:
    people = _people_in(linked, fact.atoms)
    return fact.least <= people and (fact.greatest is None or people <= fact.greatest)


def _families_of(linked: LinkedTables) -> list[int]:
    families = list(range(len(linked.atoms)))
    for table in linked.tables:
        atoms = {a for cell in table.cells.values() if not isinstance(cell.atoms, NotAsked) for a in cell.atoms}
        met = {families[atom] for atom in atoms}
        first = min(met, default=0)
        families = [first if family in met else family for family in families]
    return families


def _result(system: _System, violations: Sequence[Violation], earlier: bool) -> AttackResult:  # noqa: FBT001
    widths = [int(target.highest - target.lowest) for target in system.targets if target.highest >= target.lowest]
    attacks = (LOW_COUNT, GROUPS, ADDITIVITY, WHOLE_PERSONS, *((REGISTERS, EARLIER) if earlier else ()))
    return AttackResult(tuple(violations), len(system.targets), min(widths, default=None), attacks)


# -- the attacker who has the files ----------------------------------------------------------------------------------


def attack(tables: Sequence[ProtectedTable], policy: Policy, folded: Mapping[str, str] | None = None) -> AttackResult:
    """Attack published tables, from their coordinates and axes alone.

    Args:
        tables: every table of one release.
        policy: the policy that it names.
        folded: partner -> lead, as the release says: the lead's own row then counts people that no row below it shows.
    """
    violations = [
        violation
        for number, table in enumerate(tables)
        for violation in _seen_at_once(
            number,
            _known_values(table),
            {codes: cell.at for codes, cell in table.cells.items()},
            table.axes,
            table.answer_axis,
            policy,
        )
    ]
    system = _Reader(tables, frozenset((folded or {}).values())).system()
    violations += _Attacker(system, Strength.of(policy)).run()
    return _result(system, violations, earlier=False)


def _known_values(table: ProtectedTable) -> dict[tuple[str, ...], int]:
    values = {codes: _known_value(cell) for codes, cell in table.cells.items()}
    return {codes: value for codes, value in values.items() if value is not None}


def _known_value(cell: ProtectedCell) -> int | None:
    return cell.value if cell.status is Status.PUBLISHED else None


class _Reader:
    """Builds the system that a reader of published tables can write down."""

    def __init__(self, tables: Sequence[ProtectedTable], leads: frozenset[str]) -> None:
        self._tables = tables
        self._leads = leads
        self._first: dict[Coordinates, tuple[int, ...]] = {}
        self._system = _System(0)

    def system(self) -> _System:
        """Return the system of every table, tied together where coordinates say that the same people are counted."""
        for number, table in enumerate(self._tables):
            self._add(number, table)
        return self._system

    def _add(self, number: int, table: ProtectedTable) -> None:
        leaves = [self._leaves(axis) for axis in table.axes]
        column_of: dict[tuple[str, ...], int] = {}
        for combination in product(*(tree[TOTAL] for tree in leaves)):
            column_of[combination] = self._system.count
            self._system.count += 1
            self._system.families.append(number)
        for codes, cell in table.cells.items():
            combinations = product(*(tree[code] for tree, code in zip(leaves, codes, strict=True)))
            columns = tuple(column_of[combination] for combination in combinations)
            key = _without_table(cell.at)
            same = self._first.setdefault(key, columns)
            if (value := _known_value(cell)) is not None:
                self._system.know(columns, (), value, value)
            elif same == columns:
                members = np.array(sorted(columns), dtype=np.int64)
                self._system.targets.append(_Target(members, (number, codes), cell.at))
            if same != columns:
                self._system.know(columns, same, 0.0, 0.0)

    def _leaves(self, axis: Axis) -> dict[str, tuple[str, ...]]:
        """Return the leaves below each code, with one that is not shown below each lead that partners are folded into."""
        own = {
            code
            for lead in self._leads
            for code in ((f"{lead}-own",) if f"{lead}-own" in axis.parents else (lead,))
            if axis.name == "place" and axis.children(code)
        }

        def below(code: str) -> tuple[str, ...]:
            children = tuple(leaf for child in axis.children(code) for leaf in below(child))
            return (*children, f"{code} folded") if code in own else children or (code,)

        return {code: below(code) for code in axis.codes}


def _without_table(at: Coordinates) -> Coordinates:
    """Return where a figure stands, whatever table shows it: an unused dimension is the same as its total."""
    places: dict[str, Any] = {
        name: "" if getattr(at, name) == TOTAL else getattr(at, name)
        for name in ("organisation", "project", "module", "answer", "gender", "age", "language")
    }
    return replace(at, table="", **places)


# -- the search for other data sets ----------------------------------------------------------------------------------

_IMPOSSIBLE: Final = Violation(Coordinates("", "people"), NOT_POSSIBLE, (0, ()))


class _Attacker:
    """Looks for data sets of whole persons that agree with everything known, far enough apart for every target."""

    def __init__(self, system: _System, strength: Strength) -> None:
        self._system, self._strength = system, strength
        self._merged, self._column_of = _merge_columns(system)
        self._chance = np.random.default_rng(7)
        targets = system.targets
        self._sizes = np.array([len(target.columns) for target in targets], dtype=np.int64)
        self._index = np.concatenate([*(target.columns for target in targets), np.zeros(0, dtype=np.int64)])
        self._is_low = np.array([target.is_low for target in targets], dtype=np.bool_)
        ceilings = np.array([target.ceiling for target in targets])
        self._width: Vector = np.minimum(strength.width, ceilings)
        self._enough: Vector = np.minimum(max(strength.smallest_count, strength.width), ceilings)
        self._lowest = np.full(len(targets), _INFINITE)
        self._highest = np.full(len(targets), -_INFINITE)

    def run(self) -> list[Violation]:
        """Return one violation for each target whose range could not be proven wide enough."""
        targets = self._system.targets
        base = self._base()
        if base is None:
            return [Violation(target.at, NOT_POSSIBLE, target.where) for target in targets] or [_IMPOSSIBLE]
        self._learn(base)
        blocks = np.array(self._blocks(), dtype=np.int64)
        block_of = np.array([blocks[target.columns[0]] if len(target.columns) else -1 for target in targets])
        for block in sorted(set(block_of.tolist()) - {-1}):
            self._attack(self._part(np.flatnonzero(blocks == block), base), block_of == block, draws=_DRAWS)
        if self._open().any():
            everything = np.arange(self._merged.count)
            self._attack(self._part(everything, base), np.ones(len(targets), dtype=np.bool_), draws=4)
        for target, lowest, highest in zip(targets, self._lowest, self._highest, strict=True):
            target.lowest, target.highest = float(lowest), float(highest)
        return [Violation(targets[at].at, NARROWED, targets[at].where) for at in np.flatnonzero(self._open())]

    def _part(self, inside: npt.NDArray[np.int64], base: npt.NDArray[np.int64]) -> _Part:
        return _Part(self._merged, inside, base, self._strength)

    def _open(self) -> npt.NDArray[np.bool_]:
        return np.logical_or(self._needs_less(), self._needs_more()).astype(np.bool_)

    def _needs_less(self) -> npt.NDArray[np.bool_]:
        """Say for which targets a smaller value is still to be found."""
        narrow = self._highest - self._lowest < self._width
        return np.where(self._is_low, self._lowest > 0, narrow).astype(np.bool_)

    def _needs_more(self) -> npt.NDArray[np.bool_]:
        """Say for which targets a greater value is still to be found."""
        narrow = self._highest - self._lowest < self._width
        return np.where(self._is_low, self._highest < self._enough, narrow).astype(np.bool_)

    def _base(self) -> npt.NDArray[np.int64] | None:
        people = self._system.people
        if people is not None:
            return np.bincount(self._column_of, weights=people, minlength=self._merged.count).astype(np.int64)
        everything = np.arange(self._merged.count)
        start = np.zeros(self._merged.count, dtype=np.int64)
        part = _Part(self._merged, everything, start, self._strength, is_bounded=False)
        return part.farthest(np.zeros(self._merged.count))

    def _blocks(self) -> list[int]:
        """Return the block of each column: its family, joined with linked families while the block stays small."""
        block = list(self._merged.families)
        size = Counter(block)
        uses = Counter(column for columns, *_ in self._merged.rows for column in columns.tolist())
        rows = [columns.tolist() for columns, *_ in self._merged.rows]
        links = [columns for columns in rows if len({block[column] for column in columns}) > 1]
        for columns in sorted(links, key=lambda columns: max(uses[column] for column in columns)):
            met = {block[column] for column in columns}
            if len(met) > 1 and sum(size[number] for number in met) <= _BLOCK:
                first = min(met)
                size[first] = sum(size[number] for number in met)
                block = [first if number in met else number for number in block]
        return block

    def _attack(self, part: _Part, members: npt.NDArray[np.bool_], draws: int) -> None:
        for turn in range(draws):
            waiting = members & self._open()
            if not waiting.any():
                return
            signs = np.full(len(waiting), -1.0 if turn % 2 else 1.0)
            if turn > 1:
                signs = self._chance.choice([-1.0, 1.0], len(waiting))
            factors = np.where(waiting, signs * self._chance.uniform(0.3, 1.0, len(waiting)), 0.0)
            self._learn(part.farthest(self._direction(factors)))
        for at in np.flatnonzero(members & self._open()):
            self._stretch(part, int(at))

    def _stretch(self, part: _Part, at: int) -> None:
        factors = np.zeros(len(self._sizes))
        for sign, needs in ((1.0, self._needs_more), (-1.0, self._needs_less)):
            if needs()[at]:
                factors[at] = sign
                self._learn(part.farthest(self._direction(factors)))

    def _direction(self, factors: Vector) -> Vector:
        spread = np.repeat(factors, self._sizes)
        return np.bincount(self._index, weights=spread, minlength=self._merged.count).astype(np.float64)

    def _learn(self, found: npt.NDArray[np.int64] | None) -> None:
        if found is None:
            return
        ends = np.cumsum(self._sizes)
        summed = np.concatenate([[0], np.cumsum(found[self._index])])
        values = (summed[ends] - summed[ends - self._sizes]).astype(np.float64)
        self._lowest = np.minimum(self._lowest, values)
        self._highest = np.maximum(self._highest, values)


def _merge_columns(system: _System) -> tuple[_System, npt.NDArray[np.int64]]:
    """Make one column of those that always stand together; a sum of whole persons is whole persons."""
    marks: list[list[tuple[int, float]]] = [[] for _ in range(system.count)]
    for number, (columns, factors, _, _) in enumerate(system.rows):
        for column, factor in zip(columns.tolist(), factors.tolist(), strict=True):
            marks[column].append((number, factor))
    for number, target in enumerate(system.targets):
        for column in target.columns.tolist():
            marks[column].append((-1 - number, 1.0))
    numbers: dict[tuple[tuple[int, float], ...], int] = {}
    column_of = np.array([numbers.setdefault(tuple(mark), len(numbers)) for mark in marks], dtype=np.int64)
    merged = _System(len(numbers), families=[0] * len(numbers))
    for column, family in zip(column_of.tolist(), system.families, strict=True):
        merged.families[column] = family
    for columns, factors, least, greatest in system.rows:
        used, first = np.unique(column_of[columns], return_index=True)
        merged.rows.append((used, factors[first], least, greatest))
    for target in system.targets:
        target.columns = np.unique(column_of[target.columns])
    return merged, column_of


class _Part:
    """Changes of some columns of a system, the others left as they are in a data set that agrees with everything."""

    def __init__(
        self,
        system: _System,
        inside: npt.NDArray[np.int64],
        base: npt.NDArray[np.int64],
        strength: Strength,
        *,
        is_bounded: bool = True,
    ) -> None:
        self._inside, self._base = inside, base
        place = np.full(system.count, -1, dtype=np.int64)
        place[inside] = np.arange(len(inside))
        starts, index, values, low, high = [0], [], [], [], []
        for columns, factors, least, greatest in system.rows:
            here = place[columns] >= 0
            if not here.any():
                continue
            rest = float((factors[~here] * base[columns[~here]]).sum())
            index.append(place[columns[here]])
            values.append(factors[here])
            starts.append(starts[-1] + int(here.sum()))
            low.append(least - rest)
            high.append(greatest - rest)
        self._starts = np.array(starts, dtype=np.int32)
        self._index = np.concatenate([*index, np.zeros(0, dtype=np.int64)]).astype(np.int32)
        self._values = np.concatenate([*values, np.zeros(0)])
        at_base = self._times(base[inside].astype(np.float64))
        self._low, self._high = np.array(low) - at_base, np.array(high) - at_base
        room = 8.0 * max(strength.width, strength.smallest_count)
        self._least = -np.minimum(base[inside], room if is_bounded else _INFINITE).astype(np.float64)
        self._solver = self._pass(np.full(len(inside), room if is_bounded else _INFINITE))

    def farthest(self, direction: Vector) -> npt.NDArray[np.int64] | None:
        """Return the data set of whole persons that goes farthest in ``direction``; ``None`` where none is found."""
        count = len(self._inside)
        self._solver.changeColsCost(count, np.arange(count, dtype=np.int32), -direction[self._inside])
        found = self._run(whole=False)
        if found is None:
            return None
        whole = np.round(found)
        if np.abs(found - whole).max(initial=0.0) > _WHOLE or not self._agrees(whole):
            found = self._run(whole=True)
            if found is None or not self._agrees(whole := np.round(found)):
                return None
        result = self._base.copy()
        result[self._inside] += whole.astype(np.int64)
        return result

    def _agrees(self, changes: Vector) -> bool:
        if (self._base[self._inside] + changes < 0).any():
            return False
        rows = self._times(changes)
        return bool(np.all(rows >= self._low - _WHOLE) and np.all(rows <= self._high + _WHOLE))

    def _times(self, changes: Vector) -> Vector:
        summed = np.concatenate([[0.0], np.cumsum(self._values * changes[self._index])])
        rows: Vector = summed[self._starts[1:]] - summed[self._starts[:-1]]
        return rows

    def _run(self, *, whole: bool) -> Vector | None:
        count = len(self._inside)
        kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
        if whole:
            self._solver.changeColsIntegrality(
                count, np.arange(count, dtype=np.int32), np.full(count, kind.value, dtype=np.uint8)
            )
            self._solver.setOptionValue("presolve", "on")
            self._solver.setOptionValue("time_limit", self._solver.getRunTime() + _MIP_SECONDS)
        self._solver.run()
        status = self._solver.getModelStatus()
        solution = self._solver.getSolution()
        valid, values = solution.value_valid, np.asarray(solution.col_value)
        if whole:
            continuous = np.zeros(count, dtype=np.uint8)
            self._solver.changeColsIntegrality(count, np.arange(count, dtype=np.int32), continuous)
            self._solver.setOptionValue("presolve", "off")
            self._solver.setOptionValue("time_limit", _INFINITE)
            return values if valid else None
        return values if status == highspy.HighsModelStatus.kOptimal and valid else None

    def _pass(self, most: Vector) -> Any:  # noqa: ANN401 - highspy carries no types
        count = len(self._inside)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = count, len(self._low)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.zeros(count), self._least, most
        lp.row_lower_, lp.row_upper_ = self._low, self._high
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = self._starts, self._index, self._values
        solver: Any = highspy.Highs()  # type: ignore[no-untyped-call] # highspy carries no types
        options: dict[str, bool | str | float] = {
            "output_flag": False,
            "threads": 1,
            "presolve": "off",
            "solver": "simplex",
            "mip_rel_gap": _GAP,
        }
        for option, value in options.items():
            solver.setOptionValue(option, value)
        solver.passModel(lp)
        return solver
