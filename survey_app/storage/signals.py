"""Signals and the notes that wait to become some. Ids are random, and no row says who, when or in which session.

Those that came from other instances lie in a table of their own: what is said of them there and here stands side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from operator import attrgetter
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update
from sqlmodel import col

from survey_app.fieldwork.signal import MOST_NOTES, Level, Note, Origin, Signal, Theme
from survey_app.foundation.became import Became
from survey_app.storage.database import Database
from survey_app.storage.tables import ReceivedParcelRow, ReceivedSignalRow, SignalAnswerRow, SignalNoteRow, SignalRow

_COLUMNS: Final = tuple(
    getattr(SignalRow, name) for name in ("id", "project", "period", "theme", "text", "level", "became", "why")
)

_Table = type[SignalRow] | type[ReceivedSignalRow]
_TABLES: Final[tuple[_Table, ...]] = (SignalRow, ReceivedSignalRow)


def add_note(db: Database, project: str, period: str, note: Note) -> bool:
    """Keep a note until a reviewer has decided; say whether there was room for it."""
    here = _notes_of(project, period)
    row = {"id": note.id, "project": project, "period": period, "theme": note.theme, "text": note.text}
    with db.writing() as connection:
        waiting = connection.execute(select(func.count()).select_from(SignalNoteRow).where(here)).scalar_one()
        if waiting >= MOST_NOTES:
            return False
        connection.execute(insert(SignalNoteRow), row)
    return True


def list_notes(db: Database, project: str, period: str) -> tuple[Note, ...]:
    """Return the notes that wait in a group, by random id."""
    query = select(col(SignalNoteRow.id), col(SignalNoteRow.theme), col(SignalNoteRow.text))
    with db.reading() as connection:
        rows = connection.execute(query.where(_notes_of(project, period)).order_by(col(SignalNoteRow.id))).all()
    return tuple(Note(row[0], cast("Theme", row[1]), row[2]) for row in rows)


def drop_note(db: Database, project: str, period: str, note_id: UUID) -> bool:
    """Delete a note for good; say whether it was there."""
    one = and_(_notes_of(project, period), col(SignalNoteRow.id) == note_id)
    with db.writing() as connection:
        return connection.execute(delete(SignalNoteRow).where(one)).rowcount == 1


def forget_notes(db: Database, over: str) -> None:
    """Delete the notes that nobody reviewed of the half-year ``over`` and of all before it."""
    late = col(SignalNoteRow.period) <= over
    with db.reading() as connection:
        if not connection.execute(select(func.count()).select_from(SignalNoteRow).where(late)).scalar_one():
            return
    with db.writing() as connection:
        connection.execute(delete(SignalNoteRow).where(late))


def add_signal(db: Database, signal: Signal, note_id: UUID | None = None) -> bool:
    """Keep a signal, in place of the note that it was made of; say whether that note was still there."""
    row = {column.key: getattr(signal, column.key) for column in _COLUMNS}
    with db.writing() as connection:
        if note_id is not None:
            one = and_(_notes_of(signal.project, signal.period), col(SignalNoteRow.id) == note_id)
            if connection.execute(delete(SignalNoteRow).where(one)).rowcount == 0:
                return False
        connection.execute(insert(SignalRow), row)
    return True


def list_signals(db: Database, from_people: int, today: date) -> tuple[Signal, ...]:
    """Return every signal that is not merged into another one, with those that are; the latest half-year first.

    Args:
        db: where they are kept.
        from_people: of those that came from elsewhere, only signals of groups in which so many people answered.
        today: those that came and whose time is over are left out, deleted or not.
    """
    with db.reading() as connection:
        found = [*_read_own(connection), *_read_received(connection, from_people, today)]
    known = {one.id for one, _under in found}
    merged: dict[UUID, list[str]] = {}
    for one, under in found:
        if under in known:
            merged.setdefault(under, []).extend((one.text, *one.merged))
    whole = (replace(one, merged=(*one.merged, *merged.get(one.id, ()))) for one, under in found if under not in known)
    return tuple(
        sorted(sorted(whole, key=lambda one: (one.project, one.theme, one.id)), key=attrgetter("period"), reverse=True)
    )


def _read_own(connection: Connection) -> Iterator[tuple[Signal, UUID | None]]:
    """Give each signal of here, with the one into which it was merged."""
    holds = and_(
        col(SignalAnswerRow.signal) == col(SignalRow.id),
        col(SignalAnswerRow.became) == col(SignalRow.became),
        col(SignalAnswerRow.why) == col(SignalRow.why),
    )
    query = select(*_COLUMNS, col(SignalRow.under), col(SignalAnswerRow.sender_name)).select_from(SignalRow)
    for *row, under, answered_by in connection.execute(
        query.outerjoin(SignalAnswerRow, holds).order_by(col(SignalRow.id))
    ):
        yield replace(_signal_of(row), answered_by=answered_by or ""), under


def _read_received(connection: Connection, from_people: int, today: date) -> Iterator[tuple[Signal, UUID | None]]:
    """Give each signal that came, with the answer of here, else that of where it was made."""
    came = ReceivedSignalRow
    is_kept = or_(col(came.until).is_(None), col(came.until) > today)
    columns = (
        came.id, came.project, came.period, came.theme, came.text, came.merged, came.told, came.told_why, came.became,
        came.why, came.organisation, came.project_name, came.under, ReceivedParcelRow.sender_name,
    )  # fmt: skip
    query = (
        select(*(col(column) for column in columns))
        .join_from(came, ReceivedParcelRow, col(came.parcel) == col(ReceivedParcelRow.id))
        .where(col(came.from_people) >= from_people, is_kept)
    )
    for row in connection.execute(query.order_by(col(came.id))):
        became, why = (row.became, row.why) if row.became else (row.told, row.told_why)
        answered_by = "" if row.became or became == "heard" else row.sender_name
        signal = Signal(
            row.id, row.project, row.period, row.theme, row.text, "network", became, why, tuple(row.merged),
            Origin(row.sender_name, row.organisation, row.project_name), answered_by,
        )  # fmt: skip
        yield signal, row.under


def list_answers(db: Database, project: str) -> tuple[Signal, ...]:
    """Return the signals of one project, merged ones too, each with the answer that it got."""
    order = (col(SignalRow.period).desc(), col(SignalRow.theme), col(SignalRow.id))
    with db.reading() as connection:
        rows = connection.execute(select(*_COLUMNS).where(col(SignalRow.project) == project).order_by(*order)).all()
    return tuple(_signal_of(row) for row in rows)


def answer(db: Database, signal_id: UUID, became: Became, why: str) -> bool:
    """Say what became of a signal and of all merged into it; say whether it was there."""
    with db.writing() as connection:
        changed = [
            connection.execute(update(table).where(_with_merged(table, signal_id)).values(became=became, why=why))
            for table in _TABLES
        ]
    return any(one.rowcount for one in changed)


def pass_up(db: Database, signal_id: UUID, level: Level) -> bool:
    """Pass a signal of here up to a level, with all merged into it; say whether it was there."""
    passed = update(SignalRow).where(_with_merged(SignalRow, signal_id)).values(level=level)
    with db.writing() as connection:
        return connection.execute(passed).rowcount > 0


def can_merge(signal: Signal, into: Signal) -> bool:
    """Say whether a signal can be put under another one: one of here never under one that can be gone tomorrow."""
    return signal.id != into.id and (signal.origin is not None or into.origin is None)


def merge(db: Database, signal: Signal, into: Signal) -> bool:
    """Put a signal, and all that was merged into it, under another one, whose answer is theirs from now on.

    Where the other one was merged itself meanwhile, or they cannot be merged, nothing changes. To signals that came, only an
    answer that was given here passes on: nobody's answer is sent to somebody else's group as ours.
    """
    if not can_merge(signal, into):
        return False
    is_ours = not into.answered_by and into.became != "heard"
    own: dict[str, Any] = {"became": into.became, "why": into.why, "level": into.level}
    came: dict[str, Any] = {"became": into.became, "why": into.why} if is_ours else {"became": "", "why": ""}
    with db.writing() as connection:
        if not _is_root(connection, into.id):
            return False
        moved = [
            connection.execute(
                update(table).where(_with_merged(table, signal.id)).values(under=into.id, **values)
            ).rowcount
            for table, values in zip(_TABLES, (own, came), strict=True)
        ]
    return any(moved)


def _with_merged(table: _Table, signal_id: UUID) -> ColumnElement[bool]:
    return or_(col(table.id) == signal_id, col(table.under) == signal_id)


def _is_root(connection: Connection, signal_id: UUID) -> bool:
    """Say whether a signal is there and under no other one that is there."""
    queries = (select(col(table.id), col(table.under)) for table in _TABLES)
    under: dict[UUID, UUID | None] = {row.id: row.under for query in queries for row in connection.execute(query)}
    return signal_id in under and under[signal_id] not in under


def add_answers(connection: Connection, sender_name: str, answers: Sequence[tuple[UUID, Became, str]]) -> int:
    """Let what another instance says hold for signals that were passed up, each answer once; return how many are new.

    Staff here may answer anew: only another answer from there takes that place. What is said of a signal that was not passed
    up, or was merged into another one meanwhile, is left out.
    """
    is_passed_up = and_(col(SignalRow.level) == "network", col(SignalRow.under).is_(None))
    ours = set(connection.execute(select(col(SignalRow.id)).where(is_passed_up)).scalars())
    columns = (col(SignalAnswerRow.signal), col(SignalAnswerRow.became), col(SignalAnswerRow.why))
    known = {row[0]: (row[1], row[2]) for row in connection.execute(select(*columns))}
    new = [one for one in answers if one[0] in ours and known.get(one[0]) != one[1:]]
    for signal_id, became, why in new:
        connection.execute(delete(SignalAnswerRow).where(col(SignalAnswerRow.signal) == signal_id))
        said = {"became": became, "why": why}
        connection.execute(insert(SignalAnswerRow), {"signal": signal_id, "sender_name": sender_name, **said})
        connection.execute(update(SignalRow).where(_with_merged(SignalRow, signal_id)).values(**said))
    return len(new)


def _notes_of(project: str, period: str) -> ColumnElement[bool]:
    return and_(col(SignalNoteRow.project) == project, col(SignalNoteRow.period) == period)


def _signal_of(row: Sequence[Any]) -> Signal:
    signal_id, project, period, theme, text, level, became, why = row
    return Signal(signal_id, project, period, theme, text, level, became, why)
