"""The ledger: every release that ever left, in order. Rows are only added; triggers of the database refuse all else.

Two chains run through it. Each release names the hash of the ``release.json`` before it, which anybody with the folders
can follow. Each row has an ``entry``, the hash of all that it says and of the entry before it, so that a row that was
changed, removed or put in shows itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
    ``responses``: session code -> responses counted. ``places``: session code -> organisation, its lead or ``""``,
    project and module as they were then. ``number`` counts from 1; it and ``entry`` are given when the release is added.
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
    places: Mapping[str, Sequence[str]] = field(default_factory=dict)
    number: int = 0
    entry: str = ""


_COLUMNS: Final = tuple(
    getattr(ReleaseRow, name)
    for name in (
        "id", "created", "tier", "period", "scope", "hash", "previous", "sessions", "cells", "responses", "folder",
        "places", "number", "entry",
    )
)  # fmt: skip


def append(db: Database, release: Release) -> Release:
    """Add a release at the end; return it as it stands there, with its number and entry.

    Raises:
        LedgerMovedError: ``previous`` is not the hash of the last release.
    """
    row = {
        "id": release.id,
        "created": release.created.astimezone(UTC),
        "tier": release.tier,
        "period": release.period,
        "scope": release.scope,
        "hash": release.hash,
        "previous": release.previous,
        "sessions": sorted(release.sessions),
        "cells": [dict(cell) for cell in release.cells],
        "responses": dict(sorted(release.responses.items())),
        "folder": release.folder,
        "places": {session: list(place) for session, place in sorted(release.places.items())},
    }
    try:
        with db.writing() as connection:
            last = _last(connection)
            if release.previous != (last.hash if last else NO_RELEASE_BEFORE):
                raise LedgerMovedError
            row["number"] = last.number + 1 if last else 1
            row["entry"] = entry_of(row, last.entry if last else NO_RELEASE_BEFORE)
            connection.execute(insert(ReleaseRow), row)
    except IntegrityError as error:
        raise LedgerMovedError from error
    return _release_of([row[column.key] for column in _COLUMNS])


def last_hash(db: Database) -> str:
    """Return the hash of the last release, ``""`` where there is none."""
    with db.reading() as connection:
        last = _last(connection)
    return last.hash if last else NO_RELEASE_BEFORE


def list_releases(db: Database) -> tuple[Release, ...]:
    """Return every release, the first one first."""
    with db.reading() as connection:
        rows = connection.execute(select(*_COLUMNS).order_by(col(ReleaseRow.number)))
        return tuple(_release_of(row) for row in rows)


def list_without_figures(db: Database) -> tuple[Release, ...]:
    """Return every release with its ``cells`` left out, the first one first: to say which there are, quickly.

    To compare with, or to tell whether the ledger is sound, they are not enough: a sound ledger looks broken without them.
    """
    columns = [column for column in _COLUMNS if column.key != "cells"]
    with db.reading() as connection:
        rows = connection.execute(select(*columns).order_by(col(ReleaseRow.number)))
        return tuple(_release_of(row, columns, cells=()) for row in rows)


def counts_session(db: Database, code: str) -> bool:
    """Say whether any release counts responses of a session."""
    with db.reading() as connection:
        counted = connection.execute(select(col(ReleaseRow.responses))).scalars()
        return any(responses.get(code) for responses in counted)


def find_release(db: Database, release_id: str) -> Release | None:
    """Return one release."""
    with db.reading() as connection:
        row = connection.execute(select(*_COLUMNS).where(col(ReleaseRow.id) == release_id)).one_or_none()
    return None if row is None else _release_of(row)


def first_broken(releases: Sequence[Release]) -> Release | None:
    """Return the first release that is not what was added after the one before it; ``None`` for a sound ledger."""
    before, entry = NO_RELEASE_BEFORE, NO_RELEASE_BEFORE
    for number, release in enumerate(releases, 1):
        is_next = release.number == number and release.previous == before
        if not is_next or release.entry != entry_of(_content_of(release), entry):
            return release
        before, entry = release.hash, release.entry
    return None


def entry_of(row: Mapping[str, Any], before: str) -> str:
    """Return the hash of a row (all columns but ``entry``) and of the entry before it."""
    said = {**row, "created": row["created"].astimezone(UTC).isoformat()}
    said.pop("entry", None)
    text = json.dumps([before, said], ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _content_of(release: Release) -> dict[str, Any]:
    said = {column.key: getattr(release, column.key) for column in _COLUMNS}
    return {**said, "sessions": sorted(release.sessions)}


def _last(connection: Connection) -> Release | None:
    row = connection.execute(select(*_COLUMNS).order_by(col(ReleaseRow.number).desc()).limit(1)).one_or_none()
    return None if row is None else _release_of(row)


def _release_of(row: Sequence[Any], columns: Sequence[Any] = _COLUMNS, **rest: Any) -> Release:  # noqa: ANN401 - as a row has it
    values = {column.key: value for column, value in zip(columns, row, strict=True)} | rest
    return Release(**{**values, "sessions": frozenset(values["sessions"]), "places": values["places"] or {}})
