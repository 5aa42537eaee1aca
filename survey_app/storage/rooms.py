"""The rooms of sessions: languages, how many had help, whether a session was cancelled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, and_, false, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from survey_app.fieldwork.room import Room, Template
from survey_app.fieldwork.session import Session
from survey_app.storage.database import Database
from survey_app.storage.tables import RoomRow, SessionRow

_ROOM: Final = (
    col(RoomRow.languages),
    col(RoomRow.helped),
    col(RoomRow.cancelled),
    col(RoomRow.own_phones),
    col(RoomRow.begins_with_news),
)


def find_room(db: Database, code: str) -> Room:
    """Return what staff said of a session's room; an empty room where they said nothing."""
    return find_rooms(db, [code]).get(code, Room())


def find_rooms(db: Database, codes: Collection[str]) -> Mapping[str, Room]:
    """Return the rooms of some sessions, by code; those of which nobody said anything are missing."""
    query = select(col(RoomRow.session), *_ROOM).where(col(RoomRow.session).in_(sorted(set(codes))))
    with db.reading() as connection:
        return {row[0]: _room_of(row[1:]) for row in connection.execute(query)}


def choose_languages(db: Database, code: str, languages: Collection[str]) -> None:
    """Keep which languages are in the room of a session, the most used first."""
    with db.writing() as connection:
        _say(connection, code, languages=list(languages))


def mark_helped(db: Database, code: str, people: int | None) -> None:
    """Keep how many people of a session had help with the tablet; ``None``: nobody says."""
    with db.writing() as connection:
        _say(connection, code, helped=people)


def mark_cancelled(db: Database, code: str, *, is_cancelled: bool) -> None:
    """Keep whether a session was started by mistake."""
    with db.writing() as connection:
        _say(connection, code, cancelled=is_cancelled)


def allow_phones(db: Database, code: str, *, are_allowed: bool) -> None:
    """Keep whether people may answer in a session on their own phones, beside the enrolled tablets."""
    with db.writing() as connection:
        _say(connection, code, own_phones=are_allowed)


def begin_with_news(db: Database, code: str, *, is_chosen: bool) -> None:
    """Keep whether the tablets of a session first tell what became of what groups said."""
    with db.writing() as connection:
        _say(connection, code, begins_with_news=is_chosen)


def _say(connection: Connection, code: str, **said: Any) -> None:  # noqa: ANN401 - values of columns
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(RoomRow)
    nothing: dict[str, Any] = {
        "languages": [],
        "helped": None,
        "cancelled": False,
        "own_phones": None,
        "begins_with_news": False,
    }
    row = insert.values(session=code, **{**nothing, **said})
    connection.execute(row.on_conflict_do_update(index_elements=["session"], set_=said))


def tell_of_room(connection: Connection, code: str, room: Room) -> None:
    """Write what others said of a session's room, where nobody said anything of it here."""
    if room == Room():
        return
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(RoomRow)
    row = insert.values(session=code, languages=list(room.languages), helped=room.helped, cancelled=room.is_cancelled)
    connection.execute(row.on_conflict_do_nothing(index_elements=["session"]))


def list_templates(db: Database) -> tuple[Template, ...]:
    """Return the last session of each module that was no mistake and no practice, with its room, the latest date first."""
    columns = tuple(getattr(SessionRow, name) for name in Session.__dataclass_fields__)
    place = func.row_number().over(
        partition_by=[col(SessionRow.project), col(SessionRow.module)],
        order_by=[col(SessionRow.opened_on).desc(), col(SessionRow.code)],
    )
    held = select(*columns, *_ROOM, place.label("place")).join(
        RoomRow, col(RoomRow.session) == col(SessionRow.code), isouter=True
    )
    was_meant = and_(~func.coalesce(col(RoomRow.cancelled), false()), col(SessionRow.practised).is_(None))
    ranked = held.where(was_meant).subquery()
    query = select(*(column for column in ranked.c if column.name != "place")).where(ranked.c.place == 1)
    with db.reading() as connection:
        rows = connection.execute(query.order_by(ranked.c.opened_on.desc(), ranked.c.code)).all()
    return tuple(Template(Session(*row[: len(columns)]), _room_of(row[len(columns) :])) for row in rows)


def _room_of(row: Sequence[Any]) -> Room:
    languages, helped, is_cancelled, own_phones, begins_with_news = row
    return Room(
        tuple(languages or ()),
        helped,
        bool(is_cancelled),
        None if own_phones is None else bool(own_phones),
        bool(begins_with_news),
    )
