"""A document of JSON, made small and put into an envelope: how a parcel and a supplement are packed and opened."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from survey_app.exchange.envelope import Card, EnvelopeFault, InstanceKey, Opened, close_envelope, open_envelope
from survey_app.foundation.strict_json import NotJsonError, read_json

LARGEST: Final = 64 * 1024 * 1024
LARGEST_OPENED: Final = 256 * 1024 * 1024
T = TypeVar("T")


def close_packed(
    form: str, document: Mapping[str, Any], sender: InstanceKey, receiver: Card, envelope_id: UUID
) -> bytes:
    """Make a document small, and seal and sign it for one receiver."""
    packed = zlib.compress(json.dumps(document, ensure_ascii=False).encode())
    return close_envelope(form, packed, sender, receiver, envelope_id)


def open_packed(
    form: str,
    raw: bytes,
    receiver: InstanceKey,
    trusted: Mapping[str, Card],
    read: Callable[[Opened, Mapping[str, Any]], T],
) -> T | EnvelopeFault:
    """Verify, open and read; or say why it is not taken, as ``open_envelope`` does.

    Args:
        form: the kind and version that is awaited.
        raw: as it came; ``damaged`` where it is longer than ``LARGEST``.
        receiver: the keys of this instance.
        trusted: cards of the instances whose files are taken, by id.
        read: makes of the envelope and the document what they hold. What it cannot read ``KeyError``, ``TypeError``,
            ``ValueError``, ``AttributeError``) is ``damaged``.
    """
    if len(raw) > LARGEST:
        return "damaged"
    opened = open_envelope(form, raw, receiver, trusted)
    if isinstance(opened, str):
        return opened
    try:
        return read(opened, read_json(_inflate(opened.content)))
    except (NotJsonError, zlib.error, KeyError, TypeError, ValueError, AttributeError):
        return "damaged"


def write_moment(moment: datetime) -> str:
    """Write an aware moment to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def read_moment(text: str) -> datetime:
    """Read a moment that says its zone.

    Raises:
        ValueError: it is none, or says no zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _inflate(content: bytes) -> bytes:
    inflating = zlib.decompressobj()
    inflated = inflating.decompress(content, LARGEST_OPENED)
    if not inflating.eof or inflating.unused_data.strip(b" "):
        raise ValueError(len(inflated))
    return inflated
