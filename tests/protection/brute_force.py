"""An attacker without mathematics: writes down every data set there could be, and strikes out those that do not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from survey_app.aggregation.tables import OTHER_ANSWERS, TOTAL, LinkedTables, NotAsked
from survey_app.protection.folding import fold_small_partners
from survey_app.protection.policy import Policy
from survey_app.protection.protected import ProtectedTables

MOST = 9  # people in one atom of a data set that is tried


def what_fits(linked: LinkedTables, released: ProtectedTables) -> np.ndarray:
    """Return every data set (a row of people in each atom, up to ``MOST``) that agrees with what was published."""
    sums: list[tuple[frozenset[int], int, int]] = []
    for table, shown in zip(linked.tables, released.tables, strict=True):
        for codes, cell in table.cells.items():
            if codes in shown.cells and shown.cells[codes].value is not None and not isinstance(cell.atoms, NotAsked):
                sums.append((cell.atoms, shown.cells[codes].value, shown.cells[codes].value))
    return what_agrees(linked, sums)


def what_agrees(linked: LinkedTables, sums: Sequence[tuple[frozenset[int], int, int]], most: int = MOST) -> np.ndarray:
    """Return every data set, up to ``most`` people in an atom, in which each of these sums lies between two numbers."""
    data = np.zeros((1, 0), dtype=np.int16)
    for atom in range(len(linked.atoms)):
        data = _strike_out(_one_atom_more(data, most), atom, sums, linked)
    return data


def _one_atom_more(data: np.ndarray, most: int) -> np.ndarray:
    added = np.tile(np.arange(most + 1, dtype=np.int16), len(data))[:, None]
    return np.hstack([np.repeat(data, most + 1, axis=0), added])


def _strike_out(data: np.ndarray, last: int, sums, linked: LinkedTables) -> np.ndarray:
    """Keep the beginnings of data sets, up to the atom ``last``, that can still agree with the sums."""
    for atoms, least, most in sums:
        if last in atoms:
            total = data[:, [atom for atom in sorted(atoms) if atom <= last]].sum(axis=1)
            data = data[(total <= most) & ((total >= least) | (max(atoms) != last))]
    for left, right in linked.identities:
        if max(left | right) == last:
            data = data[data[:, sorted(left)].sum(axis=1) == data[:, sorted(right)].sum(axis=1)]
    return data


def exposed(linked: LinkedTables, released: ProtectedTables, policy: Policy) -> list[str]:
    """Return what the attacker learns that the policy forbids, one sentence each."""
    linked = fold_small_partners(linked, policy).linked
    data = what_fits(linked, released)
    found = []
    for table, shown in zip(linked.tables, released.tables, strict=True):
        for codes, cell in table.cells.items():
            if isinstance(cell.atoms, NotAsked):
                continue
            values = data[:, sorted(cell.atoms)].sum(axis=1)
            low, high = int(values.min()), int(values.max())
            truth = int(linked.count(cell))
            is_shown = codes in shown.cells and shown.cells[codes].value is not None
            if is_shown and 0 < truth < policy.smallest_count:
                found.append(f"{table.name} {codes} shows a low count")
            if is_shown:
                continue
            if codes in shown.cells and high - low < policy.interval_width:
                found.append(f"{table.name} {codes} lies between {low} and {high}")
            if 0 < truth < policy.smallest_count and (low > 0 or high < policy.smallest_count):
                found.append(f"{table.name} {codes} is low and lies between {low} and {high}")
        found += _certain_groups(linked, table, data, policy) if table.answer_axis else []
    return found


def _certain_groups(linked: LinkedTables, table, data: np.ndarray, policy: Policy) -> list[str]:
    """Find groups that gave one answer, or never another one, and of which that is certain."""
    place = next(n for n, axis in enumerate(table.axes) if axis.name == table.answer_axis)
    groups: dict[tuple[str, ...], Mapping[str, frozenset[int]]] = {}
    for codes, cell in table.cells.items():
        if not isinstance(cell.atoms, NotAsked):
            groups.setdefault(codes[:place] + codes[place + 1 :], {})[codes[place]] = cell.atoms
    found = []
    for group, answers in groups.items():
        people = {answer: sum(linked.atoms[a] for a in atoms) for answer, atoms in answers.items()}
        leaves = [answer for answer in answers if answer in table.axes[place].leaves and answer != OTHER_ANSWERS]
        size = people[TOTAL]
        if not 0 < size < policy.group_at_risk or size - max(people[a] for a in leaves) >= policy.dissenters:
            continue
        everybody = data[:, sorted(answers[TOTAL])].sum(axis=1)
        for answer in leaves:
            said = data[:, sorted(answers[answer])].sum(axis=1)
            if (everybody - said < policy.dissenters).all() or (said == 0).all():
                found.append(f"{table.name} {group}: {answer} is certain")
    return found
