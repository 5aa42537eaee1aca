"""Spoils files that travel between instances: each way, and by what name it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final
from uuid import uuid4

from survey_app.foundation.base64url import from_base64url, to_base64url

Spoil = Callable[[bytes], bytes]


def flip(place: Callable[[int], int]) -> Spoil:
    """Turn a bit of what is sealed over. ``place``: of a byte, in so many."""

    def spoil(raw: bytes) -> bytes:
        said = json.loads(raw)
        sealed = bytearray(from_base64url(said["sealed"]))
        sealed[place(len(sealed))] ^= 1
        return json.dumps({**said, "sealed": to_base64url(bytes(sealed))}).encode()

    return spoil


def say(**changes: str) -> Spoil:
    """Say something else on the outside."""
    return lambda raw: json.dumps({**json.loads(raw), **changes}).encode()


SPOILED: Final[dict[str, tuple[Spoil, str]]] = {
    "empty": (lambda _raw: b"", "damaged"),
    "of no kind": (lambda _raw: b'{"format": "something else"}', "damaged"),
    "cut at the end": (lambda raw: raw[:-1], "damaged"),
    "cut in the middle": (lambda raw: raw[: len(raw) // 2], "damaged"),
    "first bit": (flip(lambda _length: 0), "forged"),
    "a bit in the middle": (flip(lambda length: length // 2), "forged"),
    "last bit": (flip(lambda length: length - 1), "forged"),
    "another id": (say(id=str(uuid4())), "forged"),
    "another kind": (say(format="survey-app batch 1"), "damaged"),
    "for somebody else": (say(to="0" * 32), "foreign"),
    "from somebody else": (say(**{"from": "0" * 32}), "sender-unknown"),
    "more than it says": (say(extra="x"), "damaged"),
}
"""What every kind of file is refused for, by the same names."""
