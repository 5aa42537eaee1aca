"""Members of staff, their signed-in browsers and one-time links. Tokens and passwords come in hashed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from survey_app.fieldwork.rights import Post, Role
from survey_app.foundation.errors import RequestMistakenError
from survey_app.storage import audit
from survey_app.storage.audit import Deed
from survey_app.storage.database import Database
from survey_app.storage.tables import IdentityRow, OneTimeLinkRow, PostRow, StaffRow, StaffSessionRow

REMEMBERED: Final = timedelta(days=1)
"""How long an expired sign-in is remembered, so that what its owner typed meanwhile goes back to nobody else."""
GIVEN_BACK_WITHIN: Final = timedelta(days=30)
"""How long an account that was removed can be given back; then it is deleted."""
LINK_DIGITS: Final = 12
"""Digits of what an open link is called: the beginning of its token's hash, from which nobody finds the token."""
_IS_THERE: Final = col(StaffRow.removed_at).is_(None)


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff.

    ``name`` is what they sign in with; ``password`` the argon2 hash; ``posts`` what they may do; ``totp`` the secret of
    their second step, ``None`` where they have none.
    """

    name: str
    password: str
    posts: frozenset[Post] = field(default_factory=frozenset)
    totp: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at an identity provider: ``subject`` among those whom ``issuer`` knows."""

    issuer: str
    subject: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Link:
    """What a one-time link is for: an account with a post, or (``staff``) a new password of an account that is there."""

    post: Post | None = None
    staff: str | None = None


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that nobody used yet. ``number``: what it is called; nobody comes in by it. ``by``: empty for the machine."""

    number: str
    link: Link
    until: datetime
    by: str


class LastAdministratorError(Exception):
    """Nobody could look after accounts any more: this one stays administrator."""


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
    was_removed = delete(StaffRow).where(col(StaffRow.name) == member.name, ~_IS_THERE)
    connection.execute(was_removed)  # who has the name now takes the place of who had it
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
    """Give a row for each post, and one without for who has none; of accounts that are not removed."""
    posts = (col(PostRow.role), col(PostRow.organisation))
    joined = select(col(StaffRow.name), col(StaffRow.password), col(StaffRow.totp), *posts).join_from(
        StaffRow, PostRow, col(PostRow.staff) == col(StaffRow.name), isouter=True
    )
    return joined.where(_IS_THERE).order_by(col(StaffRow.name), col(PostRow.id))


def _gather(rows: Iterable[Sequence[Any]]) -> tuple[Staff, ...]:
    """Make members of staff of the rows of ``_members``."""
    secrets: dict[str, tuple[str, str | None]] = {}
    posts: dict[str, set[Post]] = {}
    for name, password, totp, role, organisation in rows:
        secrets[name] = (password, totp)
        held = posts.setdefault(name, set())
        if role is not None:
            held.add(Post(role, organisation or ""))
    return tuple(Staff(name, password, frozenset(posts[name]), totp) for name, (password, totp) in secrets.items())


def _find(db: Database, query: Select[*tuple[Any, ...]]) -> Staff | None:
    with db.reading() as connection:
        found = _gather(connection.execute(query))
    return found[0] if found else None


def find_by_identity(db: Database, identity: Identity) -> Staff | None:
    """Return the member of staff whose account is linked to this identity."""
    query = _members().join(IdentityRow, col(IdentityRow.staff) == col(StaffRow.name))
    return _find(db, query.where(*_is(identity)))


def link_identity(db: Database, name: str, identity: Identity, deed: Deed, at: datetime) -> bool:
    """Link an account to an identity in place of the one before; say whether it could be.

    It cannot where the identity is another account's, also of one that was removed and can still be given back.
    """
    row = {"staff": name, "issuer": identity.issuer, "subject": identity.subject}
    try:
        with db.writing() as connection:
            connection.execute(delete(IdentityRow).where(col(IdentityRow.staff) == name))
            connection.execute(insert(IdentityRow), row)
            audit.add(connection, deed, at)
    except IntegrityError:
        return False
    return True


def unlink_identity(db: Database, name: str, deed: Deed, at: datetime) -> None:
    """Take the link of an account away, and sign out the browsers that came in by it."""
    by_provider = and_(col(StaffSessionRow.staff) == name, col(StaffSessionRow.by_provider))
    with db.writing() as connection:
        if connection.execute(delete(IdentityRow).where(col(IdentityRow.staff) == name)).rowcount:
            connection.execute(delete(StaffSessionRow).where(by_provider))
            audit.add(connection, deed, at)


def is_linked(db: Database, name: str, issuer: str) -> bool:
    """Say whether an account is linked to an identity of this provider."""
    query = select(col(IdentityRow.staff)).where(col(IdentityRow.staff) == name, col(IdentityRow.issuer) == issuer)
    with db.reading() as connection:
        return connection.execute(query).first() is not None


def _is(identity: Identity) -> tuple[ColumnElement[bool], ...]:
    return (col(IdentityRow.issuer) == identity.issuer, col(IdentityRow.subject) == identity.subject)


def find_staff(db: Database, name: str) -> Staff | None:
    """Return the member of staff with this name."""
    return _find(db, _members().where(col(StaffRow.name) == name))


def list_staff(db: Database) -> tuple[Staff, ...]:
    """Return all members of staff by name."""
    with db.reading() as connection:
        return _gather(connection.execute(_members()))


def sign_out_all(db: Database) -> None:
    """Sign every member of staff out everywhere, and make every link worthless: they are of another time."""
    with db.writing() as connection:
        connection.execute(delete(StaffSessionRow))
        connection.execute(delete(OneTimeLinkRow))


def count_staff(db: Database) -> int:
    """Count the members of staff; 0 means that nobody can sign in yet."""
    with db.reading() as connection:
        return connection.execute(select(func.count()).select_from(StaffRow).where(_IS_THERE)).scalar_one()


def change_password(
    db: Database, name: str, password: str, deed: Deed | None = None, at: datetime | None = None
) -> None:
    """Replace the hash of a password and sign its owner out everywhere. ``deed`` goes into the log with it."""
    with db.writing() as connection:
        connection.execute(update(StaffRow).where(col(StaffRow.name) == name).values(password=password))
        connection.execute(delete(StaffSessionRow).where(col(StaffSessionRow.staff) == name))
        if deed is not None and at is not None:
            audit.add(connection, deed, at)


def change_second_step(db: Database, name: str, secret: str | None, deed: Deed, at: datetime) -> None:
    """Set or take away the secret of the second step, and write into the log that it happened."""
    with db.writing() as connection:
        connection.execute(update(StaffRow).where(col(StaffRow.name) == name).values(totp=secret, totp_used=0))
        audit.add(connection, deed, at)


def use_time_step(db: Database, name: str, step: int) -> bool:
    """Use up a time step of the second step; say whether it was newer than the last one used: a code is good once."""
    fresh = update(StaffRow).where(col(StaffRow.name) == name, col(StaffRow.totp_used) < step)
    with db.writing() as connection:
        return connection.execute(fresh.values(totp_used=step)).rowcount == 1


def give_post(db: Database, name: str, post: Post, deed: Deed, at: datetime) -> None:
    """Give a member of staff one more post; giving it again changes nothing.

    Raises:
        RequestMistakenError: there is no such member of staff or organisation.
    """
    if not post.is_sound:
        raise RequestMistakenError(
            f"a {post.role} works {'for an' if not post.organisation else 'for no'} organisation."
        )
    try:
        with db.writing() as connection:
            if connection.execute(select(col(PostRow.id)).where(_holds(name, post))).first() is None:
                _insert_posts(connection, name, [post])
                audit.add(connection, deed, at)
    except IntegrityError:
        raise RequestMistakenError(f'there is no staff "{name}" or no organisation "{post.organisation}".') from None


def take_post(db: Database, name: str, post: Post, deed: Deed, at: datetime) -> None:
    """Take a post away from a member of staff.

    Raises:
        LastAdministratorError: nobody else is administrator.
    """
    with db.writing() as connection:
        if connection.execute(delete(PostRow).where(_holds(name, post))).rowcount:
            _keep_an_administrator(connection)
            audit.add(connection, deed, at)


def remove_staff(db: Database, name: str, deed: Deed, at: datetime) -> None:
    """Remove an account: nobody is signed in or signs in with it, and its links are worthless. What it did stays in the log.

    Within ``GIVEN_BACK_WITHIN`` it can be given back as it was.

    Raises:
        LastAdministratorError: nobody else is administrator.
    """
    gone = update(StaffRow).where(col(StaffRow.name) == name, _IS_THERE).values(removed_at=at)
    with db.writing() as connection:
        if connection.execute(gone).rowcount:
            _keep_an_administrator(connection)
            connection.execute(delete(StaffSessionRow).where(col(StaffSessionRow.staff) == name))
            connection.execute(delete(OneTimeLinkRow).where(col(OneTimeLinkRow.staff) == name))
            audit.add(connection, deed, at)


def list_removed(db: Database, now: datetime) -> tuple[tuple[str, datetime], ...]:
    """Return the accounts that can still be given back, by name, and until when."""
    query = select(col(StaffRow.name), col(StaffRow.removed_at)).where(_can_be_given_back(now))
    with db.reading() as connection:
        rows = connection.execute(query.order_by(col(StaffRow.name)))
        return tuple((row.name, row.removed_at + GIVEN_BACK_WITHIN) for row in rows)


def give_back(db: Database, name: str, deed: Deed, at: datetime) -> bool:
    """Give a removed account back, with password, second step and posts as they were; say whether there was one."""
    back = update(StaffRow).where(col(StaffRow.name) == name, _can_be_given_back(at)).values(removed_at=None)
    with db.writing() as connection:
        is_back = connection.execute(back).rowcount == 1
        if is_back:
            audit.add(connection, deed, at)
    return is_back


def forget_removed(db: Database, now: datetime) -> int:
    """Delete the removed accounts that nobody gave back in time; return how many."""
    with db.writing() as connection:
        late = delete(StaffRow).where(col(StaffRow.removed_at) <= now - GIVEN_BACK_WITHIN)
        return connection.execute(late).rowcount


def _can_be_given_back(now: datetime) -> ColumnElement[bool]:
    return col(StaffRow.removed_at) > now - GIVEN_BACK_WITHIN


def _holds(name: str, post: Post) -> ColumnElement[bool]:
    place = col(PostRow.organisation)
    there = place == post.organisation if post.organisation else place.is_(None)
    return and_(col(PostRow.staff) == name, col(PostRow.role) == post.role, there)


def _keep_an_administrator(connection: Connection) -> None:
    """Undo the transaction where no administrator is left. On PostgreSQL two who take at once queue here."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE post IN SHARE ROW EXCLUSIVE MODE"))
    held = select(col(PostRow.id)).join_from(PostRow, StaffRow, col(PostRow.staff) == col(StaffRow.name))
    if connection.execute(held.where(col(PostRow.role) == "administrator", _IS_THERE).limit(1)).first() is None:
        raise LastAdministratorError


