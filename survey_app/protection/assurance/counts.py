"""The attacker who knows how the counts of a release hang together: the system that a release is attacked with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from survey_app.aggregation.tables import Coordinates, LinkedTables, NotAsked
from survey_app.protection.assurance.system import INFINITE, System, Target, Where
from survey_app.protection.knowledge import Known
from survey_app.protection.policy import Policy
from survey_app.protection.protected import Status

_Atoms = frozenset[int]


class _Sums(NamedTuple):
    """The sums of atoms that are published, and those that are withheld with the cells that would show them."""

    published: set[_Atoms]
    withheld: dict[_Atoms, list[tuple[Where, Coordinates]]]


def system_of_counts(
    linked: LinkedTables,
    statuses: Mapping[Where, Status],
    policy: Policy,
    known: Sequence[Known],
    sensitive: Collection[Where] | None,
) -> System:
    """Write down what a release with these statuses says, beside what is known already.

    What an earlier release told exactly is neither new nor to be protected any more.
    """
    system = System(len(linked.atoms), families=_families_of(linked), people=np.array(linked.atoms, dtype=np.int64))
    sums = _sums_of(linked, statuses)
    true = [fact for fact in known if _holds(fact, linked)]
    told = {fact.atoms for fact in true if fact.least == fact.greatest}
    for atoms in sorted(sums.published, key=sorted):
        count = float(_people_in(linked, atoms))
        system.know(atoms, (), count, count, is_new=atoms not in told)
    for left, right in linked.identities:
        system.know(left, right, 0.0, 0.0)
    for fact in true:
        system.know(fact.atoms, (), float(fact.least), INFINITE if fact.greatest is None else float(fact.greatest))
    system.is_limited = bool(true)
    secret = {atoms: cells for atoms, cells in sums.withheld.items() if atoms not in told}
    for atoms, cells in secret.items():
        (where, at), columns = cells[0], np.array(sorted(atoms), dtype=np.int64)
        is_low = 0 < _people_in(linked, atoms) < policy.smallest_count
        is_sensitive = is_low or sensitive is None or any(cell in sensitive for cell, _ in cells)
        system.targets.append(Target(columns, where, at, is_low, is_sensitive))
    target_of = {where: number for number, cells in enumerate(secret.values()) for where, _ in cells}
    system.lines = list(_lines(linked, target_of))
    return system


def _sums_of(linked: LinkedTables, statuses: Mapping[Where, Status]) -> _Sums:
    sums = _Sums(set(), {})
    for number, table in enumerate(linked.tables):
        for codes, cell in table.cells.items():
            if isinstance(cell.atoms, NotAsked):
                continue
            if statuses[number, codes] is Status.PUBLISHED:
                sums.published.add(cell.atoms)
            else:
                sums.withheld.setdefault(cell.atoms, []).append(((number, codes), cell.at))
    return sums


def _lines(linked: LinkedTables, target_of: Mapping[Where, int]) -> Iterable[frozenset[int]]:
    """Yield the targets among each sum and its parts."""
    for number, table in enumerate(linked.tables):
        for place, axis in enumerate(table.axes):
            parts = {code: axis.children(code) for code in axis.codes}
            for codes in table.cells:
                line = [codes, *((*codes[:place], part, *codes[place + 1 :]) for part in parts[codes[place]])]
                met = frozenset(target_of[number, cell] for cell in line if (number, cell) in target_of)
                if len(met) > 1:
                    yield met


def _people_in(linked: LinkedTables, atoms: Iterable[int]) -> int:
    return sum(linked.atoms[atom] for atom in atoms)


def _holds(fact: Known, linked: LinkedTables) -> bool:
    people = _people_in(linked, fact.atoms)
    return fact.least <= people and (fact.greatest is None or people <= fact.greatest)


def _families_of(linked: LinkedTables) -> list[int]:
    families = list(range(len(linked.atoms)))
    for table in linked.tables:
        atoms = {a for cell in table.cells.values() if not isinstance(cell.atoms, NotAsked) for a in cell.atoms}
        met = {families[atom] for atom in atoms}
        first = min(met, default=0)
        families = [first if family in met else family for family in families]
    return families
