"""preferences: how the messages of each topic reach a person, and when a company's digests leave"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0028"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_HELD = sa.text("state = 'held' AND settled_at IS NULL")


def upgrade() -> None:
    op.add_column("person", sa.Column("receives", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("company", sa.Column("digest_weekday", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("company", sa.Column("digest_hour", sa.Integer(), nullable=False, server_default="9"))
    op.create_index("ix_delivery_held", "delivery", ["due_at"], sqlite_where=_HELD, postgresql_where=_HELD)


def downgrade() -> None:
    op.drop_index("ix_delivery_held", "delivery")
    op.drop_column("company", "digest_hour")
    op.drop_column("company", "digest_weekday")
    op.drop_column("person", "receives")
