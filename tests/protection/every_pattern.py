"""An attacker who thinks of people and not of tables: how many gave which answers to all questions, and how.

Every cell of a release is a sum over such patterns, so that this attacker knows all that links tables without being told
any of it. It shares no line with the protection: neither atoms nor identities.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from itertools import product

import highspy
import numpy as np

from survey_app.aggregation.facts import SessionFact
from survey_app.protection.protected import Coordinates, ProtectedTables

SCALE = ("a-lot", "a-little", "not-much", "not-at-all")
OFF = ("not-understood", "not-for-me", "no-answer", "missing")
MODES = ("alone", "with-helper", "paper")
SUMS = {
    "positive": SCALE[:2],
    "negative": SCALE[2:],
    "answered": SCALE,
    "off-scale": OFF,
    "other-reasons": OFF[1:],
    "other-answers": (*SCALE, *OFF[1:]),
    "total": (*SCALE, *OFF),
}
ANYTHING = {"", "total"}


@dataclass(frozen=True)
class Patterns:
    """What people of these sessions can say to these items, in one of some modes and languages."""

    sessions: Sequence[SessionFact]
    items: Sequence[str]
    languages: Sequence[str] = ("other-language",)
    _known: dict[frozenset[str], list[tuple[str, ...]]] = field(default_factory=dict)

    def row(self, at: Coordinates) -> np.ndarray:
        """Say of each pattern whether it counts in a cell, by the words of the documentation."""
        circumstances = [self._mask(at.mode, MODES), self._mask(at.language, self.languages)]
        if {at.gender, at.age} <= {*ANYTHING, "undisclosed"}:
            parts = (self._of_session(at, session) for session in self.sessions)
            return np.concatenate([reduce(np.kron, [part, *circumstances]) for part in parts])
        return np.zeros(self._width, dtype=bool)

    @cached_property
    def _width(self) -> int:
        each = len(MODES) * len(self.languages)
        return sum(len(self._said(session)) * each for session in self.sessions)

    @staticmethod
    def _mask(asked: str, codes: Sequence[str]) -> np.ndarray:
        return np.array([asked in {*ANYTHING, code} for code in codes])

    def _said(self, session: SessionFact) -> list[tuple[str, ...]]:
        if session.asked not in self._known:
            each = [(*SCALE, *OFF) if item in session.asked else ("",) for item in self.items]
            self._known[session.asked] = list(product(*each))
        return self._known[session.asked]

    def _of_session(self, at: Coordinates, session: SessionFact) -> np.ndarray:
        said = self._said(session)
        places = ((at.organisation, session.organisation), (at.project, session.project), (at.module, session.module))
        if any(asked not in {*ANYTHING, there} for asked, there in places):
            return np.zeros(len(said), dtype=bool)
        if at.item == "alike":
            return np.array([is_alike(each, at.answer) for each in said])
        place = self.items.index(at.item)
        counted = SUMS.get(at.answer, (at.answer,))
        return np.array([each[place] in counted for each in said])


def is_alike(said: Sequence[str], answer: str) -> bool:
    asked = [each for each in said if each]
    if len(asked) < 3:
        return False
    is_same = len(set(asked)) == 1 and asked[0] in SCALE
    told = {
        "total": True,
        "all-same": is_same,
        "all-top": is_same and asked[0] == SCALE[0],
        "all-same-below": is_same and asked[0] != SCALE[0],
        "other-answers": not is_same,
    }
    return told[answer]


def ranges(
    released: ProtectedTables, patterns: Patterns, tables: tuple[str, ...] = ("",)
) -> Iterator[tuple[Coordinates, float, float]]:
    """Yield the range of each withheld figure over every set of people that agrees with all that is published.

    ``tables``: how the names of those begin whose figures are attacked.
    """
    rows: dict[bytes, tuple[np.ndarray, Coordinates, int | None]] = {}
    for cell in (cell for table in released.tables for cell in table.cells.values()):
        row = patterns.row(cell.at)
        if row.any():
            found = rows.setdefault(row.tobytes(), (row, cell.at, cell.value))
            assert found[2] == cell.value, f"{cell.at} and {found[1]} count the same people"
    nobody = np.any([row for row, _, value in rows.values() if value == 0] or [[False]], axis=0)
    matrix = np.array([row for row, *_ in rows.values()])
    matrix = np.unique(matrix & ~nobody, axis=1)  # patterns that no cell tells apart
    values = [value for *_, value in rows.values()]
    told = [number for number, value in enumerate(values) if value is not None]
    solver = _solver(matrix[told], np.array([values[number] for number in told], dtype=float))
    for number, (_, at, value) in enumerate(rows.values()):
        if value is None and at.table.startswith(tables):
            yield at, *_range(solver, matrix[number].astype(float))


def _solver(rows: np.ndarray, values: np.ndarray) -> highspy.Highs:
    lp, count = highspy.HighsLp(), rows.shape[1]
    lp.num_col_, lp.num_row_ = count, len(rows)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.zeros(count), np.zeros(count), np.full(count, highspy.kHighsInf)
    lp.row_lower_ = lp.row_upper_ = values
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    used = [np.flatnonzero(row) for row in rows]
    lp.a_matrix_.start_ = np.cumsum([0, *(len(each) for each in used)]).astype(np.int32)
    lp.a_matrix_.index_ = np.concatenate(used).astype(np.int32)
    lp.a_matrix_.value_ = np.ones(sum(len(each) for each in used))
    solver = highspy.Highs()
    for option, value in (("output_flag", False), ("threads", 1), ("solver", "simplex"), ("simplex_strategy", 4)):
        solver.setOptionValue(option, value)
    solver.passModel(lp)
    return solver


def _range(solver: highspy.Highs, row: np.ndarray) -> tuple[float, float]:
    found = []
    for sign in (1.0, -1.0):
        solver.changeColsCost(len(row), np.arange(len(row), dtype=np.int32), sign * row)
        solver.run()
        status = solver.getModelStatus()
        assert status in {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnbounded}, status
        is_bounded = status == highspy.HighsModelStatus.kOptimal
        found.append(sign * solver.getInfo().objective_function_value if is_bounded else -sign * np.inf)
    return float(np.ceil(found[0] - 1e-6)), float(np.floor(found[1] + 1e-6))
