"""Unprotected tables: exact counts of persons, on the way from the responses to the protection.

All tables of a release are one linked set, because an attacker sees them together. What links them is the *atom*: the
smallest group of persons that any table tells apart. The value of every cell is the sum of its atoms, so that two cells
with the same atoms are the same cell wherever they stand, and everything that additivity tells an attacker can be read
from the atoms alone.

Atoms come in families. Within a family they are disjoint; ``identities`` say which sums of atoms of two families count
the same persons (each item's atoms of a session count the people of that session). ``ceilings`` are what an attacker knows
from elsewhere (register counts).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

Measure = Literal["people", "answered", "asked", "registered", "met", "began"]
TOTAL = "total"
OTHER_ANSWERS = "other-answers"
"""A leaf that adds up different answers: a group that is all there did not give one answer."""


@dataclass(frozen=True, slots=True, order=True)
class Coordinates:
    """Where a cell stands: one line of ``tables.csv``. An unused dimension is ``""``, a total is ``"total"``."""

    table: str
    measure: Measure
    organisation: str = ""
    project: str = ""
    module: str = ""
    period: str = ""
    item: str = ""
    answer: str = ""
    gender: str = ""
    age: str = ""
    language: str = ""
    mode: str = ""


_DIMENSIONS: Final = ("organisation", "project", "module", "answer", "gender", "age", "language", "mode")


def as_unused(at: Coordinates, **changes: str) -> Coordinates:
    """Return coordinates in which a total is the same as an unused dimension, with further changes."""
    unused: dict[str, Any] = dict.fromkeys((name for name in _DIMENSIONS if getattr(at, name) == TOTAL), "")
    return replace(at, **(unused | changes))


@dataclass(frozen=True, slots=True)
class Axis:
    """One dimension of a table as a tree: ``parents[code]`` is the code it adds up to; the root is ``"total"``.

    Codes stand in reading order, each after its parent. A code without children is a leaf.
    """

    name: str
    parents: Mapping[str, str]

    @property
    def codes(self) -> tuple[str, ...]:
        return (TOTAL, *self.parents)

    @property
    def leaves(self) -> tuple[str, ...]:
        inner = set(self.parents.values())
        return tuple(code for code in self.codes if code not in inner)

    def children(self, code: str) -> tuple[str, ...]:
        return tuple(child for child, parent in self.parents.items() if parent == code)


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Nobody could be counted here: the item is not asked in this part of the table. Not a zero."""


@dataclass(frozen=True, slots=True)
class UnprotectedCell:
    """A count of persons: ``sum(linked.atoms[i] for i in atoms)``; ``NotAsked`` where nobody could choose it."""

    at: Coordinates
    atoms: frozenset[int] | NotAsked


@dataclass(frozen=True, slots=True)
class UnprotectedTable:
    """A cross-classification: one cell for each combination of the codes of its axes, in the order of ``axes``.

    ``answer_axis`` names the axis whose leaves are the answers of one item (for class disclosure); ``None`` where the
    table shows no answers.
    """

    name: str
    axes: tuple[Axis, ...]
    cells: Mapping[tuple[str, ...], UnprotectedCell]
    answer_axis: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation in the hierarchy: ``lead`` is the code of its lead organisation, ``None`` for a lead itself."""

    organisation: str
    lead: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class SessionPlace:
    """Where a session was held: codes of the organisation, its lead (``""``: it is a lead itself), project and module."""

    organisation: str
    lead: str
    project: str
    module: str


@dataclass(frozen=True, slots=True)
class LinkedTables:
    """Every table of one release, tied together by their atoms.

    ``atoms``: persons in each atom. ``identities``: pairs of sets of atoms with the same sum. ``ceilings``: sets of atoms
    whose sum cannot exceed a number that an attacker knows. ``people``: the number of responses. ``sessions``: their codes,
    the population of the release, for the ledger; ``session_places`` where each was held, ``responses`` how many it has.
    ``scales``: of each item, the scales (or lists of answers) that it was asked with, and the sessions that asked it so.
    """

    atoms: tuple[int, ...]
    tables: tuple[UnprotectedTable, ...]
    identities: tuple[tuple[frozenset[int], frozenset[int]], ...] = ()
    ceilings: tuple[tuple[frozenset[int], int], ...] = ()
    places: tuple[Place, ...] = ()
    people: int = 0
    sessions: frozenset[str] = field(default_factory=frozenset)
    session_places: Mapping[str, SessionPlace] = field(default_factory=dict)
    responses: Mapping[str, int] = field(default_factory=dict)
    scales: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)

    def count(self, cell: UnprotectedCell) -> int | NotAsked:
        if isinstance(cell.atoms, NotAsked):
            return cell.atoms
        return sum(self.atoms[i] for i in cell.atoms)
