"""fan-out: what was not sent yet has no place among the refs"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NAME = "ix_delivery_company_id_ref"
_THERE = sa.text("ref IS NOT NULL")


def upgrade() -> None:
    op.drop_index(_NAME, "delivery")
    op.create_index(_NAME, "delivery", ["company_id", "ref"], sqlite_where=_THERE, postgresql_where=_THERE)


def downgrade() -> None:
    op.drop_index(_NAME, "delivery")
    op.create_index(_NAME, "delivery", ["company_id", "ref"])
