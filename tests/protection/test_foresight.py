"""What is told before a release follows from sizes alone, and every data set of these sizes keeps it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from survey_app.protection.foresight import Group, foresee
from survey_app.protection.low_counts import is_low
from survey_app.protection.policy import load_policy

INSIDE = load_policy("inside")


def group(organisation: str, people: int, module: str = "ict", lead: str | None = None, project: str = "") -> Group:
    return Group(organisation, lead, project or f"{organisation}-samen", module, people)


def test_a_small_partner_is_folded_and_what_is_small_inside_it_is_not_named_twice() -> None:
    seen = foresee([group("gent", 9), group("gent", 3, "taal"), group("aalst", 4, lead="gent")], INSIDE)
    assert (seen.people, seen.is_too_small) == (16, False)
    assert seen.folded == (("aalst", "gent"),)
    assert seen.modules == (("gent-samen", "taal"),)
    assert (seen.organisations, seen.projects) == ((), ())


def test_a_project_is_named_instead_of_its_modules_and_an_organisation_instead_of_both() -> None:
    seen = foresee([group("gent", 9), group("gent", 4, project="gent-klein"), group("luik", 1)], INSIDE)
    assert (seen.organisations, seen.projects, seen.modules) == (("luik",), ("gent-klein",), ())


def test_a_group_that_nobody_answered_in_is_no_small_group() -> None:
    seen = foresee([group("gent", 0)], INSIDE)
    assert seen == foresee([], INSIDE)


@given(st.lists(st.builds(group, st.sampled_from(["a", "b", "c"]), st.integers(0, 12), st.sampled_from(["x", "y"]))))
def test_whatever_is_named_is_smaller_than_the_smallest_count(groups: list[Group]) -> None:
    seen = foresee(groups, INSIDE)
    sizes = {"": sum(one.people for one in groups)} | {
        name: sum(one.people for one in groups if name in {one.organisation, one.project, (one.project, one.module)})
        for one in groups
        for name in (one.organisation, one.project, (one.project, one.module))
    }
    assert seen.people == sizes[""]
    assert seen.is_too_small == is_low(sizes[""], INSIDE)
    for name in (*seen.organisations, *seen.projects, *seen.modules):
        assert 0 < sizes[name] < INSIDE.smallest_count
