"""Rule 2 of the disclosure specification, second half: gender and age never cross with an organisation outside POD MI.

A figure that stands at a place and at a gender or an age points at the few people of that place. Where the policy shows no
demographics by place, a release about one project shows none at all; so does a release in which one lead with its partners is
the whole, because "all organisations" is then a place. Where gender and age are wanted as two margins, no table has both.

What is not shown is not counted either: a withheld figure would have to be protected, at the price of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Final

from survey_app.aggregation.tables import TOTAL, LinkedTables, UnprotectedTable
from survey_app.protection.exact_totals import GendersByAge
from survey_app.protection.policy import Policy

DEMOGRAPHICS: Final = ("gender", "age")
_EVERYWHERE: Final = {"", TOTAL}


def leave_out_details(linked: LinkedTables, policy: Policy, by: GendersByAge) -> LinkedTables:
    """Return the tables without the crossings that their readers may not see, or are not wanted."""
    is_one_place = len({place.lead or place.organisation for place in linked.places}) == 1
    tables: list[UnprotectedTable] = []
    for table in linked.tables:
        if not {axis.name for axis in table.axes}.issuperset(DEMOGRAPHICS):
            tables.append(table)
        elif not policy.shows_demographics_by_place and (is_one_place or _is_at_a_place(table)):
            tables.append(_without(table, DEMOGRAPHICS, table.name))
        elif by == "margins":
            tables += _margins(table)
        else:
            tables.append(table)
    return replace(linked, tables=tuple(tables))


def _is_at_a_place(table: UnprotectedTable) -> bool:
    return any(
        not {cell.at.organisation, cell.at.project, cell.at.module} <= _EVERYWHERE for cell in table.cells.values()
    )


def _margins(table: UnprotectedTable) -> Iterator[UnprotectedTable]:
    """Give the table by gender and the table by age: ``indicator:scale`` becomes ``indicator-gender:scale`` and so on."""
    kind, colon, rest = table.name.partition(":")
    for kept, dropped in (DEMOGRAPHICS, DEMOGRAPHICS[::-1]):
        yield _without(table, (dropped,), f"{kind}-{kept}{colon}{rest}")


def _without(table: UnprotectedTable, dropped: Sequence[str], name: str) -> UnprotectedTable:
    """Return the totals of a table over some of its axes, as a table of their own."""
    axes = tuple(axis for axis in table.axes if axis.name not in dropped)
    choices = [(TOTAL,) if axis.name in dropped else axis.codes for axis in table.axes]
    is_kept = [axis.name not in dropped for axis in table.axes]
    cells = {}
    for codes in product(*choices):
        cell = table.cells[codes]
        kept = tuple(code for code, stays in zip(codes, is_kept, strict=True) if stays)
        at = replace(
            cell.at,
            table=name,
            gender="" if "gender" in dropped else cell.at.gender,
            age="" if "age" in dropped else cell.at.age,
        )
        cells[kept] = replace(cell, at=at)
    return replace(table, name=name, axes=axes, cells=cells)
