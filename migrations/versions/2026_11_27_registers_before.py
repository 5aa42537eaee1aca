"""What a register counted before somebody wrote over it is kept for some days."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "register_before",
        sa.Column("project", sa.String(40), sa.ForeignKey("project.code"), primary_key=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("register_before")
