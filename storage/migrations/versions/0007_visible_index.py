"""the index knows all of a profile, and who may see it"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage import migrate

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    migrate.index_anew(op.get_context())


def downgrade() -> None:
    """What is there after it says more than the version before can read."""
    op.execute(sa.text("DELETE FROM posting"))
    op.execute(sa.text("DELETE FROM vocab"))
