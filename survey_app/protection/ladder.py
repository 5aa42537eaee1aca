"""Coarser releases, for the case that a finer one can not be protected: what else is withheld at each step.

The steps, each with all that was withheld at the one before:

* ``full``: nothing but what the rules withhold;
* ``as-before``, only where an earlier release speaks of the same people: what earlier releases, of any tier, told;
* ``no-modules``, ``no-projects``, ``no-crossings`` (gender by age), ``totals-only`` (answers of the whole scope), each
  starting from ``full`` again;
* ``nothing-new``: what earlier releases of the same tier told. It adds nothing to what its readers, or anybody, knew.

The tables keep their grid at every step: what is dropped is withheld.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from survey_app.aggregation.tables import TOTAL, LinkedTables, UnprotectedTable
from survey_app.protection.differencing import Differences
from survey_app.protection.folding import PLACE
from survey_app.protection.knowledge import Known
from survey_app.protection.linkage import Linkage
from survey_app.protection.reasons import Step

Codes = tuple[str, ...]


def descend(linked: LinkedTables, linkage: Linkage, differences: Differences) -> Iterable[tuple[Step, frozenset[int]]]:
    """Yield each step with the figures that it withholds whatever the rules say, the finest first."""
    yield "full", frozenset()
    if differences.is_about_the_same:
        yield "as-before", _untold(linked, linkage, (*differences.known, *differences.known_elsewhere))
    withheld: frozenset[int] = frozenset()
    for step, is_detail in _DETAILS:
        withheld |= {
            linkage.shown_by[number, codes]
            for number, table in enumerate(linked.tables)
            for codes in table.cells
            if (number, codes) in linkage.shown_by and is_detail(table, codes)
        }
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
    ("no-modules", _is_module),
    ("no-projects", _is_project),
    ("no-crossings", _is_crossing),
    ("totals-only", _is_below_total),
)
