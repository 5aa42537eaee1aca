"""A project says how long its answers are kept; a session, when its answers were deleted.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("project") as table:
        table.add_column(sa.Column("keep_months", sa.Integer(), nullable=True))
        table.add_column(sa.Column("keep_set_on", sa.Date(), nullable=True))
        table.create_check_constraint(op.f("ck_project_keep_months_counted"), "keep_months >= 1")
    with op.batch_alter_table("session") as table:
        table.add_column(sa.Column("answers_deleted_on", sa.Date(), nullable=True))
