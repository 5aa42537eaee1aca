"""A tiny project can not be told by subtracting the releases about the others from one about all of them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from protection_worlds import Person, Place, Project, World, count, table_of

from survey_app.aggregation.tables import TOTAL
from survey_app.protection import engine
from survey_app.protection.differencing import Differences
from survey_app.protection.engine import protect
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import EarlierRelease, ProtectedTables, Status

pytestmark = pytest.mark.usefixtures("without_tau_argus")
ANSWERS = ("a-lot", "a-lot", "a-little", "not-much")
PEOPLE = {"c1": (32, 30), "g1": (29, 28), "b1": (3, 1)}  # women and men
SESSIONS = {"c1": "100001", "g1": "100002", "b1": "100003"}
OWNERS = {"c1": "charleroi", "g1": "ghent", "b1": "binche"}
PLACES = (Place("charleroi"), Place("binche", "charleroi"), Place("ghent"))


def world(*projects: str) -> World:
    """A release's scope: all projects, or one."""
    people = tuple(
        Person(project, "m1", gender, "18-60", {"helpful": ANSWERS[number % 4]})
        for project in projects
        for gender, size in zip(("female", "male"), PEOPLE[project], strict=True)
        for number in range(size)
    )
    return World(
        PLACES if len(projects) > 1 else (Place(OWNERS[projects[0]]),),
        tuple(Project(project, OWNERS[project], ("helpful",)) for project in projects),
        people,
        genders=("female", "male"),
        ages=("18-60", "over-60"),
        has_modules=False,
        sessions=frozenset(SESSIONS[project] for project in projects),
    )


WHOLE, ONE, OTHER = world("c1", "g1", "b1"), world("c1"), world("g1")


def men_told(*worlds: World, tiers=("inside", "inside", "inside")) -> list[int | None]:
    """Release one world after the other; return how many men each release newly tells."""
    ledger: list[EarlierRelease] = []
    told = []
    for number, (each, tier) in enumerate(zip(worlds, tiers, strict=True), 1):
        result = protect(count(each), load_policy(tier), ledger)
        assert isinstance(result, ProtectedTables), result
        cells = tuple(cell for table in result.tables for cell in table.cells.values())
        sizes = {session: len(each.people) for session in sorted(each.sessions)[:1]}
        created = datetime(2026, 7, number, tzinfo=UTC)
        ledger.append(EarlierRelease(f"r{number}", created, tier, each.sessions, cells, sizes))
        men = table_of(result.tables, "indicator").cells[TOTAL, "male", TOTAL]
        told.append(men.value if men.status is Status.PUBLISHED else None)
    return told


def test_each_release_by_itself_tells_the_men() -> None:
    assert [men_told(each, tiers=("inside",))[0] for each in (WHOLE, ONE, OTHER)] == [59, 30, 28]


@pytest.mark.parametrize("tiers", [("inside", "inside", "inside"), ("inside", "network", "inside")])
@pytest.mark.parametrize("order", [(ONE, OTHER, WHOLE), (WHOLE, ONE, OTHER), (ONE, WHOLE, OTHER)])
def test_the_one_man_of_the_tiny_project_is_not_what_the_others_leave(order, tiers) -> None:
    assert None in men_told(*order, tiers=tiers)


def test_nor_what_the_others_leave_where_an_earlier_whole_was_smaller() -> None:
    smaller = replace(world("c1", "g1"), sessions=frozenset({"100001", "100002", "100004"}))
    larger = replace(WHOLE, sessions=WHOLE.sessions | {"100004"})
    assert None in men_told(ONE, OTHER, smaller, larger, tiers=("inside",) * 4)


def test_without_the_comparison_he_is(monkeypatch) -> None:
    monkeypatch.setattr(engine, "compare", lambda linked, *_: Differences(linked))
    assert men_told(ONE, OTHER, WHOLE) == [30, 28, 59]


def test_a_project_that_is_large_enough_may_be_what_the_others_leave() -> None:
    assert men_told(world("c1", "g1"), ONE, OTHER) == [58, 30, 28]


def test_two_releases_about_the_same_people_are_taken_off_once() -> None:
    again = replace(ONE, sessions=ONE.sessions)
    assert men_told(ONE, again, world("c1", "g1")) == [30, 30, 58]
