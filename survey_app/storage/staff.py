"""Members of staff, their signed-in browsers and one-time links. Tokens and passwords come in hashed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from survey_app.fieldwork.rights import Post, Role
from survey_app.foundation.errors import RequestMistakenError
from survey_app.storage.database import Database
from survey_app.storage.tables import OneTimeLinkRow, PostRow, StaffRow, StaffSessionRow


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff. ``name`` is what they sign in with; ``password`` the argon2 hash; ``posts`` what they may do."""

    name: str
    password: str
    posts: frozenset[Post] = field(default_factory=frozenset)


def add_staff(db: Database, member: Staff) -> None:
    """Add a member of staff with their posts.

    Raises:
        RequestMistakenError: the name is taken, or a post names an organisation that does not exist.
    """
    try:
        with db.writing() as connection:
            _insert(connection, member)
    except IntegrityError:
        raise _taken(member) from None


def _insert(connection: Connection, member: Staff) -> None:
    connection.execute(insert(StaffRow), {"name": member.name, "password": member.password})
    _insert_posts(connection, member.name, member.posts)


def _insert_posts(connection: Connection, name: str, posts: Iterable[Post]) -> None:
    rows = [{"staff": name, **_place(post)} for post in sorted(posts)]
    if rows:
        connection.execute(insert(PostRow), rows)


def _taken(member: Staff) -> RequestMistakenError:
    return RequestMistakenError(
        f'staff "{member.name}" exists already, or is to work for an organisation that does not exist. '
        "Choose another name, or set the organisation up first."
    )


def _members() -> Select[*tuple[Any, ...]]:
    """Give a row for each post, and one without for who has none."""
    posts = (col(PostRow.role), col(PostRow.organisation))
    joined = select(col(StaffRow.name), col(StaffRow.password), *posts).join_from(
        StaffRow, PostRow, col(PostRow.staff) == col(StaffRow.name), isouter=True
    )
    return joined.order_by(col(StaffRow.name), col(PostRow.id))


def _gather(rows: Iterable[Sequence[Any]]) -> tuple[Staff, ...]:
    """Make members of staff of the rows of ``_members``."""
    passwords: dict[str, str] = {}
    posts: dict[str, set[Post]] = {}
    for name, password, role, organisation in rows:
        passwords[name] = password
        held = posts.setdefault(name, set())
        if role is not None:
            held.add(Post(role, organisation or ""))
    return tuple(Staff(name, password, frozenset(posts[name])) for name, password in passwords.items())


def _find(db: Database, query: Select[*tuple[Any, ...]]) -> Staff | None:
    with db.reading() as connection:
        found = _gather(connection.execute(query))
    return found[0] if found else None


def find_staff(db: Database, name: str) -> Staff | None:
    """Return the member of staff with this name."""
    return _find(db, _members().where(col(StaffRow.name) == name))


def list_staff(db: Database) -> tuple[Staff, ...]:
    """Return all members of staff by name."""
    with db.reading() as connection:
        return _gather(connection.execute(_members()))


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
    query = _members().join(StaffSessionRow, col(StaffSessionRow.staff) == col(StaffRow.name))
    return _find(db, query.where(col(StaffSessionRow.token) == token_hash, col(StaffSessionRow.expires) > now))


def end_staff_session(db: Database, token_hash: str) -> None:
    """Sign a browser out."""
    with db.writing() as connection:
        connection.execute(delete(StaffSessionRow).where(col(StaffSessionRow.token) == token_hash))


def add_one_time_link(db: Database, token_hash: str, post: Post, expires: datetime) -> None:
    """Remember a link by the hash of its token, and the post that it gives.

    Raises:
        RequestMistakenError: the organisation of the post does not exist.
    """
    row = {"token": token_hash, **_place(post), "expires": expires, "used": False}
    try:
        with db.writing() as connection:
            connection.execute(insert(OneTimeLinkRow), row)
    except IntegrityError:
        message = f'there is no organisation "{post.organisation}" for a {post.role}. Set it up first.'
        raise RequestMistakenError(message) from None


def _place(post: Post) -> dict[str, str | None]:
    return {"role": post.role, "organisation": post.organisation or None}


def peek_one_time_link(db: Database, token_hash: str, now: datetime) -> Post | None:
    """Return the post that a link gives, ``None`` where it is unknown, used or expired. The link stays good."""
    with db.reading() as connection:
        row = connection.execute(
            select(col(OneTimeLinkRow.role), col(OneTimeLinkRow.organisation)).where(
                col(OneTimeLinkRow.token) == token_hash,
                col(OneTimeLinkRow.used).is_(False),
                col(OneTimeLinkRow.expires) > now,
            )
        ).one_or_none()
    return None if row is None else Post(cast("Role", row[0]), row[1] or "")


def use_one_time_link(db: Database, token_hash: str, member: Staff, now: datetime) -> bool:
    """Add the member of staff that a link lets in, and use the link up, both or neither.

    Their one post must be the link's. Of two browsers that use a link at once, one gets in.

    Raises:
        RequestMistakenError: the name is taken; the link stays good.
    """
    post = peek_one_time_link(db, token_hash, now)
    if post is None or member.posts != {post}:
        return False
    use = update(OneTimeLinkRow).where(
        col(OneTimeLinkRow.token) == token_hash, col(OneTimeLinkRow.used).is_(False), col(OneTimeLinkRow.expires) > now
    )
    try:
        with db.writing() as connection:
            if connection.execute(use.values(used=True)).rowcount != 1:
                return False
            _insert(connection, member)
    except IntegrityError:
        raise _taken(member) from None
    return True
