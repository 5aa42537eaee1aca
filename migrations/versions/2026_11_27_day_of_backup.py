"""The database knows when its last backup was complete, so that pages remind of the next one.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("store") as table:
        table.add_column(sa.Column("backed_up_at", sa.DateTime(timezone=True), nullable=True))
