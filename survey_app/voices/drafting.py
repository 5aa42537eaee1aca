"""Drafts: an engine speaks what no person has recorded yet, in a process of its own, when the application is built."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from survey_app.foundation.errors import RequestMistakenError
from survey_app.voices.clips import SUFFIX, Voices, folder_of
from survey_app.voices.engine import ENGINE_VOICES
from survey_app.voices.script import Line

_PACKAGES: Final = ("espeakng_loader", "lameenc")
_SECONDS: Final = 300  # for the sentences of one language; it needs about two


@dataclass(frozen=True, slots=True)
class Drafted:
    """What was done for one language: keys of sentences."""

    made: tuple[str, ...]
    refused: tuple[str, ...]
    dropped: tuple[str, ...]


def check_engine() -> None:
    """Make sure that drafts can be made here.

    Raises:
        RequestMistakenError: the engine is not installed.
    """
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise RequestMistakenError(
            f'drafts need {" and ".join(missing)}. Install the extra "voices": pip install "survey-app[voices]"'
        )


def draft(tag: str, lines: Collection[Line], voices: Voices) -> Drafted:
    """Speak what has no voice yet, and drop drafts of sentences that are gone. A second call has nothing to do.

    Raises:
        RequestMistakenError: the engine does not speak this language or fails.
    """
    folder = folder_of(voices.drafts, tag)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {line.key: line.text for line in lines}
    dropped = [path for path in folder.glob(f"*{SUFFIX}") if path.stem not in wanted]
    for path in dropped:
        path.unlink()
    there = voices.clips(tag)
    missing = {key: text for key, text in wanted.items() if key not in there}
    told = _run_engine(tag, {"voice": ENGINE_VOICES[tag], "folder": str(folder), "lines": missing}) if missing else []
    return Drafted(
        made=tuple(key for key in told if not key.startswith("!")),
        refused=tuple(key[1:] for key in told if key.startswith("!")),
        dropped=tuple(path.stem for path in dropped),
    )


def _run_engine(tag: str, wanted: dict[str, object]) -> list[str]:
    command = [sys.executable, "-m", "survey_app.voices.speak"]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, its input on standard input
            command, input=json.dumps(wanted), capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise RequestMistakenError(f"{tag}: the engine did not end. Run it again for this language alone.") from None
    if done.returncode != 0:
        told = done.stderr.strip().splitlines()[-1:] or [f"code {done.returncode}"]
        raise RequestMistakenError(f"{tag}: the engine failed ({told[0]}). No draft was made for this language.")
    return done.stdout.split()
