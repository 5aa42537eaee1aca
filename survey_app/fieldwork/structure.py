"""Organisations, their projects and modules, and how many people their own register counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Organisation:
    """A welfare centre or a partner. ``lead`` is the code of its lead organisation, ``None`` for a lead itself."""

    code: str
    name: str
    lead: str | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """What an organisation does with a group, and the questionnaire that asks about it.

    ``activities`` decide which domains are asked; ``languages`` are tags, the most used first; ``voices`` pairs a
    language with the one it is spoken in, where these differ (Somali text, Maay voice); ``synthetic`` marks a project of
    the demo, on every page and in every file. It runs from ``first_day`` to ``last_day``, both included; ``None``: open.
    ``keep_months``: how long its answers are kept (see ``keeping``), ``None`` where nobody decided; since ``keep_set_on``.
    ``aside_since``: it was made by mistake, and no session is started in it since; ``None`` for every other one.
    """

    code: str
    organisation: str
    name: str
    questionnaire: str
    version: int
    activities: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()
    synthetic: bool = False
    voices: tuple[tuple[str, str], ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    keep_months: int | None = None
    keep_set_on: date | None = None
    aside_since: datetime | None = None

    def runs_on(self, day: date) -> bool:
        """Say whether a day lies in the project's period, and the project is not put aside."""
        return self.aside_since is None and (self.first_day or day) <= day <= (self.last_day or day)

    @property
    def form(self) -> tuple[str, int]:
        """Id and version of its questionnaire."""
        return self.questionnaire, self.version

    def voice_of(self, tag: str) -> str:
        """Return the tag of the language in which the texts of a language are spoken."""
        return dict(self.voices).get(tag, tag)

    def order_languages(self, offered: tuple[str, ...]) -> tuple[str, ...]:
        """Return the tags offered, those of this project first; nobody in the room loses a language by the order."""
        first = tuple(tag for tag in self.languages if tag in offered)
        return (*first, *(tag for tag in offered if tag not in first))


@dataclass(frozen=True, slots=True)
class Module:
    """A course or workshop of one project: weak or advanced language skills, creative or computer workshop.

    ``aside_since``: as of a project.
    """

    code: str
    name: str
    project: str
    aside_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class RegisterCount:
    """Persons in the project's own register in one gender and age bracket, typed in; never joined with answers."""

    project: str
    gender: str
    age: str
    people: int
