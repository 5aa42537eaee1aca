"""Other data sets near one that is known, found by HiGHS: some columns change, the others are left as they are."""

from __future__ import annotations

from typing import Any, Final

import highspy
import numpy as np

from survey_app.protection.assurance.system import INFINITE, System, Vector, Whole
from survey_app.protection.effort import Effort

_NODES: Final = 40  # of the search for whole persons, where the first solution does not consist of them
GAP: Final = 0.3  # of the way that could be gone at most: any data set far enough will do
_NEARLY: Final = 1e-6
_OPTIONS: Final[dict[str, bool | str | float | int]] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 1,
    "presolve": "off",
    "solver": "simplex",
    "simplex_strategy": 4,  # primal: only the direction changes, so that the last corner is a good start
    "mip_rel_gap": GAP,
    "mip_max_nodes": _NODES,
}


class Part:
    """Changes of the columns ``inside`` of a system, from ``base``, a data set that agrees with everything.

    No column gains more than ``room`` people.
    """

    def __init__(self, system: System, inside: Whole, base: Whole, effort: Effort, room: float = INFINITE) -> None:
        self._inside, self._base, self._effort = inside, base, effort
        place = np.full(system.count, -1, dtype=np.int64)
        place[inside] = np.arange(len(inside))
        starts, index, values, low, high = [0], [], [], [], []
        for columns, factors, least, greatest, _ in system.rows:
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
        self._least = -np.minimum(base[inside], room).astype(np.float64)
        self._solver = self._pass(np.full(len(inside), room))

    def farthest(self, direction: Vector, gap: float = GAP) -> Whole | None:
        """Return the data set of whole persons that goes farthest in ``direction``; ``None`` where none is found.

        One that leaves ``gap`` of the way will do.
        """
        self._head_for(direction)
        found = self._run(whole=False)
        if found is None:
            return None
        whole = np.round(found)
        if np.abs(found - whole).max(initial=0.0) > _NEARLY or not self._agrees(whole):
            self._solver.setOptionValue("mip_rel_gap", gap)
            found = self._run(whole=True)
            if found is None or not self._agrees(whole := np.round(found)):
                return None
        result = self._base.copy()
        result[self._inside] += whole.astype(np.int64)
        return result

    def limit(self, direction: Vector) -> float:
        """Return how far any data set can go in ``direction``, broken persons allowed: no data set of whole ones goes farther."""
        self._head_for(direction)
        found = self._run(whole=False)
        return INFINITE if found is None else float(np.floor(found @ direction[self._inside] + _NEARLY))

    def _head_for(self, direction: Vector) -> None:
        count = len(self._inside)
        self._solver.changeColsCost(count, np.arange(count, dtype=np.int32), -direction[self._inside])

    def _agrees(self, changes: Vector) -> bool:
        if (self._base[self._inside] + changes < 0).any():
            return False
        rows = self._times(changes)
        return bool(np.all(rows >= self._low - _NEARLY) and np.all(rows <= self._high + _NEARLY))

    def _times(self, changes: Vector) -> Vector:
        summed = np.concatenate([[0.0], np.cumsum(self._values * changes[self._index])])
        rows: Vector = summed[self._starts[1:]] - summed[self._starts[:-1]]
        return rows

    def _run(self, *, whole: bool) -> Vector | None:
        if whole:
            self._demand(highspy.HighsVarType.kInteger, presolve="on")
        self._solver.run()
        self._effort.charge(self._solver)
        status = self._solver.getModelStatus()
        solution = self._solver.getSolution()
        valid, values = solution.value_valid, np.asarray(solution.col_value)
        if whole:
            self._demand(highspy.HighsVarType.kContinuous, presolve="off")
            return values if valid else None
        return values if status == highspy.HighsModelStatus.kOptimal and valid else None

    def _demand(self, kind: Any, presolve: str) -> None:  # noqa: ANN401 - highspy carries no types
        count = len(self._inside)
        kinds = np.full(count, kind.value, dtype=np.uint8)
        self._solver.changeColsIntegrality(count, np.arange(count, dtype=np.int32), kinds)
        self._solver.setOptionValue("presolve", presolve)

    def _pass(self, most: Vector) -> Any:  # noqa: ANN401 - highspy carries no types
        count = len(self._inside)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = count, len(self._low)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.zeros(count), self._least, most
        lp.row_lower_, lp.row_upper_ = self._low, self._high
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = self._starts, self._index, self._values
        solver: Any = highspy.Highs()  # type: ignore[no-untyped-call] # highspy carries no types
        for option, value in _OPTIONS.items():
            solver.setOptionValue(option, value)
        solver.passModel(lp)
        return solver
