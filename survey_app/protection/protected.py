"""Protected tables: the only kind that a report, a page or a file may be made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from survey_app.aggregation.tables import Axis, Coordinates, SessionPlace
from survey_app.protection.reasons import Attack, EngineUsed, Reason, Step

__all__ = [  # a report names where a cell stands without knowing where counts come from
    "Axis",
    "Certificate",
    "Coordinates",
    "EarlierRelease",
    "ProtectedCell",
    "ProtectedTable",
    "ProtectedTables",
    "Quality",
    "Refused",
    "Rounded",
    "Status",
]


class Status(StrEnum):
    """What a value is.

    ``published``: the count. ``rounded``: the count, as a multiple of the base that the certificate names. ``withheld``: no
    value. ``held``: the value of the earlier release, repeated (and rounded, in a release that is).
    """

    PUBLISHED = "published"
    WITHHELD = "withheld"
    HELD = "held"
    ROUNDED = "rounded"


@dataclass(frozen=True, slots=True)
class ProtectedCell:
    """One line of ``tables.csv``. ``value`` is ``None`` exactly where ``status`` is ``withheld``."""

    at: Coordinates
    value: int | None
    status: Status


@dataclass(frozen=True, slots=True)
class ProtectedTable:
    """A table that may be published: every cell of the grid, keyed by the codes of its axes, in their order."""

    name: str
    axes: tuple[Axis, ...]
    cells: Mapping[tuple[str, ...], ProtectedCell]
    answer_axis: str | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """What a release still tells (see ``quality``); shares in percent.

    ``figures``: distinct figures that were asked for; ``withheld`` of them. ``information_kept``: what is shown, each figure
    weighed by what a reader loses with it. ``people_shown``: people in the finest cells that are shown, of the tables whose
    whole is told; ``None`` where none is. ``withheld_for_others``: the part of what is withheld that is no secret itself,
    in tens; ``None`` where too few are withheld to tell.
    """

    figures: int
    withheld: int
    information_kept: int
    people_shown: int | None
    withheld_for_others: int | None


@dataclass(frozen=True, slots=True)
class Rounded:
    """Figures are multiples of ``base``, each at most ``reach`` people from its count."""

    base: int
    reach: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the assurance tried before the release was written.

    ``cells_attacked``: withheld cells whose interval was computed; ``narrowest_interval``: the least width proven for any
    of them that was not known before, in persons, ``None`` where nothing had to be proven; ``attacks``: those tried;
    ``engines``: those that chose, the one whose choice was taken first; ``step``: how coarse the release had to be made;
    ``quality``: what it still tells; ``rounded``: how it was rounded, where it was.
    """

    cells_attacked: int
    narrowest_interval: int | None
    attacks: tuple[Attack, ...]
    engines: tuple[EngineUsed, ...]
    step: Step = "full"
    quality: Quality | None = None
    rounded: Rounded | None = None


@dataclass(frozen=True, slots=True)
class ProtectedTables:
    """All protected tables of one release, with the policy that made them.

    ``policy``: the whole policy as it was applied (name, version, every number). ``folded``: partner -> lead, where a partner
    was too small to be shown. ``withheld_primary`` and ``withheld_complementary`` count distinct cells.
    """

    tables: tuple[ProtectedTable, ...]
    policy: Mapping[str, Any]
    certificate: Certificate
    folded: Mapping[str, str] = field(default_factory=dict)
    withheld_primary: int = 0
    withheld_complementary: int = 0


@dataclass(frozen=True, slots=True)
class EarlierRelease:
    """What the ledger remembers of an earlier release: its id, when, its tier, its sessions and its protected cells.

    ``responses``: session code -> responses counted then; ``places``: where each session was held, as it was known then.
    """

    id: str
    created: datetime
    tier: str
    sessions: frozenset[str]
    cells: tuple[ProtectedCell, ...]
    responses: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[str, SessionPlace] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """The release may not leave. ``reasons``: each names the cell and how it was lost; never a hidden count."""

    reasons: tuple[Reason, ...]
