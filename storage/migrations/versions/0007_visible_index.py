"""the index knows all of a profile, and who may see it"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.index import Entry, entries, texts_of
from storage.tables import Audience

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BATCH = 100_000
"""Rows that are sorted before they are written: by their key they go into few pages of the table each."""
_VOCAB = sa.table("vocab", *map(sa.column, ("term_id", "company_id", "term", "people")))
_POSTING = sa.table("posting", *map(sa.column, ("company_id", "term_id", "place", "person_id")))
_PEOPLE = sa.text("SELECT * FROM person WHERE company_id = :company AND state = 'active' ORDER BY id")
_SKILLS = sa.text("SELECT person_id, label FROM skill WHERE company_id = :company ORDER BY person_id")
_DEPARTMENTS = sa.text("SELECT person_id, name FROM department WHERE company_id = :company ORDER BY person_id")
_CHOSEN = sa.text("SELECT person_id, field, audience FROM visibility WHERE company_id = :company ORDER BY person_id")


def upgrade() -> None:
    connection = op.get_bind()
    _empty(connection)
    for (company_id,) in connection.execute(sa.text("SELECT id FROM company ORDER BY id")).all():
        _fill(connection, company_id)


def downgrade() -> None:
    _empty(op.get_bind())


def _empty(connection: sa.Connection) -> None:
    connection.execute(_POSTING.delete())
    connection.execute(_VOCAB.delete())


def _fill(connection: sa.Connection, company_id: int) -> None:
    counts: Counter[str] = Counter()
    for _, found in _people(connection, company_id):
        counts.update({term for term, _ in found})
    terms = ({"company_id": company_id, "term": term, "people": people} for term, people in counts.items())
    _insert(connection, _VOCAB, terms, "term")
    own = sa.select(_VOCAB.c.term, _VOCAB.c.term_id).where(_VOCAB.c.company_id == company_id)
    ids = {row.term: row.term_id for row in connection.execute(own)}
    postings = (
        {"company_id": company_id, "term_id": ids[term], "place": place, "person_id": person_id}
        for person_id, found in _people(connection, company_id)
        for term, place in found
    )
    _insert(connection, _POSTING, postings, "term_id", "place", "person_id")


def _people(connection: sa.Connection, company_id: int) -> Iterator[tuple[int, set[Entry]]]:
    """Each active person with what the index holds of them."""
    skills = _lists(connection, _SKILLS, company_id)
    departments = _lists(connection, _DEPARTMENTS, company_id)
    chosen = _lists(connection, _CHOSEN, company_id)
    for person in connection.execute(_PEOPLE, {"company": company_id}):
        texts = texts_of(
            person,
            [label for (label,) in skills.get(person.id, ())],
            [name for (name,) in departments.get(person.id, ())],
        )
        audiences = {field: Audience(audience) for field, audience in chosen.get(person.id, ())}
        yield person.id, entries(texts, audiences, person.joined_year)


def _lists(connection: sa.Connection, query: sa.TextClause, company_id: int) -> Mapping[int, list[Sequence[Any]]]:
    rows = connection.execute(query, {"company": company_id})
    return {person_id: [row[1:] for row in own] for person_id, own in groupby(rows, key=lambda row: row[0])}


def _insert(connection: sa.Connection, table: Any, rows: Iterable[dict[str, Any]], *key: str) -> None:
    rows = iter(rows)
    while some := sorted(islice(rows, _BATCH), key=lambda row: [row[name] for name in key]):
        connection.execute(table.insert(), some)
