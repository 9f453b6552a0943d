"""what a person has been written about something is found without reading everybody's"""

from collections.abc import Sequence

from alembic import op

revision: str = "0037"
down_revision: str | None = "0036"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_delivery_person_id_subject", "delivery", ["person_id", "subject"])


def downgrade() -> None:
    op.drop_index("ix_delivery_person_id_subject", table_name="delivery")
