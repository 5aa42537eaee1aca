"""The ledger is only added to, each row is chained by all that it says, and a session keeps the place that it had.

Rows of before are chained as they stand; their sessions get the places that these have now.
There is no way down: a backup is.
"""

import hashlib
import json
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SQLITE = (
    (
        "CREATE TRIGGER release_is_not_changed BEFORE UPDATE ON release"
        " BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END"
    ),
    (
        "CREATE TRIGGER release_is_not_removed BEFORE DELETE ON release"
        " BEGIN SELECT RAISE(ABORT, 'the ledger is only added to'); END"
    ),
)
_POSTGRESQL = (
    (
        "CREATE FUNCTION refuse_change_of_release() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the ledger is only added to'; END $$"
    ),
    (
        "CREATE TRIGGER release_is_not_changed BEFORE UPDATE OR DELETE ON release"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_release()"
    ),
    (
        "CREATE TRIGGER release_is_not_removed BEFORE TRUNCATE ON release"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_release()"
    ),
)
_RELEASE = sa.table(
    "release",
    *(sa.column(name, sa.String) for name in ("id", "tier", "period", "scope", "hash", "previous", "folder", "entry")),
    *(sa.column(name, sa.JSON) for name in ("sessions", "cells", "responses", "places")),
    sa.column("number", sa.Integer),
    sa.column("created", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    with op.batch_alter_table("release") as table:
        table.add_column(sa.Column("places", sa.JSON(), nullable=True))
        table.add_column(sa.Column("entry", sa.String(64), server_default=sa.text("''"), nullable=False))
        table.alter_column("period", existing_type=sa.String(7), type_=sa.String(9), existing_nullable=False)
    connection = op.get_bind()
    _chain(connection)
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def _chain(connection: sa.Connection) -> None:
    places = _places(connection)
    before = ""
    for row in connection.execute(sa.select(_RELEASE).order_by(_RELEASE.c.number)).mappings().all():
        known = {session: places[session] for session in sorted(row["sessions"]) if session in places}
        said = {**row, "places": known}
        before = _entry_of(said, before)
        where = _RELEASE.c.number == row["number"]
        connection.execute(sa.update(_RELEASE).where(where).values(places=known, entry=before))


def _places(connection: sa.Connection) -> dict[str, list[str]]:
    query = sa.text(
        "SELECT session.code, organisation.code, organisation.lead, project.code, session.module FROM session"
        " JOIN project ON project.code = session.project JOIN organisation ON organisation.code = project.organisation"
    )
    return {code: [place or "" for place in places] for code, *places in connection.execute(query)}


def _entry_of(row: dict[str, Any], before: str) -> str:
    created = row["created"]
    created = created.replace(tzinfo=UTC) if created.tzinfo is None else created.astimezone(UTC)
    said = {name: value for name, value in row.items() if name != "entry"} | {"created": created.isoformat()}
    text = json.dumps([before, said], ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
