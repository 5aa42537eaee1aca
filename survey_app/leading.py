"""What whoever leads a group does with a session beside closing it: start it as last time, cancel it, let it run again.

In: what staff tap. Out: sessions and their rooms. Knows nothing of: pages, answers.

Cancelling deletes nothing. A session that was started by mistake is closed and marked; what a tablet still keeps of it is
taken as from every closed session, and with the first response it is a session like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Literal

from survey_app import journeys
from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Project
from survey_app.storage import indicator_returns, ledger, rooms, sessions
from survey_app.storage.database import Database

Cancelled = Literal["cancelled", "has-responses", "not-running"]
Reopened = Literal["reopened", "running", "too-late", "counted"]
ONE_PERSON: Final = 1


def start_session(  # noqa: PLR0913, PLR0917 - what staff choose, and the day
    db: Database, project: Project, module: str, people: int, languages: Sequence[str], today: date
) -> Session:
    """Open a session in a room where these languages are spoken, the most used first.

    Raises:
        RequestMistakenError: no such module, or a number of people that is no group.
        UnavailableError: the database cannot be written now.
    """
    session = journeys.open_session(db, project.code, module, people, today)
    if languages and tuple(languages) != project.languages:
        rooms.choose_languages(db, session.code, languages)
    return session


def start_practice(db: Database, project: Project, module: str, today: date) -> Session:
    """Open a session in which staff try everything on a phone or tablet of their own; no answer of it is ever stored.

    Raises:
        RequestMistakenError: the project does not run today, or has no such module.
        UnavailableError: the database cannot be written now.
    """
    return journeys.open_session(db, project.code, module, ONE_PERSON, today, is_practice=True)


def cancel_session(db: Database, session: Session, now: datetime) -> Cancelled:
    """Take a session back that was started by mistake: only while nothing of it was received."""
    if session.closed_at is not None:
        return "not-running"
    counter = sessions.counter(db, session.code)
    if counter is not None and counter.received:
        return "has-responses"
    journeys.close_session(db, session.code, now)
    rooms.mark_cancelled(db, session.code, is_cancelled=True)
    return "cancelled"


def reopen_session(db: Database, session: Session, now: datetime, grace_days: int) -> Reopened:
    """Let a closed or cancelled session run again within the days of grace.

    Not once a figure that counts it has left: results of a session are never shown while it runs.
    """
    state = session.state(now, grace_days)
    if state == "open":
        return "running"
    if state == "closed":
        return "too-late"
    if is_counted(db, session.code):
        return "counted"
    sessions.reopen(db, session.code)
    rooms.mark_cancelled(db, session.code, is_cancelled=False)
    return "reopened"


def is_counted(db: Database, code: str) -> bool:
    """Say whether a figure that left counts responses of a session."""
    return ledger.counts_session(db, code) or indicator_returns.return_counts_session(db, code)
