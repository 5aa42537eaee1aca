"""Comments, from the moment they arrive until a reviewer has decided.

**Nothing joins a comment to a response.** Its id is its own. It is kept under project and half-year and not under its
session: a room of eight with one comment would nearly name its author, and a session is all that a response and a
comment could have in common. The price: the group that must be large enough is the project's half-year.

**Where it lies says nothing.** On SQLite the rows lie sorted by random id; on PostgreSQL those of a group are rewritten
in that order when a session closes and when they are opened. Sound lies in the database too: a file would carry the
moment of its making.

**Stages.** ``waiting``: nobody can see it. ``open``: a reviewer may. ``passed`` and ``rejected``: decided; for
``UNDO_SECONDS`` the decision can be taken back, then the words themselves are deleted and only what passed stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, case, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from survey_app.collection.comment import Comment, Spoken, Words, Written
from survey_app.foundation.periods import Period, period_of, read_period
from survey_app.storage.database import Database
from survey_app.storage.tables import CommentGroupRow, CommentRow, ResponseRow, SessionRow

UNDO_SECONDS: Final = 60

_COLUMNS: Final = (
    col(CommentRow.id),
    col(CommentRow.project),
    col(CommentRow.period),
    col(CommentRow.stage),
    col(CommentRow.written),
    col(CommentRow.spoken),
    col(CommentRow.passed),
    col(CommentRow.decided_at),
)
_NAMES: Final = ("id", "project", "period", "stage", "written", "spoken", "passed", "decided_at")


class CommentKept(StrEnum):
    """What became of a comment. ``FULL``: its group has more comments than people can have made."""

    STORED_NOW = "stored"
    STORED_BEFORE = "stored-before"
    DIFFERENT = "different"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Group:
    """The comments of a project in a half-year.

    ``people``: responses of its closed sessions; ``seen_at``: that number when its comments were opened last (0: never);
    ``is_running``: one of its sessions is not closed; ``to_review`` and ``passed`` count comments. How many wait is
    nobody's business: in a small group that would be news.
    """

    project: str
    period: str
    people: int
    is_running: bool
    seen_at: int = 0
    to_review: int = 0
    passed: int = 0

    @property
    def grown(self) -> int:
        """People whose comments nobody could see yet."""
        return self.people - self.seen_at


def keep_comment(db: Database, project: str, period: str, comment: Comment) -> CommentKept:
    """Keep a comment; when this returns, it is durable.

    A group takes twice as many comments as people are expected in its sessions, so that nobody with a join code can
    fill the disk.

    Raises:
        UnavailableError: nothing was stored.
    """

    def write(connection: Connection) -> CommentKept:
        before = connection.execute(select(*_COLUMNS).where(col(CommentRow.id) == comment.id)).one_or_none()
        if before is not None:
            is_same = tuple(before[1:3]) == (project, period) and _is_as_sent(before, comment.words)
            return CommentKept.STORED_BEFORE if is_same else CommentKept.DIFFERENT
        if _count(connection, project, period) >= 2 * _expected(connection, project, read_period(period)):
            return CommentKept.FULL
        is_new = _insert(connection, _row(comment, project, period))
        return CommentKept.STORED_NOW if is_new else write(connection)  # sent twice at once: look again

    return db.write_together(write)


def list_groups(db: Database) -> tuple[Group, ...]:
    """Return every project and half-year that has sessions, the latest first."""
    with db.reading() as connection:
        return _list_groups(connection)


def open_comments(db: Database, project: str, period: str, least_people: int) -> bool:
    """Let a reviewer see what waits, where the group is large enough; say whether it was.

    Enough are ``least_people`` responses of closed sessions since the comments were opened last, so that comparing two
    looks never shows the comments of fewer; and no session of the group may be running, so that nobody in a room can
    look up what was said in it. The comments are rewritten in the order of their ids.
    """
    with db.writing() as connection:
        groups = _list_groups(connection)
        group = next((found for found in groups if (found.project, found.period) == (project, period)), None)
        if group is None or group.is_running or group.grown < least_people:
            return False
        waiting = and_(_of(project, period), col(CommentRow.stage) == "waiting")
        connection.execute(update(CommentRow).where(waiting).values(stage="open"))
        rewrite_comments(connection, project, period)
        _note_seen(connection, group)
    return True


def next_to_review(db: Database, project: str, period: str) -> Comment | None:
    """Return the first comment, by random id, that a reviewer may see and nobody has decided on."""
    query = select(*_COLUMNS).where(_of(project, period), col(CommentRow.stage) == "open")
    with db.reading() as connection:
        row = connection.execute(query.order_by(col(CommentRow.id)).limit(1)).one_or_none()
    return None if row is None else _comment_of(row)


def find_sound(db: Database, group: Group, comment_id: UUID) -> bytes | None:
    """Return the samples of a comment of a group that a reviewer may hear."""
    query = select(col(CommentRow.spoken)).where(_one(group, comment_id), col(CommentRow.stage) == "open")
    with db.reading() as connection:
        return connection.execute(query).scalar_one_or_none()


def decide(db: Database, group: Group, comment_id: UUID, passed: str | None, at: datetime) -> bool:
    """Let ``passed`` pass in place of a comment of a group, or reject it (``None``); say whether it was still to decide."""
    wanted = update(CommentRow).where(_one(group, comment_id), col(CommentRow.stage) == "open")
    stage = "rejected" if passed is None else "passed"
    with db.writing() as connection:
        return connection.execute(wanted.values(stage=stage, passed=passed, decided_at=at)).rowcount == 1


def take_back(db: Database, group: Group, comment_id: UUID, now: datetime) -> bool:
    """Undo a decision; say whether it could still be undone."""
    fresh = col(CommentRow.decided_at) > now - timedelta(seconds=UNDO_SECONDS)
    wanted = update(CommentRow).where(_one(group, comment_id), fresh)
    with db.writing() as connection:
        return connection.execute(wanted.values(stage="open", passed=None, decided_at=None)).rowcount == 1


def list_passed(db: Database, project: str, period: str) -> tuple[str, ...]:
    """Return what passed for good in a group, by random id."""
    return tuple(passed_by_id(db, project, period).values())


def passed_by_id(db: Database, project: str, period: str) -> dict[UUID, str]:
    """Return what passed for good in a group: random id -> text, in the order of ids."""
    settled = and_(col(CommentRow.stage) == "passed", col(CommentRow.decided_at).is_(None))
    columns = (col(CommentRow.id), col(CommentRow.passed))
    query = select(*columns).where(_of(project, period), settled).order_by(col(CommentRow.id))
    with db.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query) if row[1] is not None}


def tidy(db: Database, now: datetime, over: str) -> None:
    """Delete what nobody may hear or read any more.

    That is: the words of comments decided more than ``UNDO_SECONDS`` ago, those rejected altogether, and what nobody
    reviewed of the half-year ``over`` and of all before it.

    Raises:
        UnavailableError: nothing was deleted.
    """
    settled = col(CommentRow.decided_at) <= now - timedelta(seconds=UNDO_SECONDS)
    unreviewed = and_(col(CommentRow.period) <= over, col(CommentRow.stage).in_(("waiting", "open")))
    with db.reading() as connection:
        if connection.execute(select(func.count()).where(settled | unreviewed)).scalar_one() == 0:
            return
    with db.writing() as connection:
        connection.execute(delete(CommentRow).where(unreviewed | and_(settled, col(CommentRow.stage) == "rejected")))
        connection.execute(update(CommentRow).where(settled).values(written=None, spoken=None, decided_at=None))


def rewrite_comments(connection: Connection, project: str, period: str) -> None:
    """Write the rows of a group anew, sorted by their random id, where the database appends them as they come."""
    if connection.dialect.name != "postgresql":
        return
    rows = connection.execute(delete(CommentRow).where(_of(project, period)).returning(*_COLUMNS)).all()
    if rows:
        in_order = sorted(rows, key=lambda row: row[0])
        connection.execute(insert(CommentRow), [dict(zip(_NAMES, row, strict=True)) for row in in_order])


def _of(project: str, period: str) -> ColumnElement[bool]:
    return and_(col(CommentRow.project) == project, col(CommentRow.period) == period)


def _one(group: Group, comment_id: UUID) -> ColumnElement[bool]:
    """One comment, where it is of this group: who may see one group finds no comment of another by its id."""
    return and_(_of(group.project, group.period), col(CommentRow.id) == comment_id)


def _insert(connection: Connection, row: dict[str, Any]) -> bool:
    """Insert, and say whether the id was new."""
    insert_one = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(CommentRow)
    quiet = insert_one.on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return connection.execute(quiet, row).rowcount == 1


def _row(comment: Comment, project: str, period: str) -> dict[str, Any]:
    words = comment.words
    return {
        "id": comment.id,
        "project": project,
        "period": period,
        "stage": "waiting",
        "written": words.text if isinstance(words, Written) else None,
        "spoken": words.samples if isinstance(words, Spoken) else None,
    }


def _is_as_sent(row: Sequence[Any], words: Words) -> bool:
    """Say whether a row holds these words. Where they were decided on and deleted, its id is all that can be compared."""
    _, _, _, stage, written, spoken, *_ = row
    if written is None and spoken is None:
        return bool(stage == "passed")
    return words == (Written(written) if spoken is None else Spoken(bytes(spoken)))


def _comment_of(row: Sequence[Any]) -> Comment:
    comment_id, _, _, _, written, spoken, *_ = row
    return Comment(comment_id, Written(written) if spoken is None else Spoken(bytes(spoken)))


def _count(connection: Connection, project: str, period: str) -> int:
    return connection.execute(select(func.count()).select_from(CommentRow).where(_of(project, period))).scalar_one()


def _expected(connection: Connection, project: str, period: Period) -> int:
    day = col(SessionRow.opened_on).between(period.first, period.last)
    query = select(func.coalesce(func.sum(col(SessionRow.people)), 0))
    return int(connection.execute(query.where(col(SessionRow.project) == project, day)).scalar_one())


def _note_seen(connection: Connection, group: Group) -> None:
    insert_one = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(CommentGroupRow)
    changed = {"people": insert_one.excluded["people"]}
    upsert = insert_one.on_conflict_do_update(index_elements=["project", "period"], set_=changed)
    connection.execute(upsert, {"project": group.project, "period": group.period, "people": group.people})


def _list_groups(connection: Connection) -> tuple[Group, ...]:
    is_running: dict[tuple[str, str], bool] = {}
    people: dict[tuple[str, str], int] = {}
    for project, opened_on, closed_at, received in connection.execute(_sessions_with_counts()):
        key = (project, period_of(opened_on).code)
        is_running[key] = is_running.get(key, False) or closed_at is None
        people[key] = people.get(key, 0) + (0 if closed_at is None else received)
    counted = _count_stages(connection)
    seen = {(project, period): count for project, period, count in connection.execute(_seen())}
    return tuple(
        Group(*key, people[key], is_running[key], seen.get(key, 0), *counted.get(key, (0, 0)))
        for key in _latest_first(people)
    )


def _latest_first(keys: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    by_project = sorted(keys)
    return sorted(by_project, key=lambda key: key[1], reverse=True)


def _sessions_with_counts() -> Select[*tuple[Any, ...]]:
    columns = (col(SessionRow.project), col(SessionRow.opened_on), col(SessionRow.closed_at))
    joined = select(*columns, func.count(col(ResponseRow.id))).join_from(
        SessionRow, ResponseRow, col(ResponseRow.session) == col(SessionRow.code), isouter=True
    )
    return joined.group_by(col(SessionRow.code), *columns).order_by(col(SessionRow.code))


def _count_stages(connection: Connection) -> dict[tuple[str, str], tuple[int, int]]:
    """Return how many comments are to review, and how many passed, by project and half-year."""
    keys = (col(CommentRow.project), col(CommentRow.period))
    counts = [func.sum(case((col(CommentRow.stage) == stage, 1), else_=0)) for stage in ("open", "passed")]
    rows = connection.execute(select(*keys, *counts).group_by(*keys).order_by(*keys))
    return {(project, period): (int(to_review), int(passed)) for project, period, to_review, passed in rows}


def _seen() -> Select[str, str, int]:
    columns = (col(CommentGroupRow.project), col(CommentGroupRow.period))
    return select(*columns, col(CommentGroupRow.people)).order_by(*columns)
