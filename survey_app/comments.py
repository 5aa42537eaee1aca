"""The way of a comment after it was kept: opened in a large group, decided on by a reviewer, passed on, forgotten.

In: storage, masking. Out: what a reviewer sees, a file of what passed. Knows nothing of: pages, answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from survey_app.collection.comment import Spoken
from survey_app.foundation import clock
from survey_app.foundation.periods import period_of
from survey_app.foundation.spreadsheet import as_text, write_csv
from survey_app.masking.parts import Kind, Piece, cut, find_parts, mask
from survey_app.questionnaire.definition import Questionnaire
from survey_app.storage import comments as kept
from survey_app.storage import structure
from survey_app.storage.comments import Group
from survey_app.storage.database import Database, UnavailableError
from survey_app.storage.received_signals import forget_received
from survey_app.storage.signals import forget_notes

Questionnaires = Mapping[tuple[str, int], Questionnaire]

TIDY_SECONDS: Final = 60
_DAYS_A_MONTH: Final = 30
# What has check digits or a rule of its own is hardly ever found by mistake.
_SURE: Final[frozenset[Kind]] = frozenset({"mail", "iban", "national-number", "phone"})

TextFault = Literal["text-missing", "text-too-long", "left-over"]
Standing = Literal["too-few", "running", "to-open", "to-review", "done"]


@dataclass(frozen=True, slots=True)
class Desk:
    """The comments of a project and half-year, as its reviewer stands to them.

    ``too-few``: fewer people than the threshold answered since the last look; ``running``: a session is not closed;
    ``to-open``: a reviewer may look; ``to-review``: some wait for a decision; ``done``: all that were opened are decided.
    """

    group: Group
    project_name: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class ToReview:
    """One comment to decide on. A spoken one has no text yet: ``pieces`` and ``proposal`` are empty."""

    id: UUID
    is_spoken: bool
    pieces: tuple[Piece, ...]
    proposal: str


def list_desks(db: Database, questionnaires: Questionnaires, least_people: int) -> tuple[Desk, ...]:
    """Return every project and half-year in which a comment is asked for, the latest first."""
    projects = {project.code: project for project in structure.list_projects(db)}
    asking = {
        code for code, each in projects.items() if questionnaires[each.form].comment_for(each.activities) is not None
    }
    return tuple(
        Desk(group, projects[group.project].name, _standing(group, least_people))
        for group in kept.list_groups(db)
        if group.project in asking
    )


def _standing(group: Group, least_people: int) -> Standing:
    if group.to_review:
        return "to-review"
    if group.grown < least_people:
        return "done" if group.seen_at else "too-few"
    return "running" if group.is_running else "to-open"


def find_next(db: Database, project: str, period: str) -> ToReview | None:
    """Return the next comment to decide on, what could say who somebody is masked."""
    found = kept.next_to_review(db, project, period)
    if found is None:
        return None
    if isinstance(found.words, Spoken):
        return ToReview(found.id, is_spoken=True, pieces=(), proposal="")
    text = found.words.text
    return ToReview(found.id, is_spoken=False, pieces=cut(text, find_parts(text)), proposal=mask(text))


def find_left_over(text: str) -> tuple[Kind, ...]:
    """Return the kinds of what is surely still in a text that a reviewer wants to pass on, each once."""
    return tuple(sorted({part.kind for part in find_parts(text) if part.kind in _SURE}))


def find_text_fault(text: str, longest: int, *, is_sure: bool) -> TextFault | None:
    """Return why what a reviewer typed can not be passed on: comments, and the signals that come of them and of notes.

    ``is_sure``: the reviewer saw what is surely still in it, and says that it may stay.
    """
    if not text:
        return "text-missing"
    if len(text) > longest:
        return "text-too-long"
    return "left-over" if find_left_over(text) and not is_sure else None


def write_passed(db: Database, group: Group, heading: Iterable[str], names: tuple[str, str]) -> bytes:
    """Return what passed in a group as CSV (UTF-8 with its mark, for spreadsheets), in the order of random ids.

    Args:
        db: where it is kept.
        group: project and half-year.
        heading: names of the columns: project, half-year, comment.
        names: of the project and the half-year.
    """
    passed = kept.list_passed(db, group.project, group.period)
    return write_csv(heading, ((*names, as_text(text)) for text in passed))


def tidy(db: Database, now: datetime, months: int) -> None:
    """Delete what nobody may hear or read any more; comments and notes nobody reviewed so many months after their half-year."""
    today = now.astimezone(clock.BELGIUM).date()
    over = last_over(today, months)
    kept.tidy(db, now, over)
    forget_notes(db, over)
    forget_received(db, today)


def last_over(today: date, months: int) -> str:
    """Return the latest half-year that ended at least so many months ago."""
    then = today - timedelta(days=months * _DAYS_A_MONTH)
    return period_of(period_of(then).first - timedelta(days=1)).code


async def keep_tidy(db: Database, months: int) -> None:
    """Tidy again and again while the server runs, so that what was promised to be deleted is."""
    while True:
        with suppress(UnavailableError):  # in a minute it may be there again
            await asyncio.to_thread(tidy, db, clock.now(), months)
        await asyncio.sleep(TIDY_SECONDS)
