"""Restoring: an installation as a backup has it, in place of an empty folder or of one that is set aside."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from survey_app.backup.making import DATABASE, SET_ASIDE, unpack
from survey_app.foundation.errors import RequestMistakenError
from survey_app.ledger import HEAD
from survey_app.storage.copying import CopyFacts, look_at_copy, wake_copy


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, and where the former content of the folder is (``None``: it was empty)."""

    facts: CopyFacts
    set_aside: Path | None


def restore(file: Path, data_dir: Path, passphrase: str, now: datetime, *, replace: bool) -> Restored:
    """Make a data folder what the backup has. Nothing is touched before the whole backup is opened and looked at.

    The server must not run. The database gets another name, by which tablets know to hand in again what it may lack.

    Raises:
        RequestMistakenError: there is no such file, it does not open, or the folder is not empty.
    """
    if not file.is_file():
        raise RequestMistakenError(f"there is no file {file}.")
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    former = [path for path in data_dir.iterdir() if not path.name.startswith(SET_ASIDE)]
    if former and not replace:
        raise RequestMistakenError(
            f"{data_dir} is not empty. Stop the server and add --replace: what is there is set aside, not deleted."
        )
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=data_dir) as scratch:
        opened = Path(scratch) / "opened"
        unpack(file, passphrase, opened)
        facts = look_at_copy(opened / DATABASE)
        wake_copy(opened / DATABASE)
        _keep_newer_head(opened / HEAD, data_dir / HEAD)
        aside = _set_aside(former, data_dir / f"{SET_ASIDE}{now:%Y-%m-%d-%H%M%S}")
        for path in opened.iterdir():
            path.rename(data_dir / path.name)
    return Restored(facts, aside)


def _set_aside(former: list[Path], folder: Path) -> Path | None:
    if not former:
        return None
    folder.mkdir(mode=0o700)
    for path in former:
        path.rename(folder / path.name)
    return folder


def _keep_newer_head(restored: Path, present: Path) -> None:
    """Keep the newer head of the ledger: a release that left after the backup has left all the same."""
    if present.is_file() and _number_of(present) > _number_of(restored):
        restored.write_bytes(present.read_bytes())


def _number_of(head: Path) -> int:
    try:
        return int(json.loads(head.read_bytes())["number"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
