"""how the messages of each topic reach a person, when a company's digests leave, and broadcasts"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_HELD = sa.text("state = 'held' AND settled_at IS NULL")


def upgrade() -> None:
    op.add_column("person", sa.Column("receives", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("company", sa.Column("digest_weekday", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("company", sa.Column("digest_hour", sa.Integer(), nullable=False, server_default="9"))
    op.add_column("company", sa.Column("broadcasts_need_two", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_delivery_held", "delivery", ["due_at"], sqlite_where=_HELD, postgresql_where=_HELD)
    op.create_table(
        "broadcast",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("title_ja", sa.String(length=150), nullable=False),
        sa.Column("text_ja", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(length=150), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("picture", sa.String(length=500), nullable=False),
        sa.Column("picture_alt", sa.String(length=300), nullable=False),
        sa.Column("audience", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author_id", _ID, nullable=False),
        sa.Column("approver_id", _ID, nullable=True),
        sa.Column("desk_platform", sa.String(length=20), nullable=False),
        sa.Column("desk_workspace", sa.String(length=100), nullable=False),
        sa.Column("desk_address", sa.String(length=500), nullable=False),
        sa.Column("send_at", UTCDateTime(), nullable=True),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name="fk_broadcast_author_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["approver_id"], ["person.id"], name="fk_broadcast_approver_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_broadcast"),
    )
    op.create_index("ix_broadcast_send_at", "broadcast", ["send_at"])
    op.create_table(
        "acknowledgement",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("broadcast_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcast.id"], name="fk_acknowledgement_broadcast_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_acknowledgement_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_acknowledgement"),
    )
    op.create_index("ix_acknowledgement_broadcast_id_person_id", "acknowledgement", ["broadcast_id", "person_id"])
    op.create_index("ix_acknowledgement_person_id", "acknowledgement", ["person_id"])


def downgrade() -> None:
    op.drop_table("acknowledgement")
    op.drop_table("broadcast")
    op.drop_index("ix_delivery_held", "delivery")
    op.drop_column("company", "broadcasts_need_two")
    op.drop_column("company", "digest_hour")
    op.drop_column("company", "digest_weekday")
    op.drop_column("person", "receives")
