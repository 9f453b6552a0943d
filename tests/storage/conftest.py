"""A migrated database with two companies that know nothing of each other."""

import pytest

from storage.db import Database
from storage.tables import Company

OURS, THEIRS = 1, 2


@pytest.fixture
def companies(database: Database) -> Database:
    with database.installation() as session:
        session.add(Company(id=OURS, name="東都製作所"))
        session.add(Company(id=THEIRS, name="Elsewhere Inc."))
    return database
