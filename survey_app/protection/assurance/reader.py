"""The attacker who has the files: the system that anybody can write down from the tables of some releases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Final

import numpy as np

from survey_app.aggregation.alike import ALL_SAME, ALL_TOP
from survey_app.aggregation.facts import ALIKE
from survey_app.aggregation.tables import TOTAL, Axis, Coordinates, as_unused
from survey_app.protection.assurance.system import INFINITE, System, Target, Where
from survey_app.protection.protected import ProtectedCell, ProtectedTable, Status

_MANY: Final = 100_000  # tables of a release, at most


@dataclass(frozen=True, slots=True)
class Readable:
    """A release as a reader has it: its tables, what it says of itself, and whom it counts by its period and scope.

    ``first`` and ``last``: half-years, counted in halves of a year, ``first`` being -infinity for all from the start;
    ``project``: the only one that it is about. ``reach``: how many people a rounded figure can be from its count.
    """

    tables: Sequence[ProtectedTable]
    leads: frozenset[str] = frozenset()
    reach: int = 0
    first: float = 0.0
    last: float = 0.0
    project: str = ""

    def contains(self, other: Readable) -> bool:
        """Say whether everybody who is counted in another release is counted in this one, as far as readers know."""
        return self.first <= other.first and other.last <= self.last and self.project in {"", other.project}

    def is_apart_from(self, other: Readable) -> bool:
        """Say whether nobody is counted in both."""
        in_other_projects = bool(self.project and other.project and self.project != other.project)
        return in_other_projects or self.last < other.first or other.last < self.first


_Key = tuple[Coordinates, int]


@dataclass(slots=True)
class _Written:
    """The columns of each figure of a release, what it told of it, and where; a lead's row with partners before its own."""

    release: Readable
    columns: dict[_Key, tuple[int, ...]] = field(default_factory=dict)
    told: dict[_Key, int] = field(default_factory=dict)
    where: dict[_Key, tuple[Where, Coordinates]] = field(default_factory=dict)

    def match(self, key: _Key) -> _Key | None:
        """Return the figure that counts the same at the same place, or else everywhere; ``None`` where there is none."""
        everywhere = (replace(key[0], organisation="", project="", module=""), 0)
        return next((known for known in (key, everywhere) if known in self.columns), None)


