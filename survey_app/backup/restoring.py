"""Restoring: an installation as a backup has it, in place of an empty folder or of one that is set aside."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from survey_app.backup.making import DATABASE, MADE_HERE, SCRATCH, SET_ASIDE, unpack
from survey_app.foundation.errors import RequestMistakenError
from survey_app.ledger import HEAD
from survey_app.storage.copying import CopyFacts, keep_revoked, look_at_copy, wake_copy
from survey_app.storage.database import Database


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, and where the former content of the folder is (``None``: it was empty)."""

    facts: CopyFacts
    set_aside: Path | None


@dataclass(frozen=True, slots=True)
class _Opened:
    """A backup that was opened and looked at: the folder that holds it, and what it holds."""

    folder: Path
    facts: CopyFacts


def restore(file: Path, data_dir: Path, passphrase: str, now: datetime, *, replace: bool) -> Restored:
    """Make a data folder what the backup has. Nothing is touched before the whole backup is opened and looked at.

    The server must not run. The database gets another name, by which tablets know to hand in again what it may lack.

    Raises:
        RequestMistakenError: there is no such file, it does not open, or the folder is not empty.
    """
    if not file.is_file():
        raise RequestMistakenError(f"there is no file {file}.")
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _find_former(data_dir) and not replace:
        raise RequestMistakenError(
            f"{data_dir} is not empty. Stop the server and add --replace: what is there is set aside, not deleted."
        )
    with _open(file, data_dir, passphrase) as opened:
        return _exchange(opened, data_dir, now)


def restore_while_serving(db: Database, file: Path, data_dir: Path, passphrase: str, now: datetime) -> Restored:
    """Do the same while this process serves: for the moment of the exchange it answers "come again", then it goes on.

    Raises:
        RequestMistakenError: the file does not open; nothing was changed.
        UnavailableError: somebody used the database for too long; nothing was changed.
    """
    with _open(file, data_dir, passphrase) as opened, db.put_away():
        return _exchange(opened, data_dir, now)


@contextmanager
def _open(file: Path, data_dir: Path, passphrase: str) -> Iterator[_Opened]:
    """Open a backup beside the data, look whether it is whole, and make it ready."""
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=data_dir) as scratch:
        folder = Path(scratch) / "opened"
        unpack(file, passphrase, folder)
        facts = look_at_copy(folder / DATABASE)
        wake_copy(folder / DATABASE)
        yield _Opened(folder, facts)


def _exchange(opened: _Opened, data_dir: Path, now: datetime) -> Restored:
    """Set the former content aside and put the opened one in its place; where that fails, all is as it was.

    What may not be forgotten stays: what was released, and which tablets are lost.
    """
    _keep_newer_head(opened.folder / HEAD, data_dir / HEAD)
    keep_revoked(opened.folder / DATABASE, data_dir / DATABASE)
    aside = data_dir / f"{SET_ASIDE}{now:%Y-%m-%d-%H%M%S}"
    former = _find_former(data_dir)
    moves = [(path, aside / path.name) for path in former]
    moves += [(path, data_dir / path.name) for path in opened.folder.iterdir()]
    if former:
        aside.mkdir(mode=0o700)
    done: list[tuple[Path, Path]] = []
    try:
        for here, there in moves:
            here.rename(there)
            done.append((here, there))
    except OSError:
        for here, there in reversed(done):
            there.rename(here)
        raise
    return Restored(opened.facts, aside if former else None)


def _find_former(data_dir: Path) -> list[Path]:
    """Return what the folder holds of the installation: not what was set aside before, nor backups that wait there."""
    apart = (SET_ASIDE, *SCRATCH)
    return [path for path in data_dir.iterdir() if not path.name.startswith(apart) and path.name != MADE_HERE]


def _keep_newer_head(restored: Path, present: Path) -> None:
    """Keep the newer head of the ledger: a release that left after the backup has left all the same."""
    if present.is_file() and _number_of(present) > _number_of(restored):
        restored.write_bytes(present.read_bytes())


def _number_of(head: Path) -> int:
    try:
        return int(json.loads(head.read_bytes())["number"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
