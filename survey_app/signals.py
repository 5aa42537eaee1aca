"""The way of a signal: from a comment that passed or a note on a group, reviewed and masked, to what became of it.

In: storage, comments. Out: what a reviewer decides on, signals, a file of them. Knows nothing of: pages, answers, authors.

A signal follows the threshold of comments: in a project's half-year with fewer people than that, notes wait and nobody
sees any of it, the reviewer included.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from uuid import UUID

from survey_app.comments import TextFault, find_left_over
from survey_app.fieldwork.keeping import due_on
from survey_app.fieldwork.signal import LEVELS, LONGEST_WHY, CarriedSignal, Level, Signal, Theme
from survey_app.foundation.became import Became
from survey_app.foundation.periods import read_period
from survey_app.foundation.spreadsheet import as_text, write_csv
from survey_app.masking.parts import Piece, cut, find_parts, mask
from survey_app.protection.policy import Policy
from survey_app.storage import comments as kept
from survey_app.storage import signals, structure
from survey_app.storage.database import Database

WhyFault = Literal["why-missing", "why-too-long", "left-over"]
Fault = TextFault | WhyFault
MOST_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class Source:
    """What a signal can be made of: a note that waits, or a comment that passed (``theme`` is empty then).

    ``pieces``: the text cut where something could say who somebody is; ``proposal``: the same text masked.
    """

    id: UUID
    is_note: bool
    theme: Theme | Literal[""]
    pieces: tuple[Piece, ...]
    proposal: str


def least_people(asked_for: int, policies: Iterable[Policy]) -> int:
    """Return how many people of a group must have answered: what every policy asks for, or more by setting."""
    return max(asked_for, *(each.smallest_comment_group for each in policies))


def has_enough_people(db: Database, project: str, period: str, least_people: int) -> bool:
    """Say whether so many people answered in closed sessions of a project's half-year."""
    return (project, period) in _large_groups(db, least_people)


def list_sources(db: Database, project: str, period: str, least_people: int) -> tuple[Source, ...]:
    """Return what may become a signal in a group that is large enough, notes first; else nothing."""
    if not has_enough_people(db, project, period, least_people):
        return ()
    notes = tuple(_source(one.id, one.theme, one.text) for one in signals.list_notes(db, project, period))
    passed = kept.passed_by_id(db, project, period)
    return (*notes, *(_source(each, "", text) for each, text in passed.items()))


def _source(source_id: UUID, theme: Theme | Literal[""], text: str) -> Source:
    return Source(source_id, bool(theme), theme, cut(text, find_parts(text)), mask(text))


def list_visible(
    db: Database, least_people: int, worked_for: Collection[str], today: date, *, is_network: bool
) -> tuple[Signal, ...]:
    """Return the signals that somebody sees: of the organisations they work for, and at POD MI what was passed up to it.

    Those of a group that is not large enough (any more, where the threshold was raised) are left out: of what came from
    another instance, where it asks for fewer people than this one does.
    """
    own = {project.code for project in structure.list_projects(db) if project.organisation in worked_for}
    large = _large_groups(db, least_people)

    def is_seen(one: Signal) -> bool:
        if one.origin is not None:
            return is_network
        is_reached = one.project in own or (is_network and one.level == "network")
        return is_reached and (one.project, one.period) in large

    return tuple(one for one in signals.list_signals(db, least_people, today) if is_seen(one))


def list_travelling(db: Database, least_people: int, today: date) -> tuple[CarriedSignal, ...]:
    """Return what was passed up to POD MI here and may leave: of groups that are large enough, and not of a demonstration.

    What came from elsewhere does not travel on.
    """
    projects = {one.code: one for one in structure.list_projects(db) if not one.synthetic}
    names = {one.code: one.name for one in structure.list_organisations(db)}
    large = _large_groups(db, least_people)
    return tuple(
        CarriedSignal(one, names[home.organisation], home.name, least_people, due_on(home, read_period(one.period)))
        for one in signals.list_signals(db, least_people, today)
        if one.origin is None
        and one.level == "network"
        and (one.project, one.period) in large
        and (home := projects.get(one.project)) is not None
    )


def list_told(db: Database, project: str, least_people: int) -> tuple[Signal, ...]:
    """Return what a project's groups asked for and got an answer to, the latest first: what its next groups are told.

    Once for a theme and an answer, however many signals say the same; never their texts (see ``docs/comments.md``).
    """
    large = _large_groups(db, least_people)
    told: dict[tuple[str, str, str], Signal] = {}
    for one in signals.list_answers(db, project):
        if one.became != "heard" and (one.project, one.period) in large:
            told.setdefault((one.theme, one.became, one.why), one)
    return tuple(told.values())[:MOST_TOLD]


def _large_groups(db: Database, least_people: int) -> frozenset[tuple[str, str]]:
    return frozenset((one.project, one.period) for one in kept.list_groups(db) if one.people >= least_people)


def next_level(signal: Signal, *, has_lead: bool) -> Level | None:
    """Return the level above a signal's; ``None`` where it is at POD MI. An organisation without a lead has none between."""
    above = LEVELS[LEVELS.index(signal.level) + 1 :]
    return next((level for level in above if has_lead or level != "lead"), None)


def find_why_fault(became: Became, why: str) -> WhyFault | None:
    """Return why an answer can not be kept: who hears that something is not possible hears why."""
    if became == "not-possible" and not why:
        return "why-missing"
    if len(why) > LONGEST_WHY:
        return "why-too-long"
    return "left-over" if find_left_over(why) else None


def write_signals(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """Return signals as CSV (UTF-8 with its mark, for spreadsheets); a spreadsheet computes nothing of them."""
    return write_csv(heading, (map(as_text, row) for row in rows))


COLUMNS: Final = ("project", "period", "theme", "text", "level", "became", "why", "instance")


def row_of(signal: Signal) -> tuple[str, ...]:
    """Return a signal as codes and text in the order of ``COLUMNS``; what was merged into it stands in its text.

    ``instance`` is where it came from, empty for one of here.
    """
    text = " / ".join((signal.text, *signal.merged))
    instance = signal.origin.instance if signal.origin else ""
    return (signal.project, signal.period, signal.theme, text, signal.level, signal.became, signal.why, instance)
