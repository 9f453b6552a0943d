"""forms that stand on messages, whose edits wait for them"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "open_form",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("delivery_id", _ID, autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "holder", name="pk_open_form"),
    )
    op.create_index("ix_open_form_until", "open_form", ["until"])


def downgrade() -> None:
    op.drop_table("open_form")
