"""common terms have bitmaps"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.bitmaps import MANY, write

revision: str = "0013"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_COMMON = sa.text("SELECT company_id, term_id FROM vocab WHERE people > :many ORDER BY term_id")
_HOLDERS = sa.text("SELECT DISTINCT person_id FROM posting WHERE term_id = :term")


def upgrade() -> None:
    op.create_table(
        "bitmap",
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("term_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("bits", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["term_id"], ["vocab.term_id"], name=op.f("fk_bitmap_term_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("term_id", "block", name=op.f("pk_bitmap")),
    )
    connection = op.get_bind()
    for company_id, term_id in connection.execute(_COMMON, {"many": MANY}).all():
        write(connection, company_id, term_id, connection.execute(_HOLDERS, {"term": term_id}).scalars())


def downgrade() -> None:
    op.drop_table("bitmap")
