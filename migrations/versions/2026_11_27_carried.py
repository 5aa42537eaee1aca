"""Closed sessions travel between instances: each has an identity, an instance has keys and knows whom it trusts.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "session_identity",
        sa.Column("identity", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(6), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["session.code"], name="fk_session_identity_code"),
        sa.PrimaryKeyConstraint("identity", name="pk_session_identity"),
        sa.UniqueConstraint("code", name="uq_session_identity_code"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "instance_key",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("signing", sa.LargeBinary(), nullable=False),
        sa.Column("receiving", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number = 1", name="ck_instance_key_only_one"),
        sa.PrimaryKeyConstraint("number", name="pk_instance_key"),
    )
    op.create_table(
        "trusted_instance",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("signing", sa.LargeBinary(), nullable=False),
        sa.Column("receiving", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_trusted_instance"),
    )
    op.create_table(
        "carried_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_carried_batch"),
        sqlite_with_rowid=False,
    )
