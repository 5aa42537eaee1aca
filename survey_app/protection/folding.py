"""Rule 5 of the disclosure specification, second half: a partner too small to be shown is folded into its lead.

Its rows are not shown, its people count in the lead's own row. Because readers know who the partner is, the lead's own row
minus the lead's projects must not be computable either: the partner's cells stay in the tables that the engine protects and
the assurance attacks, as children of the lead's own row that are always withheld, and leave with ``shown``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from survey_app.aggregation.tables import TOTAL, Axis, LinkedTables, NotAsked, UnprotectedCell, UnprotectedTable
from survey_app.protection.low_counts import is_low
from survey_app.protection.policy import Policy

PLACE = "place"
OWN = "-own"  # the row of a lead organisation's own projects, beside its partners, has the lead's code and this
Atoms = frozenset[int]


@dataclass(frozen=True, slots=True)
class FoldedTables:
    """``linked``: every table, the partners moved below their lead's own row. ``hidden``: place codes that nobody may see.

    ``partners``: partner -> lead.
    """

    linked: LinkedTables
    hidden: frozenset[str]
    partners: Mapping[str, str]

    def is_hidden(self, table: UnprotectedTable, codes: Sequence[str]) -> bool:
        """Say whether a cell belongs to a partner that is folded away."""
        return any(axis.name == PLACE and code in self.hidden for axis, code in zip(table.axes, codes, strict=True))

    def shown_axes(self, table: UnprotectedTable) -> tuple[Axis, ...]:
        """Return the table's axes as readers see them."""
        return tuple(
            Axis(axis.name, {code: parent for code, parent in axis.parents.items() if code not in self.hidden})
            if axis.name == PLACE
            else axis
            for axis in table.axes
        )


def fold_small_partners(linked: LinkedTables, policy: Policy) -> FoldedTables:
    """Fold every partner that has people, but in every table fewer than ``policy.smallest_count``, into its lead."""
    partners = {
        place.organisation: place.lead
        for place in linked.places
        if place.lead is not None and is_low(_people_of(linked, place.organisation), policy)
    }
    if not partners:
        return FoldedTables(linked, frozenset(), {})
    hidden: set[str] = set()
    tables = list(linked.tables)
    for partner, lead in sorted(partners.items()):
        for number, table in enumerate(tables):
            tables[number] = _fold(table, partner, lead, hidden)
    folded = replace(linked, tables=tuple(tables))
    return FoldedTables(folded, frozenset(hidden), partners)


def _people_of(linked: LinkedTables, organisation: str) -> int:
    """Return the most people that any table of answers counts for an organisation; 0 where it is in none."""
    most = 0
    for table in linked.tables:
        place = _place_axis(table)
        if place is None or table.answer_axis is None:
            continue
        whole = tuple(organisation if number == place else TOTAL for number in range(len(table.axes)))
        count = linked.count(table.cells[whole]) if whole in table.cells else 0
        most = max(most, count if isinstance(count, int) else 0)
    return most


def _place_axis(table: UnprotectedTable) -> int | None:
    return next((number for number, axis in enumerate(table.axes) if axis.name == PLACE), None)


def _fold(table: UnprotectedTable, partner: str, lead: str, hidden: set[str]) -> UnprotectedTable:
    place = _place_axis(table)
    if place is None or partner not in table.axes[place].parents:
        return table
    axis = table.axes[place]
    group = axis.parents[partner]
    own = next((code for code in (f"{lead}{OWN}", lead) if axis.parents.get(code) == group), None)
    hidden.update(_with_descendants(axis, partner))
    if own is None:  # the lead has no row of its own: the partner's people count in the row above
        return table
    parents = dict(axis.parents)
    cells = dict(table.cells)
    if not axis.children(
        own
    ):  # own row without projects: its people need a (hidden) row of their own beside the partner
        rest = f"{own}-rest"
        hidden.add(rest)
        parents[rest] = own
        cells.update(_copied_row(table, place, own, rest))
    parents[partner] = own
    cells.update(_enlarged_row(table, place, own, partner))
    axes = tuple(
        Axis(PLACE, _in_order(parents)) if number == place else other for number, other in enumerate(table.axes)
    )
    return replace(table, axes=axes, cells=cells)


def _with_descendants(axis: Axis, code: str) -> set[str]:
    found = {code}
    for child in axis.children(code):
        found |= _with_descendants(axis, child)
    return found


def _copied_row(table: UnprotectedTable, place: int, code: str, copy: str) -> dict[tuple[str, ...], UnprotectedCell]:
    return {
        (*codes[:place], copy, *codes[place + 1 :]): cell for codes, cell in table.cells.items() if codes[place] == code
    }


def _enlarged_row(
    table: UnprotectedTable, place: int, own: str, partner: str
) -> dict[tuple[str, ...], UnprotectedCell]:
    row: dict[tuple[str, ...], UnprotectedCell] = {}
    for codes, cell in table.cells.items():
        if codes[place] == own:
            added = table.cells[(*codes[:place], partner, *codes[place + 1 :])]
            row[codes] = replace(cell, atoms=_together(cell.atoms, added.atoms))
    return row


def _together(some: Atoms | NotAsked, others: Atoms | NotAsked) -> Atoms | NotAsked:
    if isinstance(some, NotAsked):
        return others
    return some if isinstance(others, NotAsked) else some | others


def _in_order(parents: Mapping[str, str]) -> dict[str, str]:
    """Return the tree with each code after its parent, otherwise in the order given."""
    ordered: dict[str, str] = {}
    waiting = dict(parents)
    while waiting:
        ready = [code for code, parent in waiting.items() if parent == TOTAL or parent in ordered]
        for code in ready:
            ordered[code] = waiting.pop(code)
        if not ready:
            message = f"the places {sorted(waiting)} hang from no total"
            raise ValueError(message)
    return ordered
