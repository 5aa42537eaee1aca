"""Devices: the tablets of a centre. A device has a name that staff gave it and nothing of any person."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

LINK_HOURS: Final = 24
LONGEST_NAME: Final = 30
QUARTER: Final = timedelta(minutes=15)
"""When a tablet was seen is kept to the quarter of an hour: finer, it would tell who handed in what."""
LATELY: Final = timedelta(days=30)
"""As long as tablets keep copies: an address that was not used for longer is not worth a look."""
_MOST: Final = 100_000

Tier = Literal["trusted", "clicked", "plain"]
Count = Annotated[int, Field(ge=0, le=_MOST)]
Code = Annotated[str, Field(pattern=r"^[1-9][0-9]{5}$")]


class DeviceState(BaseModel):
    """What a tablet says of itself between two respondents: counts, never content.

    ``sessions``: how many responses of each session it still keeps, waiting or shelved; ``clears_after_days``: the browser
    may delete everything after so many days without use; ``room_left``: megabytes; ``ready``: codes of the sessions that it
    was made ready for and holds whole.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    tier: Tier
    waiting: Count
    shelved: Count
    copies: Count
    persisted: bool
    room_left: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    clears_after_days: Annotated[int, Field(ge=1, le=400)] | None = None
    ready: Annotated[tuple[Code, ...], Field(max_length=200)] = ()
    sessions: Annotated[dict[Code, Annotated[int, Field(ge=1, le=_MOST)]], Field(max_length=200)] = Field(
        default_factory=dict
    )


def read_state(raw: bytes) -> DeviceState | None:
    """Read what a tablet says of itself; ``None`` where it is no such thing."""
    try:
        return DeviceState.model_validate_json(raw)
    except ValidationError:
        return None


@dataclass(frozen=True, slots=True)
class Device:
    """A tablet: ``id`` is random, ``organisation`` the code of the one whose sessions it serves."""

    id: str
    name: str
    organisation: str
    revoked_on: date | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """One address under which a tablet keeps things, for a browser keeps nothing in common for two.

    ``seen``: when it last spoke, to the quarter of an hour. ``state``: what it said then; forgotten when a backup is put back.
    """

    origin: str
    seen: datetime | None
    state: DeviceState | None

    @property
    def kept(self) -> int:
        """Responses that are on the tablet and not at the server."""
        return self.state.waiting + self.state.shelved if self.state else 0

    @property
    def is_unseen(self) -> bool:
        """Say whether it spoke before a backup was put back, and not since."""
        return self.seen is not None and self.state is None

    def may_keep(self, now: datetime) -> bool:
        """Say whether responses may be there: it said so, or was there lately, and what came after its last word nobody knows."""
        return self.kept > 0 or (self.seen is not None and now - self.seen < LATELY)

    def days_until_cleared(self, now: datetime) -> int | None:
        """Return the days until the browser may delete everything; ``None`` where it does not by itself."""
        if self.state is None or self.state.clears_after_days is None or self.seen is None:
            return None
        return max(0, self.state.clears_after_days - (now - self.seen).days)


def clean_name(text: str) -> str:
    """Return a tablet's name without outer spaces; empty where it is none."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    return name if name.isprintable() and len(name) <= LONGEST_NAME else ""


def round_down(moment: datetime) -> datetime:
    """Return the quarter of an hour in which a moment lies."""
    return moment - timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)
