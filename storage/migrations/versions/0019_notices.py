"""which notice of terms has been received; notices that nobody changes"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SQLITE = (
    "CREATE TRIGGER commission_notice_kept BEFORE UPDATE ON commission_notice "
    "BEGIN SELECT RAISE(ABORT, 'a notice of terms is never changed'); END",
)
_POSTGRESQL = (
    "CREATE FUNCTION commission_notice_kept() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'a notice of terms is never changed'; END $$",
    "CREATE TRIGGER commission_notice_kept BEFORE UPDATE ON commission_notice "
    "FOR EACH ROW EXECUTE FUNCTION commission_notice_kept()",
)


def upgrade() -> None:
    op.add_column("commission", sa.Column("received_number", sa.Integer(), nullable=False, server_default="0"))
    for statement in _POSTGRESQL if _is_postgresql() else _SQLITE:
        op.execute(statement)


def downgrade() -> None:
    on_table = " ON commission_notice" if _is_postgresql() else ""
    op.execute(f"DROP TRIGGER commission_notice_kept{on_table}")
    if _is_postgresql():
        op.execute("DROP FUNCTION commission_notice_kept()")
    op.drop_column("commission", "received_number")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
