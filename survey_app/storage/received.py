"""What came in parcels of other instances: which release, from whom, when, and which sessions it counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection, insert, select
from sqlmodel import col

from survey_app.fieldwork.signal import CarriedSignal
from survey_app.storage.database import Database
from survey_app.storage.received_signals import mirror
from survey_app.storage.tables import (
    ReceivedAuditRow,
    ReceivedParcelRow,
    ReceivedReleaseRow,
    ReceivedSessionRow,
    SessionIdentityRow,
)

ReceivedFault = Literal["repeated", "older", "forked", "answers-are-here", "counted-by-another"]


@dataclass(frozen=True, slots=True)
class TakenParcel:
    """A parcel that was taken. ``sender``: number of the instance's card; ``taken_by``: empty for a command."""

    id: UUID
    sender: str
    sender_name: str
    packed_at: datetime
    taken_at: datetime
    taken_by: str


@dataclass(frozen=True, slots=True)
class ReceivedRelease:
    """A release or return of another instance, as the parcel that brought it told."""

    hash: str
    sender: str
    parcel: UUID
    kind: Literal["release", "return"]
    id: str
    created: datetime
    tier: str
    period: str
    scope: str
    previous: str
    folder: str


@dataclass(frozen=True, slots=True)
class ReceivedAudit:
    """What the attack on a release that came found: ``attacked`` cells; ``faults``, a sentence each, none for a sound one."""

    release: str
    audited_at: datetime
    attacked: int
    faults: tuple[str, ...]


_PARCEL = ("id", "sender", "sender_name", "packed_at", "taken_at", "taken_by")
_RELEASE = (
    "hash", "sender", "parcel", "kind", "id", "created", "tier", "period", "scope", "previous", "folder",
)  # fmt: skip
_PARCEL_COLUMNS = tuple(getattr(ReceivedParcelRow, name) for name in _PARCEL)
_RELEASE_COLUMNS = tuple(getattr(ReceivedReleaseRow, name) for name in _RELEASE)


