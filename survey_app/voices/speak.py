"""The engine's own process: ``python -m survey_app.voices.speak`` turns sentences into MP3 files.

eSpeak NG is under the GPL-3: it runs when drafts are built, in a process of its own, and only its sounds are shipped. The
server never imports this module. Standard input is a JSON document ``{"voice", "folder", "lines": {key: text}}``; each line
of standard output names a key that was written, or ``!`` and a key that was refused. Exit code 3: no such voice.
"""

from __future__ import annotations

import ctypes
import json
import sys
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from survey_app.voices.clips import SUFFIX
from survey_app.voices.engine import is_spelled

NO_SUCH_VOICE: Final = 3
KILOBITS: Final = 24
WORDS_PER_MINUTE: Final = 140  # slower than the engine's 175: most listeners learn to listen to a tablet

# Numbers of espeak-ng's speak_lib.h.
_SYNCHRONOUS: Final = 2
_RATE: Final = 1
_BY_CHARACTER: Final = 1
_UTF8: Final = 1
_QUIET: Final = 300  # of 32,768: what nobody hears
_PAUSE: Final = 0.05  # seconds of quiet left at both ends

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class UnknownVoiceError(Exception):
    """The engine has no such voice."""


class Engine:
    """eSpeak NG with one voice."""

    def __init__(self, voice: str) -> None:
        """Choose a voice.

        Raises:
            UnknownVoiceError: the engine answers with another code than 0; it would speak nonsense.
        """
        import espeakng_loader  # noqa: PLC0415 - its only place

        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = str(espeakng_loader.get_data_path()).encode()
        self.rate: int = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, 0)
        self._heard = array("h")
        self._callback = _Callback(self._hear)
        self._library.espeak_SetSynthCallback(self._callback)
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise UnknownVoiceError(voice)
        self._library.espeak_SetParameter(_RATE, WORDS_PER_MINUTE, 0)

    def speak(self, text: str) -> array[int]:
        """Return the samples of a text, without the quiet around it."""
        del self._heard[:]
        content = text.encode() + b"\0"
        self._library.espeak_Synth(content, len(content), 0, _BY_CHARACTER, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        return self._trim()

    def _hear(self, samples: Any, number: int, _events: object) -> int:  # noqa: ANN401 - a pointer of C
        if samples and number > 0:
            self._heard.frombytes(ctypes.string_at(samples, number * self._heard.itemsize))
        return 0

    def _trim(self) -> array[int]:
        pause = int(_PAUSE * self.rate)
        first = _find_loud(self._heard)
        last = len(self._heard) - _find_loud(reversed(self._heard))
        return self._heard[max(0, first - pause) : last + pause] if first < last else array("h")


def _find_loud(samples: Iterable[int]) -> int:
    """Return how many samples are quiet before the first that is heard."""
    return next((place for place, sample in enumerate(samples) if abs(sample) > _QUIET), sys.maxsize)


def write_mp3(samples: array[int], rate: int, path: Path) -> None:
    """Write samples as a mono MP3. The file is whole or not there."""
    import lameenc  # noqa: PLC0415 - its only place

    encoder = lameenc.Encoder()
    encoder.set_bit_rate(KILOBITS)
    encoder.set_in_sample_rate(rate)
    encoder.set_channels(1)
    encoder.set_quality(5)  # of 2 (best) to 7: heard by nobody at this bit rate, and half the time
    encoder.silence()
    content = bytes(encoder.encode(samples.tobytes())) + bytes(encoder.flush())
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def speak_all(voice: str, folder: Path, lines: Mapping[str, str]) -> None:
    """Write a file for each line, and tell which ones.

    Raises:
        UnknownVoiceError: the engine has no such voice; nothing was written.
    """
    engine = Engine(voice)
    for key, text in lines.items():
        samples = engine.speak(text)
        if not samples or is_spelled(text, len(samples) / engine.rate):
            print(f"!{key}", flush=True)  # noqa: T201 - what the parent reads
            continue
        write_mp3(samples, engine.rate, folder / f"{key}{SUFFIX}")
        print(key, flush=True)  # noqa: T201


def main() -> int:
    wanted = json.load(sys.stdin)
    try:
        speak_all(wanted["voice"], Path(wanted["folder"]), wanted["lines"])
    except UnknownVoiceError:
        return NO_SUCH_VOICE
    return 0


if __name__ == "__main__":
    sys.exit(main())
