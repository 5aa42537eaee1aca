"""Signals travel: those that came from other instances, and what another one answered to ours.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_BECAME = "'heard', 'in-discussion', 'changed', 'not-possible'"


def upgrade() -> None:
    op.create_table(
        "signal_answer",
        sa.Column("signal", sa.Uuid(), nullable=False),
        sa.Column("sender_name", sa.String(80), nullable=False),
        sa.Column("became", sa.String(20), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["signal"], ["signal.id"], name=op.f("fk_signal_answer_signal"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("signal", name=op.f("pk_signal_answer")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "received_signal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender", sa.String(32), nullable=False),
        sa.Column("parcel", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.String(200), nullable=False),
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("project_name", sa.String(200), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("theme", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("merged", sa.JSON(), nullable=False),
        sa.Column("from_people", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("told", sa.String(20), nullable=False),
        sa.Column("told_why", sa.Text(), nullable=False),
        sa.Column("became", sa.String(20), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("under", sa.Uuid(), nullable=True),
        sa.CheckConstraint(f"told IN ({_BECAME})", name=op.f("ck_received_signal_told_known")),
        sa.CheckConstraint(f"became IN ('', {_BECAME})", name=op.f("ck_received_signal_became_known")),
        sa.CheckConstraint("became <> 'not-possible' OR why <> ''", name=op.f("ck_received_signal_reason_given")),
        sa.CheckConstraint("under IS NULL OR under <> id", name=op.f("ck_received_signal_not_under_itself")),
        sa.ForeignKeyConstraint(["parcel"], ["received_parcel.id"], name=op.f("fk_received_signal_parcel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_signal")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_received_signal_sender"), "received_signal", ["sender"])
