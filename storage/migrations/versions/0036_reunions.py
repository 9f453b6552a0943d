"""reunions that somebody proposes to a cohort, and what its members answer"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0036"
down_revision: str | None = "0035"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reunion",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("author_id", _ID, nullable=False),
        sa.Column("audience", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("desk_platform", sa.String(length=20), nullable=False),
        sa.Column("desk_workspace", sa.String(length=100), nullable=False),
        sa.Column("desk_address", sa.String(length=500), nullable=False),
        sa.Column("closes_at", UTCDateTime(), nullable=False),
        sa.Column("decide_by", UTCDateTime(), nullable=True),
        sa.Column("event_id", _ID, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name="fk_reunion_author_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_reunion_event_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_reunion"),
    )
    op.create_index("ix_reunion_closes_at", "reunion", ["closes_at"])
    op.create_table(
        "reunion_answer",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("reunion_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("days", sa.String(length=50), nullable=False),
        sa.Column("places", sa.String(length=50), nullable=False),
        sa.Column("offers", sa.Boolean(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reunion_id"], ["reunion.id"], name="fk_reunion_answer_reunion_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_reunion_answer_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("reunion_id", "person_id", name="pk_reunion_answer"),
    )
    op.create_index("ix_reunion_answer_person_id", "reunion_answer", ["person_id"])


def downgrade() -> None:
    op.drop_table("reunion_answer")
    op.drop_table("reunion")
