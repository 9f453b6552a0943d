"""addresses that are confirmed, and marks that keep who was erased from coming back by a list"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nobody's address counts as confirmed before they confirm it: what was sent where is known of no earlier code."""
    op.add_column("person", sa.Column("email_confirmed_at", UTCDateTime(), nullable=True))
    op.add_column("code", sa.Column("sent_to", sa.String(length=320), nullable=False, server_default=""))
    op.create_table(
        "address_change",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("counted_from", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_address_change_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "person_id", name="pk_address_change"),
    )
    op.create_table(
        "erased_mark",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("whose", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "mark", name="pk_erased_mark"),
    )


def downgrade() -> None:
    op.drop_table("erased_mark")
    op.drop_table("address_change")
    op.drop_column("code", "sent_to")
    op.drop_column("person", "email_confirmed_at")
