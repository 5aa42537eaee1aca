"""The attacker who has the files: the system that anybody can write down from the tables of one release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from survey_app.aggregation.tables import TOTAL, Axis, Coordinates
from survey_app.protection.assurance.system import System, Target
from survey_app.protection.protected import ProtectedCell, ProtectedTable, Status


class Reader:
    """Builds the system that a reader of published tables can write down.

    ``leads``: those that partners are folded into; their rows count people that no row below them shows. ``reach``: how many
    people a rounded figure can be from its count.
    """

    def __init__(self, tables: Sequence[ProtectedTable], leads: frozenset[str], reach: int = 0) -> None:
        self._tables = tables
        self._leads = leads
        self._reach = reach
        self._first: dict[Coordinates, tuple[int, ...]] = {}
        self._system = System(0)

    def system(self) -> System:
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
            if (value := value_told(cell)) is not None:
                self._system.know(columns, (), value, value, is_new=True)
            elif cell.status is Status.ROUNDED and cell.value is not None:
                least, most = max(0, cell.value - self._reach), cell.value + self._reach
                self._system.know(columns, (), least, most, is_new=True)
            elif same == columns:
                members = np.array(sorted(columns), dtype=np.int64)
                self._system.targets.append(Target(members, (number, codes), cell.at))
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


def value_told(cell: ProtectedCell) -> int | None:
    """Return what a cell says of this release; a held one speaks of an earlier one."""
    return cell.value if cell.status is Status.PUBLISHED else None


def _without_table(at: Coordinates) -> Coordinates:
    """Return where a figure stands, whatever table shows it: an unused dimension is the same as its total."""
    places: dict[str, Any] = {
        name: "" if getattr(at, name) == TOTAL else getattr(at, name)
        for name in ("organisation", "project", "module", "answer", "gender", "age", "language")
    }
    return replace(at, table="", **places)
