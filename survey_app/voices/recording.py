"""Recordings: a sheet for the person who records, and the files that come back.

Nothing says who recorded: labels inside a file are left out, and nothing else is asked.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from survey_app.foundation.errors import RequestMistakenError
from survey_app.voices.clips import SUFFIX, Voices, folder_of
from survey_app.voices.mp3 import NoSoundError, read_sound
from survey_app.voices.script import Line

INDEX: Final = "index.json"
LARGEST_BYTES: Final = 250_000
LONGEST_SECONDS: Final = 20.0
SHORTEST_SECONDS: Final = 0.2
_COLUMNS: Final = ("file", "sentence", "what it is", "voice", "key")


class FaultyRecordingsError(RequestMistakenError):
    """Nothing was taken; the message has one line for each file at fault."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One recording that fits a sentence."""

    line: Line
    frames: bytes


def write_sheet(tag: str, lines: Collection[Line], voices: Voices) -> str:
    """Return the sheet of a language as CSV: one line for each sentence, with the name that its file must have."""
    written = io.StringIO()
    sheet = csv.writer(written)
    sheet.writerow(_COLUMNS)
    there = voices.clips(tag)
    for number, line in enumerate(lines, 1):
        clip = there.get(line.key)
        sheet.writerow((f"{number:03}{SUFFIX}", line.text, line.where, clip.state if clip else "missing", line.key))
    return written.getvalue()


def take_recordings(source: Path, tag: str, lines: Collection[Line], folder: Path) -> tuple[Taken, ...]:
    """Check recordings and keep them under ``folder``, all or none.

    Args:
        source: an MP3 file named after its sentence's key, or a folder of them; a folder that holds a sheet of
            ``write_sheet`` may name its files as the sheet says.
        tag: the language that they speak.
        lines: the script of that language.
        folder: of all recordings.

    Raises:
        FaultyRecordingsError: a file fits no sentence, or no tablet would play it.
    """
    taken, faults = _read(source, {line.key: line for line in lines})
    if faults:
        raise FaultyRecordingsError("\n".join([*faults, "Nothing was taken."]))
    if not taken:
        raise FaultyRecordingsError(
            f"{source} holds no recording. Name each file as the sheet of `voices script` says."
        )
    _keep(taken, folder_of(folder, tag))
    return tuple(taken)


def read_index(folder: Path) -> dict[str, str]:
    """Return the sentences of the recordings in a language's folder by key, also of those that are gone."""
    file = folder / INDEX
    if not file.exists():
        return {}
    read: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return read


def _read(source: Path, lines: Mapping[str, Line]) -> tuple[list[Taken], list[str]]:
    files = sorted(source.glob(f"*{SUFFIX}")) if source.is_dir() else [source]
    named = dict(_read_sheets(source)) if source.is_dir() else {}
    taken: list[Taken] = []
    faults: list[str] = []
    for file in files:
        line = lines.get(named.get(file.name, file.stem))
        if line is None:
            faults.append(f"{file.name} fits no sentence. Name it as today's sheet of `voices script` says.")
            continue
        try:
            taken.append(Taken(line, _read_file(file)))
        except NoSoundError as error:
            faults.append(f"{file.name} {error}.")
    return taken, faults


def _read_sheets(folder: Path) -> Iterator[tuple[str, str]]:
    """Give the name of each file on the sheets in a folder, with its key."""
    for sheet in sorted(folder.glob("*.csv")):
        for row in csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8-sig"))):
            yield row.get("file") or "", row.get("key") or ""


def _read_file(file: Path) -> bytes:
    if file.stat().st_size > LARGEST_BYTES:
        raise NoSoundError(f"is larger than {LARGEST_BYTES // 1000} kB. Save it as MP3, mono, 32 kbit/s")
    return check_sound(file.read_bytes())


def check_sound(content: bytes) -> bytes:
    """Return the sound of an MP3 file without its labels.

    Raises:
        NoSoundError: no tablet would play it, or it is no one sentence.
    """
    if len(content) > LARGEST_BYTES:
        raise NoSoundError(f"is larger than {LARGEST_BYTES // 1000} kB. Save it as MP3, mono, 32 kbit/s")
    sound = read_sound(content)
    if not sound.is_mono:
        raise NoSoundError("is stereo. Save it as MP3, mono")
    if not SHORTEST_SECONDS <= sound.seconds <= LONGEST_SECONDS:
        raise NoSoundError(f"is {sound.seconds:.1f} seconds long. Cut it to the one sentence")
    return sound.frames


def _keep(taken: Collection[Taken], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for one in taken:
        unfinished = folder / f"{one.line.key}.part"
        unfinished.write_bytes(one.frames)
        unfinished.replace(folder / f"{one.line.key}{SUFFIX}")
    index = read_index(folder) | {one.line.key: one.line.text for one in taken}
    (folder / INDEX).write_text(
        json.dumps(dict(sorted(index.items())), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
