"""reminders of events, the hours in which people want to be left alone, and their calendar feeds"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("person", sa.Column("quiet", sa.String(11), server_default="", nullable=False))
    op.add_column("person", sa.Column("timezone", sa.String(64), server_default="", nullable=False))
    op.create_table(
        "event_reminder",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("look_at", UTCDateTime(), nullable=True),
        sa.Column("written_at", UTCDateTime(), nullable=True),
        sa.Column("missed_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_reminder_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_event_reminder_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_reminder")),
    )
    op.create_index("ix_event_reminder_event_id_person_id", "event_reminder", ["event_id", "person_id"], unique=False)
    op.create_index(op.f("ix_event_reminder_person_id"), "event_reminder", ["person_id"], unique=False)
    op.create_index(
        "ix_event_reminder_look_at",
        "event_reminder",
        ["look_at"],
        unique=False,
        sqlite_where=sa.text("look_at IS NOT NULL"),
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
    op.create_table(
        "calendar_feed",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("company_id", "person_id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("digest", name=op.f("uq_calendar_feed_digest")),
    )


def downgrade() -> None:
    op.drop_table("calendar_feed")
    op.drop_table("event_reminder")
    op.drop_column("person", "timezone")
    op.drop_column("person", "quiet")
