"""on which workspaces a company's people are is known without reading their accounts"""

from collections.abc import Sequence

from alembic import op

revision: str = "0038"
down_revision: str | None = "0037"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_account_company_id_workspace", "account", ["company_id", "platform", "workspace"])


def downgrade() -> None:
    op.drop_index("ix_account_company_id_workspace", table_name="account")
