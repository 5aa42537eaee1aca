"""What staff say of the room of a session: its languages, how many had help, whether it is a mistake."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "room",
        sa.Column("session", sa.String(6), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("helped", sa.Integer(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("helped >= 0", name="ck_room_helped_not_negative"),
        sa.ForeignKeyConstraint(["session"], ["session.code"], name="fk_room_session"),
        sa.PrimaryKeyConstraint("session", name="pk_room"),
    )


def downgrade() -> None:
    op.drop_table("room")
