"""Tablets have a name and a key that can be revoked, and say what waits on them.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["organisation"], ["organisation.code"], name=op.f("fk_device_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_index(op.f("ix_device_organisation"), "device", ["organisation"])
    op.create_table(
        "device_key",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("device", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(200), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_device_key_device")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_device_key")),
    )
    op.create_index(op.f("ix_device_key_device"), "device_key", ["device"])
    op.create_table(
        "device_link",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("device", sa.String(16), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_device_link_device")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_device_link")),
    )
    op.create_index(op.f("ix_device_link_device"), "device_link", ["device"])