def start_staff_session(  # noqa: PLR0913 - a row, and the moment
    db: Database,
    token_hash: str,
    name: str,
    expires: datetime,
    now: datetime,
    *,
    waits: bool = False,
    by_provider: bool = False,
) -> None:
    """Remember a signed-in browser by the hash of its token; forget those that expired long ago.

    ``waits``: the second step is still to come; until then the browser is not signed in. ``by_provider``: an identity
    provider vouched for its owner.
    """
    with db.writing() as connection:
        connection.execute(delete(StaffSessionRow).where(col(StaffSessionRow.expires) <= now - REMEMBERED))
        row = {"token": token_hash, "staff": name, "expires": expires, "waits": waits, "by_provider": by_provider}
        connection.execute(insert(StaffSessionRow), row)


def find_signed_in(db: Database, token_hash: str, now: datetime, *, waits: bool = False) -> Staff | None:
    """Return who is signed in with this token, ``None`` where it is unknown or expired.

    With ``waits``: who gave the right password with it, and has the second step still to do.
    """
    query = _members().join(StaffSessionRow, col(StaffSessionRow.staff) == col(StaffRow.name))
    is_good = and_(col(StaffSessionRow.expires) > now, col(StaffSessionRow.waits).is_(waits))
    return _find(db, query.where(col(StaffSessionRow.token) == token_hash, is_good))


