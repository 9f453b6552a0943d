"""people who come without a code: confirmed addresses, and requests to join"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Of nobody who is there already is it known whether a letter or HR brought the code: nobody is confirmed by it.
    op.create_table(
        "join_request",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("workspace", sa.String(length=100), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("home", sa.String(length=500), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("owed", sa.Boolean(), nullable=False),
        sa.Column("look_at", UTCDateTime(), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("looked_at", UTCDateTime(), nullable=True),
        sa.Column("told_name", sa.String(length=200), nullable=False),
        sa.Column("told_email", sa.String(length=320), nullable=False),
        sa.Column("vouched", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("employee_number", sa.String(length=60), nullable=False),
        sa.Column("worked", sa.String(length=300), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", _ID, nullable=True),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name="fk_join_request_decided_by", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_join_request_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_join_request"),
        sa.UniqueConstraint(
            "platform", "workspace", "external_id", name="uq_join_request_platform_workspace_external_id"
        ),
    )
    op.create_index("ix_join_request_look_at", "join_request", ["look_at"])
    op.create_index("ix_join_request_person_id", "join_request", ["person_id"])


def downgrade() -> None:
    op.drop_table("join_request")
