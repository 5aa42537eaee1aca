"""What nobody finds in one published folder, and anybody in two."""

from __future__ import annotations

from math import inf

from protection_worlds import count, one_project

from survey_app.protection.assurance import NARROWED, attack_together
from survey_app.protection.assurance.reader import Readable
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import ProtectedCell, ProtectedTable, Status

INSIDE = load_policy("inside")
ANSWERS = {"a-lot": 60, "a-little": 40, "not-much": 3, "not-at-all": 12}
FIRST, SECOND = 4052.0, 4053.0  # the half-years of 2026


def readable(withheld: set[str], first: float = FIRST, last: float = FIRST, **more: int) -> Readable:
    """Publish one project's answers but for some, as of a period."""
    linked = count(one_project(ANSWERS | more))
    (table,) = linked.tables
    cells = {
        codes: ProtectedCell(cell.at, None, Status.WITHHELD)
        if codes[0] in withheld
        else ProtectedCell(cell.at, int(str(linked.count(cell))), Status.PUBLISHED)
        for codes, cell in table.cells.items()
    }
    return Readable([ProtectedTable(table.name, table.axes, cells, "answer")], first=first, last=last)


def lost(*releases: Readable) -> set[str]:
    found = attack_together(releases, INSIDE)
    return {violation.where[1][0] for violation in found.violations if violation.attack == NARROWED}


BY_SUM = readable({"not-much", "not-at-all"})
BY_PART = readable({"not-much", "negative", "positive", "a-little"})


def test_each_of_two_releases_about_the_same_people_is_safe_alone() -> None:
    assert lost(BY_SUM) == lost(BY_PART) == set()


def test_the_sum_of_one_and_the_part_of_the_other_tell_who_is_left() -> None:
    assert "not-much" in lost(BY_SUM, BY_PART)
    assert "not-much" in lost(BY_PART, BY_SUM)


def test_thirteen_from_the_start_and_twelve_in_the_half_year_before_are_subtracted() -> None:
    half = readable({"not-much", "not-at-all"}, **{"not-at-all": 12, "a-little": 40})
    until = readable({"not-much", "not-at-all"}, -inf, SECOND, **{"not-at-all": 24, "a-little": 41})
    assert lost(until) == set()
    assert "a-little" in lost(half, until)
    assert "a-little" not in lost(half, readable({"not-much", "not-at-all"}, -inf, SECOND, **{"a-little": 46}))


def test_releases_of_half_years_that_do_not_touch_tell_nothing_of_each_other() -> None:
    assert lost(BY_SUM, readable({"not-much", "negative", "positive", "a-little"}, SECOND, SECOND)) == set()


def test_a_total_that_shrank_is_not_taken_for_knowledge() -> None:
    shrunk = readable({"not-much", "not-at-all"}, -inf, SECOND, **{"a-lot": 50})
    assert lost(BY_SUM, shrunk) == set()
