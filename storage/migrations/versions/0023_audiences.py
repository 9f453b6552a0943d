"""several channels for gigs, and for whom each version of a gig was"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_PLACES = (("company", "gig_channel", "gig_channels"), ("gig", "channel", "channels"))


def upgrade() -> None:
    for table, one, several in _PLACES:
        op.add_column(table, sa.Column(several, sa.JSON(), nullable=False, server_default="[]"))
        for number, place in _kept(table, one):
            if place:
                _keep(table, number, several, [_named(place)])
        op.drop_column(table, one)
    op.add_column("gig_version", sa.Column("audience", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("gig_version", "audience")
    for table, one, several in _PLACES:
        op.add_column(table, sa.Column(one, sa.JSON(), nullable=False, server_default="{}"))
        for number, places in _kept(table, several):
            if places:
                place = {name: places[0][name] for name in ("platform", "workspace", "address")}
                _keep(table, number, one, place)
        op.drop_column(table, several)


def _named(place: Mapping[str, str]) -> dict[str, str]:
    told = "\n".join((place["platform"], place["workspace"], place["address"]))
    return {"key": hashlib.sha256(told.encode()).hexdigest()[:12], "name": place["platform"].capitalize(), **place}


def _rows(table: str, column: str) -> Any:
    return sa.table(table, sa.column("id"), sa.column(column, sa.JSON()))


def _kept(table: str, column: str) -> Sequence[Any]:
    rows = _rows(table, column)
    return op.get_bind().execute(sa.select(rows.c.id, rows.c[column])).all()


def _keep(table: str, number: int, column: str, value: Any) -> None:
    rows = _rows(table, column)
    op.get_bind().execute(sa.update(rows).where(rows.c.id == number).values({column: value}))
