"""What registers counted before somebody wrote over it: the last counts of each project, for some days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select
from sqlmodel import col

from survey_app.fieldwork.structure import RegisterCount
from survey_app.storage import audit
from survey_app.storage.audit import Deed
from survey_app.storage.database import Database
from survey_app.storage.structure import read_register_counts
from survey_app.storage.tables import RegisterBeforeRow, RegisterCountRow

BROUGHT_BACK_WITHIN: Final = timedelta(days=30)
"""How long the counts that somebody wrote over can be brought back; then they are deleted."""


@dataclass(frozen=True, slots=True)
class Before:
    """What the register of a project counted until somebody wrote over it, and until when it can be brought back."""

    counts: tuple[RegisterCount, ...]
    until: datetime

    @property
    def people(self) -> int:
        return sum(count.people for count in self.counts)


def count_register(db: Database, project: str, counts: Sequence[RegisterCount], deed: Deed, at: datetime) -> None:
    """Save what the register of a project counts in place of what it counted, and keep that for some days.

    Saving the same again changes nothing, and does not take the place of what was kept.
    """
    with db.writing() as connection:
        before = read_register_counts(connection, project)
        if set(before) != set(counts):
            _keep(connection, project, before, at)
            _write(connection, project, counts)
        audit.add(connection, deed, at)


def find_before(db: Database, project: str, now: datetime) -> Before | None:
    """Return what can be brought back of a project."""
    with db.reading() as connection:
        return _find(connection, project, now)


def bring_back(db: Database, project: str, deed: Deed, at: datetime) -> bool:
    """Bring back what the register counted before; what it counts now takes its place. Say whether there was something."""
    with db.writing() as connection:
        before = _find(connection, project, at)
        if before is None:
            return False
        _keep(connection, project, read_register_counts(connection, project), at)
        _write(connection, project, before.counts)
        audit.add(connection, deed, at)
    return True


def forget_before(db: Database, now: datetime) -> int:
    """Delete what nobody brought back in time; return of how many projects."""
    with db.writing() as connection:
        late = delete(RegisterBeforeRow).where(col(RegisterBeforeRow.changed_at) <= now - BROUGHT_BACK_WITHIN)
        return connection.execute(late).rowcount


def _find(connection: Connection, project: str, now: datetime) -> Before | None:
    is_kept = col(RegisterBeforeRow.changed_at) > now - BROUGHT_BACK_WITHIN
    query = select(col(RegisterBeforeRow.counts), col(RegisterBeforeRow.changed_at))
    row = connection.execute(query.where(col(RegisterBeforeRow.project) == project, is_kept)).one_or_none()
    if row is None:
        return None
    counts = tuple(RegisterCount(project, gender, age, people) for gender, age, people in row.counts)
    return Before(counts, row.changed_at + BROUGHT_BACK_WITHIN)


def _write(connection: Connection, project: str, counts: Sequence[RegisterCount]) -> None:
    connection.execute(delete(RegisterCountRow).where(col(RegisterCountRow.project) == project))
    if counts:
        connection.execute(insert(RegisterCountRow), [asdict(one) for one in counts])


def _keep(connection: Connection, project: str, counts: Sequence[RegisterCount], at: datetime) -> None:
    connection.execute(delete(RegisterBeforeRow).where(col(RegisterBeforeRow.project) == project))
    if counts:
        kept = [[one.gender, one.age, one.people] for one in counts]
        connection.execute(insert(RegisterBeforeRow), {"project": project, "counts": kept, "changed_at": at})
