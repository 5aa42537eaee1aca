"""What a report is put together from: sentences, points and tables with bars. Pages, PDF and DOCX draw the same blocks.

A bar is a picture of a row's numbers and never says more than they do: who can not see it misses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from survey_app.report.intervals import Interval
from survey_app.report.results import Answers

Shade = Literal["most", "some", "little", "least", "positive", "negative"]
"""From the best answer to the worst, and each side as a whole; told apart without colour by lightness, lines and side."""
_LEGIBLE = 0.09  # of the whole scale: a narrower part has no room for its number


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: from ``start`` on the scale, which runs from -1 to 1, ``share`` wide."""

    shade: Shade
    start: float
    share: float

    @property
    def is_wide(self) -> bool:
        """Say whether its number fits into it."""
        return self.share >= _LEGIBLE


@dataclass(frozen=True, slots=True)
class Bar:
    """Positive answers to the end of the line, negative ones to its start. ``around``: where the positive share may lie."""

    parts: tuple[Part, ...]
    around: Interval | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table. ``depth``: how far its head is indented; ``key``: the code of what it is about."""

    head: str
    cells: tuple[str, ...]
    depth: int = 0
    bar: Bar | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or a few."""

    kind: ClassVar[str] = "paragraph"
    text: str


@dataclass(frozen=True, slots=True)
class Points:
    """Sentences that stand one below the other."""

    kind: ClassVar[str] = "points"
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table. ``heads``: of the first column, then one for each cell. ``legend``: what each shade of a bar means."""

    kind: ClassVar[str] = "table"
    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    legend: tuple[tuple[Shade, str], ...] = ()

    @property
    def has_bars(self) -> bool:
        """Say whether any row has a bar."""
        return any(row.bar is not None for row in self.rows)


Block = Paragraph | Points | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report under its own title; ``key`` names it in addresses."""

    key: str
    title: str
    blocks: tuple[Block, ...]


def draw_bar(answers: Answers, smallest_base: int) -> Bar | None:
    """Return the bar of an item with a scale, or of an option; ``None`` where its parts are not known.

    On each side every answer is a part where all of them are told; else the side as a whole is one.
    """
    estimate = answers.estimate(answers.said, smallest_base)
    around = estimate.interval if estimate else None
    if not answers.scale:
        chosen = answers.share(answers.said, smallest_base)
        return None if chosen is None else Bar((Part("most", 0.0, chosen),), around)
    positive, negative = (_side(answers, side, smallest_base) for side in ("positive", "negative"))
    if positive is None or negative is None:
        return None
    return Bar((*_lay(reversed(positive), 1), *_lay(negative, -1)), around)


def _side(answers: Answers, side: Literal["positive", "negative"], base: int) -> list[tuple[Shade, float]] | None:
    """Return shade and share of each answer of a side, of the side as a whole where one is not told, or nothing."""
    shades = shades_of(answers)
    told = [(shades[code], answers.share(code, base)) for code in answers.axis.children(side)]
    parts = [(shade, share) for shade, share in told if share is not None]
    if len(parts) == len(told):
        return parts
    whole = answers.share(side, base)
    return None if whole is None else [(side, whole)]


def shades_of(answers: Answers) -> dict[str, Shade]:
    """Return the shade of each answer on a scale: the best is the darkest on its side, the worst on the other."""
    positive, negative = (answers.axis.children(side) for side in ("positive", "negative"))
    shades: dict[str, Shade] = {code: "most" if number == 0 else "some" for number, code in enumerate(positive)}
    last = len(negative) - 1
    return shades | {code: "least" if number == last else "little" for number, code in enumerate(negative)}


def _lay(parts: Iterable[tuple[Shade, float]], way: Literal[1, -1]) -> Iterator[Part]:
    """Lay the answers of a side away from the middle."""
    reached = 0.0
    for shade, share in parts:
        yield Part(shade, reached if way == 1 else -(reached + share), share)
        reached += share
