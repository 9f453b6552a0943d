"""search index"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.index import Entry, entries

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BATCH = 100_000
"""Rows that are sorted before they are written: by their key they go into few pages of the table each."""


def upgrade() -> None:
    vocab = op.create_table(
        "vocab",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("term_id", _ID, nullable=False),
        sa.Column("term", sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql"), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("term_id", name=op.f("pk_vocab")),
        sa.UniqueConstraint("company_id", "term", name=op.f("uq_vocab_company_id_term")),
    )
    posting = op.create_table(
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
    _index_who_is_there(vocab, posting)
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.create_index("ix_posting_person_id_term_id_place", ["person_id", "term_id", "place"], unique=False)


def _index_who_is_there(vocab: sa.Table, posting: sa.Table) -> None:
    connection = op.get_bind()
    for (company_id,) in connection.execute(sa.text("SELECT id FROM company ORDER BY id")).all():
        counts: Counter[str] = Counter()
        for _, found in _people(connection, company_id):
            counts.update({term for term, _ in found})
        _insert(
            connection,
            vocab,
            ({"company_id": company_id, "term": term, "people": people} for term, people in counts.items()),
            "term",
        )
        own = sa.select(vocab.c.term, vocab.c.term_id).where(vocab.c.company_id == company_id)
        ids = {row.term: row.term_id for row in connection.execute(own)}
        _insert(
            connection,
            posting,
            (
                {"company_id": company_id, "term_id": ids[term], "place": place, "person_id": person_id}
                for person_id, found in _people(connection, company_id)
                for term, place in found
            ),
            "term_id",
            "place",
            "person_id",
        )


def _people(connection: sa.Connection, company_id: int) -> Any:
    """Each active person with what the index holds of them."""
    rows = connection.execute(
        sa.text(
            "SELECT person.id, person.name, skill.label FROM person "
            "LEFT JOIN skill ON skill.company_id = person.company_id AND skill.person_id = person.id "
            "WHERE person.company_id = :company AND person.state = 'active' ORDER BY person.id"
        ),
        {"company": company_id},
    )
    for (person_id, name), several in groupby(rows, key=lambda row: (row[0], row[1])):
        found: set[Entry] = entries({"name": [name], "skill": [label for _, _, label in several if label]})
        yield person_id, found


def _insert(connection: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]], *key: str) -> None:
    rows = iter(rows)
    while some := sorted(islice(rows, _BATCH), key=lambda row: [row[name] for name in key]):
        connection.execute(table.insert(), some)


def downgrade() -> None:
    op.drop_table("posting")
    op.drop_table("vocab")
