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

from sqlalchemy import JSON, Connection, Text, cast, insert, select
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
        if not _follows(release, number, before, entry):
            return release
        before, entry = release.hash, release.entry
    return None


def find_broken(db: Database) -> Release | None:
    """Return the first release of the ledger that is not what was added after the one before it; ``None`` where it is sound.

    Each row is read whole, as it lies in the database. One that was found sound in its place before, and has not changed by a
    letter since, is not taken apart again: a desk verifies the ledger on every view.
    """
    before, entry = NO_RELEASE_BEFORE, NO_RELEASE_BEFORE
    with db.reading() as connection:
        rows = connection.execute(select(*_AS_IT_LIES).order_by(col(ReleaseRow.number)))
        for number, row in enumerate(rows, 1):
            fingerprint = _fingerprint(number, before, entry, *row)
            if fingerprint not in _found_sound:
                release = _release_of(
                    [_taken_apart(column, value) for column, value in zip(_COLUMNS, row, strict=True)]
                )
                if not _follows(release, number, before, entry):
                    return release
                _found_sound.add(fingerprint)
            before, entry = row.hash, row.entry
    return None


_AS_IT_LIES: Final = tuple(
    cast(column, Text).label(column.key) if isinstance(column.type, JSON) else column for column in _COLUMNS
)
_found_sound: Final[set[bytes]] = set()
"""Fingerprints of rows, with their place in the chain, that this process found sound: 32 bytes for each release."""


def _fingerprint(*values: object) -> bytes:
    """Return a hash of values one after another, each with its length."""
    found = hashlib.sha256()
    for value in values:
        said = str(value).encode()
        found.update(f"{type(value).__name__} {len(said)} ".encode())
        found.update(said)
    return found.digest()


def _taken_apart(column: Any, value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    return json.loads(value) if isinstance(column.type, JSON) and value is not None else value


def _follows(release: Release, number: int, before: str, entry: str) -> bool:
    """Say whether a release is what was added at this place, after the release ``before`` with this ``entry``."""
    is_next = release.number == number and release.previous == before
    return is_next and release.entry == entry_of(_content_of(release), entry)


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
