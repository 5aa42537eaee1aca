"""The database bears a random name and counts its backups, so that tablets know what a restored one has lost.

There is no way down: a backup is.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    store = op.create_table(
        "store",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.CheckConstraint("generation >= 0", name="ck_store_generation_not_negative"),
        sa.PrimaryKeyConstraint("id", name="pk_store"),
    )
    op.bulk_insert(store, [{"id": secrets.token_hex(16), "generation": 0}])
