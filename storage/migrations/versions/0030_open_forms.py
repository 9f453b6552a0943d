"""forms that stand on messages, whose edits wait for them, and edits that overtook their message"""

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
    op.create_table(
        "early_edit",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("noted_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_early_edit_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_early_edit"),
        sa.UniqueConstraint("company_id", "source", name="uq_early_edit_company_id_source"),
    )
    op.create_index("ix_early_edit_person_id", "early_edit", ["person_id"])
    op.create_index("ix_early_edit_noted_at", "early_edit", ["noted_at"])


def downgrade() -> None:
    op.drop_table("early_edit")
    op.drop_table("open_form")
