"""The whole database, as a test looks at it past the product."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from storage.db import Database


@contextmanager
def whole(database: Database) -> Iterator[Connection]:
    """A transaction that is bounded by no company."""
    with database.installation() as session:
        yield session.core
