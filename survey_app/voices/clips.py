"""Clips: one sound for each sentence in each language, found by what the sentence says.

A clip's file is named after its sentence, so that a sentence that changes loses its old voice. On the wire a clip is named
after its sound, so that a tablet may keep it for ever. A person's recording wins over an engine's draft.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

State = Literal["recorded", "draft"]

SUFFIX: Final = ".mp3"
RECORDED: Final = "voice"
DRAFTED: Final = "drafts"
"""Folders of recordings and of drafts, where both came together."""
DRAFTS: Final = Path(__file__).resolve().parent / "drafts"
"""Folder of the drafts: built by ``survey-app voices draft``, not committed."""

_KEY_LETTERS: Final = 10  # 50 bits: no two sentences of a language share a key
_NAME_LETTERS: Final = 8  # 40 bits, for some hundred sounds of a language


@dataclass(frozen=True, slots=True)
class Clip:
    """The sound of one sentence. ``name`` is its name on the wire; ``size`` in bytes."""

    path: Path
    state: State
    name: str
    size: int


def key_of(tag: str, sentence: str) -> str:
    """Return the key of a sentence spoken in the language of a tag."""
    said = " ".join(unicodedata.normalize("NFC", sentence).split())
    return _letters(f"{tag}\0{said}".encode(), _KEY_LETTERS)


def folder_of(root: Path, tag: str) -> Path:
    """Return the folder of a language's clips."""
    return root / tag.replace("-", "_")


class Voices:
    """All clips of an installation. Clips that come while the server runs are found without a new start.

    ``later``: clips that came afterwards, in ``RECORDED`` and ``DRAFTED`` of it; each takes the place of one of its kind.
    """

    def __init__(self, recorded: Path, drafts: Path = DRAFTS, later: Path | None = None) -> None:
        self.recorded = recorded
        self.drafts = drafts
        self.later = later

    def find(self, tag: str, sentence: str) -> Clip | None:
        """Return the clip of a sentence, ``None`` where nobody has spoken it."""
        return self.clips(tag).get(key_of(tag, sentence))

    def clips(self, tag: str) -> Mapping[str, Clip]:
        """Return the clips of a language by the keys of their sentences."""
        return _gather(*((state, folder, _changed_at(folder)) for state, folder in self._folders(tag)))

    def _folders(self, tag: str) -> Iterator[tuple[State, Path]]:
        """Give the folders of a language's clips; what stands in a later one holds."""
        yield "draft", folder_of(self.drafts, tag)
        if self.later is not None:
            yield "draft", folder_of(self.later / DRAFTED, tag)
        yield "recorded", folder_of(self.recorded, tag)
        if self.later is not None:
            yield "recorded", folder_of(self.later / RECORDED, tag)

    def named(self, tag: str, name: str) -> Clip | None:
        """Return the clip with this name on the wire."""
        return next((clip for clip in self.clips(tag).values() if clip.name == name), None)


def _changed_at(folder: Path) -> int:
    """Return when a file came to a folder or left it; 0 where there is none."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=128)
def _gather(*folders: tuple[State, Path, int]) -> Mapping[str, Clip]:
    return {key: clip for state, folder, _ in folders for key, clip in _read_folder(folder, state).items()}


def _read_folder(folder: Path, state: State) -> dict[str, Clip]:
    found: dict[str, Clip] = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        content = path.read_bytes()
        found[path.stem] = Clip(path, state, _letters(content, _NAME_LETTERS), len(content))
    return found


def _letters(content: bytes, number: int) -> str:
    """Return a fingerprint in small letters and digits, also where files do not tell large letters from small."""
    return base64.b32encode(hashlib.sha256(content).digest()).decode().lower()[:number]
