"""Releases and returns of other instances are taken in parcels, with where they came from; a reviewer signs releases off.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "received_parcel",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender", sa.String(32), nullable=False),
        sa.Column("sender_name", sa.String(80), nullable=False),
        sa.Column("packed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_received_parcel"),
    )
    op.create_table(
        "received_release",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("sender", sa.String(32), nullable=False),
        sa.Column("parcel", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tier", sa.String(20), nullable=False),
        sa.Column("period", sa.String(9), nullable=False),
        sa.Column("scope", sa.String(40), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("folder", sa.String(200), nullable=False),
        sa.CheckConstraint("kind IN ('release', 'return')", name="ck_received_release_kind_known"),
        sa.ForeignKeyConstraint(["parcel"], ["received_parcel.id"], name="fk_received_release_parcel"),
        sa.PrimaryKeyConstraint("hash", name="pk_received_release"),
        sa.UniqueConstraint("sender", "kind", "previous", name="uq_received_release_sender"),
    )
    op.create_table(
        "received_session",
        sa.Column("identity", sa.Uuid(), nullable=False),
        sa.Column("sender", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("identity", name="pk_received_session"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sign_off",
        sa.Column("release", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.String(200), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("release", "number", name="pk_sign_off"),
    )
