"""An organisation, a project or a module that was made by mistake is put aside, and says since when."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_TABLES = ("organisation", "project", "module")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("aside_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_column(table, "aside_since")
