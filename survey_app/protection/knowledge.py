"""What an attacker knows beside the release that is being made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from survey_app.aggregation.tables import LinkedTables


@dataclass(frozen=True, slots=True)
class Known:
    """The sum of some atoms lies between ``least`` and ``greatest`` (``None``: no limit), in persons."""

    atoms: frozenset[int]
    least: int = 0
    greatest: int | None = None


def from_registers(linked: LinkedTables) -> Iterable[Known]:
    """Yield the ceilings that hold: an attacker who knows a register knows that no more people can have been asked.

    A register that is behind (fewer people than answered) is no ceiling: whoever reckons with it errs.
    """
    for atoms, people in linked.ceilings:
        if sum(linked.atoms[atom] for atom in atoms) <= people:
            yield Known(atoms, greatest=people)
