"""segments that HR has saved by name"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0033"
down_revision: str | None = "0032"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "saved_segment",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("folded", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("audience", sa.JSON(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_segment"),
        sa.UniqueConstraint("company_id", "folded", name="uq_saved_segment_company_id_folded"),
    )


def downgrade() -> None:
    op.drop_table("saved_segment")
