"""who followed the links of a broadcast, and how many did when the links have ended"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("broadcast", sa.Column("followed", sa.JSON(), server_default="[]", nullable=False))
    op.create_table(
        "click",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("broadcast_id", _ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcast.id"], name="fk_click_broadcast_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_click_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("broadcast_id", "place", "person_id", name="pk_click"),
    )
    op.create_index("ix_click_person_id", "click", ["person_id"])


def downgrade() -> None:
    op.drop_table("click")
    op.drop_column("broadcast", "followed")