def find_signed_out(db: Database, token_hash: str) -> str | None:
    """Return the name of who was signed in with this token until it expired, ``None`` where nobody remembers."""
    query = select(col(StaffSessionRow.staff)).where(col(StaffSessionRow.token) == token_hash)
    with db.reading() as connection:
        return connection.execute(query).scalar_one_or_none()


def came_by_provider(db: Database, token_hash: str) -> bool:
    """Say whether an identity provider vouched for whom this token signs in, or waits to."""
    query = select(col(StaffSessionRow.by_provider)).where(col(StaffSessionRow.token) == token_hash)
    with db.reading() as connection:
        return bool(connection.execute(query).scalar_one_or_none())


def end_all_staff_sessions(db: Database, name: str) -> None:
    """Sign a member of staff out everywhere."""
    with db.writing() as connection:
        connection.execute(delete(StaffSessionRow).where(col(StaffSessionRow.staff) == name))


def end_staff_session(db: Database, token_hash: str) -> None:
    """Sign a browser out."""
    with db.writing() as connection:
        connection.execute(delete(StaffSessionRow).where(col(StaffSessionRow.token) == token_hash))


def add_one_time_link(db: Database, token_hash: str, link: Link, expires: datetime, deed: Deed, at: datetime) -> None:  # noqa: PLR0913, PLR0917 - a row, and its line in the log
    """Remember a link by the hash of its token, what it is for, and who made it.

    Raises:
        RequestMistakenError: the organisation or the member of staff does not exist.
    """
    place: dict[str, str | None] = (
        {"role": None, "organisation": None} if link.post is None else dict(_place(link.post))
    )
    row = {"token": token_hash, **place, "staff": link.staff, "expires": expires, "used": False, "made_by": deed.who}
    try:
        with db.writing() as connection:
            connection.execute(insert(OneTimeLinkRow), row)
            audit.add(connection, deed, at)
    except IntegrityError:
        message = "this link is for an organisation or a member of staff that does not exist. Add it first."
        raise RequestMistakenError(message) from None


