"""MP3 files as their frames say: whether a tablet can play one, how long it is, and its sound without its labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_MPEG_1: Final = 3
_LAYER_3: Final = 1
_MONO: Final = 3
_LABEL_BEFORE: Final = b"ID3"
_LABEL_BEFORE_BYTES: Final = 10
_LABEL_AFTER: Final = b"TAG"
_KILOBITS: Final = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLES_PER_SECOND: Final = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_HEADER_BYTES: Final = 4
_FEWEST_FRAMES: Final = 4


class NoSoundError(ValueError):
    """This is not an MP3 that every tablet plays; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Sound:
    """``frames``: the file without labels, which may hold names; ``seconds``: its length."""

    frames: bytes
    seconds: float
    is_mono: bool


@dataclass(frozen=True, slots=True)
class _Frame:
    size: int
    seconds: float
    is_mono: bool


def read_sound(content: bytes) -> Sound:
    """Read an MP3 file.

    Source: ISO/IEC 11172-3 and 13818-3, frame headers of layer III.

    Raises:
        NoSoundError: it is another format, or broken off.
    """
    start = _skip_label(content)
    frames = list(_read_frames(content, start))
    if len(frames) < _FEWEST_FRAMES:
        raise NoSoundError("is no MP3 file. Save the recording as MP3, mono")
    end = start + sum(frame.size for frame in frames)
    if end > len(content) or not _is_label(content[end:]):
        raise NoSoundError("is broken. Save the recording again as MP3, mono")
    return Sound(content[start:end], sum(frame.seconds for frame in frames), all(frame.is_mono for frame in frames))


def _skip_label(content: bytes) -> int:
    """Return where the frames begin: behind an ID3v2 label, whose length stands in four times seven bits."""
    if not content.startswith(_LABEL_BEFORE) or len(content) < _LABEL_BEFORE_BYTES:
        return 0
    length = 0
    for byte in content[6:_LABEL_BEFORE_BYTES]:
        length = length << 7 | byte & 0x7F
    return _LABEL_BEFORE_BYTES + length


def _is_label(rest: bytes) -> bool:
    """Say whether nothing but a label, or nothing at all, stands behind the frames."""
    return not rest.strip(b"\0") or rest.startswith((_LABEL_AFTER, b"APETAGEX", b"LYRICSBEGIN"))


def _read_frames(content: bytes, start: int) -> Iterator[_Frame]:
    while (frame := _read_header(content[start : start + _HEADER_BYTES])) is not None:
        yield frame
        start += frame.size


def _read_header(header: bytes) -> _Frame | None:
    """Read the four bytes that head each frame; ``None`` where they do not."""
    if len(header) < _HEADER_BYTES or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:  # noqa: PLR2004 - eleven set bits
        return None
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bits, rate = header[2] >> 4, header[2] >> 2 & 3
    is_first = version == _MPEG_1
    rates = _SAMPLES_PER_SECOND.get(version, ())
    if layer != _LAYER_3 or rate >= len(rates) or not 0 < bits < len(_KILOBITS[is_first]):
        return None
    samples = 1152 if is_first else 576
    size = samples // 8 * _KILOBITS[is_first][bits] * 1000 // rates[rate] + (header[2] >> 1 & 1)
    return _Frame(size, samples / rates[rate], header[3] >> 6 == _MONO)
