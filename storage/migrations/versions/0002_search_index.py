"""search index, which is filled after 0007"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "vocab",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("term_id", _ID, nullable=False),
        sa.Column("term", sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql"), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("term_id", name=op.f("pk_vocab")),
        sa.UniqueConstraint("company_id", "term", name=op.f("uq_vocab_company_id_term")),
    )
    op.create_table(
        "posting",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("term_id", _ID, nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_posting_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["term_id"], ["vocab.term_id"], name=op.f("fk_posting_term_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("term_id", "place", "person_id", name=op.f("pk_posting")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.create_index("ix_posting_person_id_term_id_place", ["person_id", "term_id", "place"], unique=False)


def downgrade() -> None:
    op.drop_table("posting")
    op.drop_table("vocab")
