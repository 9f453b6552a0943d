"""profiles, who may see them, consents, and the audit log"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXTS = {
    "romaji": 200,
    "former_surname": 100,
    "employee_number": 60,
    "works_at": 200,
    "works_as": 200,
    "city": 100,
    "helps_with": 500,
    "looks_for": 500,
}
_INSTANTS = ("checked_at", "opens_at", "expires_at")


def upgrade() -> None:
    for name, length in _TEXTS.items():
        op.add_column("person", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    op.add_column("person", sa.Column("joined_year", sa.Integer(), nullable=True))
    op.add_column("person", sa.Column("last_day", sa.Date(), nullable=True))
    for name in _INSTANTS:
        op.add_column("person", sa.Column(name, UTCDateTime(), nullable=True))
    op.create_index("ix_person_expires_at", "person", ["expires_at"])
    op.create_index("ix_person_opens_at", "person", ["opens_at"])
    op.add_column("company", sa.Column("least_years", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("company", sa.Column("keeps_days", sa.Integer(), nullable=False, server_default="365"))
    op.create_table(
        "department",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("since", sa.Integer(), nullable=True),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_department_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "person_id", "place", name="pk_department"),
    )
    op.create_table(
        "visibility",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_visibility_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "person_id", "field", name="pk_visibility"),
    )
    op.create_table(
        "hiding",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("viewer_id", _ID, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_hiding_person_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["viewer_id"], ["person.id"], name="fk_hiding_viewer_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "person_id", "viewer_id", name="pk_hiding"),
    )
    op.create_index("ix_hiding_viewer_id", "hiding", ["viewer_id"])
    op.create_table(
        "consent",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_consent_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_company_id_person_id", "consent", ["company_id", "person_id"])
    op.create_table(
        "audit",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("actor_id", _ID, nullable=True),
        sa.Column("actor_mark", sa.String(length=64), nullable=False),
        sa.Column("subject_id", _ID, nullable=True),
        sa.Column("subject_mark", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_company_id_subject_id", "audit", ["company_id", "subject_id"])


def downgrade() -> None:
    for table in ("audit", "consent", "hiding", "visibility", "department"):
        op.drop_table(table)
    for name in ("keeps_days", "least_years"):
        op.drop_column("company", name)
    op.drop_index("ix_person_opens_at", "person")
    op.drop_index("ix_person_expires_at", "person")
    for name in (*_INSTANTS, "last_day", "joined_year", *_TEXTS):
        op.drop_column("person", name)
