"""How much work a release may cost, counted in steps of the solver: the same figures leave a slow machine and a fast one."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any


@dataclass(slots=True)
class Effort:
    """Work that is left, in steps of the solver (``UNLIMITED`` for callers who wait as long as it takes)."""

    left: float = inf

    @property
    def is_spent(self) -> bool:
        """Say whether nothing more should be tried."""
        return self.left <= 0

    def charge(self, solver: Any) -> None:  # noqa: ANN401 - highspy carries no types
        """Take off what the solver's last run cost: its steps, each as long as its model is large."""
        info, size = solver.getInfo(), solver.getNumCol() + solver.getNumRow()
        self.left -= (max(0, info.simplex_iteration_count) + _EACH_RUN) * size / _LARGE


_EACH_RUN = 20  # what starting the solver costs, in steps
_LARGE = 1000  # columns and rows of the model that a step is measured on
