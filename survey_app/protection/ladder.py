"""Coarser releases, for the case that a finer one can not be protected: what else is withheld at each step.

The steps, each with all that was withheld at the one before:

* ``full``: nothing but what the rules withhold;
* ``no-circumstances``: without the tables by mode and by language. They are the least needed, and the first to cost too
  much where releases about one project were made before: each sum of a language has to be safe in every project's part;
* ``as-before``, only where an earlier release speaks of the same people: what earlier releases, of any tier, told;
* ``no-modules``, ``no-projects``, ``no-crossings`` (gender by age), ``totals-only`` (answers of the whole scope), each
  starting from ``full`` again, without circumstances;
* ``nothing-new``: what earlier releases of the same tier told. It adds nothing to what its readers, or anybody, knew.

The tables keep their grid at every step: what is dropped is withheld. Only circumstances leave as a whole, where no earlier
release of these people has such tables. Where one has, what it told of them is known and what it withheld must stay hidden:
then they stay among what is attacked, and are withheld.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from survey_app.aggregation.circumstances import tells_circumstances
from survey_app.aggregation.tables import TOTAL, LinkedTables, NotAsked, UnprotectedTable
from survey_app.protection.cohorts import related
from survey_app.protection.differencing import Differences
from survey_app.protection.folding import PLACE
from survey_app.protection.knowledge import Known
from survey_app.protection.linkage import Linkage
from survey_app.protection.protected import EarlierRelease
from survey_app.protection.reasons import Step

Codes = tuple[str, ...]


def leave_out_circumstances(linked: LinkedTables, earlier: Iterable[EarlierRelease]) -> LinkedTables | None:
    """Return a linked set without its tables by mode and by language, and without what ties them to the others.

    ``None`` where there are none, or where an earlier release of these people has such tables.
    """
    kept = tuple(table for table in linked.tables if not tells_circumstances(table.name))
    told = (tells_circumstances(cell.at.table) for release in related(linked, earlier) for cell in release.cells)
    if len(kept) == len(linked.tables) or any(told):
        return None
    gone = _atoms_in(linked.tables) - _atoms_in(kept)
    identities = tuple(pair for pair in linked.identities if gone.isdisjoint(pair[0] | pair[1]))
    return replace(linked, tables=kept, identities=identities)


def _atoms_in(tables: Iterable[UnprotectedTable]) -> frozenset[int]:
    cells = (cell.atoms for table in tables for cell in table.cells.values())
    return frozenset(atom for atoms in cells if not isinstance(atoms, NotAsked) for atom in atoms)


def descend(
    linked: LinkedTables, linkage: Linkage, differences: Differences, first: Step = "full"
) -> Iterable[tuple[Step, frozenset[int]]]:
    """Yield each step with the figures that it withholds whatever the rules say, the finest first; ``first`` withholds none."""
    yield first, frozenset()
    if differences.is_about_the_same:
        yield "as-before", _untold(linked, linkage, (*differences.known, *differences.known_elsewhere))
    withheld: frozenset[int] = frozenset()
    for step, is_detail in _DETAILS:
        more = {
            linkage.shown_by[number, codes]
            for number, table in enumerate(linked.tables)
            for codes in table.cells
            if (number, codes) in linkage.shown_by and is_detail(table, codes)
        }
        if more:
            withheld |= more
            yield step, withheld
    yield "nothing-new", _untold(linked, linkage, differences.known)


def _untold(linked: LinkedTables, linkage: Linkage, known: Iterable[Known]) -> frozenset[int]:
    """Return the figures of which any cell was not told exactly."""
    told = {fact.atoms for fact in known if fact.least == fact.greatest}
    return frozenset(
        figure
        for (number, codes), figure in linkage.shown_by.items()
        if linked.tables[number].cells[codes].atoms not in told
    )


def _is_circumstance(table: UnprotectedTable, codes: Codes) -> bool:
    return tells_circumstances(table.name) and codes[1] != TOTAL


def _is_module(table: UnprotectedTable, codes: Codes) -> bool:
    return any(axis.name == "module" and code != TOTAL for axis, code in zip(table.axes, codes, strict=True))


def _is_project(table: UnprotectedTable, codes: Codes) -> bool:
    return any(axis.name == PLACE and code in axis.leaves for axis, code in zip(table.axes, codes, strict=True))


def _is_crossing(table: UnprotectedTable, codes: Codes) -> bool:
    parts = [code for axis, code in zip(table.axes, codes, strict=True) if axis.name in {"gender", "age"}]
    return len(parts) > 1 and TOTAL not in parts


def _is_below_total(table: UnprotectedTable, codes: Codes) -> bool:
    return any(code != TOTAL for axis, code in zip(table.axes, codes, strict=True) if axis.name != table.answer_axis)


_DETAILS: Final[tuple[tuple[Step, Callable[[UnprotectedTable, Codes], bool]], ...]] = (
    ("no-circumstances", _is_circumstance),
    ("no-modules", _is_module),
    ("no-projects", _is_project),
    ("no-crossings", _is_crossing),
    ("totals-only", _is_below_total),
)
