"""Staff see when a device handed in other answers under an id that was already kept.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("session") as table:
        table.add_column(sa.Column("conflicts", sa.Integer(), server_default="0", nullable=False))
        table.create_check_constraint(op.f("ck_session_conflicts_not_negative"), "conflicts >= 0")
