"""An account can be linked to an identity provider; a sign-in says whether that provider vouched for it."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_identity",
        sa.Column("staff", sa.String(200), sa.ForeignKey("staff.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.UniqueConstraint("issuer", "subject", name="uq_staff_identity_issuer"),
    )
    op.add_column("staff_session", sa.Column("by_provider", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("staff_session", "by_provider")
    op.drop_table("staff_identity")
