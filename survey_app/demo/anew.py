"""Begin the demonstration anew: what was tried is thrown away, and all data are what they were when it began."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from survey_app.fieldwork.rights import Post
from survey_app.ledger import HEAD
from survey_app.storage import staff
from survey_app.storage.database import Database, open_database
from survey_app.storage.sealing import ensure_key
from survey_app.supplements.shelf import SHELF

DATABASE: Final = "survey.sqlite3"
_OF_ITS_DATA: Final = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", HEAD, "releases", "returns", SHELF)


def begin_anew(
    db: Database,
    data_dir: Path,
    today: date,
    fill: Callable[[Database], object],
    account: tuple[str, Callable[[Database], tuple[Post, ...]]],
) -> None:
    """Make another database beside the one that is served, and put it in its place; its releases go with it.

    Args:
        db: of the demonstration, on SQLite in ``data_dir``.
        data_dir: its folder. Its sign-in file stays, and with it the password of its account.
        today: date in Belgium.
        fill: makes up the data.
        account: name of the one account that stays, and the posts that it gets.

    Raises:
        UnavailableError: somebody used the database for too long; nothing was changed.
    """
    name, posts_of = account
    kept = staff.find_staff(db, name)
    with tempfile.TemporaryDirectory(prefix=".reset-", dir=data_dir) as scratch:
        fresh = open_database(f"sqlite:///{Path(scratch) / DATABASE}")
        try:
            ensure_key(fresh, today)
            fill(fresh)
            if kept is not None:
                staff.add_staff(fresh, replace(kept, posts=frozenset(posts_of(fresh)), totp=None))
        finally:
            fresh.close()
        with db.put_away():
            _exchange(Path(scratch), data_dir)


def _exchange(scratch: Path, data_dir: Path) -> None:
    former = scratch / "former"
    former.mkdir()
    for name in _OF_ITS_DATA:
        if (data_dir / name).exists():
            (data_dir / name).rename(former / name)
    (scratch / DATABASE).rename(data_dir / DATABASE)
