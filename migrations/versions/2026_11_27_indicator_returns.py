"""Indicator returns have a log that is only added to.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_SQLITE = (
    (
        "CREATE TRIGGER indicator_return_is_not_changed BEFORE UPDATE ON indicator_return"
        " BEGIN SELECT RAISE(ABORT, 'the log of returns is only added to'); END"
    ),
    (
        "CREATE TRIGGER indicator_return_is_not_removed BEFORE DELETE ON indicator_return"
        " BEGIN SELECT RAISE(ABORT, 'the log of returns is only added to'); END"
    ),
)
_POSTGRESQL = (
    (
        "CREATE FUNCTION refuse_change_of_indicator_return() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the log of returns is only added to'; END $$"
    ),
    (
        "CREATE TRIGGER indicator_return_is_not_changed BEFORE UPDATE OR DELETE ON indicator_return"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_indicator_return()"
    ),
    (
        "CREATE TRIGGER indicator_return_is_not_removed BEFORE TRUNCATE ON indicator_return"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_indicator_return()"
    ),
)


def upgrade() -> None:
    op.create_table(
        "indicator_return",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("period", sa.String(9), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("responses", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("folder", sa.String(200), nullable=False),
        sa.Column("entry", sa.String(64), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_indicator_return_number_counts")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_indicator_return")),
        sa.UniqueConstraint("id", name=op.f("uq_indicator_return_id")),
        sa.UniqueConstraint("hash", name=op.f("uq_indicator_return_hash")),
        sa.UniqueConstraint("previous", name=op.f("uq_indicator_return_previous")),
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
