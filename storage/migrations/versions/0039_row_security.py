"""on PostgreSQL a transaction sees the rows of its company alone, whatever a statement says (storage.db.confine)"""

from collections.abc import Sequence

from alembic import op

from storage import migrate

revision: str = "0039"
down_revision: str | None = "0038"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_OWNED = (
    "person",
    "address_change",
    "department",
    "offboarding",
    "people_file",
    "people_file_body",
    "hris_mark",
    "visibility",
    "hiding",
    "consent",
    "audit",
    "skill",
    "vocab",
    "posting",
    "bitmap",
    "account",
    "code",
    "join_request",
    "conversation",
    "desk",
    "gig",
    "gig_version",
    "stance",
    "referral",
    "synonym",
    "saved_segment",
    "broadcast_template",
    "case",
    "casemessage",
    "case_event",
    "commission",
    "commission_notice",
    "event",
    "event_version",
    "rsvp",
    "feedback",
    "event_reminder",
    "calendar_feed",
    "broadcast",
    "click",
    "acknowledgement",
    "survey",
    "survey_answer",
    "ballot",
    "reunion",
    "reunion_answer",
    "delivery",
    "erasure",
    "merger",
    "erased_mark",
    "inbox",
    "open_form",
    "early_edit",
)


def upgrade() -> None:
    migrate.of_one_company(op.get_bind(), "company", column="id")
    for name in _OWNED:
        migrate.of_one_company(op.get_bind(), name)


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for name in ("company", *_OWNED):
        op.execute(f'ALTER TABLE "{name}" NO FORCE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{name}" DISABLE ROW LEVEL SECURITY')
        op.execute(f'DROP POLICY of_one_company ON "{name}"')
