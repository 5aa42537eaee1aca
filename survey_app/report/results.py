"""What the figures of a release say of each question: shares with their intervals, changes, ranks, coverage, silence.

Everything is computed from figures that the release shows. Where one of them is withheld, or repeats an earlier release,
there is no share, no interval and no verdict: ``None``, never 0. Of rounded figures a share is told, rough as they are, and
no interval: it would be of another number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from survey_app.protection.percentages import percentage_of
from survey_app.protection.protected import Axis, Coordinates, ProtectedCell, ProtectedTable, Status
from survey_app.report.intervals import Interval, Verdict, bounds_of_silence, difference, judge, wilson
from survey_app.report.wording import split_item

TOTAL: Final = "total"
ANSWERED: Final = "answered"
POSITIVE: Final = "positive"
CHOSEN: Final = "chosen"
Split = Literal["item", "module"]
"""By place, or by module: what the tables of each are named after."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The share of those who answered, from 0 to 1, and where it may lie; no ``interval`` for rounded figures."""

    share: float
    interval: Interval | None


def estimate_of(
    part: ProtectedCell, whole: ProtectedCell, smallest_base: int, population: int | None = None
) -> Estimate | None:
    """Return a share with its interval; ``None`` where no share may be computed.

    ``population``: how many could have answered; ``None`` where nobody knows. A register that knows fewer than answered is
    none.
    """
    percentage = percentage_of(part, whole, smallest_base)
    if percentage is None or part.value is None or whole.value is None:
        return None
    if part.status is not Status.PUBLISHED:
        return Estimate(percentage / 100, None)
    known = population if population is not None and population >= whole.value else None
    return Estimate(percentage / 100, wilson(part.value, whole.value, known))


@dataclass(frozen=True, slots=True)
class Answers:
    """How the people of one place or module answered one item.

    ``at``: where the number of people asked stands. ``cells``: by answer or sum of answers. ``depth``: how many places it is
    a part of, 0 for all people of the scope. ``is_group``: a lead with its partners. ``registered``: how many people could
    have answered, where a register says so and everybody was asked.
    """

    item: str
    at: Coordinates
    axis: Axis
    cells: Mapping[str, ProtectedCell]
    depth: int = 0
    is_group: bool = False
    registered: ProtectedCell | None = None

    @property
    def said(self) -> str:
        """The code of what is told first: positive answers, or that the option was chosen."""
        return POSITIVE if POSITIVE in self.cells else CHOSEN

    @property
    def scale(self) -> tuple[str, ...]:
        """The answers on the scale, the best first; empty for an item without one."""
        return tuple(code for side in (POSITIVE, "negative") for code in self.axis.children(side))

    def share(self, answer: str, smallest_base: int) -> float | None:
        """Return an answer's share of those who answered, from 0 to 1; ``None`` where none may be computed."""
        percentage = percentage_of(self.cells[answer], self.cells[ANSWERED], smallest_base)
        return None if percentage is None else percentage / 100

    def estimate(self, answer: str, smallest_base: int) -> Estimate | None:
        """Return the share with its interval; ``None`` where no share may be computed."""
        population = None if self.registered is None else self.registered.value
        return estimate_of(self.cells[answer], self.cells[ANSWERED], smallest_base, population)


