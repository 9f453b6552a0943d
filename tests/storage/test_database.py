"""What is promised of the database itself: pragmas, transactions, and migrations that match the tables."""

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import SQLModel, col, select

from storage import migrate
from storage.db import Database, tables_missing
from storage.tables import Account, Person, Role


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))


def test_the_migrations_make_exactly_the_tables(empty: Database) -> None:
    database = empty
    assert len(tables_missing(database)) == len(SQLModel.metadata.tables)
    assert not migrate.is_current(database)
    migrate.upgrade(database)
    assert migrate.is_current(database)
    assert tables_missing(database) == []
    assert differences(database) == []


def test_upgrading_again_changes_nothing(companies: Database) -> None:
    migrate.upgrade(companies)
    assert migrate.is_current(companies)
    with companies.company(1) as session:
        session.add(Person(name="佐藤", role=Role.ALUMNUS))
    migrate.upgrade(companies)
    with companies.company(1) as session:
        assert session.exec(select(Person.name)).all() == ["佐藤"]


def test_downgrading_leaves_nothing_and_upgrading_brings_it_back(database: Database) -> None:
    config = migrate._config()  # pyright: ignore[reportPrivateUsage]
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    migrate.upgrade(database)
    assert differences(database) == []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "not" / "there" / "yet" / "motokai.db"


@pytest.fixture
def sqlite(file: Path) -> Database:
    database = Database(f"sqlite:///{file}")
    migrate.upgrade(database)
    return database


def test_sqlite_keeps_what_it_acknowledged(sqlite: Database) -> None:
    with sqlite.engine.connect() as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}


def test_sqlite_takes_the_writers_place_at_the_beginning(sqlite: Database, file: Path) -> None:
    """BEGIN IMMEDIATE: a transaction that reads first cannot lose its place to another before it writes."""
    other = sqlite3.connect(file, timeout=0, isolation_level=None)
    with sqlite.company(1) as session:
        assert session.exec(select(Person)).all() == []
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.execute("ROLLBACK")
    other.close()


def test_foreign_keys_hold(companies: Database) -> None:
    with pytest.raises(IntegrityError), companies.company(1) as session:
        session.add(Account(platform="slack", workspace="T1", external_id="U1", person_id=404, address=""))


def test_a_persons_accounts_go_with_the_person(companies: Database) -> None:
    with companies.company(1) as session:
        person = Person(name="佐藤", role=Role.ALUMNUS)
        session.add(person)
        session.flush()
        session.add(
            Account(platform="slack", workspace="T1", external_id="U1", person_id=person.id or 0, address="user:T1:U1")
        )
    with companies.company(1) as session:
        session.delete(session.exec(select(Person)).one())
    with companies.company(1) as session:
        assert session.exec(select(Account).where(col(Account.id) > 0)).all() == []


def test_a_database_that_is_not_there_is_an_error_and_not_an_empty_one(tmp_path: Path) -> None:
    folder = tmp_path / "motokai.db"
    folder.mkdir()
    database = Database(f"sqlite:///{folder}")
    with pytest.raises(OperationalError), database.engine.connect():
        pass
