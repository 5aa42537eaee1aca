"""Members of staff, their signed-in browsers and one-time links. Tokens and passwords come in hashed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from survey_app.foundation.errors import RequestMistakenError
from survey_app.storage.database import Database
from survey_app.storage.tables import OneTimeLinkRow, StaffRow, StaffSessionRow

Role = Literal["administrator", "manager", "reporter"]


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff. ``name`` is what they sign in with; ``password`` the argon2 hash."""

    name: str
    password: str
    role: Role


def add_staff(db: Database, member: Staff) -> None:
    """Add a member of staff.

    Raises:
        RequestMistakenError: the name is taken.
    """
    try:
        with db.writing() as connection:
            row = {"name": member.name, "password": member.password, "role": member.role}
            connection.execute(insert(StaffRow), row)
    except IntegrityError:
        raise RequestMistakenError(f'staff "{member.name}" exists already. Choose another name.') from None


def find_staff(db: Database, name: str) -> Staff | None:
    """Return the member of staff with this name."""
    query = select(col(StaffRow.name), col(StaffRow.password), col(StaffRow.role))
    with db.reading() as connection:
        row = connection.execute(query.where(col(StaffRow.name) == name)).one_or_none()
    return None if row is None else Staff(row[0], row[1], cast("Role", row[2]))


def list_staff(db: Database) -> tuple[Staff, ...]:
    """Return all members of staff by name."""
    query = select(col(StaffRow.name), col(StaffRow.password), col(StaffRow.role)).order_by(col(StaffRow.name))
    with db.reading() as connection:
        return tuple(Staff(row[0], row[1], cast("Role", row[2])) for row in connection.execute(query))


def count_staff(db: Database) -> int:
    """Count the members of staff; 0 means that nobody can sign in yet."""
    with db.reading() as connection:
        return connection.execute(select(func.count()).select_from(StaffRow)).scalar_one()


def change_password(db: Database, name: str, password: str) -> None:
    """Replace the hash of a password and sign its owner out everywhere."""
    with db.writing() as connection:
        connection.execute(update(StaffRow).where(col(StaffRow.name) == name).values(password=password))
        connection.execute(delete(StaffSessionRow).where(col(StaffSessionRow.staff) == name))


def start_staff_session(db: Database, token_hash: str, name: str, expires: datetime, now: datetime) -> None:
    """Remember a signed-in browser by the hash of its token; forget those that expired."""
    with db.writing() as connection:
        connection.execute(delete(StaffSessionRow).where(col(StaffSessionRow.expires) <= now))
        connection.execute(insert(StaffSessionRow), {"token": token_hash, "staff": name, "expires": expires})


def find_signed_in(db: Database, token_hash: str, now: datetime) -> Staff | None:
    """Return who is signed in with this token, ``None`` where it is unknown or expired."""
    query = select(col(StaffRow.name), col(StaffRow.password), col(StaffRow.role)).join_from(
        StaffSessionRow, StaffRow, col(StaffSessionRow.staff) == col(StaffRow.name)
    )
    wanted = query.where(col(StaffSessionRow.token) == token_hash, col(StaffSessionRow.expires) > now)
    with db.reading() as connection:
        row = connection.execute(wanted).one_or_none()
    return None if row is None else Staff(row[0], row[1], cast("Role", row[2]))


def end_staff_session(db: Database, token_hash: str) -> None:
    """Sign a browser out."""
    with db.writing() as connection:
        connection.execute(delete(StaffSessionRow).where(col(StaffSessionRow.token) == token_hash))


def add_one_time_link(db: Database, token_hash: str, role: Role, expires: datetime) -> None:
    """Remember a link by the hash of its token."""
    row = {"token": token_hash, "role": role, "expires": expires, "used": False}
    with db.writing() as connection:
        connection.execute(insert(OneTimeLinkRow), row)


def peek_one_time_link(db: Database, token_hash: str, now: datetime) -> Role | None:
    """Return the role that a link gives, ``None`` where it is unknown, used or expired. The link stays good."""
    with db.reading() as connection:
        role = connection.execute(
            select(col(OneTimeLinkRow.role)).where(
                col(OneTimeLinkRow.token) == token_hash,
                col(OneTimeLinkRow.used).is_(False),
                col(OneTimeLinkRow.expires) > now,
            )
        ).scalar_one_or_none()
    return None if role is None else cast("Role", role)


def use_one_time_link(db: Database, token_hash: str, member: Staff, now: datetime) -> bool:
    """Add the member of staff that a link lets in, and use the link up, both or neither.

    ``member.role`` must be the link's. Of two browsers that use a link at once, one gets in.

    Raises:
        RequestMistakenError: the name is taken; the link stays good.
    """
    use = update(OneTimeLinkRow).where(
        col(OneTimeLinkRow.token) == token_hash,
        col(OneTimeLinkRow.role) == member.role,
        col(OneTimeLinkRow.used).is_(False),
        col(OneTimeLinkRow.expires) > now,
    )
    try:
        with db.writing() as connection:
            if connection.execute(use.values(used=True)).rowcount != 1:
                return False
            row = {"name": member.name, "password": member.password, "role": member.role}
            connection.execute(insert(StaffRow), row)
    except IntegrityError:
        raise RequestMistakenError(f'staff "{member.name}" exists already. Choose another name.') from None
    return True
