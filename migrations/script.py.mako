"""${message}.

There is no way down: a backup is.
"""

import sqlalchemy as sa
import sqlmodel  # noqa: F401 - what is generated may name its types
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}

