"""when HR was first told of somebody's interest in a gig"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("stance", sa.Column("interested_at", UTCDateTime(), nullable=True))
    op.execute("UPDATE stance SET interested_at = at WHERE attitude = 'interested'")


def downgrade() -> None:
    op.drop_column("stance", "interested_at")
