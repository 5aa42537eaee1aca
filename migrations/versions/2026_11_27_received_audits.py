"""Releases of other instances are attacked here, too; what was found is kept beside them.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "received_audit",
        sa.Column("release", sa.String(64), nullable=False),
        sa.Column("audited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attacked", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["release"], ["received_release.hash"], name=op.f("fk_received_audit_release")),
        sa.PrimaryKeyConstraint("release", name=op.f("pk_received_audit")),
    )
