"""when the letters of an offboarding are due, and the newest word of the HRIS"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "offboarding",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("remind_at", UTCDateTime(), nullable=True),
        sa.Column("warn_at", UTCDateTime(), nullable=True),
        sa.Column("expired_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_offboarding_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "person_id", name="pk_offboarding"),
    )
    op.create_index("ix_offboarding_remind_at", "offboarding", ["remind_at"])
    op.create_index("ix_offboarding_warn_at", "offboarding", ["warn_at"])
    op.create_table(
        "hris_mark",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("employee_number", sa.String(length=60), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("event", sa.String(length=200), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "employee_number", name="pk_hris_mark"),
    )


def downgrade() -> None:
    op.drop_table("hris_mark")
    op.drop_index("ix_offboarding_warn_at", "offboarding")
    op.drop_index("ix_offboarding_remind_at", "offboarding")
    op.drop_table("offboarding")
