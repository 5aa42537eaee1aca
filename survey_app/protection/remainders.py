"""Rule 6, second half: what is left of a whole when releases about its parts are taken off it.

A release about all organisations and one about each project but a tiny one tell that tiny one, figure by figure, wherever
they count in the same way (men, one answer, one module), although no two of them do. So for each figure at the level of a
release's scope (all of its sessions) the earlier releases about disjoint parts of the same sessions are added up:

* **now is the whole**: now minus the parts must be 0 or at least ``smallest_count``, else the figure is withheld;
* **now is a part** of an earlier whole: that whole minus the other parts minus now likewise.

What the parts leave is also knowledge: the figure is no smaller than their sum, or no greater than what they left. Of
releases about overlapping parts, each is taken once, with those beside it that have most sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from survey_app.aggregation.tables import TOTAL, Coordinates, LinkedTables
from survey_app.protection.knowledge import Known
from survey_app.protection.low_counts import is_low
from survey_app.protection.policy import Policy
from survey_app.protection.protected import EarlierRelease, Status

Where = tuple[int, tuple[str, ...]]
Sessions = frozenset[str]
_NOBODY: Final[Sessions] = frozenset()


@dataclass(frozen=True, slots=True)
class Remainders:
    """``withhold``: cells that would tell a low remainder. ``known``: what the parts and wholes tell of now."""

    withhold: frozenset[Where]
    known: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class _Told:
    """The figures that a release told of all of its sessions together, by what they count."""

    sessions: Sessions
    people: Mapping[Coordinates, int]


def take_off_parts(linked: LinkedTables, policy: Policy, earlier: Iterable[EarlierRelease]) -> Remainders:
    """Compare a release with earlier ones about its parts, and about wholes that it is part of."""
    told = sorted(
        (_told_by(release) for release in earlier), key=lambda one: (-len(one.sessions), sorted(one.sessions))
    )
    withhold: set[Where] = set()
    known: list[Known] = []
    for where, what in _figures_of_the_scope(linked):
        cell = linked.tables[where[0]].cells[where[1]]
        people = linked.count(cell)
        if not isinstance(people, int) or not isinstance(cell.atoms, frozenset):
            continue
        beside = _add_up(told, what, within=linked.sessions, without=_NOBODY)
        left = set(_left_by_others(told, what, linked.sessions))
        known += [Known(cell.atoms, least=parts) for parts in beside]
        known += [Known(cell.atoms, greatest=max(0, rest)) for rest in left]
        remainders = [*(people - parts for parts in beside), *(rest - people for rest in left)]
        if any(remainder < 0 or is_low(remainder, policy) for remainder in remainders):
            withhold.add(where)
    return Remainders(frozenset(withhold), tuple(dict.fromkeys(known)))


def _left_by_others(told: Sequence[_Told], what: Coordinates, sessions: Sessions) -> Iterable[int]:
    """Yield what each whole leaves for some of its sessions, other parts taken off or not."""
    for whole in told:
        if whole.sessions > sessions and what in whole.people:
            yield whole.people[what]
            yield from (whole.people[what] - parts for parts in _add_up(told, what, whole.sessions, sessions))


def _add_up(told: Sequence[_Told], what: Coordinates, within: Sessions, without: Sessions) -> set[int]:
    """Add up what releases about disjoint parts of some sessions told of a figure, starting with each of them."""
    parts = [part for part in told if what in part.people and part.sessions < within and not part.sessions & without]
    return {total for first in parts if (total := _add_up_from(first, parts, what))}


def _add_up_from(first: _Told, parts: Sequence[_Told], what: Coordinates) -> int:
    used, total = first.sessions, first.people[what]
    for part in parts:
        if not part.sessions & used:
            used, total = used | part.sessions, total + part.people[what]
    return total


def _told_by(release: EarlierRelease) -> _Told:
    is_of_scope = _scope_test(cell.at for cell in release.cells)
    people = {
        _without_place(cell.at): cell.value
        for cell in release.cells
        if cell.value is not None and cell.status is Status.PUBLISHED and is_of_scope(cell.at)
    }
    return _Told(release.sessions, people)


def _figures_of_the_scope(linked: LinkedTables) -> Iterable[tuple[Where, Coordinates]]:
    is_of_scope = _scope_test(cell.at for table in linked.tables for cell in table.cells.values())
    for number, table in enumerate(linked.tables):
        for codes, cell in table.cells.items():
            if is_of_scope(cell.at):
                yield (number, codes), _without_place(cell.at)


def _scope_test(places: Iterable[Coordinates]) -> Callable[[Coordinates], bool]:
    """Return whether coordinates speak of everybody in a release: of all places, or of the one that it is about."""
    met = {_place_of(at) for at in places}
    scope = ("", "") if ("", "") in met else next(iter(met), ("", ""))
    is_one = len(met) == 1 or ("", "") in met
    return lambda at: is_one and _place_of(at) == scope


def _place_of(at: Coordinates) -> tuple[str, str]:
    return _named(at.organisation), _named(at.project)


def _without_place(at: Coordinates) -> Coordinates:
    """Return what coordinates count, wherever: an unused dimension is the same as its total."""
    others: dict[str, Any] = {
        name: _named(getattr(at, name)) for name in ("module", "answer", "gender", "age", "language")
    }
    return replace(at, table="", organisation="", project="", period="", **others)


def _named(code: str) -> str:
    return "" if code == TOTAL else code
