from dataclasses import replace
from datetime import UTC, datetime

import pytest
from protection_worlds import Place, World, count, one_project, rows, table_of

from survey_app.aggregation.tables import TOTAL
from survey_app.protection.engine import protect
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import EarlierRelease, ProtectedCell, ProtectedTables, Refused, Status
from survey_app.protection.reasons import Reason

pytestmark = pytest.mark.usefixtures("without_tau_argus")
INSIDE = load_policy("inside")


def released(world, earlier=(), tier="inside") -> ProtectedTables:
    result = protect(count(world), load_policy(tier), earlier)
    assert isinstance(result, ProtectedTables), result
    return result


def remembered(result, world, *, tier="inside", number=1) -> EarlierRelease:
    cells = tuple(cell for table in result.tables for cell in table.cells.values())
    sizes = dict.fromkeys(sorted(world.sessions), 0)
    sizes[min(sizes)] = len(world.people)
    return EarlierRelease(f"r{number}", datetime(2026, 7, number, tzinfo=UTC), tier, world.sessions, cells, sizes)


def cell(result, answer, place=TOTAL) -> ProtectedCell:
    return table_of(result.tables, "item:helpful").cells[answer, place]


def grown(world, sessions) -> World:
    return replace(world, sessions=frozenset(sessions))


BEFORE = one_project({"a-lot": 30, "a-little": 12, "not-much": 25})


def after(**counts: int) -> World:
    return grown(one_project({"a-lot": 30, "a-little": 12, "not-much": 25} | counts), {"100001", "100002"})


def test_thirteen_after_twelve_is_not_published() -> None:
    earlier = remembered(released(BEFORE), BEFORE)
    result = released(after(**{"a-little": 13}), [earlier])
    assert cell(result, "a-little").status is Status.HELD
    assert cell(result, "a-little").value == 12
    new = [c for t in result.tables for c in t.cells.values() if c.status is Status.PUBLISHED]
    old = {c.at: c.value for c in earlier.cells}
    assert all(c.value == old[c.at] or c.value - old[c.at] >= 5 for c in new if old[c.at] is not None)


def test_the_one_who_came_later_cannot_be_found_by_adding_up() -> None:
    earlier = remembered(released(BEFORE), BEFORE)
    result = released(after(**{"a-little": 13}), [earlier])
    assert cell(result, TOTAL).status is Status.HELD
    assert cell(result, "positive").status is Status.HELD


def test_a_figure_that_grew_by_enough_is_published() -> None:
    earlier = remembered(released(BEFORE), BEFORE)
    result = released(after(**{"a-lot": 60, "not-much": 50, "a-little": 30}), [earlier])
    assert cell(result, "a-little").value == 30


def test_nothing_new_gives_the_same_release() -> None:
    first = released(BEFORE)
    again = released(BEFORE, [remembered(first, BEFORE)])
    assert again.tables == first.tables


def test_what_was_withheld_stays_withheld_for_the_same_people() -> None:
    world = one_project({"a-lot": 30, "a-little": 12, "not-much": 3, "not-at-all": 9})
    first = released(world)
    again = released(world, [remembered(first, world)])
    assert again.tables == first.tables


def test_without_the_comparison_the_thirteenth_person_is_seen(monkeypatch) -> None:
    from survey_app.protection import engine
    from survey_app.protection.differencing import Differences

    earlier = remembered(released(BEFORE), BEFORE)
    monkeypatch.setattr(engine, "compare", lambda linked, *_: Differences(linked))
    result = released(after(**{"a-little": 13}), [earlier])
    assert cell(result, "a-little").value == 13  # 13 - 12: one person's answer


def test_the_public_gets_no_more_than_its_own_tier_after_a_release_inside() -> None:
    world = one_project({"a-lot": 30, "a-little": 12, "not-much": 7, "missing": 20})
    inside = released(world)
    assert cell(inside, "not-much").value == 7
    public = released(world, [remembered(inside, world)], tier="public")
    assert cell(public, "not-much").status is Status.WITHHELD
    assert cell(public, "negative").status is Status.WITHHELD


def test_a_stricter_release_before_does_not_hide_more_inside() -> None:
    world = one_project({"a-lot": 30, "a-little": 12, "not-much": 7, "missing": 20})
    public = released(world, tier="public")
    inside = released(world, [remembered(public, world, tier="public")])
    assert cell(inside, "not-much").value == 7


def test_an_earlier_release_of_an_unknown_tier_stops_the_new_one() -> None:
    earlier = replace(remembered(released(BEFORE), BEFORE), tier="everybody")
    result = protect(count(BEFORE), INSIDE, [earlier])
    assert isinstance(result, Refused)
    assert result.reasons == (Reason("tier-without-policy", slots={"tier": "everybody"}),)


def test_one_project_after_the_whole_does_not_give_the_rest_away() -> None:
    places = (Place("ghent"),)
    whole = grown(
        rows(places, {"g1": ("ghent", {"a-lot": 40, "not-much": 30}), "g2": ("ghent", {"a-lot": 40, "not-much": 30})}),
        {"100001", "100002"},
    )
    part = rows(places, {"g1": ("ghent", {"a-lot": 38, "not-much": 28})})  # two of the project's people came elsewhere
    earlier = remembered(released(whole), whole)
    result = released(part, [earlier])
    assert cell(result, "a-lot", "g1").status is Status.WITHHELD


def test_releases_about_other_people_do_not_matter() -> None:
    earlier = remembered(released(BEFORE), BEFORE)
    other = grown(one_project({"a-lot": 31, "a-little": 12, "not-much": 25}), {"900001"})
    assert cell(released(other, [earlier]), "a-lot").value == 31
