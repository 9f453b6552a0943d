"""files of people, and indexes to find people by what such files know them by"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from storage.types import UTCDateTime

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STATES = ("fetching", "checked", "importing", "done", "cancelled", "expired", "failed")


def upgrade() -> None:
    op.create_index("ix_person_company_id_email", "person", ["company_id", "email"])
    op.create_index("ix_person_company_id_employee_number", "person", ["company_id", "employee_number"])
    op.create_table(
        "people_file",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.Enum(*_STATES, name="filestate", native_enum=False, length=20), nullable=False),
        sa.Column("fault", sa.JSON(), nullable=False),
        sa.Column("wrong", sa.JSON(), nullable=False),
        sa.Column("unread", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done_line", sa.Integer(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("last_letter_at", UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_people_file_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_people_file"),
    )
    op.create_index("ix_people_file_company_id_state", "people_file", ["company_id", "state"])
    op.create_index("ix_people_file_person_id", "people_file", ["person_id"])
    op.create_table(
        "people_file_body",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("file_id", _ID, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["people_file.id"], name="fk_people_file_body_file_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("company_id", "file_id", name="pk_people_file_body"),
    )


def downgrade() -> None:
    op.drop_table("people_file_body")
    op.drop_table("people_file")
    op.drop_index("ix_person_company_id_employee_number", "person")
    op.drop_index("ix_person_company_id_email", "person")
