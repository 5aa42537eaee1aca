"""Staff say whether people may answer on their own phones in a session, where the organisation has enrolled tablets.

Nothing said, as for every session so far: only enrolled tablets hand in there, once the organisation has any.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("room", sa.Column("own_phones", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("room", "own_phones")
