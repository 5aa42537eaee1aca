"""How sure a share is: against published examples, against the score test inverted step by step, and by simulation."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from survey_app.report.intervals import Interval, Z, bounds_of_silence, difference, judge, wilson

DRAWS = 10_000


def by_inverting_the_test(part: int, whole: int, population: int | None) -> tuple[float, float]:
    """Every share that the score test at 5 % does not reject, found by halving: no formula of the interval is used."""
    share = part / whole
    left = 1.0 if population is None else (population - whole) / (population - 1)

    def rejects(true: float) -> bool:
        return abs(share - true) > Z * sqrt(true * (1 - true) / whole * left)

    def edge(inside: float, outside: float) -> float:
        if not rejects(outside):
            return outside
        for _ in range(80):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if rejects(middle) else (middle, outside)
        return inside

    return edge(share, 0.0), edge(share, 1.0)


@pytest.mark.parametrize("population", [None, 12, 13, 40, 1_000])
@pytest.mark.parametrize(("part", "whole"), [(0, 10), (1, 10), (5, 10), (9, 12), (12, 12), (3, 8)])
def test_an_interval_holds_every_share_that_the_score_test_does_not_reject(
    part: int, whole: int, population: int | None
) -> None:
    found = wilson(part, whole, population)
    assert (found.low, found.high) == pytest.approx(by_inverting_the_test(part, whole, population), abs=1e-9)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_examples_of_newcombe_for_one_share_come_out(part: int, whole: int, low: float, high: float) -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3."""
    assert wilson(part, whole) == Interval(pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize(
    ("now", "before", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_examples_of_newcombe_for_a_difference_come_out(
    now: tuple[int, int], before: tuple[int, int], low: float, high: float
) -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10."""
    found = difference(now[0] / now[1], wilson(*now), before[0] / before[1], wilson(*before))
    assert found == Interval(pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_the_more_of_a_register_answered_the_surer_the_share_and_all_of_it_is_certain() -> None:
    widths = [wilson(15, 20, people).high - wilson(15, 20, people).low for people in (20, 21, 25, 40, 400, 10**9)]
    assert widths[0] == 0
    assert widths == sorted(widths)
    assert widths[-1] == pytest.approx(wilson(15, 20).high - wilson(15, 20).low)


@pytest.mark.parametrize("size", [8, 12, 20, 50, 100, 200])
@pytest.mark.parametrize("register", [1.25, 1.5, 4, None])
def test_19_of_20_intervals_hold_the_truth_whatever_it_is(size: int, register: float | None) -> None:
    """Groups of 8 to 200 answer, all of them or a part of a register; the true share is any, drawn anew each time."""
    chance = np.random.default_rng(20261127)
    if register is None:
        true = chance.uniform(size=DRAWS)
        said = chance.binomial(size, true)
        people = None
    else:
        people = int(size * register)
        would_say = chance.integers(0, people, size=DRAWS, endpoint=True)
        true = would_say / people
        said = chance.hypergeometric(would_say, people - would_say, size)
    intervals = {part: wilson(part, size, people) for part in range(size + 1)}
    held = sum(
        intervals[int(part)].low - 1e-9 <= share <= intervals[int(part)].high + 1e-9
        for part, share in zip(said, true, strict=True)
    )
    assert 0.93 <= held / DRAWS <= 0.97


@pytest.mark.parametrize("size", [8, 20, 200])
def test_19_of_20_intervals_of_a_change_hold_the_true_change(size: int) -> None:
    chance = np.random.default_rng(7)
    true = chance.uniform(0.05, 0.95, size=(2, DRAWS))
    said = chance.binomial(size, true)
    around = [wilson(part, size) for part in range(size + 1)]
    held = 0
    for now, before, change in zip(said[0], said[1], true[0] - true[1], strict=True):
        found = difference(now / size, around[now], before / size, around[before])
        held += found.low <= change <= found.high
    assert 0.93 <= held / DRAWS <= 0.97


def test_a_verdict_is_only_given_where_no_change_is_ruled_out() -> None:
    assert judge(Interval(0.01, 0.3)) == "more"
    assert judge(Interval(-0.3, -0.01)) == "fewer"
    assert judge(Interval(-0.01, 0.3)) == "cannot-tell"
    assert judge(Interval(0.0, 0.3)) == "cannot-tell"


def test_the_silent_could_all_have_said_it_or_none_of_them() -> None:
    assert bounds_of_silence(15, 20, 40) == Interval(15 / 40, 35 / 40)
    assert bounds_of_silence(15, 20, 20) == Interval(15 / 20, 15 / 20)


@pytest.mark.parametrize(("part", "whole", "population"), [(1, 0, None), (5, 4, None), (-1, 4, None), (2, 4, 3)])
def test_what_is_no_share_gets_no_interval(part: int, whole: int, population: int | None) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(part, whole, population)
    with pytest.raises(ValueError, match="no share"):
        bounds_of_silence(part, whole, population or 0)
