"""Rule 3 of the disclosure specification: where nearly everybody of a small group gave one answer, only its size is shown.

With near-100 % positive answers the one dissenter is the person at risk, and a common answer is everybody's answer.
Source: Handbook on statistical disclosure control (ESSnet/Eurostat), chapter 5, group disclosure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from survey_app.aggregation.tables import (
    OTHER_ANSWERS,
    TOTAL,
    LinkedTables,
    NotAsked,
    UnprotectedCell,
    UnprotectedTable,
)
from survey_app.protection.policy import Policy


def disclosing_groups(
    linked: LinkedTables, table: UnprotectedTable, policy: Policy
) -> Iterator[tuple[UnprotectedCell, ...]]:
    """Yield the answer cells (zeros and inner sums included, the group's size not) of each group that gave one answer.

    A group is a combination of codes, at any level, of the table's other axes. It is at risk when it has fewer people than
    ``policy.group_at_risk`` and fewer than ``policy.dissenters`` of them did not give the commonest answer.
    """
    axis = next((number for number, axis in enumerate(table.axes) if axis.name == table.answer_axis), None)
    if axis is None:
        return
    leaves = frozenset(table.axes[axis].leaves) - {OTHER_ANSWERS}
    groups: dict[tuple[str, ...], list[tuple[str, UnprotectedCell]]] = defaultdict(list)
    for codes, cell in table.cells.items():
        groups[codes[:axis] + codes[axis + 1 :]].append((codes[axis], cell))
    for group in groups.values():
        counts = {answer: linked.count(cell) for answer, cell in group}
        size = counts[TOTAL]
        commonest = max(
            (count for answer, count in counts.items() if answer in leaves and isinstance(count, int)), default=0
        )
        if isinstance(size, NotAsked) or not gave_one_answer(size, commonest, policy):
            continue
        yield tuple(cell for answer, cell in group if answer != TOTAL and not isinstance(cell.atoms, NotAsked))


def gave_one_answer(size: int, commonest: int, policy: Policy) -> bool:
    """Say whether a group of ``size`` persons, ``commonest`` of whom gave the same answer, may be shown by its size only."""
    return 0 < size < policy.group_at_risk and size - commonest < policy.dissenters