class NotReceivedError(Exception):
    """A parcel does not fit what is here. Nothing was added. ``where``: id of the release that it is about, or empty."""

    def __init__(self, reason: ReceivedFault, where: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.where = where


def receive_parcel(
    db: Database,
    parcel: TakenParcel,
    arriving: Sequence[tuple[ReceivedRelease, frozenset[UUID]]],
    signals: Sequence[CarriedSignal] | None,
    before_it_counts: Callable[[Sequence[ReceivedRelease]], None],
) -> tuple[tuple[ReceivedRelease, ...], int]:
    """Add all of a parcel that is not here yet in one transaction, or nothing of it; return what was added, and new signals.

    Args:
        db: where it is kept.
        parcel: what is known of it.
        arriving: each release, with the identities of the sessions that it counts.
        signals: all that were passed up there; ``None`` where it does not say. Those of an older parcel than the last one
            from there are history, and are left out.
        before_it_counts: called with what is new; where it raises, nothing was added.

    Raises:
        NotReceivedError: nothing was added.
        UnavailableError: nothing was added.
    """
    with db.writing() as connection:
        if connection.execute(
            select(col(ReceivedParcelRow.id)).where(col(ReceivedParcelRow.id) == parcel.id)
        ).one_or_none():
            raise NotReceivedError("repeated")
        known = set(connection.execute(select(col(ReceivedReleaseRow.hash))).scalars())
        new = [(release, sessions) for release, sessions in arriving if release.hash not in known]
        is_older = _is_older(connection, parcel)
        if not new and is_older:
            raise NotReceivedError("older")
        connection.execute(insert(ReceivedParcelRow), {name: getattr(parcel, name) for name in _PARCEL})
        for release, sessions in new:
            _refuse_fork(connection, release)
            _count_sessions(connection, release, sessions)
            connection.execute(insert(ReceivedReleaseRow), {name: getattr(release, name) for name in _RELEASE})
        tell = None if is_older else signals
        new_signals = 0 if tell is None else mirror(connection, parcel.sender, parcel.id, tell)
        added = tuple(release for release, _ in new)
        before_it_counts(added)
    return added, new_signals


def _is_older(connection: Connection, parcel: TakenParcel) -> bool:
    from_them = select(col(ReceivedParcelRow.packed_at)).where(col(ReceivedParcelRow.sender) == parcel.sender)
    return any(packed_at > parcel.packed_at for packed_at in connection.execute(from_them).scalars())


def _refuse_fork(connection: Connection, release: ReceivedRelease) -> None:
    """Refuse a release that names the same one before it as another of its sender: that ledger was rewound."""
    same = (
        col(ReceivedReleaseRow.sender) == release.sender,
        col(ReceivedReleaseRow.kind) == release.kind,
        col(ReceivedReleaseRow.previous) == release.previous,
    )
    if connection.execute(select(col(ReceivedReleaseRow.hash)).where(*same)).one_or_none():
        raise NotReceivedError("forked", release.id)


def _count_sessions(connection: Connection, release: ReceivedRelease, sessions: frozenset[UUID]) -> None:
    here = set(connection.execute(select(col(SessionIdentityRow.identity))).scalars())
    if here & sessions:
        raise NotReceivedError("answers-are-here", release.id)
    rows = connection.execute(select(col(ReceivedSessionRow.identity), col(ReceivedSessionRow.sender)))
    counted: dict[UUID, str] = {row.identity: row.sender for row in rows}
    if any(counted.get(identity, release.sender) != release.sender for identity in sessions):
        raise NotReceivedError("counted-by-another", release.id)
    new = [{"identity": identity, "sender": release.sender} for identity in sorted(sessions - counted.keys())]
    if new:
        connection.execute(insert(ReceivedSessionRow), new)


def list_parcels(db: Database) -> tuple[TakenParcel, ...]:
    """Return every parcel that was taken, the first one first."""
    order = (col(ReceivedParcelRow.taken_at), col(ReceivedParcelRow.id))
    with db.reading() as connection:
        return tuple(TakenParcel(*row) for row in connection.execute(select(*_PARCEL_COLUMNS).order_by(*order)))


def list_received(db: Database) -> tuple[ReceivedRelease, ...]:
    """Return every release and return of other instances, in the order in which they were made."""
    order = (col(ReceivedReleaseRow.created), col(ReceivedReleaseRow.hash))
    with db.reading() as connection:
        return tuple(ReceivedRelease(*row) for row in connection.execute(select(*_RELEASE_COLUMNS).order_by(*order)))


def find_received(db: Database, release_hash: str) -> ReceivedRelease | None:
    """Return a release or return of another instance by its hash."""
    query = select(*_RELEASE_COLUMNS).where(col(ReceivedReleaseRow.hash) == release_hash)
    with db.reading() as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else ReceivedRelease(*row)


def note_audit(db: Database, audit: ReceivedAudit) -> None:
    """Keep what an attack found; one that was found before stays.

    Raises:
        UnavailableError: nothing was kept.
    """
    with db.writing() as connection:
        same = select(col(ReceivedAuditRow.release)).where(col(ReceivedAuditRow.release) == audit.release)
        if connection.execute(same).one_or_none() is None:
            row = {"release": audit.release, "audited_at": audit.audited_at, "attacked": audit.attacked}
            connection.execute(insert(ReceivedAuditRow), {**row, "faults": json.dumps(audit.faults)})


def list_audits(db: Database) -> Mapping[str, ReceivedAudit]:
    """Return what was found in each release that was attacked, by its hash."""
    columns = (
        ReceivedAuditRow.release,
        ReceivedAuditRow.audited_at,
        ReceivedAuditRow.attacked,
        ReceivedAuditRow.faults,
    )
    query = select(*(col(column) for column in columns)).order_by(col(ReceivedAuditRow.release))
    with db.reading() as connection:
        return {
            row.release: ReceivedAudit(row.release, row.audited_at, row.attacked, tuple(json.loads(row.faults)))
            for row in connection.execute(query)
        }
