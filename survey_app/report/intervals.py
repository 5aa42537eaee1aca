"""How sure a share is: intervals, differences and bounds, computed from numbers that anybody may read.

Nothing here sees more than a published count, so nothing here tells more than it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final, Literal

Z: Final = 1.959963984540054
"""The 97.5th percentile of the normal distribution: intervals of 95 %."""

Verdict = Literal["more", "fewer", "cannot-tell"]


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low`` to ``high``, both included: shares from 0 to 1, differences from -1 to 1."""

    low: float
    high: float


def wilson(part: int, whole: int, population: int | None = None) -> Interval:
    """Return the 95 % score interval of a share, for the people of whom those who answered are a part.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209-212,
    with the variance of a share drawn without replacement, P(1 - P)/n x (N - n)/(N - 1) (W. G. Cochran, Sampling Techniques,
    3rd edition, 1977, theorem 3.2). Inverting the score test with this variance is Wilson's interval for n(N - 1)/(N - n)
    answers. Where everybody answered the share is known and the interval is a point.

    Args:
        part: people who gave the answer.
        whole: people who answered (n).
        population: people who could have answered (N); ``None`` where it is not known, or many.

    Raises:
        ValueError: the numbers are not a part, a whole and a population.
    """
    if whole < 1 or not 0 <= part <= whole or (population is not None and population < whole):
        raise ValueError(f"{part} of {whole} of {population} people is no share")
    share = part / whole
    if population == whole:
        return Interval(share, share)
    answers = float(whole) if population is None else whole * (population - 1) / (population - whole)
    shrink = 1 + Z * Z / answers
    centre = (share + Z * Z / (2 * answers)) / shrink
    reach = Z / shrink * sqrt(share * (1 - share) / answers + Z * Z / (4 * answers * answers))
    low = 0.0 if part == 0 else max(0.0, centre - reach)
    high = 1.0 if part == whole else min(1.0, centre + reach)
    return Interval(low, high)


def difference(share: float, around: Interval, before: float, around_before: Interval) -> Interval:
    """Return the 95 % interval of a share minus an earlier one of other people.

    Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine
    17 (1998) 873-890, method 10: the score intervals of both shares, squared and added.
    """
    change = share - before
    down = sqrt((share - around.low) ** 2 + (around_before.high - before) ** 2)
    up = sqrt((around.high - share) ** 2 + (before - around_before.low) ** 2)
    return Interval(max(-1.0, change - down), min(1.0, change + up))


def judge(change: Interval) -> Verdict:
    """Say whether a share rose or fell; where no change at all is possible too, that nobody can tell."""
    if change.low > 0:
        return "more"
    return "fewer" if change.high < 0 else "cannot-tell"


def bounds_of_silence(part: int, answered: int, registered: int) -> Interval:
    """Return the share of all registered people if nobody of the silent ones would have said so, and if all would.

    Source: J. L. Horowitz and C. F. Manski, "Censoring of outcomes and regressors due to survey nonresponse", Journal of
    Econometrics 84 (1998) 37-58: the bounds that need no assumption.

    Raises:
        ValueError: the register knows fewer people than answered.
    """
    if registered < 1 or not 0 <= part <= answered <= registered:
        raise ValueError(f"{part} of {answered} of {registered} people is no share")
    return Interval(part / registered, (part + registered - answered) / registered)
