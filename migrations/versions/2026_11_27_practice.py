"""A session in which staff only try things out keeps nothing but how many went through it.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("session") as table:
        table.add_column(sa.Column("practised", sa.Integer(), nullable=True))
        table.create_check_constraint(op.f("ck_session_practised_not_negative"), "practised >= 0")
