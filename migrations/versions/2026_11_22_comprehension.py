"""Which sentences need work: sums of a session, and the ids of the tallies that are in them.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comprehension",
        sa.Column("session", sa.String(6), nullable=False),
        sa.Column("item", sa.String(40), nullable=False),
        sa.Column("measure", sa.String(20), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("people >= 1", name=op.f("ck_comprehension_people_counted")),
        sa.ForeignKeyConstraint(["session"], ["session.code"], name=op.f("fk_comprehension_session")),
        sa.PrimaryKeyConstraint("session", "item", "measure", name=op.f("pk_comprehension")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tally",
        sa.Column("session", sa.String(6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["session"], ["session.code"], name=op.f("fk_tally_session")),
        sa.PrimaryKeyConstraint("session", "id", name=op.f("pk_tally")),
        sqlite_with_rowid=False,
    )
