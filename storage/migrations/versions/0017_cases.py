"""what HR does with a case, its newest card, one default desk, and desks for the gigs that are there"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0017"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_DESKS = """
INSERT INTO desk (company_id, name, locale, topics, is_default, platform, workspace, address, opens, closes, created_at)
SELECT gig.company_id, '', min(person.locale), '', false, gig.desk_platform, gig.desk_workspace, gig.desk_address,
       '09:00', '18:00', min(gig.created_at)
FROM gig JOIN person ON person.id = gig.author_id
WHERE gig.desk_address <> ''
GROUP BY gig.company_id, gig.desk_platform, gig.desk_workspace, gig.desk_address
ORDER BY min(gig.id)
"""
_OF_GIGS = """
UPDATE gig SET desk_id = (
    SELECT desk.id FROM desk WHERE desk.company_id = gig.company_id AND desk.platform = gig.desk_platform
    AND desk.workspace = gig.desk_workspace AND desk.address = gig.desk_address
)
"""
_OF_CASES = 'UPDATE "case" SET desk_id = (SELECT gig.desk_id FROM gig WHERE gig.id = "case".gig_id)'


def upgrade() -> None:
    op.add_column("desk", sa.Column("locale", sa.String(length=10), nullable=False, server_default=""))
    op.create_index(
        "ix_desk_company_id_default",
        "desk",
        ["company_id"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.add_column("case", sa.Column("cards", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "case_event",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("actor_id", _ID, nullable=False),
        sa.Column("whom_id", _ID, nullable=True),
        sa.Column("desk_id", _ID, nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name="fk_case_event_actor_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_case_event_case_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_case_event"),
        sa.UniqueConstraint("case_id", "revision", name="uq_case_event_case_id_revision"),
    )
    for statement in (_DESKS, _OF_GIGS, _OF_CASES):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("case_event")
    op.drop_column("case", "cards")
    op.drop_index("ix_desk_company_id_default", "desk")
    op.drop_column("desk", "locale")
