"""Accounts have a second step and links for a new password; a project has a period.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("staff") as table:
        table.add_column(sa.Column("totp", sa.String(64), nullable=True))
        table.add_column(sa.Column("totp_used", sa.BigInteger(), server_default="0", nullable=False))
    with op.batch_alter_table("staff_session") as table:
        table.add_column(sa.Column("waits", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("one_time_link") as table:
        table.add_column(sa.Column("staff", sa.String(200), nullable=True))
        table.alter_column("role", existing_type=sa.String(20), nullable=True)
        table.create_foreign_key(op.f("fk_one_time_link_staff"), "staff", ["staff"], ["name"], ondelete="CASCADE")
        table.create_check_constraint(op.f("ck_one_time_link_one_purpose"), "(role IS NULL) = (staff IS NOT NULL)")
    with op.batch_alter_table("project") as table:
        table.add_column(sa.Column("first_day", sa.Date(), nullable=True))
        table.add_column(sa.Column("last_day", sa.Date(), nullable=True))
