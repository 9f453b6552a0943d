"""Bringing a database to this version's tables."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage import building
from storage.db import INSTALLATION, Database, confine

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
        confine(connection, INSTALLATION)
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


def of_one_company(connection: Connection, name: str, *, column: str = "company_id") -> None:
    """For a migration that makes a table whose rows are each a company's: on PostgreSQL a transaction sees and writes
    there what `storage.db.confine` has said, whatever its statements say."""
    if connection.dialect.name != "postgresql":
        return
    # As a query of its own the setting is read once a statement, not once a row. The planner knows of the first
    # comparison how many rows it leaves; of `said IN (-1, company_id)` it thinks a hundredth.
    said = "(SELECT current_setting('motokai.company')::bigint)"
    own = f"{column} = {said} OR {said} = {INSTALLATION}"
    connection.exec_driver_sql(f'CREATE POLICY of_one_company ON "{name}" USING ({own})')
    connection.exec_driver_sql(f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY')
    # The product is the tables' owner, for whom policies would not count.
    connection.exec_driver_sql(f'ALTER TABLE "{name}" FORCE ROW LEVEL SECURITY')


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
