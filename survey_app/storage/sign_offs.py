"""What reviewers said of releases after reading them. Nothing is changed or taken back: what is said later is added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, insert, select
from sqlmodel import col

from survey_app.storage.database import Database
from survey_app.storage.tables import ReleaseRow, SignOffRow


@dataclass(frozen=True, slots=True)
class SignOff:
    """A remark. ``release``: hash of the release; ``number`` counts from 1."""

    release: str
    number: int
    signed_at: datetime
    signed_by: str
    remark: str


_NAMES = ("release", "number", "signed_at", "signed_by", "remark")
_COLUMNS = tuple(getattr(SignOffRow, name) for name in _NAMES)


def sign_off(db: Database, release: str, signed_at: datetime, signed_by: str, remark: str) -> None:
    """Add what a reviewer says of a release, by its hash.

    Raises:
        UnavailableError: the database cannot be written now.
    """
    with db.writing() as connection:
        last = select(func.max(col(SignOffRow.number))).where(col(SignOffRow.release) == release)
        number = (connection.execute(last).scalar_one() or 0) + 1
        row = SignOff(release, number, signed_at, signed_by, remark)
        connection.execute(insert(SignOffRow), {name: getattr(row, name) for name in _NAMES})


def receive(connection: Connection, said: Sequence[SignOff]) -> int:
    """Add what reviewers elsewhere said of releases of here, each once; return how many are new.

    What is said of releases that are not in the ledger here is left out.
    """
    ours = set(connection.execute(select(col(ReleaseRow.hash))).scalars())
    known = [SignOff(*row) for row in connection.execute(select(*_COLUMNS))]
    new = _find_new([one for one in said if one.release in ours], known)
    for one in new:
        connection.execute(insert(SignOffRow), {name: getattr(one, name) for name in _NAMES})
    return len(new)


def _find_new(said: Sequence[SignOff], known: Sequence[SignOff]) -> list[SignOff]:
    """Return what is not known yet, numbered behind what is."""
    seen = {(one.release, one.signed_at, one.remark) for one in known}
    last = Counter(one.release for one in known)
    new: list[SignOff] = []
    for one in sorted(said, key=lambda one: (one.signed_at, one.number)):
        if (one.release, one.signed_at, one.remark) not in seen:
            last[one.release] += 1
            new.append(replace(one, number=last[one.release]))
            seen.add((one.release, one.signed_at, one.remark))
    return new


def list_sign_offs(db: Database) -> dict[str, tuple[SignOff, ...]]:
    """Return what was said of each release, by its hash, the first one first."""
    found: dict[str, tuple[SignOff, ...]] = {}
    query = select(*_COLUMNS).order_by(col(SignOffRow.release), col(SignOffRow.number))
    with db.reading() as connection:
        for row in connection.execute(query):
            said = SignOff(*row)
            found[said.release] = (*found.get(said.release, ()), said)
    return found
