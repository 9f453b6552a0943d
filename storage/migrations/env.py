"""Alembic's entry: it is always given a live connection (storage.migrate)."""

from alembic import context

from storage.tables import Company

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Company.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
