"""R.2.9 of several instances: the truth always lies in the range, and the range is the number itself where totals were sent."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from survey_app.protection.protected import Axis, Coordinates, ProtectedCell, ProtectedTable, Status
from survey_app.report.national import Range, add_up, read_exact, read_protected

EVERYBODY = ("total", "total")
WOMEN, MEN = ("female", "total"), ("male", "total")
Figure = tuple[int | None, Status]
SHOWN, GONE = Status.PUBLISHED, Status.WITHHELD


def tables(figures: Mapping[tuple[str, str, str], Figure], item: str = "helpful") -> tuple[ProtectedTable, ...]:
    """A table of R.2.9 by answer, gender and age that shows these figures."""
    answers = Axis("answer", {"positive": "total", "a-lot": "positive", "a-little": "positive"})
    cells = {
        (answer, gender, age): ProtectedCell(
            Coordinates(table="indicator", measure="people", item=item, answer=answer, gender=gender, age=age), *figure
        )
        for (answer, gender, age), figure in figures.items()
    }
    return (ProtectedTable("indicator", (answers,), cells),)


def exact(people: int, women: int, item: str = "helpful") -> bytes:
    rows = [("total", "total", people), ("female", "total", women), ("male", "total", people - women)]
    helpful = [{"gender": gender, "age": age, "people": number} for gender, age, number in rows]
    return json.dumps({"totals": [{"item": item, "helpful": helpful}]}).encode()


def test_exact_totals_of_several_instances_add_up_exactly() -> None:
    summed = add_up([read_exact(exact(21, 9)), read_exact(exact(30, 30))])
    assert summed == {"helpful": {EVERYBODY: Range(51, 51), WOMEN: Range(39, 39), MEN: Range(12, 12)}}


def test_a_withheld_figure_lies_between_nothing_and_the_smallest_figure_shown_that_contains_it() -> None:
    told = read_protected(
        tables(
            {
                ("positive", "total", "total"): (40, SHOWN),
                ("answered", "total", "total"): (50, SHOWN),
                ("positive", "female", "total"): (None, GONE),
                ("answered", "female", "total"): (12, SHOWN),
                ("positive", "male", "total"): (None, GONE),
            }
        )
    )["helpful"]
    assert told == {EVERYBODY: Range(40, 40), WOMEN: Range(0, 12), MEN: Range(0, 40)}


def test_a_total_that_is_withheld_is_at_least_the_sum_of_what_is_shown_in_it() -> None:
    told = read_protected(
        tables(
            {
                ("positive", "total", "total"): (None, GONE),
                ("positive", "female", "total"): (12, SHOWN),
                ("positive", "male", "total"): (20, SHOWN),
            }
        )
    )["helpful"]
    assert told[EVERYBODY] == Range(32, None)


@pytest.mark.parametrize(
    ("figure", "expected"),
    [((35, Status.HELD), Range(35, 50)), ((35, Status.ROUNDED), Range(31, 39)), ((3, Status.ROUNDED), Range(0, 7))],
)
def test_a_repeated_figure_is_at_least_that_and_a_rounded_one_as_far_off_as_its_release_says(figure, expected) -> None:
    figures = {("positive", "total", "total"): figure, ("answered", "total", "total"): (50, SHOWN)}
    assert read_protected(tables(figures), reach=4)["helpful"][EVERYBODY] == expected


def test_the_sum_of_exact_totals_and_a_release_is_a_range_around_the_truth() -> None:
    release = read_protected(
        tables({("positive", "total", "total"): (None, GONE), ("answered", "total", "total"): (25, SHOWN)})
    )
    assert add_up([read_exact(exact(21, 9)), release])["helpful"] == {EVERYBODY: Range(21, 46)}


def test_people_asked_with_other_scales_are_never_added_up() -> None:
    summed = add_up([read_exact(exact(21, 9)), read_exact(exact(30, 30, item="helpful@three"))])
    assert {item: rows[EVERYBODY] for item, rows in summed.items()} == {
        "helpful": Range(21, 21),
        "helpful@three": Range(30, 30),
    }
