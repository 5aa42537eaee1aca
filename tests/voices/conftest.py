"""Sounds for tests: a tone as MP3, as short as a recording may be."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable

import pytest

RATE = 16_000


def make_mp3(seconds: float = 0.5, channels: int = 1) -> bytes:
    import lameenc

    tone = [round(8_000 * math.sin(i * 0.2)) for i in range(round(seconds * RATE)) for _ in range(channels)]
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(32)
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(channels)
    encoder.silence()
    return bytes(encoder.encode(array("h", tone).tobytes())) + bytes(encoder.flush())


@pytest.fixture(scope="session", name="make_mp3")
def _make_mp3() -> Callable[..., bytes]:
    return make_mp3
