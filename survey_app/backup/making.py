"""Making a backup, and opening it again before anybody relies on it."""

from __future__ import annotations

import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Final, cast

from survey_app.backup.locked_file import LockedReader, LockedWriter
from survey_app.foundation.errors import RequestMistakenError
from survey_app.storage.copying import CopyFacts, copy_database, look_at_copy
from survey_app.storage.database import Database
from survey_app.storage.stamp import confirm_backup, count_backup

DATABASE: Final = "survey.sqlite3"
SET_ASIDE: Final = "before-restore-"
SHORTEST_PASSPHRASE: Final = 12
MADE_HERE: Final = "backups"
"""Folder of those made by page, until somebody took them to another disk."""
SCRATCH: Final = (".backup-", ".restore-", ".taking-")
_OURS: Final = (DATABASE, SET_ASIDE, *SCRATCH, f"{MADE_HERE}/")  # and what SQLite keeps beside its file


def make_backup(  # noqa: PLR0913 - what is copied, to where, under which passphrase, when
    db: Database, data_dir: Path, file: Path, passphrase: str, now: datetime, *, is_elsewhere: bool = True
) -> CopyFacts:
    """Write everything that the installation is into one locked file, and open it again to see that it is there.

    The number of the backup is counted before the copy, and confirmed when the file is whole: what tablets were given
    receipts for under a lower number than a confirmed one is in it. One that still lies beside the data
    (``is_elsewhere=False``) is confirmed by who takes it away: until then tablets keep their copies.

    Raises:
        RequestMistakenError: the file exists, or cannot be written.
        UnavailableError: the database cannot be read now.
    """
    if file.exists():
        raise RequestMistakenError(f"{file} exists already. Choose another name; a backup never replaces one.")
    unfinished = file.with_name(f"{file.name}.unfinished")
    with _telling_of(file), _scratch(data_dir, ".backup-") as scratch:
        number = count_backup(db)
        copy_database(db, scratch / DATABASE)
        others = list(_find_others(data_dir))  # after the copy: what it names is there before it is named
        facts = look_at_copy(scratch / DATABASE)
        try:
            _write(unfinished, passphrase, [(scratch / DATABASE, DATABASE), *others])
            unpack(unfinished, passphrase, scratch / "opened")
            if look_at_copy(scratch / "opened" / DATABASE) != facts:
                raise RequestMistakenError("what was written is not what was read. Check the disk and try again.")
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)
        _make_durable(file.parent)
        if is_elsewhere:
            confirm_backup(db, number, now)
    return facts


def unpack(file: Path, passphrase: str, folder: Path) -> None:
    """Open a locked file into a new folder, readable by its owner only.

    Raises:
        RequestMistakenError: no backup of ours, another passphrase, damaged, cut off, or of a newer version.
    """
    folder.mkdir(mode=0o700)
    with file.open("rb") as locked:
        reader = LockedReader(locked, passphrase, file.name)
        with tarfile.open(fileobj=cast("IO[bytes]", reader), mode="r|", bufsize=1 << 16) as archive:
            archive.extractall(folder, filter="data")
        while reader.read(1 << 16):  # to the last piece, which says that nothing was cut off
            pass


def _write(unfinished: Path, passphrase: str, files: list[tuple[Path, str]]) -> None:
    opened = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(opened, "wb") as locked:
        writer = LockedWriter(locked, passphrase)
        with tarfile.open(fileobj=cast("IO[bytes]", writer), mode="w|", bufsize=1 << 16) as archive:
            for path, name in files:
                archive.add(path, name, recursive=False)
        writer.finish()
        locked.flush()
        os.fsync(locked.fileno())


def _find_others(data_dir: Path) -> Iterator[tuple[Path, str]]:
    """Find what belongs to the installation beside its database: certificates, releases, the head of the ledger."""
    for path in sorted(data_dir.rglob("*")):
        name = path.relative_to(data_dir)
        if not f"{name.as_posix()}/".startswith(_OURS) and not path.is_symlink() and (path.is_file() or path.is_dir()):
            yield path, name.as_posix()


@contextmanager
def _scratch(data_dir: Path, prefix: str) -> Iterator[Path]:
    """Give a folder for what lies open for a moment: beside the data, with the same protection."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir=data_dir) as folder:
        yield Path(folder)


@contextmanager
def _telling_of(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RequestMistakenError(
            f"{file} cannot be written ({error.strerror}). Check the folder, its rights and the room on the disk."
        ) from None


def _make_durable(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
