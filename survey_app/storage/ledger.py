"""The ledger: every release that ever left, in order, each naming the hash of the one before. Rows are only added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from survey_app.storage.database import Database
from survey_app.storage.tables import ReleaseRow

NO_RELEASE_BEFORE: Final = ""


class LedgerMovedError(Exception):
    """Another release was added meanwhile: compare with it and try again."""


@dataclass(frozen=True, slots=True)
class Release:
    """One release as the ledger remembers it.

    ``scope``: ``"all"`` or the code of a project. ``hash``: of its ``release.json``; ``previous``: of the release
    before, ``""`` for the first. ``cells``: the protected cells as they were written, never an exact withheld count.
    ``responses``: session code -> responses counted.
    """

    id: str
    created: datetime
    tier: str
    period: str
    scope: str
    hash: str
    previous: str
    sessions: frozenset[str]
    cells: Sequence[Mapping[str, Any]]
    responses: Mapping[str, int]
    folder: str


_COLUMNS: Final = tuple(
    getattr(ReleaseRow, name)
    for name in (
        "id", "created", "tier", "period", "scope", "hash", "previous", "sessions", "cells", "responses", "folder",
    )
)  # fmt: skip


def append(db: Database, release: Release) -> None:
    """Add a release at the end.

    Raises:
        LedgerMovedError: ``previous`` is not the hash of the last release.
    """
    row = {
        "id": release.id,
        "created": release.created,
        "tier": release.tier,
        "period": release.period,
        "scope": release.scope,
        "hash": release.hash,
        "previous": release.previous,
        "sessions": sorted(release.sessions),
        "cells": [dict(cell) for cell in release.cells],
        "responses": dict(sorted(release.responses.items())),
        "folder": release.folder,
    }
    try:
        with db.writing() as connection:
            number, last = _last(connection)
            if release.previous != last:
                raise LedgerMovedError
            connection.execute(insert(ReleaseRow), {"number": number + 1, **row})
    except IntegrityError as error:
        raise LedgerMovedError from error


def last_hash(db: Database) -> str:
    """Return the hash of the last release, ``""`` where there is none."""
    with db.reading() as connection:
        return _last(connection)[1]


def list_releases(db: Database) -> tuple[Release, ...]:
    """Return every release, the first one first."""
    with db.reading() as connection:
        rows = connection.execute(select(*_COLUMNS).order_by(col(ReleaseRow.number)))
        return tuple(_release_of(row) for row in rows)


def find_release(db: Database, release_id: str) -> Release | None:
    """Return one release."""
    with db.reading() as connection:
        row = connection.execute(select(*_COLUMNS).where(col(ReleaseRow.id) == release_id)).one_or_none()
    return None if row is None else _release_of(row)


def is_unbroken(releases: Sequence[Release]) -> bool:
    """Say whether each release names the hash of the one before."""
    before = (NO_RELEASE_BEFORE, *(release.hash for release in releases))
    return all(release.previous == expected for release, expected in zip(releases, before, strict=False))


def _last(connection: Connection) -> tuple[int, str]:
    query = select(col(ReleaseRow.number), col(ReleaseRow.hash)).order_by(col(ReleaseRow.number).desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return (0, NO_RELEASE_BEFORE) if row is None else (row[0], row[1])


def _release_of(row: Sequence[Any]) -> Release:
    (release_id, created, tier, period, scope, own, previous, sessions, cells, responses, folder) = row
    return Release(
        release_id, created, tier, period, scope, own, previous, frozenset(sessions), cells, responses, folder
    )
