"""People may say something in their own words: comments, kept apart from answers.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("stage", sa.String(10), nullable=False),
        sa.Column("written", sa.Text(), nullable=True),
        sa.Column("spoken", sa.LargeBinary(), nullable=True),
        sa.Column("passed", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("stage IN ('waiting', 'open', 'passed', 'rejected')", name=op.f("ck_comment_stage_known")),
        sa.CheckConstraint("written IS NULL OR spoken IS NULL", name=op.f("ck_comment_written_or_spoken")),
        sa.ForeignKeyConstraint(["project"], ["project.code"], name=op.f("fk_comment_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_comment_group", "comment", ["project", "period"])
    op.create_table(
        "comment_group",
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("people >= 0", name=op.f("ck_comment_group_people_not_negative")),
        sa.ForeignKeyConstraint(["project"], ["project.code"], name=op.f("fk_comment_group_project")),
        sa.PrimaryKeyConstraint("project", "period", name=op.f("pk_comment_group")),
        sqlite_with_rowid=False,
    )
