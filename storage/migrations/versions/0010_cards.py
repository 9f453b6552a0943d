"""a person's photo"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.drop_column("person", "folded")
    op.add_column("person", sa.Column("photo", sa.String(length=500), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("person", "photo")
    op.add_column("person", sa.Column("folded", sa.String(), nullable=False, server_default=""))
