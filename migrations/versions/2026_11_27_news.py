"""What became of a group's wishes is kept, so that poster and tablets say the same; a session may begin with it.

There is no way down: a backup is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "news",
        sa.Column("release", sa.String(80), nullable=False),
        sa.Column("project", sa.String(40), nullable=True),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["project.code"], name=op.f("fk_news_project")),
        sa.ForeignKeyConstraint(["release"], ["release.id"], name=op.f("fk_news_release")),
        sa.PrimaryKeyConstraint("release", name=op.f("pk_news")),
    )
    op.create_index(op.f("ix_news_project"), "news", ["project"])
    op.add_column("room", sa.Column("begins_with_news", sa.Boolean(), nullable=False, server_default=sa.false()))
