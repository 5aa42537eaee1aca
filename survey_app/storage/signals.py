"""Signals and the notes that wait to become some. Ids are random, and no row says who, when or in which session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlmodel import col

from survey_app.fieldwork.signal import MOST_NOTES, Level, Note, Signal, Theme
from survey_app.foundation.became import Became
from survey_app.storage.database import Database
from survey_app.storage.tables import SignalNoteRow, SignalRow

_COLUMNS: Final = tuple(
    getattr(SignalRow, name) for name in ("id", "project", "period", "theme", "text", "level", "became", "why")
)


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


def list_signals(db: Database) -> tuple[Signal, ...]:
    """Return every signal that is not merged into another one, with those that are; the latest half-year first."""
    order = (col(SignalRow.period).desc(), col(SignalRow.project), col(SignalRow.theme), col(SignalRow.id))
    with db.reading() as connection:
        rows = connection.execute(select(*_COLUMNS, col(SignalRow.under)).order_by(*order)).all()
    merged: dict[UUID, list[str]] = {}
    for row in rows:
        if row[-1] is not None:
            merged.setdefault(row[-1], []).append(row[4])
    return tuple(_signal_of(row, merged.get(row[0], [])) for row in rows if row[-1] is None)


def list_answers(db: Database, project: str) -> tuple[Signal, ...]:
    """Return the signals of one project, merged ones too, each with the answer that it got."""
    order = (col(SignalRow.period).desc(), col(SignalRow.theme), col(SignalRow.id))
    with db.reading() as connection:
        rows = connection.execute(select(*_COLUMNS).where(col(SignalRow.project) == project).order_by(*order)).all()
    return tuple(_signal_of((*row, None), []) for row in rows)


def answer(db: Database, signal_id: UUID, became: Became, why: str) -> bool:
    """Say what became of a signal and of all merged into it; say whether it was there."""
    return _change(db, or_(col(SignalRow.id) == signal_id, col(SignalRow.under) == signal_id), became=became, why=why)


def pass_up(db: Database, signal_id: UUID, level: Level) -> bool:
    """Pass a signal up to a level, with all merged into it; say whether it was there."""
    return _change(db, or_(col(SignalRow.id) == signal_id, col(SignalRow.under) == signal_id), level=level)


def merge(db: Database, signal_id: UUID, into: Signal) -> bool:
    """Put a signal, and all that was merged into it, under another one, whose answer is theirs from now on.

    Where the other one was merged itself meanwhile, or is the same, nothing changes.
    """
    moved = or_(col(SignalRow.id) == signal_id, col(SignalRow.under) == signal_id)
    values: dict[str, Any] = {"under": into.id, "became": into.became, "why": into.why, "level": into.level}
    is_root = and_(col(SignalRow.id) == into.id, col(SignalRow.under).is_(None))
    with db.writing() as connection:
        if signal_id == into.id or connection.execute(select(func.count()).where(is_root)).scalar_one() == 0:
            return False
        return connection.execute(update(SignalRow).where(moved).values(**values)).rowcount > 0


def _change(db: Database, which: ColumnElement[bool], **values: str) -> bool:
    with db.writing() as connection:
        return connection.execute(update(SignalRow).where(which).values(**values)).rowcount > 0


def _notes_of(project: str, period: str) -> ColumnElement[bool]:
    return and_(col(SignalNoteRow.project) == project, col(SignalNoteRow.period) == period)


def _signal_of(row: Sequence[Any], merged: Sequence[str]) -> Signal:
    signal_id, project, period, theme, text, level, became, why, _under = row
    return Signal(signal_id, project, period, theme, text, level, became, why, tuple(merged))
