"""Tablets: their keys as hashes, their one-time links, and what they last said of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Row, delete, insert, select, update
from sqlmodel import col

from survey_app.fieldwork.device import Device, DeviceState, Place, read_state, round_down
from survey_app.storage.database import Database
from survey_app.storage.tables import DeviceKeyRow, DeviceLinkRow, DeviceRow

_DEVICE: Final = (col(DeviceRow.id), col(DeviceRow.name), col(DeviceRow.organisation), col(DeviceRow.revoked_on))
_PLACES: Final = select(
    col(DeviceKeyRow.device),
    col(DeviceKeyRow.key),
    col(DeviceKeyRow.origin),
    col(DeviceKeyRow.seen),
    col(DeviceKeyRow.state),
).order_by(col(DeviceKeyRow.device), col(DeviceKeyRow.seen).desc().nulls_last(), col(DeviceKeyRow.key))


@dataclass(frozen=True, slots=True)
class Kept:
    """A tablet with every address under which it keeps things, the one seen last first."""

    device: Device
    places: tuple[Place, ...]

    @property
    def kept(self) -> int:
        """Responses that are on the tablet and not at the server."""
        return sum(place.kept for place in self.places)

    @property
    def is_unseen(self) -> bool:
        """Say whether what it keeps is not known, since a backup was put back: answers that came after it may be there."""
        return self.device.revoked_on is None and any(place.is_unseen for place in self.places)

    def kept_of(self, session: str) -> int:
        """Return how many of them belong to a session."""
        return sum(place.state.sessions.get(session, 0) for place in self.places if place.state is not None)


def add_device(db: Database, device: Device) -> None:
    """Add a tablet that nobody has enrolled yet."""
    row = {"id": device.id, "name": device.name, "organisation": device.organisation, "revoked_on": None}
    with db.writing() as connection:
        connection.execute(insert(DeviceRow), row)


def find_device(db: Database, device_id: str) -> Device | None:
    """Return the tablet with this id."""
    with db.reading() as connection:
        row = connection.execute(select(*_DEVICE).where(col(DeviceRow.id) == device_id)).one_or_none()
    return None if row is None else Device(*row)


def has_enrolled(db: Database, organisation: str) -> bool:
    """Say whether an organisation has enrolled a tablet; one that was revoked since counts: it may be in any hands."""
    enrolled = (
        select(col(DeviceKeyRow.key))
        .join_from(DeviceKeyRow, DeviceRow, col(DeviceKeyRow.device) == col(DeviceRow.id))
        .where(col(DeviceRow.organisation) == organisation)
    )
    with db.reading() as connection:
        return connection.execute(enrolled.limit(1)).first() is not None


def add_link(db: Database, token_hash: str, device_id: str, expires: datetime, now: datetime) -> None:
    """Remember a link by the hash of its token, in place of earlier ones of this tablet and all that expired."""
    earlier = (col(DeviceLinkRow.device) == device_id) | (col(DeviceLinkRow.expires) <= now)
    with db.writing() as connection:
        connection.execute(delete(DeviceLinkRow).where(earlier))
        connection.execute(insert(DeviceLinkRow), {"token": token_hash, "device": device_id, "expires": expires})


def enrol(db: Database, token_hash: str, key_hash: str, origin: str, now: datetime) -> Device | None:
    """Use a link up and give its tablet a key for one address; ``None`` where the link is unknown, used or expired.

    Of two tablets that use a link at once, one gets the key. Keys for other addresses stay good: answers may wait there.
    """
    is_good = (col(DeviceLinkRow.token) == token_hash) & (col(DeviceLinkRow.expires) > now)
    with db.writing() as connection:
        row = connection.execute(
            select(*_DEVICE)
            .join_from(DeviceLinkRow, DeviceRow, col(DeviceLinkRow.device) == col(DeviceRow.id))
            .where(is_good, col(DeviceRow.revoked_on).is_(None))
        ).one_or_none()
        if row is None or connection.execute(delete(DeviceLinkRow).where(is_good)).rowcount != 1:
            return None
        device = Device(*row)
        same_place = (col(DeviceKeyRow.device) == device.id) & (col(DeviceKeyRow.origin) == origin)
        connection.execute(delete(DeviceKeyRow).where(same_place))
        connection.execute(insert(DeviceKeyRow), {"key": key_hash, "device": device.id, "origin": origin})
    return device


def find_by_key(db: Database, key_hash: str) -> Device | None:
    """Return the tablet whose key this is; ``None`` where it is unknown or the tablet was revoked."""
    query = select(*_DEVICE).join_from(DeviceKeyRow, DeviceRow, col(DeviceKeyRow.device) == col(DeviceRow.id))
    with db.reading() as connection:
        row = connection.execute(
            query.where(col(DeviceKeyRow.key) == key_hash, col(DeviceRow.revoked_on).is_(None))
        ).one_or_none()
    return None if row is None else Device(*row)


def note_state(db: Database, key_hash: str, state: DeviceState, now: datetime) -> None:
    """Keep what a tablet says of itself in place of what it said before."""
    said = {"state": state.model_dump_json(), "seen": round_down(now)}
    with db.writing() as connection:
        connection.execute(update(DeviceKeyRow).where(col(DeviceKeyRow.key) == key_hash).values(**said))


def forget_states(db: Database) -> None:
    """Forget what tablets said: of a database that was restored it is not true any more. A revoked one says nothing new."""
    revoked = select(col(DeviceRow.id)).where(col(DeviceRow.revoked_on).is_not(None))
    with db.writing() as connection:
        connection.execute(update(DeviceKeyRow).where(col(DeviceKeyRow.device).not_in(revoked)).values(state=None))


def revoke(db: Database, device_id: str, today: date) -> None:
    """Make every key and link of a tablet worthless. Revoking again changes nothing."""
    is_live = (col(DeviceRow.id) == device_id) & col(DeviceRow.revoked_on).is_(None)
    with db.writing() as connection:
        connection.execute(update(DeviceRow).where(is_live).values(revoked_on=today))
        connection.execute(delete(DeviceLinkRow).where(col(DeviceLinkRow.device) == device_id))


def list_places(db: Database, device_id: str) -> tuple[tuple[str, Place], ...]:
    """Return the addresses of one tablet, each with the hash of its key, the one seen last first."""
    with db.reading() as connection:
        rows = connection.execute(_PLACES.where(col(DeviceKeyRow.device) == device_id)).all()
    return tuple((row[1], _place(row)) for row in rows)


def list_devices(db: Database) -> tuple[Kept, ...]:
    """Return all tablets by name, with what each last said of itself."""
    with db.reading() as connection:
        devices = connection.execute(select(*_DEVICE).order_by(col(DeviceRow.name), col(DeviceRow.id))).all()
        keys = connection.execute(_PLACES).all()
    return tuple(Kept(Device(*row), tuple(_place(key) for key in keys if key[0] == row[0])) for row in devices)


def _place(row: Row[str, str, str, datetime | None, str | None]) -> Place:
    _, _, origin, seen, state = row
    return Place(origin, seen, None if state is None else read_state(state.encode()))
