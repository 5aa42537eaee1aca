"""The texts of a language may be spoken in another one: Somali text, Maay voice.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("project") as table:
        table.add_column(sa.Column("voices", sa.JSON(), nullable=True))
