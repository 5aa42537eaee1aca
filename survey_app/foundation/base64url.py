"""Bytes as text that stands in addresses and JSON: base64url of RFC 4648, section 5, without filling."""

from __future__ import annotations

import base64


def to_base64url(content: bytes) -> str:
    """Write bytes as text, without filling."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def from_base64url(text: str) -> bytes:
    """Return the bytes; ``ValueError`` where it is something else."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
