"""Gender and age never cross with an organisation outside POD MI, and with each other by setting only."""

from __future__ import annotations

from dataclasses import replace

import pytest
from protection_worlds import FULL_SCALE, Person, Place, Project, World, count

from survey_app.aggregation.tables import TOTAL, LinkedTables
from survey_app.protection import engine
from survey_app.protection.engine import protect
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import ProtectedTables

pytestmark = pytest.mark.usefixtures("without_tau_argus")


def world(*organisations: str) -> World:
    """Twenty-four people of each gender, age and answer in each organisation: nothing is low."""
    people = tuple(
        Person(f"{place}-1", "m1", gender, age, {"helpful": answer})
        for place in organisations
        for gender in ("female", "male")
        for age in ("18-60", "over-60")
        for answer in ("a-lot", "not-much")
        for _ in range(24)
    )
    projects = tuple(Project(f"{place}-1", place, ("helpful",)) for place in organisations)
    places = tuple(Place(place) for place in organisations)
    return World(places, projects, people, FULL_SCALE, has_modules=False)


def of_one_project(linked: LinkedTables) -> LinkedTables:
    """The same, as a release about one project has it: its place stands in every coordinate."""
    tables = tuple(
        replace(
            table,
            cells={
                codes: replace(cell, at=replace(cell.at, organisation="ghent", project="ghent"))
                for codes, cell in table.cells.items()
            },
        )
        for table in linked.tables
    )
    return replace(linked, tables=tables)


def shown(linked: LinkedTables, tier: str, by: str = "crossed") -> set[tuple[str, str]]:
    """Gender and age of each figure about R.2.9 that is published and not zero."""
    result = protect(linked, load_policy(tier), (), by)  # type: ignore[arg-type]
    assert isinstance(result, ProtectedTables), result
    cells = [cell for table in result.tables if table.name.startswith("indicator") for cell in table.cells.values()]
    assert all(cell.value is not None for cell in cells)
    return {(cell.at.gender or TOTAL, cell.at.age or TOTAL) for cell in cells if cell.value}


CROSSED = {("female", "18-60"), ("male", "over-60")}


def test_of_all_organisations_everybody_sees_gender_by_age() -> None:
    for tier in ("inside", "network", "public"):
        assert shown(count(world("ghent", "liege")), tier) >= CROSSED


def test_of_one_organisation_the_public_sees_the_total_only() -> None:
    one = of_one_project(count(world("ghent", "liege")))
    assert shown(one, "inside") >= CROSSED
    assert shown(one, "network") >= CROSSED
    assert shown(one, "public") == {(TOTAL, TOTAL)}


def test_an_organisation_that_is_all_there_is_counts_as_one() -> None:
    assert shown(count(world("ghent")), "public") == {(TOTAL, TOTAL)}


def test_by_margins_no_figure_shows_gender_and_age() -> None:
    seen = shown(count(world("ghent", "liege")), "public", by="margins")
    assert seen == {(TOTAL, TOTAL), ("female", TOTAL), ("male", TOTAL), (TOTAL, "18-60"), (TOTAL, "over-60")}


def test_without_the_rule_the_public_would_see_them(monkeypatch) -> None:
    monkeypatch.setattr(engine, "leave_out_details", lambda linked, *_: linked)
    assert shown(of_one_project(count(world("ghent", "liege"))), "public") >= CROSSED
