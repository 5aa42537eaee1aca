"""What a release still tells, as figures of its certificate: countable from its files, and no help to an attacker."""

from math import isclose

import pytest
from protection_worlds import Person, Place, Project, World, count, demo, one_project

from survey_app.aggregation.tables import TOTAL
from survey_app.protection.engine import protect
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import ProtectedTables, Quality

pytestmark = pytest.mark.usefixtures("without_tau_argus")
INSIDE = load_policy("inside")


def quality_of(world) -> Quality:
    result = protect(count(world), INSIDE)
    assert isinstance(result, ProtectedTables)
    assert result.certificate.quality is not None
    return result.certificate.quality


def test_what_is_all_shown_keeps_all_of_its_information() -> None:
    world = one_project({"a-lot": 40, "a-little": 20, "not-much": 9})
    assert quality_of(world) == Quality(
        figures=quality_of(world).figures, withheld=0, information_kept=100, people_shown=100, withheld_for_others=None
    )


def test_a_group_shown_by_its_size_keeps_little() -> None:
    quality = quality_of(one_project({"a-lot": 12}))
    assert quality.withheld == quality.figures - 1
    assert quality.information_kept < 40
    assert quality.people_shown == 0


def test_people_are_counted_where_the_finest_figures_are_shown() -> None:
    world = one_project({"a-lot": 30, "a-little": 12, "not-much": 2, "not-at-all": 9})
    cells = protect(count(world), INSIDE).tables[0].cells
    shown = sum(cells[answer, "g1"].value or 0 for answer in ("a-lot", "a-little", "not-much", "not-at-all", "missing"))
    assert 0 < shown < 53
    assert cells[TOTAL, TOTAL].value == 53
    assert quality_of(world).people_shown == 100 * shown // 53


def test_how_many_are_no_secret_themselves_is_told_in_tens_and_only_of_many() -> None:
    few, many = quality_of(one_project({"a-lot": 30, "not-much": 2, "missing": 9})), quality_of(demo())
    assert few.withheld < 100
    assert few.withheld_for_others is None
    assert many.withheld >= 100
    assert many.withheld_for_others in range(10, 100, 10)


def test_even_where_everything_is_a_secret_itself_the_band_does_not_say_so() -> None:
    projects = tuple(Project(f"j{number}", f"o{number}", ("helpful",)) for number in range(30))
    people = tuple(Person(project.code, "m1", "female", "18-60", {"helpful": "a-lot"}) for project in projects)
    places = tuple(Place(project.organisation) for project in projects)
    world = World(places, projects, people, has_modules=False, has_indicator=False)
    result = protect(count(world), INSIDE)
    assert isclose(result.withheld_complementary / (result.withheld_primary + 1), 0, abs_tol=0.05)
    assert result.certificate.quality.withheld_for_others == 10
