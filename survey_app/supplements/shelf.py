"""The shelf: one folder for each change, numbered, whole and never changed again; the highest number is in use."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from survey_app.foundation.errors import RequestMistakenError

SHELF: Final = "supplements"
MANIFEST: Final = "supplement.json"
MANIFEST_FORMAT: Final = 1
MOST_KEPT: Final = 10
_SCRATCH: Final = ".taking-"
_NUMBER: Final = re.compile(r"[0-9]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change came from. ``by``: name of staff, empty for a command; ``about``: a language, or the number brought back.

    ``id``, ``sender`` (number of its card), ``sender_name`` and ``packed_at`` are those of a supplement that came.
    """

    kind: Literal["came", "corrected", "brought-back"]
    at: datetime
    by: str
    about: str = ""
    id: str = ""
    sender: str = ""
    sender_name: str = ""
    packed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """What a change holds: names of questionnaires, and how many sentences and voices by language."""

    questionnaires: tuple[str, ...] = ()
    sentences: Mapping[str, int] = field(default_factory=dict)
    voices: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_nothing(self) -> bool:
        return not (self.questionnaires or self.sentences or self.voices)


@dataclass(frozen=True, slots=True)
class Came:
    """A supplement that was taken in: what refuses it when it comes again, and older ones."""

    id: str
    sender: str
    packed_at: datetime


@dataclass(frozen=True, slots=True)
class Shelved:
    """A change as it lies on the shelf, with everything before it. ``files``: hash of each by name."""

    number: int
    folder: Path
    origin: Origin
    counts: Counts
    came: tuple[Came, ...]
    files: Mapping[str, str]

    @property
    def edition(self) -> str:
        """Fingerprint of what it says, empty where it says nothing beside what is shipped."""
        written = json.dumps(self.files, sort_keys=True).encode()
        return hashlib.sha256(written).hexdigest()[:10] if self.files else ""


def find_in_use(shelf: Path) -> Shelved | None:
    """Return the last change, after looking whether it is as it was laid down; ``None`` where nothing came yet.

    Raises:
        RequestMistakenError: it was changed since.
    """
    number = newest(shelf)
    return verify(shelf / f"{number:06}") if number else None


def newest(shelf: Path) -> int:
    """Return the number of the change in use, 0 where nothing came yet."""
    return max((number for number, _ in _list_folders(shelf)), default=0)


def stamp(shelf: Path) -> tuple[int, int]:
    """Return what changes whenever another change is in use: its number, and when it was written."""
    number = newest(shelf)
    try:
        return number, (shelf / f"{number:06}" / MANIFEST).stat().st_mtime_ns
    except OSError:
        return number, 0


def list_shelved(shelf: Path) -> tuple[Shelved, ...]:
    """Return every change that can be read, the last one first."""
    found = [_read_manifest(folder) for _, folder in _list_folders(shelf)]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.number, reverse=True))


def _list_folders(shelf: Path) -> Iterator[tuple[int, Path]]:
    for folder in shelf.iterdir() if shelf.is_dir() else ():
        if _NUMBER.fullmatch(folder.name):
            yield int(folder.name), folder


@contextmanager
def new_folder(shelf: Path) -> Iterator[Path]:
    """Give a folder that becomes a change: beside the shelf, with the same protection."""
    shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=shelf.parent) as scratch:
        folder = Path(scratch) / "new"
        folder.mkdir(mode=0o700)
        yield folder


def put_in_place(shelf: Path, shelved: Shelved) -> Shelved:
    """Make a new folder the change in use, and let go of those that are too old to be brought back.

    Raises:
        OSError: it cannot be written, or another change took its number at the same moment.
    """
    (shelved.folder / MANIFEST).write_text(_write_manifest(shelved), encoding="utf-8")
    _make_durable(shelved.folder)
    there = shelf / f"{shelved.number:06}"
    shelved.folder.rename(there)
    _make_entry_durable(shelf)
    for number, former in _list_folders(shelf):
        if number <= shelved.number - MOST_KEPT:
            shutil.rmtree(former, ignore_errors=True)
    return verify(there)


def remove(shelved: Shelved) -> None:
    """Take a change away that was just put in place: nothing of it counts."""
    shutil.rmtree(shelved.folder)


def link_all(former: Path, folder: Path) -> None:
    """Begin with everything that is there: the same files under two names, as none is ever written into."""
    for name in _names(former):
        (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.link(former / name, folder / name)
        except OSError:  # a file system without links
            shutil.copy2(former / name, folder / name)


def _names(folder: Path) -> tuple[str, ...]:
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return tuple(name for name in files if name != MANIFEST)


def write_anew(path: Path, content: bytes) -> None:
    """Write a file without touching the one of the same name in another change."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def _make_durable(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        _make_entry_durable(path)


def _make_entry_durable(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _write_manifest(shelved: Shelved) -> str:
    origin = shelved.origin
    content = {
        "format": MANIFEST_FORMAT,
        "number": shelved.number,
        "origin": {
            "kind": origin.kind,
            "at": origin.at.isoformat(),
            "by": origin.by,
            "about": origin.about,
            "id": origin.id,
            "sender": origin.sender,
            "sender_name": origin.sender_name,
            "packed_at": origin.packed_at.isoformat() if origin.packed_at else "",
        },
        "counts": {
            "questionnaires": list(shelved.counts.questionnaires),
            "sentences": dict(sorted(shelved.counts.sentences.items())),
            "voices": dict(sorted(shelved.counts.voices.items())),
        },
        "came": [[one.id, one.sender, one.packed_at.isoformat()] for one in shelved.came],
        "files": dict(sorted(shelved.files.items())),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _read_manifest(folder: Path) -> Shelved | None:
    """Read what a change says of itself; ``None`` where it cannot be read."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if found["format"] != MANIFEST_FORMAT:
            return None
        told, counts = found["origin"], found["counts"]
        packed_at = datetime.fromisoformat(told["packed_at"]) if told["packed_at"] else None
        origin = Origin(**{**told, "at": datetime.fromisoformat(told["at"]), "packed_at": packed_at})
        came = tuple(Came(one, sender, datetime.fromisoformat(at)) for one, sender, at in found["came"])
        counted = Counts(tuple(counts["questionnaires"]), counts["sentences"], counts["voices"])
        return Shelved(int(folder.name), folder, origin, counted, came, found["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def verify(folder: Path) -> Shelved:
    """Read a change, and see that each of its files is as it was laid down.

    Raises:
        RequestMistakenError: one is not; the message names it, and how to go on.
    """
    mend = "Restore a backup, or go back to the version before: survey-app supplement back"
    shelved = _read_manifest(folder)
    if shelved is None:
        raise RequestMistakenError(f"{folder / MANIFEST} is missing or can't be read. {mend}")
    there = hash_all(folder)
    wrong = sorted(name for name in there.keys() | shelved.files.keys() if there.get(name) != shelved.files.get(name))
    if wrong:
        raise RequestMistakenError("\n".join(f"{folder / name} was changed, or is gone. {mend}" for name in wrong))
    return shelved


def hash_all(folder: Path) -> dict[str, str]:
    """Return the hash of each file of a change by its name."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sorted(_names(folder))}
