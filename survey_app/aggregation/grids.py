"""Tables as grids: the leaves are given, every sum along the axes is added."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from survey_app.aggregation.tables import TOTAL, Axis, Coordinates, Measure, UnprotectedCell, UnprotectedTable

ByLeaves = Mapping[tuple[str, ...], frozenset[int]]


def answered_at(at: Coordinates, answer: str) -> Coordinates:
    """Return the coordinates of an answer: the sums have measures of their own, everything else counts people."""
    measures: Mapping[str, Measure] = {TOTAL: "asked", "answered": "answered"}
    return replace(at, answer=answer, measure=measures.get(answer, "people"))


def cross(
    at: Coordinates,
    axes: tuple[Axis, ...],
    leaves: ByLeaves,
    place: Callable[[Coordinates, tuple[str, ...]], Coordinates],
) -> UnprotectedTable:
    """Return the whole grid of a table: the given leaves, and every sum along its axes."""
    sums = sum_up(axes, leaves)
    grid: Iterator[tuple[str, ...]] = product(*(axis.codes for axis in axes))
    cells = {codes: UnprotectedCell(place(at, codes), sums[codes]) for codes in grid}
    answer_axis = next((axis.name for axis in axes if axis.name == "answer"), None)
    return UnprotectedTable(at.table, axes, cells, answer_axis)


def sum_up(axes: Sequence[Axis], leaves: ByLeaves) -> ByLeaves:
    """Return the atoms of every combination of codes, one axis after the other.

    An axis lists children after their parent, so that read backwards each code is whole before it is added up.
    """
    sums = dict(leaves)
    for position, axis in enumerate(axes):
        by_code: dict[str, dict[tuple[str, ...], frozenset[int]]] = {code: {} for code in axis.codes}
        for codes, atoms in sums.items():
            by_code[codes[position]][codes] = atoms
        for child in reversed(tuple(axis.parents)):
            parent = axis.parents[child]
            for codes, atoms in by_code[child].items():
                above = (*codes[:position], parent, *codes[position + 1 :])
                by_code[parent][above] = by_code[parent].get(above, frozenset()) | atoms
        sums = {codes: atoms for each in by_code.values() for codes, atoms in each.items()}
    return sums
