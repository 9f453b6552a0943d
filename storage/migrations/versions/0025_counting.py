"""counting: how the copies of a gig fare is read from the index alone"""

from collections.abc import Sequence

from alembic import op

revision: str = "0025"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NAME = "ix_delivery_company_id_subject"


def upgrade() -> None:
    op.drop_index(_NAME, "delivery")
    op.create_index(_NAME, "delivery", ["company_id", "subject", "unasked", "state", "due_at"])


def downgrade() -> None:
    op.drop_index(_NAME, "delivery")
    op.create_index(_NAME, "delivery", ["company_id", "subject"])
