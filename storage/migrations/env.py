"""Alembic's entry: it is always given a live connection (storage.migrate)."""

from alembic import context
from sqlmodel import SQLModel

from storage import tables

assert tables.Company.__tablename__ in SQLModel.metadata.tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