def _place(post: Post) -> dict[str, str | None]:
    return {"role": post.role, "organisation": post.organisation or None}


def peek_one_time_link(db: Database, token_hash: str, now: datetime) -> Link | None:
    """Return what a link is for, ``None`` where it is unknown, used or expired. The link stays good."""
    columns = (col(OneTimeLinkRow.role), col(OneTimeLinkRow.organisation), col(OneTimeLinkRow.staff))
    with db.reading() as connection:
        row = connection.execute(select(*columns).where(_is_good(token_hash, now))).one_or_none()
    if row is None:
        return None
    return _link_of(*row)


def _link_of(role: str | None, organisation: str | None, name: str | None) -> Link:
    return Link(staff=name) if role is None else Link(Post(cast("Role", role), organisation or ""))


def list_open_links(db: Database, now: datetime) -> tuple[OpenLink, ...]:
    """Return the links that still let somebody in, those that end first first."""
    what = (col(OneTimeLinkRow.role), col(OneTimeLinkRow.organisation), col(OneTimeLinkRow.staff))
    rest = (col(OneTimeLinkRow.token), col(OneTimeLinkRow.expires), col(OneTimeLinkRow.made_by))
    query = select(*what, *rest).where(is_open(now)).order_by(col(OneTimeLinkRow.expires), col(OneTimeLinkRow.token))
    with db.reading() as connection:
        return tuple(
            OpenLink(token[:LINK_DIGITS], _link_of(*link), until, by)
            for *link, token, until, by in connection.execute(query)
        )


def withdraw_link(db: Database, number: str, deed: Deed, at: datetime) -> bool:
    """Make a link worthless before somebody uses it; say whether there was one. Who asks again gets a new link."""
    called = func.substr(col(OneTimeLinkRow.token), 1, LINK_DIGITS) == number
    with db.writing() as connection:
        is_gone = connection.execute(delete(OneTimeLinkRow).where(called, is_open(at))).rowcount > 0
        if is_gone:
            audit.add(connection, deed, at)
    return is_gone


def _is_good(token_hash: str, now: datetime) -> ColumnElement[bool]:
    return and_(col(OneTimeLinkRow.token) == token_hash, is_open(now))


def is_open(now: datetime) -> ColumnElement[bool]:
    """Say of a link whether it still lets somebody in: nobody used it, and it is not too old."""
    return and_(col(OneTimeLinkRow.used).is_(False), col(OneTimeLinkRow.expires) > now)


def use_one_time_link(db: Database, token_hash: str, member: Staff, now: datetime) -> bool:
    """Add the member of staff that a link lets in, and use the link up, both or neither.

    Their one post must be the link's. Of two browsers that use a link at once, one gets in.

    Raises:
        RequestMistakenError: the name is taken; the link stays good.
    """
    link = peek_one_time_link(db, token_hash, now)
    if link is None or link.post is None or member.posts != {link.post}:
        return False
    try:
        with db.writing() as connection:
            if not _use_up(connection, token_hash, now):
                return False
            _insert(connection, member)
            audit.add(connection, Deed(member.name, "account-made"), now)
    except IntegrityError:
        raise _taken(member) from None
    return True


def use_link_for_password(db: Database, token_hash: str, password: str, now: datetime) -> str | None:
    """Replace the password of whom a link is for, sign them out everywhere, and use the link up; return their name."""
    link = peek_one_time_link(db, token_hash, now)
    if link is None or link.staff is None:
        return None
    with db.writing() as connection:
        if not _use_up(connection, token_hash, now):
            return None
        connection.execute(update(StaffRow).where(col(StaffRow.name) == link.staff).values(password=password))
        connection.execute(delete(StaffSessionRow).where(col(StaffSessionRow.staff) == link.staff))
        audit.add(connection, Deed(link.staff, "password-changed"), now)
    return link.staff


def _use_up(connection: Connection, token_hash: str, now: datetime) -> bool:
    use = update(OneTimeLinkRow).where(_is_good(token_hash, now))
    return connection.execute(use.values(used=True)).rowcount == 1
