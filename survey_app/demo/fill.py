"""Fills an installation with the demonstration: 240 made-up responses in closed sessions, and one session to try.

Everything goes through the journeys that real answers take. Running it again changes nothing; after an interruption it
goes on where it stopped, for the same seed draws the same codes, people and answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Final, Literal

from survey_app import journeys
from survey_app.demo.people import MadeUp, Tendencies, make_up
from survey_app.fieldwork.session import CODES, FIRST_CODE, Session
from survey_app.fieldwork.setup_file import Setup
from survey_app.fieldwork.structure import Project
from survey_app.foundation.periods import Period, period_of
from survey_app.journeys import OfferedLanguages, Questionnaires
from survey_app.storage import sessions, structure
from survey_app.storage.database import Database

WORLD: Final = Path(__file__).with_name("world.yaml")
SEAT_LEFT_EMPTY: Final = 1  # of those expected in a session, one does not answer
TO_TRY: Final = ("charleroi-demo", "francais-debutant", 12)


@dataclass(frozen=True, slots=True)
class Group:
    """A session that was. ``part`` of its half-year had passed, from 0 to 1; ``answered``: the number of responses."""

    project: str
    module: str
    half: Literal["last", "this"]
    part: float
    answered: int


GROUPS: Final = (
    Group("charleroi-demo", "francais-debutant", "last", 0.20, 14),
    Group("charleroi-demo", "francais-debutant", "last", 0.55, 12),
    Group("charleroi-demo", "francais-debutant", "last", 0.90, 12),
    Group("charleroi-demo", "atelier-creatif", "last", 0.35, 13),
    Group("charleroi-demo", "atelier-creatif", "last", 0.80, 11),
    Group("gent-demo", "taalcafe", "last", 0.30, 14),
    Group("gent-demo", "taalcafe", "last", 0.85, 13),
    Group("gent-demo", "ict", "last", 0.45, 15),
    Group("gent-demo", "ict", "last", 0.95, 14),
    Group("charleroi-demo", "francais-debutant", "this", 0.15, 13),
    Group("charleroi-demo", "francais-debutant", "this", 0.50, 12),
    Group("charleroi-demo", "francais-debutant", "this", 0.95, 11),
    Group("charleroi-demo", "atelier-creatif", "this", 0.40, 14),
    Group("charleroi-demo", "atelier-creatif", "this", 0.85, 12),
    Group("binche-demo", "rencontres", "this", 0.60, 3),  # too few to be shown: folded into its lead
    Group("gent-demo", "taalcafe", "this", 0.25, 15),
    Group("gent-demo", "taalcafe", "this", 0.75, 14),
    Group("gent-demo", "ict", "this", 0.45, 14),
    Group("gent-demo", "ict", "this", 0.90, 14),
)


class DemoFaultError(Exception):
    """The demonstration's own files or answers are refused: a fault of ours."""


def fill(  # noqa: PLR0913 - the installation, the day, and what is made up
    db: Database,
    questionnaires: Questionnaires,
    languages: OfferedLanguages,
    today: date,
    tendencies: Tendencies | None = None,
    *,
    to_try: str | None = None,
) -> Session:
    """Make the demonstration complete and return a session that is open to try.

    Args:
        db: where it is kept.
        questionnaires: all that are known here.
        languages: tags offered, by questionnaire.
        today: date in Belgium; the sessions lie in its half-year and the one before.
        tendencies: how the made-up people answer.
        to_try: the join code of the open session, where a tablet knows it already; drawn where it is not given.

    Raises:
        DemoFaultError: what we made up is refused.
        UnavailableError: the database cannot be written now.
    """
    shape = tendencies or Tendencies()
    read = journeys.set_up(db, questionnaires, languages, WORLD.read_text(encoding="utf-8"), WORLD, synthetic=True)
    if not isinstance(read, Setup):
        raise DemoFaultError("\n".join(str(fault) for fault in read))
    projects = {project.code: project for project in read.projects}
    for number, group in enumerate(GROUPS):
        random = Random(f"{shape.seed}/{number}")  # noqa: S311 - made-up people, no secret
        session = _hold(db, group, day_of(group, today), _code(random))
        if session.closed_at is None:
            people = make_group(group, projects[group.project], questionnaires, shape, random)
            _hand_in(db, questionnaires, languages, session, people)
            journeys.close_session(db, session.code, _at(session.opened_on, 16))
    return _to_try(db, today, to_try)


def make_group(
    group: Group, project: Project, questionnaires: Questionnaires, tendencies: Tendencies, random: Random
) -> Iterator[MadeUp]:
    """Make up the respondents of a session."""
    questionnaire = questionnaires[project.form]
    for _ in range(group.answered):
        yield make_up(questionnaire, project.activities, project.languages, tendencies, random)


def day_of(group: Group, today: date) -> date:
    """Return the day of a session: in the half-year of today and not after it, or in the one before."""
    this = period_of(today)
    period = this if group.half == "this" else period_of(this.first - timedelta(days=1))
    return _day_in(period, min(period.last, today), group.part)


def _day_in(period: Period, end: date, part: float) -> date:
    return period.first + timedelta(days=int((end - period.first).days * part))


def _code(random: Random) -> str:
    return str(FIRST_CODE + random.randrange(CODES))


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def _hold(db: Database, group: Group, day: date, code: str) -> Session:
    """Return the session of a group; open it where it was not yet."""
    there = sessions.find(db, code)
    if there is not None:
        return there
    expected = group.answered + SEAT_LEFT_EMPTY
    return journeys.open_session(db, group.project, group.module, expected, day, lambda _: int(code) - FIRST_CODE)


def _hand_in(
    db: Database,
    questionnaires: Questionnaires,
    languages: OfferedLanguages,
    session: Session,
    people: Iterator[MadeUp],
) -> None:
    now = _at(session.opened_on, 12)
    for one in people:
        answer = journeys.receive(
            db, questionnaires, session.code, str(one.id), one.body, now, languages=languages, grace_days=0
        )
        if not isinstance(answer, journeys.Receipt):
            raise DemoFaultError(f"a made-up response was refused: {answer.reason}")


def _to_try(db: Database, today: date, code: str | None) -> Session:
    """Return an open session of the demonstration; open one where all are closed."""
    synthetic = {project.code for project in structure.list_projects(db) if project.synthetic}
    for session in sessions.list_open(db):
        if session.project in synthetic:
            return session
    project, module, people = TO_TRY
    return journeys.open_session(db, project, module, people, today, code=code)
