"""where a company's posts are shown to everybody at once"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("company", sa.Column("gig_channel", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("company", "gig_channel")
