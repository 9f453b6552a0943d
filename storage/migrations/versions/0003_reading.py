"""how a name is read"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("person", sa.Column("reading", sa.String(length=200), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("person", "reading")
