"""Opening what a tablet sealed: it could be read by nobody on the way here, its own thief included.

HPKE (RFC 9180), base mode, with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM; ``js/respond/seal.js`` seals.
What is sealed is bound to the session, the questionnaire, the key and the id under which it is handed in: under any other
it does not open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from survey_app.collection.comment import Words, read_spoken, read_written
from survey_app.collection.reading import Problem, Rejected
from survey_app.foundation.base64url import from_base64url, to_base64url
from survey_app.foundation.strict_json import NotJsonError, read_json

_SUITE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_CURVE: Final = ec.SECP256R1()
_PRIVATE_BYTES: Final = 32
_ID_DIGITS: Final = 16
_FIELDS: Final = frozenset({"key", "questionnaire", "version", "sealed"})
_SHARE_FIELDS: Final = frozenset({"id", "key", "sealed"})
MOST_SHARES: Final = 30
"""Shares of one tally; a tablet sends at most 24 (js/respond/tallies.js)."""


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A key of this server. ``id`` follows from ``public``, so that no two keys share one.

    ``public`` is the uncompressed point (65 bytes), ``private`` the number behind it (32 bytes).
    """

    id: str
    public: bytes
    private: bytes = field(repr=False)

    @property
    def written(self) -> str:
        """The key as pages bear it: its id and its public point."""
        return f"{self.id} {to_base64url(self.public)}"


@dataclass(frozen=True, slots=True)
class SealedResponse:
    """A response that only the holder of ``key`` can read."""

    key: str
    questionnaire: str
    version: int
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedComment:
    """A comment that only the holder of ``key`` can read or hear."""

    key: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedShare:
    """What one person adds to a tally, which only the holder of ``key`` can read."""

    id: UUID
    key: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedTally:
    """The shares of several people, in no order of theirs."""

    shares: tuple[SealedShare, ...]


def draw_key() -> SealingKey:
    """Draw a new key."""
    private = ec.generate_private_key(_CURVE)
    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    number = private.private_numbers().private_value.to_bytes(_PRIVATE_BYTES)
    return SealingKey(hashlib.sha256(public).hexdigest()[:_ID_DIGITS], public, number)


def read_sealed(raw: object) -> SealedResponse | Rejected:
    """Read the envelope of a sealed response."""
    match raw:
        case {"key": str(key), "questionnaire": str(form), "version": int(version), "sealed": str(text)} if (
            isinstance(raw, Mapping) and raw.keys() == _FIELDS and type(version) is int
        ):
            sealed = _from_base64url(text)
            return _reject("not-sealed") if sealed is None else SealedResponse(key, form, version, sealed)
    return _reject("not-sealed")


def open_response(response: SealedResponse, key: SealingKey | None, session: str, response_id: UUID) -> object:
    """Open a sealed response.

    Args:
        response: its envelope.
        key: the one that the envelope names, ``None`` where this server never had it.
        session: join code under which it is handed in.
        response_id: id under which it is handed in.

    Returns:
        The JSON value inside, or ``Rejected``: sealed for another server, session or id, or changed on its way.
    """
    if key is None:
        return _reject("key-unknown")
    bound = ("survey-app response 1", session, response.questionnaire, response.version, key.id, response_id)
    return _open_json(response.sealed, key, bound)


def read_sealed_comment(raw: object) -> SealedComment | Rejected:
    """Read the envelope of a sealed comment."""
    match raw:
        case {"key": str(key), "sealed": str(text)} if isinstance(raw, Mapping) and len(raw) == len(("key", "sealed")):
            sealed = _from_base64url(text)
            return _reject("not-sealed") if sealed is None else SealedComment(key, sealed)
    return _reject("not-sealed")


def open_comment(comment: SealedComment, key: SealingKey | None, session: str, comment_id: UUID) -> Words | Rejected:
    """Open a sealed comment and read what it holds, as if it had come readable.

    Inside stands a line with the content type and the number of bytes that follow; what comes after them fills up, so that
    the length of what is sealed does not tell how much somebody said.
    """
    if key is None:
        return _reject("key-unknown")
    bound = ("survey-app comment 1", session, key.id, comment_id)
    message = open_message(comment.sealed, key, "\n".join(map(str, bound)).encode())
    if message is None:
        return _reject("seal-broken")
    line, _, rest = message.partition(b"\n")
    kind, _, size = line.decode("ascii", "replace").partition(" ")
    if kind not in _READERS or not (size.isascii() and size.isdecimal()) or not 0 <= int(size[:9]) <= len(rest):
        return _reject("not-sealed")
    return _READERS[kind](rest[: int(size[:9])])


_READERS: Final[Mapping[str, Callable[[bytes], Words | Rejected]]] = {
    "text/plain": read_written,
    "audio/basic": read_spoken,
}


def read_sealed_tally(raw: object) -> SealedTally | Rejected:
    """Read the envelopes of a tally's shares, each under an id of its own."""
    if not (isinstance(raw, Mapping) and raw.keys() == {"shares"} and isinstance(raw["shares"], list)):
        return _reject("not-sealed")
    shares = tuple(share for share in map(_read_share, raw["shares"]) if share is not None)
    ids = {share.id for share in shares}
    is_whole = len(ids) == len(raw["shares"]) <= MOST_SHARES
    return SealedTally(shares) if is_whole else _reject("not-sealed")


def _read_share(raw: object) -> SealedShare | None:
    match raw:
        case {"id": str(share_id), "key": str(key), "sealed": str(text)} if (
            isinstance(raw, Mapping) and raw.keys() == _SHARE_FIELDS
        ):
            drawn, sealed = _read_id(share_id), _from_base64url(text)
            return None if drawn is None or sealed is None else SealedShare(drawn, key, sealed)
    return None


def _read_id(text: str) -> UUID | None:
    """Read an id that a tablet drew, as a seal is bound to it: in lower case, with hyphens."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None


def open_share(share: SealedShare, key: SealingKey | None, session: str) -> object:
    """Open the share of one person in a tally of a session; the JSON value inside, or ``Rejected``."""
    if key is None:
        return _reject("key-unknown")
    return _open_json(share.sealed, key, ("survey-app tally 1", session, key.id, share.id))


def _open_json(sealed: bytes, key: SealingKey, bound: tuple[object, ...]) -> object:
    message = open_message(sealed, key, "\n".join(map(str, bound)).encode())
    if message is None:
        return _reject("seal-broken")
    try:
        return read_json(message)
    except NotJsonError:
        return _reject("not-an-object")


def open_message(sealed: bytes, key: SealingKey, info: bytes) -> bytes | None:
    """Open one message; ``None`` where it was sealed for another key or purpose, or is no longer what was sealed."""
    try:
        return _SUITE.decrypt(sealed, _derive(key.private), info)
    except (InvalidTag, ValueError):
        return None


@lru_cache(maxsize=8)  # a batch of a tablet is sealed to one key, or two
def _derive(private: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(private), _CURVE)


def _from_base64url(text: str) -> bytes | None:
    try:
        return from_base64url(text)
    except ValueError:
        return None


def _reject(code: Literal["not-sealed", "key-unknown", "seal-broken", "not-an-object"]) -> Rejected:
    return Rejected((Problem("sealed", code),))
