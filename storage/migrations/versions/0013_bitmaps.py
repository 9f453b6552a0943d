"""common terms have bitmaps, and everybody is indexed anew: three characters are one term"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage import migrate

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bitmap",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("term_id", _ID, nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("bits", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["term_id"], ["vocab.term_id"], name=op.f("fk_bitmap_term_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("term_id", "block", name=op.f("pk_bitmap")),
    )
    migrate.index_anew(op.get_context())


def downgrade() -> None:
    op.drop_table("bitmap")
