"""Bringing a database to this version's tables."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.db import Database

_FOLDER = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def upgrade(database: Database, to: str = "head") -> None:
    """Create what is missing, in one transaction where the database can (both do); doing it again does nothing."""
    if is_current(database):
        return
    config = _config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def is_current(database: Database) -> bool:
    """Whether the database has this version's tables."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == _head()


@cache
def _head() -> str | None:
    """Found by running every migration's file, which takes longer than looking into the database."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def new_revision(database: Database, message: str) -> None:
    """For developers: write a migration from the difference between the tables and `database`."""
    config = _config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True)
