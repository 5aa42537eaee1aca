"""Accounts of staff: passwords, signed-in browsers, one-time links.

Passwords are hashed with argon2id. Tokens are 256 random bits; the database holds their SHA-256 only, so that a copy of
it signs nobody in.
"""

from __future__ import annotations

import secrets
import unicodedata
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pwdlib import PasswordHash

from survey_app.fieldwork.rights import Post
from survey_app.foundation.errors import RequestMistakenError
from survey_app.storage import staff as kept
from survey_app.storage.database import Database
from survey_app.storage.staff import Staff

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 200
LONGEST_NAME: Final = 60
LINK_HOURS: Final = 24
TRIES_PER_ACCOUNT: Final = 5
TRIES_PER_ADDRESS: Final = 60  # a whole office sits behind one address
WINDOW_MINUTES: Final = 15


@lru_cache(maxsize=1)
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@lru_cache(maxsize=1)
def _nobodys_password() -> str:
    """A hash to compare with where there is no such account, so that the reply takes as long."""
    return _hasher().hash(secrets.token_urlsafe(16))


def clean_name(text: str) -> str:
    """Return a sign-in name as it is kept: without outer spaces, small letters."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def name_fault(name: str) -> str | None:
    """Return what is wrong with a cleaned name as a code, ``None`` where nothing is."""
    if not name:
        return "name-missing"
    return "name-too-long" if len(name) > LONGEST_NAME or not name.isprintable() else None


def password_fault(password: str) -> str | None:
    """Return what is wrong with a new password as a code, ``None`` where nothing is.

    Length is what counts (NIST SP 800-63B, 3.1.1.2).
    """
    if len(password) < SHORTEST_PASSWORD:
        return "password-too-short"
    return "password-too-long" if len(password) > LONGEST_PASSWORD else None


def hash_password(password: str) -> str:
    """Return what the database keeps of a password."""
    return _hasher().hash(password)


def make_member(name: str, password: str, *posts: Post) -> Staff:
    """Return a member of staff ready to be kept, the password hashed."""
    return Staff(name=clean_name(name), password=hash_password(password), posts=frozenset(posts))


def add_member(db: Database, name: str, password: str, *posts: Post) -> Staff:
    """Add a member of staff.

    Raises:
        RequestMistakenError: the name is taken or empty, the password too short, or a post at no organisation.
    """
    cleaned = clean_name(name)
    if name_fault(cleaned) is not None:
        raise RequestMistakenError(f"a name has 1 to {LONGEST_NAME} letters. Choose another name.")
    if password_fault(password) is not None:
        raise RequestMistakenError(f"a password has at least {SHORTEST_PASSWORD} letters. Choose a longer one.")
    member = make_member(cleaned, password, *posts)
    kept.add_staff(db, member)
    return member


def hash_token(token: str) -> str:
    """Return what the database keeps of a token."""
    return sha256(token.encode()).hexdigest()


def check_password(db: Database, name: str, password: str) -> Staff | None:
    """Return the member of staff whose name and password these are. Takes as long where there is no such name."""
    member = kept.find_staff(db, clean_name(name))
    known = _nobodys_password() if member is None else member.password
    is_right = _hasher().verify(password[: LONGEST_PASSWORD + 1], known)
    return member if is_right else None


def start_session(db: Database, member: Staff, hours: int, now: datetime) -> str:
    """Sign a browser in; return the token that its cookie holds."""
    token = secrets.token_urlsafe(32)
    kept.start_staff_session(db, hash_token(token), member.name, now + timedelta(hours=hours), now)
    return token


def make_link(db: Database, post: Post, now: datetime) -> str:
    """Make a one-time link to create an account; return its path. It is good for ``LINK_HOURS``."""
    token = secrets.token_urlsafe(32)
    kept.add_one_time_link(db, hash_token(token), post, now + timedelta(hours=LINK_HOURS))
    return f"/console/first/{token}"


class SignInTries:
    """Counts tries to sign in per account and per address, in memory only, and says who must wait."""

    def __init__(self) -> None:
        self._account: RateLimitItem = RateLimitItemPerMinute(TRIES_PER_ACCOUNT, WINDOW_MINUTES, "account")
        self._address: RateLimitItem = RateLimitItemPerMinute(TRIES_PER_ADDRESS, WINDOW_MINUTES, "address")
        self._storage = MemoryStorage()
        self._limiter = MovingWindowRateLimiter(self._storage)

    def may_try(self, name: str, address: str) -> bool:
        """Count one try; say whether it may be made."""
        by_address = self._limiter.hit(self._address, address)
        return self._limiter.hit(self._account, clean_name(name)) and by_address

    def forgive(self, name: str) -> None:
        """Forget the tries of an account whose owner came in."""
        self._limiter.clear(self._account, clean_name(name))
