"""leave to host events, and when the sign-up for one was closed"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("person", sa.Column("hosts", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("event", sa.Column("closed_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("event", "closed_at")
    op.drop_column("person", "hosts")
