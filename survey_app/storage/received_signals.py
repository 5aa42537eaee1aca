"""Signals that came from other instances: as the newest parcel of each told them, with the answer of here beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlmodel import col

from survey_app.fieldwork.signal import CarriedSignal
from survey_app.foundation.became import Became
from survey_app.storage.database import Database
from survey_app.storage.tables import ReceivedSignalRow, SignalRow


def mirror(connection: Connection, sender: str, parcel: UUID, signals: Sequence[CarriedSignal]) -> int:
    """Make what is here of a sender what its newest parcel tells; return how many are new.

    The answer of here stays with its signal. One that is told no more was deleted there, or merged into another one: it
    goes here, too. A signal of our own, or one that came from somebody else first, is left as it is.
    """
    query = select(col(ReceivedSignalRow.id), col(ReceivedSignalRow.sender))
    known: dict[UUID, str] = {row.id: row.sender for row in connection.execute(query)}
    ours = set(connection.execute(select(col(SignalRow.id))).scalars())
    theirs = {
        one.signal.id: _row_of(one, parcel)
        for one in signals
        if one.signal.id not in ours and known.get(one.signal.id, sender) == sender
    }
    for gone in sorted(one for one, whose in known.items() if whose == sender and one not in theirs):
        connection.execute(delete(ReceivedSignalRow).where(col(ReceivedSignalRow.id) == gone))
    for signal_id, row in theirs.items():
        if signal_id in known:
            connection.execute(update(ReceivedSignalRow).where(col(ReceivedSignalRow.id) == signal_id).values(**row))
        else:
            new = {"id": signal_id, "sender": sender, "became": "", "why": "", "under": None}
            connection.execute(insert(ReceivedSignalRow), {**row, **new})
    return len(theirs.keys() - known.keys())


def _row_of(carried: CarriedSignal, parcel: UUID) -> dict[str, Any]:
    one = carried.signal
    return {
        "parcel": parcel,
        "organisation": carried.organisation,
        "project": one.project,
        "project_name": carried.project,
        "period": one.period,
        "theme": one.theme,
        "text": one.text,
        "merged": list(one.merged),
        "from_people": carried.from_people,
        "until": carried.until,
        "told": one.became,
        "told_why": one.why,
    }


def list_answers_to(db: Database, sender: str) -> tuple[tuple[UUID, Became, str], ...]:
    """Return what was answered here to each signal that came from an instance (the number of its card), by id."""
    came = ReceivedSignalRow
    query = select(col(came.id), col(came.became), col(came.why)).where(col(came.sender) == sender)
    with db.reading() as connection:
        rows = connection.execute(query.where(col(came.became) != "").order_by(col(came.id))).all()
    return tuple((row.id, row.became, row.why) for row in rows)


def forget_received(db: Database, today: date) -> None:
    """Delete those whose time is over, as it was set where they were made."""
    late = col(ReceivedSignalRow.until) <= today
    with db.reading() as connection:
        if not connection.execute(select(func.count()).select_from(ReceivedSignalRow).where(late)).scalar_one():
            return
    with db.writing() as connection:
        connection.execute(delete(ReceivedSignalRow).where(late))
