"""The clock of each project that deletes its answers when the time to keep them is over.

In: projects, sessions and how many responses they hold; the day. Out: what is deleted when; the deletion, with its proof in
the log. Knows nothing of: pages, what was answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

import structlog

from survey_app.fieldwork.keeping import DAYS_TO_THINK, due_on
from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Project
from survey_app.foundation import clock
from survey_app.foundation.periods import Period, period_of, read_period
from survey_app.storage import aside, deletion, registers, sessions, staff, structure
from survey_app.storage.audit import MACHINE
from survey_app.storage.database import Database, UnavailableError
from survey_app.storage.deletion import HalfYear

LOOK_EVERY_SECONDS: Final = 3600
LONGEST_SILENCE: Final = timedelta(days=800)
"""After a longer time in which nothing happened here the clock is not believed at first: it may have been set wrong."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of the answers of a project's half-year.

    ``sessions``: how many there are; ``held``: codes of the closed ones that hold answers; ``responses``: how many answers.
    ``due``: the day of deletion, ``None`` where nobody decided; ``deleted_on``: the day of the last one.
    """

    project: str
    period: str
    sessions: int
    held: tuple[str, ...]
    responses: int
    is_running: bool
    due: date | None
    deleted_on: date | None

    def is_due(self, today: date) -> bool:
        """Say whether there is something to delete now."""
        return bool(self.held) and self.due is not None and self.due <= today


@dataclass(frozen=True, slots=True)
class Deleted:
    """What was deleted; ``is_erased``: nothing of it is left in the files, not even in the log of changes."""

    plans: tuple[Plan, ...]
    is_erased: bool = True


@dataclass(frozen=True, slots=True)
class ClockInDoubt:
    """Nothing was deleted: the clock stands at ``today``, long after ``last``, when something happened here."""

    today: date
    last: date


def list_plans(db: Database, projects: Collection[str] | None = None) -> tuple[Plan, ...]:
    """Return what becomes of each half-year of each project, or of some, by project and half-year."""
    known = {one.code: one for one in structure.list_projects(db) if projects is None or one.code in projects}
    responses = deletion.count_responses(db)
    grouped: dict[tuple[str, str], list[Session]] = {}
    for session in sessions.list_all(db):
        if session.project in known:
            grouped.setdefault((session.project, period_of(session.opened_on).code), []).append(session)
    return tuple(
        _plan(known[project], read_period(period), grouped[project, period], responses)
        for project, period in sorted(grouped)
    )


def _plan(project: Project, half_year: Period, held: Iterable[Session], responses: dict[str, int]) -> Plan:
    there = tuple(held)
    closed = tuple(sorted(one.code for one in there if one.closed_at is not None and responses.get(one.code)))
    return Plan(
        project=project.code,
        period=half_year.code,
        sessions=len(there),
        held=closed,
        responses=sum(responses[code] for code in closed),
        is_running=any(one.closed_at is None for one in there),
        due=due_on(project, half_year),
        deleted_on=max((one.answers_deleted_on for one in there if one.answers_deleted_on), default=None),
    )


def delete_what_is_due(db: Database, now: datetime, *, is_clock_right: bool = False) -> Deleted | ClockInDoubt:
    """Delete the answers whose time is over. Again, it deletes what came late to such a half-year, or nothing.

    Args:
        db: where they are kept.
        now: aware.
        is_clock_right: somebody looked at the clock; it is believed however long nothing happened here.

    Raises:
        UnavailableError: nothing was deleted.
    """
    today = now.astimezone(clock.BELGIUM).date()
    due = tuple(plan for plan in list_plans(db) if plan.is_due(today))
    if not due:
        return Deleted(())
    last = None if is_clock_right else last_before_silence(deletion.list_days(db), today)
    if last is not None:
        return ClockInDoubt(today, last)
    deletion.delete_answers(db, _half_years(due), MACHINE, now, today)
    return Deleted(due, deletion.erase(db))


def last_before_silence(days: Iterable[date], today: date) -> date | None:
    """Return the last day before a long silence, where that ended within ``DAYS_TO_THINK`` or not yet."""
    known = sorted({*days, today})
    return next(
        (
            before
            for before, after in pairwise(known)
            if after - before > LONGEST_SILENCE and today - after < timedelta(days=DAYS_TO_THINK)
        ),
        None,
    )


def _half_years(due: Sequence[Plan]) -> list[HalfYear]:
    return [HalfYear(plan.project, plan.period, plan.held, has_all=not plan.is_running) for plan in due]


async def keep_deleting(db: Database) -> None:
    """Look when the server starts and then each hour, so that what was promised to be deleted is deleted on its day."""
    while True:
        with suppress(UnavailableError):  # in an hour it may be there again
            done = await asyncio.to_thread(delete_what_is_due, db, clock.now())
            await asyncio.to_thread(staff.forget_removed, db, clock.now())
            await asyncio.to_thread(registers.forget_before, db, clock.now())
            await asyncio.to_thread(aside.delete_aside, db, clock.now())
            if isinstance(done, ClockInDoubt):
                log.error("clock-in-doubt", today=done.today.isoformat(), last=done.last.isoformat())
        await asyncio.sleep(LOOK_EVERY_SECONDS)
