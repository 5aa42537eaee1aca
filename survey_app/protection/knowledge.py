"""What an attacker knows beside the release that is being made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from survey_app.aggregation.tables import TOTAL, LinkedTables, NotAsked

Atoms = frozenset[int]


@dataclass(frozen=True, slots=True)
class Known:
    """The sum of some atoms lies between ``least`` and ``greatest`` (``None``: no limit), in persons."""

    atoms: Atoms
    least: int = 0
    greatest: int | None = None


def ceiling_of(atoms: Atoms, known: Iterable[Known]) -> float:
    """Return the most people that these atoms can count by what is known already, whatever is withheld."""
    ceilings = [(fact.greatest, fact.atoms) for fact in known if fact.greatest is not None and atoms & fact.atoms]
    lowest = min((greatest for greatest, covered in ceilings if atoms <= covered), default=inf)
    left, total = atoms, 0.0
    for greatest, covered in sorted(ceilings, key=lambda ceiling: (ceiling[0] / len(ceiling[1] & atoms), ceiling[0])):
        if left & covered:
            left, total = left - covered, total + greatest
    return lowest if left else min(lowest, total)


def from_registers(linked: LinkedTables) -> tuple[Known, ...]:
    """Return the ceilings that hold: an attacker who knows a register knows that no more people can have been asked.

    The people of a project are asked each of its questions, so that the ceiling holds for the atoms of each. A register that
    is behind (fewer people than answered) is no ceiling: whoever reckons with it errs.
    """
    sides = [*linked.identities, *((right, left) for left, right in linked.identities)]
    splits = _splits(linked)
    facts: dict[Atoms, int] = {}
    for atoms, people in linked.ceilings:
        if sum(linked.atoms[atom] for atom in atoms) <= people:
            for same in _same_people(atoms, sides, splits):
                facts[same] = min(people, facts.get(same, people))
    return tuple(Known(atoms, greatest=people) for atoms, people in facts.items())


def _same_people(atoms: Atoms, sides: Sequence[tuple[Atoms, Atoms]], splits: Collection[Atoms]) -> set[Atoms]:
    """Return every set of atoms that the identities show to count the same people."""
    found, waiting = {atoms}, [atoms]
    while waiting:
        current = waiting.pop()
        usable = [(left, right) for left, right in sides if left and right and left <= current]
        for split in splits:
            pairs = [(left, right) for left, right in usable if right <= split]
            other = frozenset[int]().union(*(right for _, right in pairs))
            counted = [atom for left, _ in pairs for atom in left]
            if len(counted) == len(current) and other not in found:
                found.add(other)
                waiting.append(other)
    return found


def _splits(linked: LinkedTables) -> set[Atoms]:
    """Return the atoms of each table: each of these sets splits people in one way (options of one item share some atoms)."""
    return {
        frozenset[int]().union(*(cell.atoms for cell in table.cells.values() if isinstance(cell.atoms, frozenset)))
        for table in linked.tables
    }


def from_facilitators(linked: LinkedTables) -> tuple[Known, ...]:
    """Return what all facilitators know together: how many people handed in, in each project and module.

    They know who was in the room, and saw the counter reach its last number. One of them knows less.
    """
    places = places_of(linked)
    facts: dict[Known, None] = {}
    for table in linked.tables:
        whole = table.cells.get(tuple(TOTAL for _ in table.axes))
        if table.answer_axis is None or whole is None or isinstance(whole.atoms, NotAsked):
            continue
        rooms: dict[tuple[str, str], set[int]] = defaultdict(set)
        for atom in whole.atoms & places.keys():
            rooms[places[atom]].add(atom)
        for atoms in rooms.values():
            people = sum(linked.atoms[atom] for atom in atoms)
            facts[Known(frozenset(atoms), people, people)] = None
    return tuple(facts)


def places_of(linked: LinkedTables) -> Mapping[int, tuple[str, str]]:
    """Return the project and the module of each atom that stands in one, ``""`` where it stands in no single one."""
    projects: dict[int, str] = {}
    modules: dict[int, str] = {}
    for table in linked.tables:
        if table.answer_axis is None:
            continue
        for axis_name, found in (("place", projects), ("module", modules)):
            place = next((number for number, axis in enumerate(table.axes) if axis.name == axis_name), None)
            if place is None:
                continue
            leaves = set(table.axes[place].leaves) - {TOTAL}
            for codes, cell in table.cells.items():
                name = cell.at.project if axis_name == "place" else cell.at.module
                if codes[place] in leaves and name not in {"", TOTAL} and not isinstance(cell.atoms, NotAsked):
                    found.update(dict.fromkeys(cell.atoms, name))
    return {atom: (projects.get(atom, ""), modules.get(atom, "")) for atom in {*projects, *modules}}
