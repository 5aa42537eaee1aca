"""A backup counts for tablets once it is complete, not when it is begun.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("store", sa.Column("backed_up", sa.Integer(), nullable=False, server_default="0"))
