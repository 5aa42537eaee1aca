"""A batch: closed sessions with their responses, on their way from a laptop to the instance that counts for all.

Sealed to its receiver (HPKE, RFC 9180, base mode, with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM), then signed
by its sender (Ed25519). Seal and signature are bound to the batch's id, its sender and its receiver. Nobody on the way can
read it, change it, or say that it was theirs; what is filled up tells by its length how much it holds to a few kilobytes.

Responses lie in the order of their random ids, under their sessions in the order of theirs: a batch says neither who came
first nor which tablet they came from, and it is the same whenever it is packed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from survey_app.foundation.strict_json import NotJsonError, read_json

FORMAT: Final = "survey-app batch 1"
MOST_RESPONSES: Final = 2_000
LARGEST: Final = 16 * 1024 * 1024
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_CARD: Final = "survey-app-instance:"
_KEY_BYTES: Final = 32
_ID_DIGITS: Final = 32
_FILLED_TO: Final = 4096
_NOTHING_SAID: Final[Mapping[str, Any]] = {"languages": (), "helped": None, "cancelled": False}
_FIELDS: Final = frozenset({"format", "id", "from", "to", "sealed", "signature"})

BatchFault = Literal["damaged", "other-format", "foreign", "sender-unknown", "forged"]


@dataclass(frozen=True, slots=True)
class Card:
    """What others need to know of an instance: two public keys. ``id`` follows from them."""

    signing: bytes
    receiving: bytes

    @property
    def id(self) -> str:
        return hashlib.sha256(self.signing + self.receiving).hexdigest()[:_ID_DIGITS]

    @property
    def written(self) -> str:
        """The card as one line to hand on."""
        return _CARD + _to_base64url(self.signing + self.receiving)


@dataclass(frozen=True, slots=True)
class InstanceKey:
    """The keys of this instance: 32 bytes each, Ed25519 to sign and X25519 to receive."""

    signing: bytes = field(repr=False)
    receiving: bytes = field(repr=False)

    @property
    def card(self) -> Card:
        signing = Ed25519PrivateKey.from_private_bytes(self.signing).public_key().public_bytes_raw()
        return Card(signing, X25519PrivateKey.from_private_bytes(self.receiving).public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class CarriedSession:
    """A closed session as it travels. ``identity``: random, the same wherever this session is; ``code`` is not.

    ``responses``: id and canonical document of each, by id. The last three are what staff said of its room: languages, how
    many had help, whether it was started by mistake; a batch of an earlier version says none of them.
    """

    identity: UUID
    code: str
    project: str
    module: str
    questionnaire: str
    version: int
    activities: tuple[str, ...]
    people: int
    opened_on: date
    closed_at: datetime
    responses: tuple[tuple[UUID, str], ...]
    languages: tuple[str, ...] = ()
    helped: int | None = None
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """What was opened. ``sender``: id of the instance that signed it."""

    id: UUID
    sender: str
    sessions: tuple[CarriedSession, ...]


def draw_instance_key() -> InstanceKey:
    """Draw the keys of an instance."""
    return InstanceKey(
        Ed25519PrivateKey.generate().private_bytes_raw(), X25519PrivateKey.generate().private_bytes_raw()
    )


def read_card(text: str) -> Card | None:
    """Read a card; ``None`` where it is none."""
    _, is_card, keys = text.strip().rpartition(_CARD)
    try:
        found = _from_base64url(keys)
    except ValueError:
        return None
    if not is_card or len(found) != 2 * _KEY_BYTES:
        return None
    return Card(found[:_KEY_BYTES], found[_KEY_BYTES:])


def divide(sessions: Iterable[CarriedSession], most: int = MOST_RESPONSES) -> Iterator[tuple[CarriedSession, ...]]:
    """Divide sessions into batches of so many responses at most; a session stays whole."""
    some: list[CarriedSession] = []
    for session in sorted(sessions, key=lambda one: one.identity):
        if some and sum(len(one.responses) for one in [*some, session]) > most:
            yield tuple(some)
            some = []
        some.append(session)
    if some:
        yield tuple(some)


def pack(sessions: Sequence[CarriedSession], sender: InstanceKey, receiver: Card, batch_id: UUID) -> bytes:
    """Seal and sign sessions for one receiver."""
    content = json.dumps([_write_session(session) for session in sessions], ensure_ascii=False).encode()
    filled = content + b" " * (-len(content) % _FILLED_TO)
    said = _bound(batch_id, sender.card.id, receiver.id)
    sealed = _SUITE.encrypt(filled, X25519PublicKey.from_public_bytes(receiver.receiving), said)
    signature = Ed25519PrivateKey.from_private_bytes(sender.signing).sign(said + b"\n" + sealed)
    written = {
        "format": FORMAT,
        "id": str(batch_id),
        "from": sender.card.id,
        "to": receiver.id,
        "sealed": _to_base64url(sealed),
        "signature": _to_base64url(signature),
    }
    return json.dumps(written).encode()


def unpack(raw: bytes, receiver: InstanceKey, trusted: Mapping[str, Card]) -> Batch | BatchFault:
    """Verify and open a batch.

    Args:
        raw: as it came.
        receiver: the keys of this instance.
        trusted: cards of the instances whose batches are taken, by id.

    Returns:
        The batch; or why it is not taken: ``damaged`` (cut off, changed, no batch), ``other-format``, ``foreign`` (for
        another instance), ``sender-unknown``, ``forged`` (not signed by the instance that it names).
    """
    envelope = _read_envelope(raw)
    if not isinstance(envelope, dict):
        return envelope
    if envelope["to"] != receiver.card.id:
        return "foreign"
    sender = trusted.get(envelope["from"])
    if sender is None:
        return "sender-unknown"
    said = _bound(envelope["id"], sender.id, envelope["to"])
    try:
        key = Ed25519PublicKey.from_public_bytes(sender.signing)
        key.verify(envelope["signature"], said + b"\n" + envelope["sealed"])
        content = _SUITE.decrypt(envelope["sealed"], X25519PrivateKey.from_private_bytes(receiver.receiving), said)
        sessions = tuple(_read_session(one) for one in read_json(content))
    except InvalidSignature:
        return "forged"
    except (InvalidTag, NotJsonError, KeyError, TypeError, ValueError):
        return "damaged"
    return Batch(envelope["id"], sender.id, sessions)


def _read_envelope(raw: bytes) -> dict[str, Any] | BatchFault:
    try:
        found = read_json(raw)
    except NotJsonError:
        return "damaged"
    if not isinstance(found, dict) or not str(found.get("format", "")).startswith("survey-app batch "):
        return "damaged"
    if found["format"] != FORMAT:
        return "other-format"
    try:
        return _read_fields(found)
    except (TypeError, ValueError):
        return "damaged"


def _read_fields(found: Mapping[str, Any]) -> dict[str, Any]:
    """Read what is not text; ``TypeError`` or ``ValueError`` where it is something else, or not all of it."""
    if found.keys() != _FIELDS or not all(isinstance(value, str) for value in found.values()):
        raise ValueError(sorted(found))
    batch_id = UUID(found["id"])
    if str(batch_id) != found["id"]:
        raise ValueError(batch_id)
    opened = {name: _from_base64url(found[name]) for name in ("sealed", "signature")}
    return {**found, **opened, "id": batch_id}


def _bound(batch_id: UUID, sender: str, receiver: str) -> bytes:
    return "\n".join([FORMAT, str(batch_id), sender, receiver]).encode()


def _write_session(session: CarriedSession) -> dict[str, Any]:
    return {
        "identity": str(session.identity),
        "code": session.code,
        "project": session.project,
        "module": session.module,
        "questionnaire": session.questionnaire,
        "version": session.version,
        "activities": sorted(session.activities),
        "people": session.people,
        "opened_on": session.opened_on.isoformat(),
        "closed_at": session.closed_at.isoformat(),
        "responses": {str(key): document for key, document in sorted(session.responses)},
        "room": {
            "languages": list(session.languages),
            "helped": session.helped,
            "cancelled": session.is_cancelled,
        },
    }


def _read_session(found: Mapping[str, Any]) -> CarriedSession:
    closed_at = datetime.fromisoformat(found["closed_at"])
    if closed_at.tzinfo is None:
        raise ValueError(closed_at)
    room = found.get("room", _NOTHING_SAID)
    helped = room["helped"]
    return CarriedSession(
        identity=UUID(found["identity"]),
        code=str(found["code"]),
        project=str(found["project"]),
        module=str(found["module"]),
        questionnaire=str(found["questionnaire"]),
        version=int(found["version"]),
        activities=tuple(found["activities"]),
        people=int(found["people"]),
        opened_on=date.fromisoformat(found["opened_on"]),
        closed_at=closed_at,
        responses=tuple(sorted((UUID(key), str(document)) for key, document in found["responses"].items())),
        languages=tuple(str(tag) for tag in room["languages"]),
        helped=None if helped is None else int(helped),
        is_cancelled=bool(room["cancelled"]),
    )


def _to_base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _from_base64url(text: str) -> bytes:
    """Return the bytes; ``ValueError`` where it is something else."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
