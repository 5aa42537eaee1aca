"""Rule 7 of the disclosure specification: the exact totals of R.2.9 that the law requires, and no figure more.

Regulation (EU) 2021/1147, Annex VIII, asks for the number of participants who report that the activity was helpful, by
gender and age bracket. These numbers can not be withheld. They leave by a door of their own: a type that no release
takes, a right of its own, an entry in a log, and a warning for each number that could point at somebody.

**The merge rule.** Non-binary and undisclosed are in the totals only, and so is an undisclosed age: few people give these
answers, and the law's table has no row for them. What is left of a total beside its rows is a number too; it is warned of
like the others.

**What is not given.** No place, no project, no module: the law asks for the sum of the programme. No other question. The
answers beside it (asked, answered, strict, not understood, refused) are given for the whole only, never by gender or age.

Later releases are compared with these numbers as with everything that ever left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from survey_app.aggregation.facts import AGES
from survey_app.aggregation.tables import TOTAL, Coordinates, LinkedTables, NotAsked, UnprotectedTable
from survey_app.protection.low_counts import is_low
from survey_app.protection.policy import Policy

GendersByAge = Literal["crossed", "margins"]
SHOWN_GENDERS: Final = ("female", "male")
SHOWN_AGES: Final = AGES
POSITIVE: Final = "positive"
_SUMS: Final = frozenset({TOTAL, "answered", POSITIVE, "not-understood", "no-answer"})


@dataclass(frozen=True, slots=True)
class Exact:
    """An exact number of people and where it stands. The only figure in the program that leaves without protection."""

    at: Coordinates
    people: int


Why = Literal["low-count", "low-rest", "nearly-all"]


@dataclass(frozen=True, slots=True)
class Pointed:
    """A number that could point at somebody.

    ``low-count``: it is below the smallest count; ``low-rest``: what is left of it, when others of the return are taken
    off, is; ``nearly-all``: all who answered, or all but a few, said the same.
    """

    at: Coordinates
    why: Why


@dataclass(frozen=True, slots=True)
class ExactTotals:
    """R.2.9 as it was asked with one scale.

    ``rows``: who found it helpful: the total, each gender, each age bracket, then both crossed where that was asked for.
    ``beside``: of the whole: registered (where every project has typed in its register), asked, answered, strict, lenient,
    not understood, refused. ``warnings``: each number below the smallest count of ``policy``.
    """

    item: str
    rows: tuple[Exact, ...]
    beside: tuple[Exact, ...]
    warnings: tuple[Pointed, ...]

    @property
    def figures(self) -> tuple[Exact, ...]:
        """Return every number, as the ledger remembers it."""
        return tuple({figure.at: figure for figure in (*self.rows, *self.beside)}.values())


def take_exact_totals(linked: LinkedTables, policy: Policy, by: GendersByAge) -> tuple[ExactTotals, ...]:
    """Take the totals of each scale that R.2.9 was asked with.

    Args:
        linked: every exact count, of all organisations.
        policy: that of the readers; values that are sent become public, so it is the public one.
        by: ``crossed``: gender by age; ``margins``: each alone.
    """
    registered = next((table for table in linked.tables if table.name == "registered"), None)
    return tuple(
        _take(linked, table, registered, policy, by)
        for table in linked.tables
        if table.name.partition(":")[0] == "indicator"
    )


def shown_rows(by: GendersByAge) -> tuple[tuple[str, str], ...]:
    """Return (gender, age) of each row of a return."""
    crossed = [(gender, age) for gender in SHOWN_GENDERS for age in SHOWN_AGES] if by == "crossed" else []
    return (
        (TOTAL, TOTAL),
        *((gender, TOTAL) for gender in SHOWN_GENDERS),
        *((TOTAL, age) for age in SHOWN_AGES),
        *crossed,
    )


def _take(
    linked: LinkedTables, table: UnprotectedTable, registered: UnprotectedTable | None, policy: Policy, by: GendersByAge
) -> ExactTotals:
    rows = tuple(_exact(linked, table, (POSITIVE, *breakdown)) for breakdown in shown_rows(by))
    beside = tuple(_beside(linked, table, registered))
    warnings = (
        *_low(rows, policy),
        *_low(beside, policy),
        *_low_rests(rows, policy),
        *_low_rests_beside(beside, policy),
    )
    return ExactTotals(rows[0].at.item, rows, beside, tuple(dict.fromkeys(warnings)))


def _exact(linked: LinkedTables, table: UnprotectedTable, codes: tuple[str, ...]) -> Exact:
    cell = table.cells[codes]
    count = linked.count(cell)
    return Exact(cell.at, 0 if isinstance(count, NotAsked) else count)


def _beside(linked: LinkedTables, table: UnprotectedTable, registered: UnprotectedTable | None) -> Iterator[Exact]:
    if registered is not None:
        yield _exact(linked, registered, (TOTAL, TOTAL))
    strict = table.axes[0].children(POSITIVE)[0]
    for answer in (TOTAL, "answered", strict, POSITIVE, "not-understood", "no-answer"):
        yield _exact(linked, table, (answer, TOTAL, TOTAL))


def _low(figures: Iterable[Exact], policy: Policy) -> Iterator[Pointed]:
    return (Pointed(figure.at, "low-count") for figure in figures if is_low(figure.people, policy))


def _low_rests(rows: Sequence[Exact], policy: Policy) -> Iterator[Pointed]:
    """Find totals of which a reader can take off the rows that add up to nearly all of it."""
    people = {(row.at.gender, row.at.age): row.people for row in rows}
    for row in rows:
        gender, age = row.at.gender, row.at.age
        by_gender = [(each, age) for each in SHOWN_GENDERS] if gender == TOTAL else []
        by_age = [(gender, each) for each in SHOWN_AGES] if age == TOTAL else []
        for parts in (by_gender, by_age):
            known = [people[part] for part in parts if part in people]
            if known and len(known) == len(parts) and is_low(row.people - sum(known), policy):
                yield Pointed(row.at, "low-rest")


def _low_rests_beside(beside: Sequence[Exact], policy: Policy) -> Iterator[Pointed]:
    """Find what a reader works out from the figures of the whole: the second answer, and who said nothing of these."""
    people = {each.at.answer: each.people for each in beside if each.at.answer}
    at = {each.at.answer: each.at for each in beside}
    strict = next(answer for answer in people if answer not in _SUMS)
    if is_low(people[POSITIVE] - people[strict], policy):
        yield Pointed(at[strict], "low-rest")
    if is_low(people[TOTAL] - people["answered"] - people["not-understood"] - people["no-answer"], policy):
        yield Pointed(at[TOTAL], "low-rest")
    if people["answered"] and _fewer(people) < policy.smallest_count:
        yield Pointed(at[POSITIVE], "nearly-all")


def _fewer(people: Mapping[str, int]) -> int:
    """Count those who are fewer: who found it helpful, or who did not."""
    return min(people[POSITIVE], people["answered"] - people[POSITIVE])
