"""The tour of the demonstration: stops at pages of the console, each with a hint that the page itself bears.

Where somebody is on it stands in a cookie of their browser; it works without JavaScript, and only on a demonstration.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from survey_app.fieldwork.rights import Right

TOUR_COOKIE: Final = "tour"
HintCode = Literal["today", "start", "results", "releases", "comments", "set-up", "tablets", "care", "end"]


@dataclass(frozen=True, slots=True)
class Hint:
    """A hint, and the page that it belongs to."""

    code: HintCode
    address: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Where somebody is on the tour: the hint, its number, and how many there are for them."""

    hint: Hint
    number: int
    of: int

    @property
    def is_last(self) -> bool:
        """Whether the tour ends here."""
        return self.number == self.of


_HINTS: Final[tuple[tuple[Hint, Right], ...]] = (
    (Hint("today", "/console"), "run-sessions"),
    (Hint("start", "/console/sessions/new"), "run-sessions"),
    (Hint("releases", "/console/releases"), "see-releases"),
    (Hint("results", "/console/results"), "see-releases"),
    (Hint("comments", "/console/comments"), "review-comments"),
    (Hint("set-up", "/console/set-up"), "set-up"),
    (Hint("tablets", "/console/tablets"), "keep-tablets"),
    (Hint("care", "/console/care"), "back-up"),
    (Hint("end", "/console"), "run-sessions"),
)


def hints_for(rights: Collection[Right]) -> tuple[Hint, ...]:
    """Return the hints of the pages that somebody with these rights may open."""
    return tuple(hint for hint, right in _HINTS if right in rights)


def find_stop(cookie: str | None, rights: Collection[Right]) -> Stop | None:
    """Return where somebody is on the tour; ``None`` where they take none, or what the browser sent is no number of a stop."""
    hints = hints_for(rights)
    if cookie is None or cookie not in {str(number) for number in range(1, len(hints) + 1)}:
        return None
    number = int(cookie)
    return Stop(hints[number - 1], number, len(hints))
