"""a person's photo, and found by address and employee number"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.index import reindex

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_MARKED = sa.text("SELECT id FROM person WHERE state = 'active' AND (email <> '' OR employee_number <> '')")


def upgrade() -> None:
    op.drop_column("person", "folded")
    op.add_column("person", sa.Column("photo", sa.String(length=500), nullable=False, server_default=""))
    connection = op.get_bind()
    reindex(connection, connection.execute(_MARKED).scalars().all())


def downgrade() -> None:
    op.drop_column("person", "photo")
    op.add_column("person", sa.Column("folded", sa.String(), nullable=False, server_default=""))
