"""What groups ask for is kept as signals, with what became of them; notes of facilitators wait for a reviewer.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("theme", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("became", sa.String(20), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("under", sa.Uuid(), nullable=True),
        sa.CheckConstraint("level IN ('organisation', 'lead', 'network')", name=op.f("ck_signal_level_known")),
        sa.CheckConstraint(
            "became IN ('heard', 'in-discussion', 'changed', 'not-possible')", name=op.f("ck_signal_became_known")
        ),
        sa.CheckConstraint("became <> 'not-possible' OR why <> ''", name=op.f("ck_signal_reason_given")),
        sa.CheckConstraint("under IS NULL OR under <> id", name=op.f("ck_signal_not_under_itself")),
        sa.ForeignKeyConstraint(["project"], ["project.code"], name=op.f("fk_signal_project")),
        sa.ForeignKeyConstraint(["under"], ["signal.id"], name=op.f("fk_signal_under"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_signal_group", "signal", ["project", "period"])
    op.create_table(
        "signal_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("theme", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["project.code"], name=op.f("fk_signal_note_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_note")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_signal_note_group", "signal_note", ["project", "period"])
