"""surveys, the answers of those who give their names, and ballots"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0032"
down_revision: str | None = "0031"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("questions", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("audience", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author_id", _ID, nullable=False),
        sa.Column("desk_platform", sa.String(length=20), nullable=False),
        sa.Column("desk_workspace", sa.String(length=100), nullable=False),
        sa.Column("desk_address", sa.String(length=500), nullable=False),
        sa.Column("closes_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("reminded_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name="fk_survey_author_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_survey"),
    )
    op.create_index("ix_survey_closes_at", "survey", ["closes_at"])
    op.create_table(
        "survey_answer",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("survey_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name="fk_survey_answer_survey_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_survey_answer_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("survey_id", "person_id", name="pk_survey_answer"),
    )
    op.create_index("ix_survey_answer_person_id", "survey_answer", ["person_id"])
    op.create_table(
        "ballot",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("survey_id", _ID, nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name="fk_ballot_survey_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("survey_id", "mark", name="pk_ballot"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("ballot")
    op.drop_table("survey_answer")
    op.drop_table("survey")
