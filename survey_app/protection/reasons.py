"""What the protection has to say, as codes with slots: the sentences are made where somebody reads them.

A release folder holds the codes (``release.json``), a workbook, a page and the terminal the words of their language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from survey_app.aggregation.tables import Coordinates

Attack = Literal[
    "low-count", "one-answer", "additivity", "whole-persons", "registers", "earlier-releases", "facilitators"
]
"""An attack that is tried on a release."""

Lost = Literal["low-count", "one-answer", "narrowed", "not-possible"]
"""How a cell was lost: seen at once, computed from other figures, or shown by figures that contradict each other."""

Step = Literal[
    "full",
    "no-circumstances",
    "as-before",
    "no-modules",
    "no-projects",
    "no-crossings",
    "totals-only",
    "nothing-new",
]
"""How coarse a release had to be made before the attack on it failed (see ``ladder``)."""

LedgerFault = Literal["ledger-changed", "ledger-shortened", "ledger-head", "folder-changed", "clock-back"]
"""Why the ledger of earlier releases can not be trusted, so that nothing can be compared with it."""

ReasonCode = Literal[
    Lost,
    LedgerFault,
    "does-not-add-up",
    "tier-without-policy",
    "more-cells",
    "attack-unfinished",
    "nothing-to-show",
    "answers-deleted",
    "not-rounded",
    "no-rounding",
]
EngineCode = Literal["own-optimiser", "tau-argus", "tau-argus-silent"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a release may not leave. Never says a hidden count.

    ``at``: the cell that was lost, for a ``Lost`` code. ``slots``: ``table`` of ``does-not-add-up``, ``tier`` of
    ``tier-without-policy``, ``cells`` of ``more-cells``, ``release``, ``files``, ``path`` and ``moment`` of a ``LedgerFault``,
    ``sessions`` and ``day`` of ``answers-deleted``.
    """

    code: ReasonCode
    at: Coordinates | None = None
    slots: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EngineUsed:
    """An engine that chose what to withhold: its name with its version, and on how many of the tables it answered.

    ``done`` and ``tables`` are 0 for an engine that looks at the whole set at once.
    """

    code: EngineCode
    name: str = ""
    done: int = 0
    tables: int = 0
