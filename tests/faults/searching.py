"""Searching what a browser has written for answers that can be read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from installation import READABLE

Written = tuple[int, int, int]
"""Which file it is, how long, and when it was written: one that is written to again differs."""


@dataclass
class Search:
    """Of the profile of one browser. Each file is searched whole, in all forms in which a browser writes an answer."""

    profile: Path
    _searched: dict[str, Written] = field(default_factory=dict)

    def everything(self, needles: Iterable[bytes] = READABLE) -> list[str]:
        """Return the files in which an answer can be read."""
        return self._search(dict(_list(self.profile)), needles)

    def news(self) -> list[str]:
        """The same, of the files alone that were written to since they were searched: cheap enough for each sending."""
        files = dict(_list(self.profile))
        return self._search({path: now for path, now in files.items() if self._searched.get(path) != now}, READABLE)

    def _search(self, files: dict[str, Written], needles: Iterable[bytes]) -> list[str]:
        needles = list(needles)
        self._searched |= files
        return sorted(os.path.relpath(path, self.profile) for path in files if _holds(path, needles))


def _list(folder: Path | str) -> Iterator[tuple[str, Written]]:
    with suppress(OSError), os.scandir(folder) as entries:  # a folder that went meanwhile
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _list(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield from _look_at(entry)


def _look_at(entry: os.DirEntry[str]) -> Iterator[tuple[str, Written]]:
    with suppress(OSError):  # a file that went meanwhile
        seen = entry.stat(follow_symlinks=False)
        yield entry.path, (seen.st_ino, seen.st_size, seen.st_mtime_ns)


def _holds(path: str, needles: list[bytes]) -> bool:
    with suppress(OSError):  # a file that went meanwhile
        content = Path(path).read_bytes()
        return any(one in content for one in needles)
    return False
