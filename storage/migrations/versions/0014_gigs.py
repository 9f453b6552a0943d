"""posts with their terms, versions and audiences; desks; cases that are worked on; commissions and their notices"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _desks_and_words()
    for column in (
        sa.Column("country", sa.String(length=10), nullable=False, server_default="jp"),
        sa.Column("gig_defaults", sa.JSON(), nullable=False, server_default="{}"),
    ):
        op.add_column("company", column)
    for column in (
        sa.Column("availability", sa.String(length=300), nullable=False, server_default=""),
        sa.Column("interests", sa.String(length=500), nullable=False, server_default=""),
        sa.Column("snoozed_until", UTCDateTime(), nullable=True),
        sa.Column("signs", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("person", column)
    _gigs()
    _cases()
    _commissions()


def _desks_and_words() -> None:
    op.create_table(
        "desk",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("topics", sa.String(length=300), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("workspace", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("promised_minutes", sa.Integer(), nullable=True),
        sa.Column("opens", sa.String(length=5), nullable=False),
        sa.Column("closes", sa.String(length=5), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_desk"),
        sa.UniqueConstraint(
            "company_id", "platform", "workspace", "address", name="uq_desk_company_id_platform_workspace_address"
        ),
    )
    op.create_table(
        "synonym",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("folded", sa.String(length=100), nullable=False),
        sa.Column("means", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "folded", name="pk_synonym"),
    )


def _gigs() -> None:
    for column in (
        sa.Column("terms", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("places", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("audience", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("channel", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("publish_at", UTCDateTime(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("named_id", _ID, nullable=True),
        sa.Column("desk_id", _ID, nullable=True),
    ):
        op.add_column("gig", column)
    op.execute("UPDATE gig SET published_at = created_at")
    op.create_index("ix_gig_named_id", "gig", ["named_id"])
    op.create_index("ix_gig_publish_at", "gig", ["publish_at"])
    op.create_table(
        "gig_version",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("gig_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("author_id", _ID, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name="fk_gig_version_author_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["gig_id"], ["gig.id"], name="fk_gig_version_gig_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("gig_id", "version", name="pk_gig_version"),
    )
    for column in (
        sa.Column("note", sa.String(), nullable=False, server_default=""),
        sa.Column("availability", sa.String(length=300), nullable=False, server_default=""),
        sa.Column("progress", sa.String(length=20), nullable=False, server_default="received"),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
    ):
        op.add_column("stance", column)
    op.create_table(
        "referral",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("gig_id", _ID, nullable=False),
        sa.Column("referrer_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["gig_id"], ["gig.id"], name="fk_referral_gig_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_referral_person_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["referrer_id"], ["person.id"], name="fk_referral_referrer_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_referral"),
        sa.UniqueConstraint("gig_id", "referrer_id", "person_id", name="uq_referral_gig_id_referrer_id_person_id"),
    )
    op.create_index("ix_referral_person_id", "referral", ["person_id"])
    op.create_index("ix_referral_referrer_id", "referral", ["referrer_id"])


def _cases() -> None:
    _about_a_gig(always=False)
    for column in (
        sa.Column("topic", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("title", sa.String(length=150), nullable=False, server_default=""),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("snoozed_until", UTCDateTime(), nullable=True),
        sa.Column("answer_due_at", UTCDateTime(), nullable=True),
        sa.Column("nudge_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("desk_id", _ID, nullable=True),
        sa.Column("assignee_id", _ID, nullable=True),
    ):
        op.add_column("case", column)
    for column in (
        sa.Column("source", sa.String(length=500), nullable=False, server_default=""),
        sa.Column("files", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("edited_at", UTCDateTime(), nullable=True),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
    ):
        op.add_column("casemessage", column)
    op.create_index("ix_case_assignee_id", "case", ["assignee_id"])
    op.create_index("ix_case_company_id_state", "case", ["company_id", "state"])
    op.create_index("ix_case_desk_id", "case", ["desk_id"])
    op.create_index("ix_case_nudge_at", "case", ["nudge_at"])
    op.create_index("ix_case_snoozed_until", "case", ["snoozed_until"])
    op.create_index("ix_casemessage_company_id_source", "casemessage", ["company_id", "source"])


_INDEXES = (
    "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('case', 'casemessage')"
)


def _about_a_gig(*, always: bool) -> None:
    """Whether a case has to be about a gig. SQLite cannot change NOT NULL, so that its table is made anew, and the
    messages' with it: they would go with the old one."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.alter_column("case", "gig_id", existing_type=_ID, nullable=not always)
        return
    indexes = [*connection.execute(sa.text(_INDEXES)).scalars()]
    for name in ("case", "casemessage"):
        of_it = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
        _, _, columns = str(connection.execute(of_it, {"name": name}).scalar_one()).partition("(")
        columns = columns.replace(_GIG[not always], _GIG[always]).replace('REFERENCES "case"', "REFERENCES case_next")
        op.execute(f"CREATE TABLE {name}_next ({columns}")
        op.execute(f'INSERT INTO {name}_next SELECT * FROM "{name}"')
    for name in ("casemessage", "case"):
        op.execute(f'DROP TABLE "{name}"')
        op.execute(f'ALTER TABLE {name}_next RENAME TO "{name}"')
    for sql in indexes:
        op.execute(sql)


_GIG = {True: "gig_id INTEGER NOT NULL", False: "gig_id INTEGER"}


def _commissions() -> None:
    op.create_table(
        "commission",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("gig_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("by_id", _ID, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("long_term", sa.Boolean(), nullable=False),
        sa.Column("remind_at", UTCDateTime(), nullable=True),
        sa.Column("received_at", UTCDateTime(), nullable=True),
        sa.Column("paper_at", UTCDateTime(), nullable=True),
        sa.Column("paper_sent_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="fk_commission_by_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["gig_id"], ["gig.id"], name="fk_commission_gig_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_commission_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_commission"),
        sa.UniqueConstraint("gig_id", "person_id", name="uq_commission_gig_id_person_id"),
    )
    op.create_index("ix_commission_person_id", "commission", ["person_id"])
    op.create_index("ix_commission_remind_at", "commission", ["remind_at"])
    op.create_table(
        "commission_notice",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("commission_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("open_items", sa.JSON(), nullable=False, server_default="[]"),
        sa.ForeignKeyConstraint(
            ["commission_id"], ["commission.id"], name="fk_commission_notice_commission_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("commission_id", "number", name="pk_commission_notice"),
    )


def downgrade() -> None:
    """The tables before have no room for a case that is about no gig."""
    op.drop_table("commission_notice")
    op.drop_table("commission")
    op.drop_table("referral")
    op.drop_table("gig_version")
    for table, indexes, columns in _ADDED:
        for index in indexes:
            op.drop_index(f"ix_{table}_{index}", table)
        for column in columns.split():
            op.drop_column(table, column)
    op.execute('DELETE FROM "case" WHERE gig_id IS NULL')
    _about_a_gig(always=True)
    op.drop_table("synonym")
    op.drop_table("desk")


_ADDED = (
    ("casemessage", ("company_id_source",), "source files edited_at removed_at"),
    (
        "case",
        ("assignee_id", "company_id_state", "desk_id", "nudge_at", "snoozed_until"),
        "topic title revision snoozed_until answer_due_at nudge_at closed_at desk_id assignee_id",
    ),
    ("stance", (), "note availability progress version"),
    (
        "gig",
        ("named_id", "publish_at"),
        "terms places audience version channel publish_at published_at named_id desk_id",
    ),
    ("person", (), "availability interests snoozed_until signs"),
    ("company", (), "country gig_defaults"),
)