class Reader:
    """Builds the system that a reader of published releases can write down.

    The last release is the one under attack. Earlier ones are known: whom each counts is told by its period and scope.
    """

    def __init__(self, releases: Sequence[Readable]) -> None:
        self._releases = releases
        self._system = System(0, is_limited=len(releases) > 1)
        self._written: list[_Written] = []
        self.subtracted: list[tuple[Where, Coordinates, int]] = []

    def system(self) -> System:
        """Return the system of every table, tied together where coordinates say that the same people are counted.

        ``subtracted`` holds, after that, what is left where a figure of the last release and an earlier one are subtracted.
        """
        for release in self._releases:
            written = _Written(release)
            for number, table in enumerate(release.tables):
                self._add(written, number, table, is_new=release is self._releases[-1])
            self._tie_alike(written)
            for earlier in self._written:
                self._compare(earlier, written)
            self._written.append(written)
        return self._system

    def _add(self, written: _Written, number: int, table: ProtectedTable, *, is_new: bool) -> None:
        leaves = [_leaves(axis, written.release.leads) for axis in table.axes]
        column_of: dict[tuple[str, ...], int] = {}
        family = len(self._written) * _MANY + number
        for combination in product(*(tree[TOTAL] for tree in leaves)):
            column_of[combination] = self._system.count
            self._system.count += 1
            self._system.families.append(family)
        met = Counter[Coordinates]()
        for codes, cell in table.cells.items():
            combinations = product(*(tree[code] for tree, code in zip(leaves, codes, strict=True)))
            columns = tuple(column_of[combination] for combination in combinations)
            key = (_what_and_where(cell.at), met[cell.at])
            met[cell.at] += 1
            same = written.columns.setdefault(key, columns)
            written.where.setdefault(key, ((number, codes), cell.at))
            if (value := value_told(cell)) is not None:
                written.told[key] = value
                self._system.know(columns, (), value, value, is_new=is_new)
            elif cell.status is Status.ROUNDED and cell.value is not None:
                least, most = max(0, cell.value - written.release.reach), cell.value + written.release.reach
                self._system.know(columns, (), least, most, is_new=is_new)
            elif same == columns and is_new:
                members = np.array(sorted(columns), dtype=np.int64)
                self._system.targets.append(Target(members, (number, codes), cell.at))
            if same != columns:
                self._system.know(columns, same, 0.0, 0.0)

    def _tie_alike(self, written: _Written) -> None:
        """Say that whoever gave one answer to every question gave it to each, in projects that were asked the same questions.

        Only where all questions have one scale: codes alone do not tell which of them belong together.
        """
        questions = dict(_questions(written.release.tables))
        if len({axis.codes for axis in questions.values()}) != 1:
            return
        for key, (item, axis) in product(list(written.columns), questions.items()):
            at, met = key
            if at.item.partition("@")[0] != ALIKE or not at.project or at.answer not in {ALL_SAME, ALL_TOP}:
                continue
            answer = "answered" if at.answer == ALL_SAME else axis.children("positive")[0]
            each = (
                replace(at, item=item, answer=answer, measure="answered" if answer == "answered" else "people"),
                met,
            )
            asked = [
                written.told.get((replace(at, item=one, answer="", measure="asked"), met)) for one in (at.item, item)
            ]
            agrees = written.told.get(key, 0) <= written.told.get(each, INFINITE)
            if each in written.columns and asked[0] is not None and asked[0] == asked[1] and agrees:
                self._system.know(written.columns[each], written.columns[key], 0.0, INFINITE)

    # -- releases beside each other ----------------------------------------------------------------------------------

    def _compare(self, earlier: _Written, later: _Written) -> None:
        """Say of each figure of two releases that the one counts all that the other counts."""
        if later.release.contains(earlier.release):
            self._tie(earlier, later, later)
        elif earlier.release.contains(later.release):
            self._tie(later, earlier, later)

    def _tie(self, part: _Written, whole: _Written, later: _Written) -> None:
        pairs = [(key, found) for key in part.columns if (found := whole.match(key)) and _counts_answers(key)]
        told = [(key, found) for key, found in pairs if key in part.told and found in whole.told]
        if any(part.told[key] > whole.told[found] for key, found in told):
            return  # people are missing from the whole: nobody can say which
        when = (part.release.first, part.release.last) == (whole.release.first, whole.release.last)
        is_same = when and all(part.told[key] == whole.told[found] for key, found in told if key == found)
        for key, found in pairs:
            most = 0.0 if is_same and key == found else INFINITE
            self._system.know(whole.columns[found], part.columns[key], 0.0, most)
        if later is whole or later is part:
            for key, found in told:
                where, at = later.where[found if later is whole else key]
                self.subtracted.append((where, at, whole.told[found] - part.told[key]))


def _questions(tables: Sequence[ProtectedTable]) -> Iterable[tuple[str, Axis]]:
    """Yield each question on a scale, with its answers."""
    for table in tables:
        if table.name.startswith("item:") and "positive" in table.axes[0].parents:
            yield table.name.removeprefix("item:"), table.axes[0]


def _leaves(axis: Axis, leads: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Return the leaves below each code, with one that is not shown below each lead that partners are folded into."""
    own = {
        code
        for lead in leads
        for code in ((f"{lead}-own",) if f"{lead}-own" in axis.parents else (lead,))
        if axis.name == "place" and axis.children(code)
    }

    def below(code: str) -> tuple[str, ...]:
        children = tuple(leaf for child in axis.children(code) for leaf in below(child))
        return (*children, f"{code} folded") if code in own else children or (code,)

    return {code: below(code) for code in axis.codes}


def value_told(cell: ProtectedCell) -> int | None:
    """Return what a cell says of this release; a held one speaks of an earlier one."""
    return cell.value if cell.status is Status.PUBLISHED else None


def _counts_answers(key: _Key) -> bool:
    return key[0].measure != "registered"


def _what_and_where(at: Coordinates) -> Coordinates:
    """Return what a figure counts and where, whatever table and period show it: an unused dimension is as its total."""
    return as_unused(at, table="", period="")
