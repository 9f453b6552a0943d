"""erasing people, and the key that marks them in the audit log"""

import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("company", sa.Column("mark_key", sa.String(length=64), nullable=False, server_default=""))
    companies = sa.table("company", sa.column("id", _ID), sa.column("mark_key", sa.String))
    connection = op.get_bind()
    for company_id in connection.execute(sa.select(companies.c.id)).scalars().all():
        values = {"mark_key": secrets.token_hex(32)}
        connection.execute(sa.update(companies).where(companies.c.id == company_id).values(**values))
    op.add_column("delivery", sa.Column("delete_due_at", UTCDateTime(), nullable=True))
    there = sa.text("delete_due_at IS NOT NULL")
    op.create_index(
        "ix_delivery_delete_due_at", "delivery", ["delete_due_at"], sqlite_where=there, postgresql_where=there
    )
    op.create_table(
        "erasure",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("reach", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("removed", sa.JSON(), nullable=False),
        sa.Column("left", sa.JSON(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
    )
    op.create_index("ix_erasure_finished_at", "erasure", ["finished_at"])


def downgrade() -> None:
    op.drop_table("erasure")
    op.drop_index("ix_delivery_delete_due_at", "delivery")
    op.drop_column("delivery", "delete_due_at")
    op.drop_column("company", "mark_key")
