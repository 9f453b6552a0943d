"""gatherings: events, what each of their versions said, and who answered what"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("uid", sa.String(100), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(150), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("starts_wall", sa.String(16), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_wall", sa.String(16), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("place", sa.String(300), nullable=False),
        sa.Column("link", sa.String(500), nullable=False),
        sa.Column("place_for_guests", sa.Boolean(), nullable=False),
        sa.Column("host_id", _ID, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("guests_each", sa.Integer(), nullable=False),
        sa.Column("deadline_wall", sa.String(16), nullable=False),
        sa.Column("deadline_at", UTCDateTime(), nullable=True),
        sa.Column("audience", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("questions", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("reminders", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("confirm_minutes", sa.Integer(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("series_id", _ID, nullable=True),
        sa.Column("rule", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "open", "cancelled", "over", "discarded", name="eventstate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("desk_id", _ID, nullable=True),
        sa.Column("desk_platform", sa.String(20), nullable=False),
        sa.Column("desk_workspace", sa.String(100), nullable=False),
        sa.Column("desk_address", sa.String(500), nullable=False),
        sa.Column("channels", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("cancelled_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["host_id"], ["person.id"], name=op.f("fk_event_host_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_company_id_state", "event", ["company_id", "state"], unique=False)
    op.create_index(op.f("ix_event_deadline_at"), "event", ["deadline_at"], unique=False)
    op.create_index(op.f("ix_event_ends_at"), "event", ["ends_at"], unique=False)
    op.create_index(op.f("ix_event_series_id"), "event", ["series_id"], unique=False)
    op.create_index(op.f("ix_event_starts_at"), "event", ["starts_at"], unique=False)

    op.create_table(
        "event_version",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("author_id", _ID, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_event_version_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_version_event_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_id", "version", name=op.f("pk_event_version")),
    )
    op.create_table(
        "rsvp",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column(
            "answer", sa.Enum("going", "maybe", "no", name="rsvpanswer", native_enum=False, length=20), nullable=False
        ),
        sa.Column(
            "seat",
            sa.Enum("none", "taken", "waiting", "offered", name="seat", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("guests", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("offered_until", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("arrived_at", UTCDateTime(), nullable=True),
        sa.Column("arrived_guests", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_rsvp_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rsvp_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_id", "person_id", name=op.f("pk_rsvp")),
    )
    op.create_index("ix_rsvp_event_id_seat_number", "rsvp", ["event_id", "seat", "number"], unique=False)
    op.create_index(op.f("ix_rsvp_offered_until"), "rsvp", ["offered_until"], unique=False)
    op.create_index(op.f("ix_rsvp_person_id"), "rsvp", ["person_id"], unique=False)
    # Home tabs that are out show events as well when they are drawn next.
    delivery = sa.table("delivery", sa.column("id", _ID), sa.column("template"), sa.column("args", sa.JSON()))
    homes = sa.select(delivery.c.id, delivery.c.args).where(delivery.c.template == "home")
    for number, args in op.get_bind().execute(homes).all():
        told = {**args, "events": {"tab": "coming", "page": 1}}
        op.execute(sa.update(delivery).where(delivery.c.id == number).values(args=told))


def downgrade() -> None:
    for name in ("rsvp", "event_version", "event"):
        op.drop_table(name)
