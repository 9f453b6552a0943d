"""what broadcasts say, saved by name"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0035"
down_revision: str | None = "0034"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "broadcast_template",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("folded", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("title_ja", sa.String(length=150), nullable=False),
        sa.Column("text_ja", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(length=150), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("picture", sa.String(length=500), nullable=False),
        sa.Column("picture_alt", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_broadcast_template"),
        sa.UniqueConstraint("company_id", "folded", name="uq_broadcast_template_company_id_folded"),
    )


def downgrade() -> None:
    op.drop_table("broadcast_template")
