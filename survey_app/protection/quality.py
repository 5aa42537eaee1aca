"""What a release still tells: the reader's side of protection, as figures of the certificate.

Everything here but one band can be counted again from the files of the release. How many figures are withheld for their own
sake is not told exactly: who knows that both of two withheld figures are small knows more than a range. So the share that
is withheld for others only is told in tens of a hundred, never 0 or 100, and only of many figures (``ENOUGH``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import fsum
from typing import Final

from survey_app.aggregation.tables import TOTAL
from survey_app.protection.linkage import Linkage
from survey_app.protection.protected import ProtectedTable, Quality, Status

ENOUGH: Final = 100  # withheld figures of which a share may be told
_TENS: Final = 10
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Withheld:
    """The figures of a release by number: ``shown`` places of readers, ``withheld`` ones, those that rules withhold."""

    figures: Collection[int]
    withheld: Collection[int]
    primary: Collection[int]


def measure_quality(linkage: Linkage, chosen: Withheld, tables: Iterable[ProtectedTable]) -> Quality:
    """Measure what leaves. ``chosen.figures``: every figure that readers see a place of, withheld or not."""
    weight_of = {figure: linkage.figures[figure].weight for figure in sorted(chosen.figures)}
    hidden = [figure for figure in weight_of if figure in chosen.withheld]
    whole, lost = fsum(weight_of.values()), fsum(weight_of[figure] for figure in hidden)
    return Quality(
        figures=len(weight_of),
        withheld=len(hidden),
        information_kept=_percent(whole - lost, whole),
        people_shown=_people_shown(tables),
        withheld_for_others=_band(len(hidden) - sum(figure in chosen.primary for figure in hidden), len(hidden)),
    )


def _percent(part: float, whole: float) -> int:
    """Return a share rounded down, so that 100 means everything."""
    return int(100 * part / whole + _TINY) if whole else 100


def _band(part: int, whole: int) -> int | None:
    if whole < ENOUGH:
        return None
    return min(100 - _TENS, max(_TENS, _TENS * round(_TENS * part / whole)))


def _people_shown(tables: Iterable[ProtectedTable]) -> int | None:
    """Return the share of people who can be seen in the finest cells of the tables whose whole is told, in percent."""
    asked = shown = 0
    for table in tables:
        whole = table.cells.get(tuple(TOTAL for _ in table.axes))
        if table.answer_axis is None or whole is None or whole.value is None:
            continue
        asked += whole.value
        leaves = [frozenset(axis.leaves) for axis in table.axes]
        shown += sum(
            cell.value or 0
            for codes, cell in table.cells.items()
            if cell.status is Status.PUBLISHED and all(code in leaf for code, leaf in zip(codes, leaves, strict=True))
        )
    return _percent(shown, asked) if asked else None