@dataclass(frozen=True, slots=True)
class Change:
    """How a share changed between two periods, in shares; ``interval``: of the change."""

    before: Estimate
    now: Estimate
    change: float
    interval: Interval
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Ranked:
    """An item among others. ``rank`` counts those that are surely higher: items that can not be told apart share one."""

    answers: Answers
    estimate: Estimate
    rank: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of those registered answered. ``share``: ``None`` where it may not be computed.

    ``is_exceeded``: more people answered than are registered, so that the register is not whole.
    """

    at: Coordinates
    answered: ProtectedCell
    registered: ProtectedCell
    share: float | None
    is_exceeded: bool


def read_answers(tables: Iterable[ProtectedTable], split: Split = "item") -> tuple[Answers, ...]:
    """Return the answers to each item, of each place or module: first those of all together."""
    known = tuple(tables)
    registers = _registers(known)
    everybody = {at: cell for table in known if _is_of_indicator(table, known) for at, cell in _asked(table)}
    return tuple(
        answers
        for table in known
        if table.name.startswith(f"{split}:")
        for answers in _answers_of(table, registers, everybody)
    )


def of_all(answers: Iterable[Answers]) -> tuple[Answers, ...]:
    """Return the answers of all people of the scope: one for each item and option, in the order of the questionnaire."""
    return tuple(each for each in answers if each.depth == 0)


def _answers_of(
    table: ProtectedTable,
    registers: Mapping[tuple[str, str], ProtectedCell],
    everybody: Mapping[tuple[str, str], ProtectedCell],
) -> Iterator[Answers]:
    axis = table.axes[0]
    others = table.axes[1] if len(table.axes) > 1 else None
    for code, depth in _reading_order(others, TOTAL, 0) if others else [(None, 0)]:
        cells = {answer: table.cells[(answer,) if code is None else (answer, code)] for answer in axis.codes}
        asked = cells[TOTAL]
        place = (asked.at.organisation, asked.at.project)
        is_everybody = not asked.at.module and _is_same(asked, everybody.get(place))
        yield Answers(
            item=asked.at.item,
            at=asked.at,
            axis=axis,
            cells=cells,
            depth=depth,
            is_group=others is not None and _is_group(table, others, code or TOTAL),
            registered=registers.get(place) if is_everybody else None,
        )


def _reading_order(axis: Axis, code: str, depth: int) -> Iterator[tuple[str, int]]:
    """Give a code and then all that adds up to it."""
    yield code, depth
    for child in axis.children(code):
        yield from _reading_order(axis, child, depth + 1)


def _is_group(table: ProtectedTable, places: Axis, code: str) -> bool:
    """Say whether other organisations add up to a place."""
    parts = (table.cells[TOTAL, child].at for child in places.children(code))
    return code != TOTAL and any(part.project == TOTAL for part in parts)


def _is_same(asked: ProtectedCell, everybody: ProtectedCell | None) -> bool:
    """Say whether an item was asked of everybody who answered: both numbers are shown and equal."""
    return everybody is not None and asked.value is not None and asked.value == everybody.value


def _is_of_indicator(table: ProtectedTable, tables: Iterable[ProtectedTable]) -> bool:
    """Say whether it tells the indicator by place. Everybody is asked it; where two scales met, by two tables."""
    items = {
        next(iter(each.cells.values())).at.item
        for each in tables
        if each.name.partition(":")[0].startswith("indicator")
    }
    return len(items) == 1 and table.name == f"item:{next(iter(items))}"


def _asked(table: ProtectedTable) -> Iterator[tuple[tuple[str, str], ProtectedCell]]:
    for codes, cell in table.cells.items():
        if codes[0] == TOTAL:
            yield (cell.at.organisation, cell.at.project), cell


def _registers(tables: Iterable[ProtectedTable]) -> Mapping[tuple[str, str], ProtectedCell]:
    """Return the people registered at each place; of the scope as a whole, at the place where its other figures stand."""
    found: dict[tuple[str, str], ProtectedCell] = {}
    for table in tables:
        if table.name == "registered:place":
            found |= {(cell.at.organisation, cell.at.project): cell for cell in table.cells.values()}
        elif table.name == "registered":
            whole = table.cells[TOTAL, TOTAL]
            found.setdefault((whole.at.organisation or TOTAL, whole.at.project or TOTAL), whole)
    return found


def coverage(tables: Iterable[ProtectedTable], smallest_base: int) -> tuple[Coverage, ...]:
    """Return how many of the registered answered, of all together and by place; nothing where there is no register."""
    known = tuple(tables)
    registers = _registers(known)
    asked = {at: cell for table in known if _is_of_indicator(table, known) for at, cell in _asked(table)}
    return tuple(_cover(cell, registers[place], smallest_base) for place, cell in asked.items() if place in registers)


def _cover(answered: ProtectedCell, registered: ProtectedCell, smallest_base: int) -> Coverage:
    both_known = answered.value is not None and registered.value is not None
    is_exceeded = both_known and (answered.value or 0) > (registered.value or 0)
    percentage = None if is_exceeded else percentage_of(answered, registered, smallest_base)
    return Coverage(
        answered.at, answered, registered, None if percentage is None else percentage / 100, is_exceeded=is_exceeded
    )


def bounds(answers: Answers, smallest_base: int) -> Interval | None:
    """Return worst and best case if those who are registered and did not answer had answered; ``None`` if not known."""
    estimate = answers.estimate(answers.said, smallest_base)
    part, answered, registered = answers.cells[answers.said], answers.cells[ANSWERED], answers.registered
    if estimate is None or estimate.interval is None or registered is None or registered.status is not Status.PUBLISHED:
        return None
    if part.value is None or answered.value is None or registered.value is None or registered.value < answered.value:
        return None
    return bounds_of_silence(part.value, answered.value, registered.value)


def compare(now: Answers, before: Answers, smallest_base: int) -> Change | None:
    """Compare the answers of two periods to the same item and scale; ``None`` where one of them is not told."""
    if now.item != before.item or now.scale != before.scale:
        return None
    here = now.estimate(now.said, smallest_base)
    there = before.estimate(before.said, smallest_base)
    if here is None or there is None or here.interval is None or there.interval is None:
        return None
    interval = difference(here.share, here.interval, there.share, there.interval)
    return Change(there, here, here.share - there.share, interval, judge(interval))


def rank(answers: Iterable[Answers], smallest_base: int) -> tuple[Ranked, ...]:
    """Order items by their share, the highest first; those of which no interval is known are left out.

    An item is surely higher than another where its interval lies wholly above. The same people answered both, mostly
    alike, so that this is on the careful side.
    """
    known = [(each, each.estimate(each.said, smallest_base)) for each in answers]
    told = [(each, found, found.interval) for each, found in known if found is not None and found.interval is not None]
    ranked = [
        Ranked(each, found, 1 + sum(other.low > interval.high for _each, _found, other in told))
        for each, found, interval in told
    ]
    return tuple(sorted(ranked, key=lambda one: (one.rank, -one.estimate.share, one.answers.item)))


def scales(answers: Iterable[Answers]) -> tuple[Answers, ...]:
    """Return those of items with a scale."""
    return tuple(each for each in answers if each.scale)


def options(answers: Iterable[Answers]) -> tuple[Answers, ...]:
    """Return those of the options of items with several answers."""
    return tuple(each for each in answers if split_item(each.item)[2])
