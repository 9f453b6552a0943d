"""two rows of one person can be merged, and who may be invited is a company's rule"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("company", sa.Column("not_invited", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("company", sa.Column("asks", sa.String(length=300), nullable=False, server_default=""))
    op.add_column("person", sa.Column("left_for", sa.String(length=20), nullable=False, server_default=""))
    op.add_column("person", sa.Column("exempt_for", sa.String(length=300), nullable=False, server_default=""))
    op.create_table(
        "merger",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("keeper_id", _ID, nullable=False),
        sa.Column("other_id", _ID, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("profiles", sa.JSON(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.Column("stayed", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_merger"),
    )
    op.create_index("ix_merger_company_id_keeper_id", "merger", ["company_id", "keeper_id"])
    op.create_index("ix_merger_company_id_other_id", "merger", ["company_id", "other_id"])


def downgrade() -> None:
    op.drop_table("merger")
    op.drop_column("person", "exempt_for")
    op.drop_column("person", "left_for")
    op.drop_column("company", "asks")
    op.drop_column("company", "not_invited")
