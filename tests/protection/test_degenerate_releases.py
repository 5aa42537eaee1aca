"""Counts that leave hardly anything to show: a clear refusal, or the honest smaller release."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from protection_worlds import Place, count, national, one_project, rows, table_of

from survey_app.aggregation.tables import TOTAL, LinkedTables
from survey_app.protection.assurance import attack
from survey_app.protection.engine import protect
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import ProtectedTables, Refused
from survey_app.protection.reasons import Reason

pytestmark = pytest.mark.usefixtures("without_tau_argus")
INSIDE = load_policy("inside")


def row_of(answers: Mapping[str, int]) -> LinkedTables:
    return count(one_project(answers))


def shown(result, place=TOTAL) -> dict[str, int]:
    assert isinstance(result, ProtectedTables), result
    if place == TOTAL:
        assert attack(result.tables, INSIDE, result.folded).is_clean
    cells = table_of(result.tables, "item:helpful").cells
    return {codes[0]: cell.value for codes, cell in cells.items() if codes[1] == place and cell.value is not None}


@pytest.mark.parametrize("people", [1, 4])
def test_one_respondent_is_no_release_and_neither_are_four(people) -> None:
    assert protect(row_of({"a-lot": people}), INSIDE) == Refused((Reason("nothing-to-show"),))


def test_five_people_who_agree_are_shown_by_their_number_only() -> None:
    assert shown(protect(row_of({"a-lot": 5}), INSIDE)) == {TOTAL: 5}


def test_one_organisation_is_told_like_the_whole_that_it_is() -> None:
    result = protect(row_of({"a-lot": 30, "a-little": 12, "not-much": 9}), INSIDE)
    assert shown(result) == shown(result, "ghent") == shown(result, "g1")
    assert shown(result)["a-lot"] == 30


def test_nobody_at_all_is_told_as_nobody() -> None:
    assert set(shown(protect(row_of({}), INSIDE)).values()) == {0}


def test_a_large_group_all_in_one_answer_is_told() -> None:
    told = shown(protect(row_of({"a-lot": 200}), INSIDE))
    assert told == dict.fromkeys((TOTAL, "answered", "positive", "a-lot"), 200) | {
        code: 0 for code in told if code not in {TOTAL, "answered", "positive", "a-lot"}
    }


def test_sixty_organisations_are_one_release() -> None:
    result = protect(count(replace(national(60, domains=1, asked=0), has_indicator=False, has_modules=False)), INSIDE)
    told = shown(result)
    assert told[TOTAL] > 1000
    assert len(table_of(result.tables, "item:helpful").axes[1].codes) > 60


def test_sixty_organisations_of_two_people_are_told_together() -> None:
    places = tuple(Place(f"o{number}") for number in range(60))
    world = rows(places, {f"j{n}": (f"o{n}", {"a-lot": 1, "not-much": 1}) for n in range(60)})
    result = protect(count(world), INSIDE)
    assert shown(result)[TOTAL] == 120
    assert {shown(result, place.organisation).get(TOTAL) for place in places} == {None}


def test_a_margin_that_contradicts_its_parts_is_refused_by_the_name_of_its_table() -> None:
    linked = row_of({"a-lot": 30, "not-much": 9})
    table = linked.tables[0]
    cells = dict(table.cells)
    cells[TOTAL, "ghent"] = replace(cells[TOTAL, "ghent"], atoms=cells["a-lot", "ghent"].atoms)
    refused = protect(replace(linked, tables=(replace(table, cells=cells),)), INSIDE)
    assert refused == Refused((Reason("does-not-add-up", slots={"table": "item:helpful"}),))


def test_a_table_with_a_hole_in_its_grid_is_refused() -> None:
    linked = row_of({"a-lot": 30, "not-much": 9})
    table = linked.tables[0]
    cells = {codes: cell for codes, cell in table.cells.items() if codes != ("a-lot", "g1")}
    refused = protect(replace(linked, tables=(replace(table, cells=cells),)), INSIDE)
    assert refused == Refused((Reason("does-not-add-up", slots={"table": "item:helpful"}),))
