"""A signal: something that a group asks for, without the person who said it, on its way to who can answer.

It belongs to a project and a half-year, as comments do, and bears neither session, day nor author.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, get_args
from uuid import UUID

from survey_app.foundation.became import Became

Theme = Literal[
    "course", "hours", "way-there", "children", "languages", "papers-and-money", "housing", "health", "work"
]
Level = Literal["organisation", "lead", "network"]

THEMES: Final[tuple[Theme, ...]] = get_args(Theme)
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
"""Who sees a signal, each with those before: the organisation and its lead's managers; marked for the lead; POD MI."""
LONGEST_SIGNAL: Final = 500
LONGEST_WHY: Final = 200
MOST_NOTES: Final = 200
"""Notes of a project and half-year that may wait: nobody fills the disk with them."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a signal was made that came in a parcel: our name for that instance; names of the organisation and project."""

    instance: str
    organisation: str
    project: str


@dataclass(frozen=True, slots=True)
class Signal:
    """What a reviewer let become a signal. ``text`` is reviewed and masked; ``why`` is said with what became of it.

    ``merged``: texts of signals that say the same and were put under this one; the answer is theirs too. ``origin``: for one
    that came from another instance. ``answered_by``: our name for the instance whose answer it is, empty where staff here
    answered.
    """

    id: UUID
    project: str
    period: str
    theme: Theme
    text: str
    level: Level = "organisation"
    became: Became = "heard"
    why: str = ""
    merged: tuple[str, ...] = field(default=())
    origin: Origin | None = None
    answered_by: str = ""


@dataclass(frozen=True, slots=True)
class CarriedSignal:
    """A signal as it travels, with how it stands where it was made, and the names of its organisation and project.

    ``from_people``: at least so many of its group answered, never how many. ``until``: the day on which it is deleted where it
    was made, ``None`` where nobody decided.
    """

    signal: Signal
    organisation: str
    project: str
    from_people: int
    until: date | None


@dataclass(frozen=True, slots=True)
class Note:
    """What a facilitator wrote down about a group as a whole, before a reviewer has read it. It names no author."""

    id: UUID
    theme: Theme
    text: str
