"""Backups that were made by page and still lie beside the data: to be taken to another disk, and then gone from here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from survey_app.backup.making import MADE_HERE, make_backup
from survey_app.storage.copying import CopyFacts
from survey_app.storage.database import Database
from survey_app.storage.stamp import confirm_backup

_NAME: Final = re.compile(r"survey-\d{4}-\d{2}-\d{2}-([1-9]\d{0,8})\.backup", re.ASCII)


@dataclass(frozen=True, slots=True)
class MadeBackup:
    """A file that waits: its name, the number of the backup, its bytes."""

    name: str
    number: int
    size: int


def make_here(db: Database, data_dir: Path, passphrase: str, now: datetime, today: date) -> tuple[str, CopyFacts]:
    """Make a backup beside the data; return its name and what is in it. Tablets keep their copies until it is taken away.

    Raises:
        RequestMistakenError: it cannot be written.
        UnavailableError: the database cannot be read now.
    """
    folder = data_dir / MADE_HERE
    folder.mkdir(mode=0o700, exist_ok=True)
    new = folder / f"{uuid4().hex}.new"
    facts = make_backup(db, data_dir, new, passphrase, now, is_elsewhere=False)
    name = f"survey-{today}-{facts.generation}.backup"
    new.replace(folder / name)
    return name, facts


def list_made(data_dir: Path) -> tuple[MadeBackup, ...]:
    """Return the files that wait, the latest first."""
    folder = data_dir / MADE_HERE
    found = [
        MadeBackup(path.name, int(match[1]), path.stat().st_size)
        for path in (folder.iterdir() if folder.is_dir() else ())
        if (match := _NAME.fullmatch(path.name))
    ]
    return tuple(sorted(found, key=lambda one: one.number, reverse=True))


def find_made(data_dir: Path, name: str) -> tuple[Path, MadeBackup] | None:
    """Return a file that waits and what is known of it."""
    found = next((one for one in list_made(data_dir) if one.name == name), None)
    return None if found is None else (data_dir / MADE_HERE / found.name, found)


def remove_made(db: Database, data_dir: Path, name: str, now: datetime, *, is_elsewhere: bool) -> bool:
    """Delete a file that waits, and where it is on another disk now, say so to the tablets; return whether it was there.

    Raises:
        UnavailableError: the database cannot be written now; the file is still there.
    """
    found = find_made(data_dir, name)
    if found is None:
        return False
    path, made = found
    if is_elsewhere:
        confirm_backup(db, made.number, now)
    path.unlink(missing_ok=True)
    return True
