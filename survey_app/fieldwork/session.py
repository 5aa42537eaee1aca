"""A group session: one room, one module, one join code."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from survey_app.foundation.errors import RequestMistakenError

State = Literal["open", "grace", "closed"]

FIRST_CODE: Final = 100_000  # six digits and no leading zero: the same number when spoken and typed
CODES: Final = 900_000
MOST_PEOPLE: Final = 500
SMALL_GROUP: Final = 10
"""People; below, a form says that answers of a small group are not shown (threshold of public releases)."""
_CODE: Final = re.compile(r"[1-9][0-9]{5}", re.ASCII)
_DRAWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Session:
    """A session.

    ``people`` is the number expected; ``opened_on`` a date in Belgium; ``closed_at`` is ``None`` while it runs;
    ``answers_deleted_on``: when its answers were deleted, ``None`` while they are kept. ``practised``: of a practice session
    nothing is kept but how many went through it; ``None`` for every other one.
    """

    code: str
    project: str
    module: str
    people: int
    opened_on: date
    closed_at: datetime | None = None
    answers_deleted_on: date | None = None
    practised: int | None = None

    @property
    def is_practice(self) -> bool:
        """Whether staff only try it out: no answer of it is stored, so none can be counted."""
        return self.practised is not None

    def state(self, now: datetime, grace_days: int) -> State:
        """Return ``open``, ``grace`` (ended, tablets may still hand in what they keep) or ``closed``."""
        if self.closed_at is None:
            return "open"
        return "grace" if now <= self.closed_at + timedelta(days=grace_days) else "closed"


def is_code(text: str) -> bool:
    """Say whether a text looks like a join code: six digits, the first not 0."""
    return _CODE.fullmatch(text) is not None


def draw_code(taken: Container[str], randbelow: Callable[[int], int]) -> str:
    """Draw a join code that was never used.

    Args:
        taken: the codes of all sessions that ever were.
        randbelow: as ``secrets.randbelow``.

    Raises:
        RequestMistakenError: nearly all codes are taken.
    """
    for _ in range(_DRAWS):
        code = str(FIRST_CODE + randbelow(CODES))
        if code not in taken:
            return code
    raise RequestMistakenError("nearly every session code is taken. Start a new installation for new sessions.")
