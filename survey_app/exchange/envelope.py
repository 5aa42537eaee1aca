"""An envelope: how anything travels between two instances, sealed to its receiver and signed by its sender.

Sealed by HPKE (RFC 9180, base mode, with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM), then signed (Ed25519).
Seal and signature are bound to what kind of thing travels, its id, its sender and its receiver. Nobody on the way can read it,
change it, say that it was theirs, or hand one kind in as another; what is filled up tells by its length how much it holds to
a few kilobytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from survey_app.foundation.base64url import from_base64url, to_base64url
from survey_app.foundation.strict_json import NotJsonError, read_json

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_CARD: Final = "survey-app-instance:"
_KEY_BYTES: Final = 32
_ID_DIGITS: Final = 32
_TOGETHER: Final = 4
_FILLED_TO: Final = 4096
_FIELDS: Final = frozenset({"format", "id", "from", "to", "sealed", "signature"})

EnvelopeFault = Literal["damaged", "other-format", "foreign", "sender-unknown", "forged"]


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
        return _CARD + to_base64url(self.signing + self.receiving)


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
class Opened:
    """What was opened. ``sender``: id of the instance that signed it; ``content`` is filled up with blanks."""

    id: UUID
    sender: str
    content: bytes


def draw_instance_key() -> InstanceKey:
    """Draw the keys of an instance."""
    return InstanceKey(
        Ed25519PrivateKey.generate().private_bytes_raw(), X25519PrivateKey.generate().private_bytes_raw()
    )


def read_card(text: str) -> Card | None:
    """Read a card; ``None`` where it is none."""
    _, is_card, keys = text.strip().rpartition(_CARD)
    try:
        found = from_base64url(keys)
    except ValueError:
        return None
    if not is_card or len(found) != 2 * _KEY_BYTES:
        return None
    return Card(found[:_KEY_BYTES], found[_KEY_BYTES:])


def read_out(card_id: str) -> str:
    """Return the id of a card as it is read out by telephone: four digits together."""
    return " ".join(card_id[start : start + _TOGETHER] for start in range(0, len(card_id), _TOGETHER))


def close_envelope(form: str, content: bytes, sender: InstanceKey, receiver: Card, envelope_id: UUID) -> bytes:
    """Seal and sign content for one receiver. ``form``: its kind and version, such as ``survey-app batch 1``."""
    filled = content + b" " * (-len(content) % _FILLED_TO)
    said = bound(form, envelope_id, sender.card.id, receiver.id)
    sealed = _SUITE.encrypt(filled, X25519PublicKey.from_public_bytes(receiver.receiving), said)
    signature = Ed25519PrivateKey.from_private_bytes(sender.signing).sign(said + b"\n" + sealed)
    written = {
        "format": form,
        "id": str(envelope_id),
        "from": sender.card.id,
        "to": receiver.id,
        "sealed": to_base64url(sealed),
        "signature": to_base64url(signature),
    }
    return json.dumps(written).encode()


def open_envelope(form: str, raw: bytes, receiver: InstanceKey, trusted: Mapping[str, Card]) -> Opened | EnvelopeFault:
    """Verify and open an envelope.

    Args:
        form: the kind and version that is awaited.
        raw: as it came.
        receiver: the keys of this instance.
        trusted: cards of the instances whose envelopes are taken, by id.

    Returns:
        What was in it; or why it is not taken: ``damaged`` (cut off, changed, of another kind), ``other-format`` (of this
        kind, in another version), ``foreign`` (for another instance), ``sender-unknown``, ``forged`` (not signed by the
        instance that it names).
    """
    envelope = _read_envelope(form, raw)
    if not isinstance(envelope, dict):
        return envelope
    if envelope["to"] != receiver.card.id:
        return "foreign"
    sender = trusted.get(envelope["from"])
    if sender is None:
        return "sender-unknown"
    said = bound(form, envelope["id"], sender.id, envelope["to"])
    try:
        key = Ed25519PublicKey.from_public_bytes(sender.signing)
        key.verify(envelope["signature"], said + b"\n" + envelope["sealed"])
        content = _SUITE.decrypt(envelope["sealed"], X25519PrivateKey.from_private_bytes(receiver.receiving), said)
    except InvalidSignature:
        return "forged"
    except (InvalidTag, ValueError):
        return "damaged"
    return Opened(envelope["id"], sender.id, content)


def _read_envelope(form: str, raw: bytes) -> dict[str, Any] | EnvelopeFault:
    kind = form.rpartition(" ")[0] + " "
    try:
        found = read_json(raw)
    except NotJsonError:
        return "damaged"
    if not isinstance(found, dict) or not str(found.get("format", "")).startswith(kind):
        return "damaged"
    if found["format"] != form:
        return "other-format"
    try:
        return _read_fields(found)
    except (TypeError, ValueError):
        return "damaged"


def _read_fields(found: Mapping[str, Any]) -> dict[str, Any]:
    """Read what is not text; ``TypeError`` or ``ValueError`` where it is something else, or not all of it."""
    if found.keys() != _FIELDS or not all(isinstance(value, str) for value in found.values()):
        raise ValueError(sorted(found))
    envelope_id = UUID(found["id"])
    if str(envelope_id) != found["id"]:
        raise ValueError(envelope_id)
    opened = {name: from_base64url(found[name]) for name in ("sealed", "signature")}
    return {**found, **opened, "id": envelope_id}


def bound(form: str, envelope_id: UUID, sender: str, receiver: str) -> bytes:
    """Return what seal and signature are bound to."""
    return "\n".join([form, str(envelope_id), sender, receiver]).encode()
