"""Recorded words as a file that every browser plays: the samples of ``audio/basic`` as 16-bit WAVE."""

from __future__ import annotations

import struct
import sys
from array import array
from typing import Final

from survey_app.collection.comment import SAMPLES_A_SECOND

_BYTES: Final = 2
_BIAS: Final = 0x84


def write_wave(samples: bytes) -> bytes:
    """Return a WAVE file (RIFF, linear PCM) of mu-law samples."""
    linear = array("h", map(_LINEAR.__getitem__, samples))
    if sys.byteorder == "big":
        linear.byteswap()
    body = linear.tobytes()
    form = struct.pack("<HHIIHH", 1, 1, SAMPLES_A_SECOND, SAMPLES_A_SECOND * _BYTES, _BYTES, 8 * _BYTES)
    head = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(body))
    return b"RIFF" + struct.pack("<I", len(head) + len(body)) + head + body


def _expand(sample: int) -> int:
    """Return the linear value of a mu-law byte (ITU-T G.711, table 2a)."""
    turned = ~sample & 0xFF
    size = (((turned & 0x0F) << 3) + _BIAS << ((turned & 0x70) >> 4)) - _BIAS
    return -size if turned & 0x80 else size


_LINEAR: Final = tuple(_expand(sample) for sample in range(256))
