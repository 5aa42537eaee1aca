"""Releases are compared by the people in their sessions: whatever they are called, whenever they came, whoever overlaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import permutations

import pytest
from protection_worlds import Person, Place, Project, World, count, table_of

from survey_app.aggregation.tables import TOTAL, LinkedTables, SessionPlace
from survey_app.protection.engine import protect
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import EarlierRelease, ProtectedCell, ProtectedTables, Status

pytestmark = pytest.mark.usefixtures("without_tau_argus")
Counts = Mapping[str, int]


@dataclass(frozen=True)
class Room:
    """A session: its code, its project and the answers that were given in it."""

    session: str
    project: str
    answers: Counts

    @property
    def people(self) -> int:
        return sum(self.answers.values())


def counted(*rooms: Room) -> LinkedTables:
    """Count some sessions of one organisation."""
    projects = tuple(Project(code, "ghent", ("helpful",)) for code in sorted({room.project for room in rooms}))
    people = tuple(
        Person(room.project, "m1", "female", "18-60", {"helpful": answer})
        for room in rooms
        for answer, number in room.answers.items()
        for _ in range(number)
    )
    sessions = frozenset(room.session for room in rooms)
    world = World((Place("ghent"),), projects, people, has_modules=False, has_indicator=False, sessions=sessions)
    places = {room.session: SessionPlace("ghent", "", room.project, "m1") for room in rooms}
    return replace(count(world), session_places=places, responses={room.session: room.people for room in rooms})


class Ledger:
    """Releases one after the other, each protected against those before."""

    def __init__(self) -> None:
        self.releases: list[EarlierRelease] = []

    def release(self, *rooms: Room, tier: str = "inside") -> ProtectedTables:
        linked = counted(*rooms)
        result = protect(linked, load_policy(tier), self.releases)
        assert isinstance(result, ProtectedTables), result
        cells = tuple(cell for table in result.tables for cell in table.cells.values())
        number = len(self.releases) + 1
        self.releases.append(
            EarlierRelease(
                f"r{number}",
                datetime(2026, 7, number, tzinfo=UTC),
                tier,
                linked.sessions,
                cells,
                linked.responses,
                linked.session_places,
            )
        )
        return result


def cell(result: ProtectedTables, answer: str, place: str = TOTAL) -> ProtectedCell:
    return table_of(result.tables, "item:helpful").cells[answer, place]


def new(result: ProtectedTables, answer: str, place: str = TOTAL) -> int | None:
    """Return what a release newly tells of an answer."""
    found = cell(result, answer, place)
    return found.value if found.status is Status.PUBLISHED else None


def mixed(a_lot: int, not_much: int) -> Counts:
    return {"a-lot": a_lot, "a-little": 20, "not-much": not_much, "not-at-all": 20}


A, B, C = Room("100001", "g1", mixed(30, 2)), Room("100002", "g1", mixed(32, 6)), Room("100003", "g1", mixed(34, 7))


@pytest.mark.parametrize("order", list(permutations(((A, B), (B, C), (A, C))))[:3])
def test_three_selections_that_overlap_in_pairs_do_not_tell_what_each_two_have_in_common(
    order: Sequence[tuple[Room, Room]],
) -> None:
    """None contains another, and all three sums tell each part: (A+B) + (A+C) - (B+C) is twice A."""
    ledger = Ledger()
    told = [new(ledger.release(*rooms), "not-much") for rooms in order]
    assert told[:2] == [sum(room.answers["not-much"] for room in rooms) for rooms in order[:2]]
    assert told[2] is None


def test_a_half_year_and_all_up_to_its_end_do_not_tell_the_half_year_between() -> None:
    ledger = Ledger()
    first, second = Room("100001", "g1", mixed(30, 9)), Room("100002", "g1", mixed(31, 2))
    ledger.release(first)
    until = ledger.release(first, second)
    assert new(until, "a-lot") == 61
    assert (cell(until, "not-much").value, cell(until, "not-much").status) == (9, Status.HELD)
    assert new(ledger.release(second), "not-much") is None


def test_a_project_that_is_renamed_is_still_the_people_that_it_was() -> None:
    ledger = Ledger()
    ledger.release(Room("100001", "old", mixed(30, 9)), Room("100002", "other", mixed(30, 9)))
    renamed = Room("100001", "new", mixed(30, 9)), Room("100003", "new", {"not-much": 1, "a-lot": 2})
    result = ledger.release(*renamed, Room("100002", "other", mixed(30, 9)))
    assert new(result, "not-much", "new") is None
    assert new(result, TOTAL, "new") is None
    assert cell(result, TOTAL, "other").value == 79


def test_a_project_that_is_split_does_not_tell_its_small_half() -> None:
    ledger = Ledger()
    ledger.release(Room("100001", "both", mixed(30, 9)), Room("100002", "both", {"a-lot": 2, "not-much": 1}))
    result = ledger.release(Room("100001", "one", mixed(30, 9)))
    assert new(result, TOTAL) is None
    assert new(result, "not-much") is None


def test_projects_that_are_merged_do_not_tell_the_small_one() -> None:
    ledger = Ledger()
    one, other = Room("100001", "one", mixed(30, 9)), Room("100002", "other", {"a-lot": 2, "not-much": 1})
    ledger.release(one)
    result = ledger.release(replace(one, project="merged"), replace(other, project="merged"))
    assert (cell(result, "not-much").value, cell(result, "not-much").status) == (9, Status.HELD)


def test_who_moves_between_projects_is_not_told_by_the_two_rows() -> None:
    ledger = Ledger()
    stay, move = Room("100001", "one", mixed(30, 9)), Room("100002", "other", {"a-lot": 2, "not-much": 1})
    rest = Room("100003", "other", mixed(30, 9))
    ledger.release(stay, move, rest)
    result = ledger.release(stay, replace(move, project="one"), rest)
    assert new(result, TOTAL, "one") is None
    assert new(result, TOTAL, "other") is None
    assert new(result, TOTAL) == 161


def test_the_thirteenth_of_a_group_who_hands_in_late_is_not_told() -> None:
    ledger = Ledger()
    ledger.release(Room("100001", "g1", mixed(30, 12)))
    result = ledger.release(Room("100001", "g1", mixed(30, 13)))
    assert (cell(result, "not-much").value, cell(result, "not-much").status) == (12, Status.HELD)
    assert (cell(result, TOTAL).value, cell(result, TOTAL).status) == (82, Status.HELD)


def test_who_comes_late_to_an_old_period_is_not_what_two_half_years_leave_of_all() -> None:
    """The increments since each release alone are large; all minus both is one person."""
    ledger = Ledger()
    ledger.release(Room("100001", "g1", mixed(30, 9)))
    second = Room("100002", "g1", mixed(31, 8))
    ledger.release(second)
    result = ledger.release(Room("100001", "g1", mixed(30, 10)), second)
    assert new(result, "not-much") is None
    assert new(result, TOTAL) is None


def test_a_session_that_was_deleted_is_not_what_is_missing_now() -> None:
    ledger = Ledger()
    kept, deleted = Room("100001", "g1", mixed(30, 9)), Room("100002", "g1", {"a-lot": 2, "not-much": 1})
    ledger.release(kept, deleted)
    result = ledger.release(kept)
    assert new(result, "not-much") is None
    assert new(result, TOTAL) is None


def test_a_new_group_that_agrees_is_not_what_was_added() -> None:
    """Eight people are enough to be counted, but all said the same: what was added would be everybody's answer."""
    ledger = Ledger()
    first = Room("100001", "g1", mixed(30, 9))
    ledger.release(first)
    result = ledger.release(first, Room("100002", "g1", {"a-lot": 8}))
    assert None in (new(result, "a-lot"), new(result, TOTAL))


def test_a_group_that_is_large_and_answers_in_many_ways_is_told_when_it_comes() -> None:
    ledger = Ledger()
    first = Room("100001", "g1", mixed(30, 9))
    ledger.release(first)
    assert new(ledger.release(first, Room("100002", "g1", mixed(25, 8))), "not-much") == 17


def test_a_value_is_held_for_those_only_who_had_it() -> None:
    first, second = Room("100001", "g1", mixed(30, 7)), Room("100002", "g1", mixed(25, 2))
    ledger = Ledger()
    ledger.release(first)
    public = ledger.release(first, second, tier="public")
    assert cell(public, "not-much").value is None  # the 7 was for staff inside
    for reader in ("inside", "network"):
        again = Ledger()
        again.release(first, tier=reader)
        held = cell(again.release(first, second, tier=reader), "not-much")
        assert (held.value, held.status) == (7, Status.HELD)
