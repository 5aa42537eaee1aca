"""A file that only a passphrase opens, written and read piece by piece, so that no installation is too large for it.

The key comes from the passphrase by scrypt (RFC 7914). Each piece is sealed with AES-256-GCM under a nonce of its place and
of whether it is the last one (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015): pieces cannot be
changed, moved, left out or cut off without notice.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import RawIOBase
from typing import IO, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from survey_app.foundation.errors import RequestMistakenError

MAGIC: Final = b"survey-app backup\n"
FORMAT: Final = 1
PIECE: Final = 1 << 20
"""Bytes of a piece before it is sealed."""
_TAG: Final = 16
_COST: Final = 1 << 17  # of scrypt: 128 MB and a third of a second for each guess
_LONGEST_HEAD: Final = 4096


@dataclass(frozen=True, slots=True)
class _Lock:
    cipher: AESGCM
    prefix: bytes
    head: bytes

    def nonce(self, number: int, *, is_last: bool) -> bytes:
        return self.prefix + number.to_bytes(4) + bytes([is_last])


class LockedWriter(RawIOBase):
    """Seals what is written. Only ``finish`` makes the file complete."""

    def __init__(self, file: IO[bytes], passphrase: str) -> None:
        """Write the head of the file."""
        self._file = file
        self._waiting = bytearray()
        self._number = 0
        salt, prefix = os.urandom(16), os.urandom(7)
        key, check = _derive(passphrase, salt)
        about = {"format": FORMAT, "salt": salt.hex(), "prefix": prefix.hex(), "check": check}
        head = MAGIC + json.dumps(about).encode() + b"\n"
        file.write(head)
        self._lock = _Lock(AESGCM(key), prefix, head)

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:  # noqa: ANN401 - any buffer, as the base class has it
        self._waiting += content
        while len(self._waiting) > PIECE:
            self._seal(bytes(self._waiting[:PIECE]), is_last=False)
            del self._waiting[:PIECE]
        return len(content)

    def finish(self) -> None:
        """Seal the last piece; what comes after it is not part of the file."""
        self._seal(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        nonce = self._lock.nonce(self._number, is_last=is_last)
        self._file.write(self._lock.cipher.encrypt(nonce, piece, self._lock.head))
        self._number += 1


class LockedReader(RawIOBase):
    """Opens what ``LockedWriter`` sealed."""

    def __init__(self, file: IO[bytes], passphrase: str, name: str) -> None:
        """Read the head of the file.

        Args:
            file: at its beginning.
            passphrase: what it was locked with.
            name: how messages call it.

        Raises:
            RequestMistakenError: no backup of ours, of a newer version, or the passphrase is another one.
        """
        self._name = name
        head, about = _read_head(file, name)
        key, check = _derive(passphrase, bytes.fromhex(about["salt"]))
        if check != about["check"]:
            raise RequestMistakenError(f"{name} was locked with another passphrase. Nothing was changed.")
        self._pieces = _open_pieces(file, _Lock(AESGCM(key), bytes.fromhex(about["prefix"]), head), name)
        self._opened = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any buffer, as the base class has it
        if not self._opened:
            self._opened = next(self._pieces, b"")
        size = min(len(buffer), len(self._opened))
        buffer[:size] = self._opened[:size]
        self._opened = self._opened[size:]
        return size


def _read_head(file: IO[bytes], name: str) -> tuple[bytes, dict[str, Any]]:
    if file.read(len(MAGIC)) != MAGIC:
        raise RequestMistakenError(f"{name} is no backup of this program. Give the file that survey-app backup made.")
    line = file.readline(_LONGEST_HEAD)
    try:
        about = json.loads(line)
        made_by = int(about["format"])
    except (ValueError, KeyError, TypeError):
        raise _damaged(name) from None
    if made_by != FORMAT:
        raise RequestMistakenError(f"{name} was made by a newer version of this program. Install that version first.")
    if not all(isinstance(about.get(part), str) for part in ("salt", "prefix", "check")):
        raise _damaged(name)
    return MAGIC + line, about


def _open_pieces(file: IO[bytes], lock: _Lock, name: str) -> Iterator[bytes]:
    piece, number = file.read(PIECE + _TAG), 0
    while True:
        following = file.read(PIECE + _TAG)
        try:
            yield lock.cipher.decrypt(lock.nonce(number, is_last=not following), piece, lock.head)
        except (InvalidTag, ValueError):
            raise _damaged(name) from None
        if not following:
            return
        piece, number = following, number + 1


def _derive(passphrase: str, salt: bytes) -> tuple[bytes, str]:
    """Return the key, and a text that tells a wrong passphrase from a damaged file without helping to guess either."""
    both = Scrypt(salt=salt, length=64, n=_COST, r=8, p=1).derive(passphrase.encode())
    return both[:32], hashlib.sha256(both[32:]).hexdigest()[:16]


def _damaged(name: str) -> RequestMistakenError:
    return RequestMistakenError(f"{name} is damaged or was cut off. Nothing was changed; take another copy of it.")
