"""Accounts of staff: passwords, signed-in browsers, one-time links.

Passwords are hashed with argon2id. Tokens are 256 random bits; the database holds their SHA-256 only, so that a copy of
it signs nobody in.
"""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from base64 import b32decode, b32encode
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pwdlib import PasswordHash

from survey_app.fieldwork.rights import Post
from survey_app.foundation.errors import RequestMistakenError
from survey_app.storage import staff as kept
from survey_app.storage.audit import MACHINE, Deed
from survey_app.storage.database import Database
from survey_app.storage.staff import Link, Staff

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 200
LONGEST_NAME: Final = 60
LINK_HOURS: Final = 24
TRIES_PER_ACCOUNT: Final = 5
WINDOW_MINUTES: Final = 15
INVITATION_HOURS: Final = 168  # a facilitator works two days a week
CODE_DIGITS: Final = 6
STEP_SECONDS: Final = 30
CODE_MINUTES: Final = 10
"""How long the second step may take."""
_AROUND: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_REPEATED: Final = re.compile(r"(.{1,8}?)\1+")
_SHORTEST_CORE: Final = 4
_SECRET: Final = re.compile(r"[A-Z2-7]{32}", re.ASCII)


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


def password_fault(password: str, name: str = "") -> str | None:
    """Return what is wrong with a new password as a code, ``None`` where nothing is.

    Length is what counts (NIST SP 800-63B, 3.1.1.2), and that nobody guesses it first: a common word with figures around
    it, one thing repeated, or the name of its owner.
    """
    if len(password) < SHORTEST_PASSWORD:
        return "password-too-short"
    if len(password) > LONGEST_PASSWORD:
        return "password-too-long"
    return "password-common" if _is_guessed_first(password.casefold(), name) else None


def _is_guessed_first(password: str, name: str) -> bool:
    core = _AROUND.sub("", password)
    if len(core) < _SHORTEST_CORE or core in _common_passwords() or _REPEATED.fullmatch(password):
        return True
    return bool(name) and len(core.replace(name, "")) < _SHORTEST_CORE


@lru_cache(maxsize=1)
def _common_passwords() -> frozenset[str]:
    """Return words that many people use as a password, without the figures and signs around them."""
    return frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split("\n"))


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
    _refuse_password(password, cleaned)
    member = make_member(cleaned, password, *posts)
    kept.add_staff(db, member)
    return member


def reset_member(db: Database, name: str, password: str, now: datetime) -> None:
    """Give an account a new password and take its second step away, on the machine itself.

    Raises:
        RequestMistakenError: there is no such account, or the password is too short or common.
    """
    cleaned = clean_name(name)
    if kept.find_staff(db, cleaned) is None:
        raise RequestMistakenError(f'there is no staff "{cleaned}". Look at: survey-app staff list')
    _refuse_password(password, cleaned)
    kept.change_second_step(db, cleaned, None, Deed(MACHINE, "second-step-removed", f"staff {cleaned}"), now)
    deed = Deed(MACHINE, "password-changed", f"staff {cleaned}")
    kept.change_password(db, cleaned, hash_password(password), deed, now)


def _refuse_password(password: str, name: str) -> None:
    fault = password_fault(password, name)
    if fault == "password-common":
        raise RequestMistakenError("this password is one of the first that others try. Choose a few words of your own.")
    if fault is not None:
        raise RequestMistakenError(f"a password has at least {SHORTEST_PASSWORD} letters. Choose a longer one.")


def hash_token(token: str) -> str:
    """Return what the database keeps of a token."""
    return sha256(token.encode()).hexdigest()


def check_password(db: Database, name: str, password: str) -> Staff | None:
    """Return the member of staff whose name and password these are. Takes as long where there is no such name."""
    member = kept.find_staff(db, clean_name(name))
    known = _nobodys_password() if member is None else member.password
    is_right = _hasher().verify(password[: LONGEST_PASSWORD + 1], known)
    return member if is_right else None


def start_session(  # noqa: PLR0913 - what a sign-in is
    db: Database, member: Staff, hours: float, now: datetime, *, waits: bool = False, by_provider: bool = False
) -> str:
    """Sign a browser in; return the token that its cookie holds. ``waits``: for the second step first."""
    token = secrets.token_urlsafe(32)
    until = now + timedelta(hours=hours)
    kept.start_staff_session(db, hash_token(token), member.name, until, now, waits=waits, by_provider=by_provider)
    return token


def make_link(db: Database, link: Link, hours: int, by: str, now: datetime) -> str:
    """Make a one-time link and return its path. ``by``: who makes it, for the log."""
    token = secrets.token_urlsafe(32)
    action, subject = ("link-made", f"staff {link.staff}") if link.post is None else ("invited", say_post(link.post))
    expires = now + timedelta(hours=hours)
    kept.add_one_time_link(db, hash_token(token), link, expires, Deed(by, action, subject), now)
    return f"/console/first/{token}"


def withdraw(db: Database, number: str, by: str, now: datetime) -> bool:
    """Make an open link worthless; say whether there was one. ``by``: who withdraws it, for the log."""
    link = next((one.link for one in kept.list_open_links(db, now) if one.number == number), None)
    if link is None:
        return False
    deed = Deed(by, "link-withdrawn", f"staff {link.staff}" if link.post is None else say_post(link.post))
    return kept.withdraw_link(db, number, deed, now)


def say_post(post: Post) -> str:
    """Return a post in codes, for the log and the command line."""
    return f"{post.role} of {post.organisation}" if post.organisation else post.role


def draw_secret() -> str:
    """Draw the secret of a second step."""
    return b32encode(secrets.token_bytes(20)).decode()


def is_secret(text: str) -> bool:
    """Say whether a text is a secret as ``draw_secret`` draws them."""
    return _SECRET.fullmatch(text) is not None


def secret_address(name: str, secret: str) -> str:
    """Return what an authenticator reads from a QR code."""
    return f"otpauth://totp/{quote('survey-app:' + name)}?secret={secret}&issuer=survey-app"


def code_at(secret: str, step: int) -> str:
    """Return the six digits of a time step (RFC 6238, on RFC 4226 with SHA-1)."""
    digest = hmac.digest(b32decode(secret), step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def find_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step whose code this is: the one of now, or its neighbour where a clock is wrong."""
    typed = "".join(code.split())
    current = int(now.timestamp()) // STEP_SECONDS
    for step in (current, current - 1, current + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), typed.encode()):
            return step
    return None


def passes_second_step(db: Database, member: Staff, code: str, now: datetime) -> bool:
    """Say whether a code is right and was not used before."""
    step = None if member.totp is None else find_step(member.totp, code, now)
    return step is not None and kept.use_time_step(db, member.name, step)


class SignInTries:
    """Counts tries per account, in memory only, and says who must wait.

    Never per address alone: an office, or a whole group, sits behind one. Passwords and codes of the second step are
    counted apart.
    """

    def __init__(self) -> None:
        self._limits: dict[str, RateLimitItem] = {
            kind: RateLimitItemPerMinute(TRIES_PER_ACCOUNT, WINDOW_MINUTES, kind) for kind in ("password", "code")
        }
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def may_try(self, name: str, kind: Literal["password", "code"] = "password") -> bool:
        """Count one try; say whether it may be made."""
        return self._limiter.hit(self._limits[kind], clean_name(name))

    def forgive(self, name: str) -> None:
        """Forget the tries of an account whose owner came in."""
        for limit in self._limits.values():
            self._limiter.clear(limit, clean_name(name))
