"""Bringing a database to this version's tables."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage import building
from storage.db import Database

_FOLDER = Path(__file__).parent / "migrations"
_INDEX_ANEW = "index_anew"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def upgrade(database: Database) -> None:
    """Create what is missing, in one transaction where the database can (both do); doing it again does nothing."""
    if is_current(database):
        return
    config = _config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if config.attributes.get(_INDEX_ANEW):
            building.rebuild(connection)


def index_anew(migration: MigrationContext) -> None:
    """For a migration after which the index says something else: it is made anew, once, when the tables are those that
    this version reads."""
    config = migration.config
    if config is not None:
        config.attributes[_INDEX_ANEW] = True


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
