"""A migrated database with two companies that know nothing of each other."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from storage.db import Database
from storage.tables import Company

OURS, THEIRS = 1, 2


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    url = f"sqlite:///{tmp_path}/empty.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_server")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS empty")
            connection.execute("CREATE DATABASE empty")
        url = url.replace("/postgres?", "/empty?")
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def companies(database: Database) -> Database:
    with database.installation() as session:
        session.add(Company(id=OURS, name="東都製作所"))
        session.add(Company(id=THEIRS, name="Elsewhere Inc."))
    return database
