"""Under which circumstances people answered R.2.9: alone, with a helper or on paper, and in which language.

Tables ``by-mode:<code>`` and ``by-language:<code>``, of all organisations together only: of one organisation, a mode or a
language is a few people. Answers are told as sums (positive, negative), so that the few of a language are not cut into
more parts than the comparison needs. The indicator is the one question; each further one would cost figures of others.

By mode only those who answered are told: the few who did not would hide them. By language these have to be told, because
``language:<code>`` says how many were asked: what is left of them beside those who answered must be a figure of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Final, Literal

from survey_app.aggregation.breakdowns import Breakdown
from survey_app.aggregation.comprehension import Added, Atoms, Counted
from survey_app.aggregation.facts import MODES, NOT_UNDERSTOOD, OFF_SCALE_ANSWERS, OTHER_LANGUAGE
from survey_app.aggregation.frame import column_of, count_by
from survey_app.aggregation.grids import ByLeaves, answered_at, cross
from survey_app.aggregation.tables import TOTAL, Axis, Coordinates, UnprotectedTable

if TYPE_CHECKING:
    import pandas as pd

OTHER_REASONS: Final = "other-reasons"
AXIS: Final = Axis(
    "answer",
    {
        "answered": TOTAL,
        "positive": "answered",
        "negative": "answered",
        "off-scale": TOTAL,
        NOT_UNDERSTOOD: "off-scale",
        OTHER_REASONS: "off-scale",
    },
)
_SIDES: Final = Axis("answer", {"positive": TOTAL, "negative": TOTAL})  # of those who answered
_MODE: Final = Axis("mode", dict.fromkeys(MODES, TOTAL))
Circumstance = Literal["mode", "language"]
_KINDS: Final = frozenset({"by-mode", "by-language"})


def tells_circumstances(table: str) -> bool:
    """Say whether a table of this name is one of them."""
    return table.partition(":")[0] in _KINDS


def count_circumstances(
    counted: Counted, indicators: Sequence[Breakdown], frame: pd.DataFrame, languages: Sequence[str]
) -> Added:
    """Count R.2.9 by mode and by language where everybody was asked it on one scale; ``languages`` none: by mode only."""
    asked = [b for b in indicators if _has_two_sides(b) and all(b.code in stratum.codes for stratum in counted.strata)]
    found = [_count_by(counted, breakdown, frame, "mode", _MODE) for breakdown in asked]
    if languages:
        axis = Axis("language", dict.fromkeys((*languages, OTHER_LANGUAGE), TOTAL))
        found += [_count_by(counted, breakdown, frame, "language", axis) for breakdown in asked]
    return Added(
        tuple(table for each in found for table in each.tables),
        tuple(pair for each in found for pair in each.identities),
    )


def _has_two_sides(breakdown: Breakdown) -> bool:
    return breakdown.is_on_scale and {breakdown.axis.parents[each] for each in breakdown.answers} <= {
        "positive",
        "negative",
    }


def _count_by(
    counted: Counted, breakdown: Breakdown, frame: pd.DataFrame, circumstance: Circumstance, axis: Axis
) -> Added:
    """Return the table, and say that it counts the same people as the item's answers do."""
    sums, answers_axis = _Sums(breakdown), _SIDES if circumstance == "mode" else AXIS
    people = Counter[tuple[str, str]]()
    for (code, answer), number in count_by(frame, circumstance, column_of(breakdown.code)).items():
        people[sums.of(answer), code] += number
    leaves: ByLeaves = {
        codes: frozenset({counted.add_atom(people[codes])}) for codes in product(answers_axis.leaves, axis.leaves)
    }
    strata = range(len(counted.strata))
    identities = []
    for each in answers_axis.leaves:
        answers = [answer for answer in breakdown.leaves if sums.of(answer) == each]
        here = frozenset[int]().union(*(leaves[each, code] for code in axis.leaves))
        identities.append((counted.atoms_of(breakdown.code, strata, answers), here))
    at = replace(counted.at, table=f"by-{circumstance}:{breakdown.code}", item=breakdown.code)
    table = cross(
        at,
        (answers_axis, axis),
        leaves,
        lambda at, codes: _under(circumstance, codes[1], at, codes[0]),
    )
    return Added((table,), tuple(identities))


def _under(circumstance: Circumstance, code: str, at: Coordinates, answer: str) -> Coordinates:
    if circumstance == "mode":
        return replace(answered_at(at, "answered" if answer == TOTAL else answer), mode=code)
    return replace(answered_at(at, answer), language=code)


def identify_not_understood(by_language: UnprotectedTable, language: UnprotectedTable) -> list[tuple[Atoms, Atoms]]:
    """Say that two tables of one item count the same people of each language, and the same who did not understand."""
    pairs = []
    for answer, code in product((TOTAL, NOT_UNDERSTOOD), language.axes[1].leaves):
        left, right = (table.cells[answer, code].atoms for table in (by_language, language))
        if isinstance(left, frozenset) and isinstance(right, frozenset):
            pairs.append((left, right))
    return pairs


@dataclass(frozen=True, slots=True)
class _Sums:
    """Which sum each answer of a breakdown counts in."""

    breakdown: Breakdown

    def of(self, answer: str) -> str:
        if answer in OFF_SCALE_ANSWERS:
            return answer if answer == NOT_UNDERSTOOD else OTHER_REASONS
        return self.breakdown.axis.parents[answer]
