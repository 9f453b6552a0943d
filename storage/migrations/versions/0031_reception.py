"""links to an event's reception, thanks after its end, and what guests say of it"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENTS = ("thanks_at", "feedback_until", "results_at")


def upgrade() -> None:
    op.add_column("event", sa.Column("reception_links", sa.Integer(), server_default="0", nullable=False))
    for name in _MOMENTS:
        op.add_column("event", sa.Column(name, UTCDateTime(), nullable=True))
    for name in ("thanks_at", "results_at"):
        op.create_index(op.f(f"ix_event_{name}"), "event", [name], unique=False)
    op.create_table(
        "feedback",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_feedback_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_feedback_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_id", "mark", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_person_id"), "feedback", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("feedback")
    for name in ("thanks_at", "results_at"):
        op.drop_index(op.f(f"ix_event_{name}"), "event")
    for name in (*reversed(_MOMENTS), "reception_links"):
        op.drop_column("event", name)
