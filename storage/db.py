"""One database; sessions that see one company each."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from enum import Enum, auto
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import orjson
from sqlalchemy import ColumnElement, Connection, Engine, column, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import ORMExecuteState, UOWTransaction, with_loader_criteria
from sqlalchemy.orm import Session as _Session
from sqlmodel import Session, SQLModel

from storage.tables import Company, Install, Lane, Owned

INSTALLATION = -1
"""The scope of the installation's own work: the couriers', `doctor`'s. Never a request's."""

_JSON: Mapping[str, Any] = {
    "json_serializer": lambda value: orjson.dumps(value).decode(),  # pyright: ignore[reportUnknownLambdaType]
    "json_deserializer": orjson.loads,
}
_OUTSIDE_COMPANIES: tuple[type[SQLModel], ...] = (Install, Lane)


class OutsideCompany(RuntimeError):
    """A statement that its session's company does not bound: open the session for a company, and use mapped tables."""


def was_deadlocked(error: OperationalError) -> bool:
    """Whether PostgreSQL ended the transaction so that another could go on: the same again will most likely do."""
    return getattr(error.orig, "sqlstate", None) in ("40P01", "40001")


class CompanySession(Session):
    """Sees and writes the rows of one company only, whatever a statement says.

    `core` is the transaction's connection, for statements that name their company themselves; `driver` is the
    database driver's own. An event that needs nothing else never wakes the ORM.
    """

    def __init__(self, core: Connection, company_id: int) -> None:
        super().__init__(core, expire_on_commit=False)
        self.core = core
        self.driver: Any = core.connection.driver_connection
        self.company_id = company_id
        self.info["company_id"] = company_id


_UNMAPPED: ColumnElement[Any] = column("company_id")
"""For the first look at a criterion, which is at Owned itself: it has no table."""


@lru_cache(maxsize=256)
def _bound(company_id: int) -> tuple[Any, ...]:
    """Loader criteria for every owned table. Kept per company, so that compiled statements are found again."""

    def own(model: Any) -> Any:  # a function, as an expression is not adapted to the alias of a joined table
        return getattr(model, "company_id", _UNMAPPED) == company_id

    def itself(model: Any) -> Any:
        return model.id == company_id

    return (
        with_loader_criteria(Owned, own, include_aliases=True),
        with_loader_criteria(Company, itself, include_aliases=True),
    )


@event.listens_for(CompanySession, "do_orm_execute")
def _confine(state: ORMExecuteState) -> None:
    company_id = state.session.info["company_id"]
    if company_id == INSTALLATION:
        return
    if not state.is_orm_statement:
        raise OutsideCompany(str(state.statement))
    if state.is_update:
        _check_update(state)
    if (state.is_select or state.is_update or state.is_delete) and not state.is_column_load:
        state.statement = state.statement.options(*_bound(company_id))
    elif state.is_insert:
        _check_insert(state, company_id)


def _check_update(state: ORMExecuteState) -> None:
    """SQLAlchemy adds no criterion to an update by primary key, and none keeps a row from being given away."""
    if isinstance(state.parameters, list):
        raise OutsideCompany("a bulk update by primary key")
    statement: Any = state.statement
    values: dict[Any, Any] = statement._values or {}
    if any(getattr(column, "key", column) == "company_id" for column in values):
        raise OutsideCompany("an update of company_id")


def _check_insert(state: ORMExecuteState, company_id: int) -> None:
    given = state.parameters
    rows = given if isinstance(given, list) else [given or {}]
    for row in cast("list[dict[str, Any]]", rows):
        if row.get("company_id") != company_id:
            raise OutsideCompany("a bulk insert names its company in every row")


@event.listens_for(CompanySession, "before_flush")
def _own(session: _Session, _context: UOWTransaction, _instances: object) -> None:
    company_id = session.info["company_id"]
    if company_id == INSTALLATION:
        return
    new = session.new  # made anew at every look
    for row in (*new, *session.dirty, *session.deleted):
        if isinstance(row, _OUTSIDE_COMPANIES):
            continue
        if isinstance(row, Company):
            _refuse_unless(row.id == company_id, row)
        elif isinstance(row, Owned):
            if row.company_id is None and row in new:  # pyright: ignore[reportUnnecessaryComparison]
                row.company_id = company_id
            _refuse_unless(row.company_id == company_id, row)


_CHANGED = "changed"


@event.listens_for(CompanySession, "after_flush")
def _note_change(session: _Session, _context: UOWTransaction) -> None:
    if session.new or session.deleted or any(session.is_modified(row) for row in session.dirty):
        session.info[_CHANGED] = True


def note_change(session: CompanySession) -> None:
    """What a statement has written past the session counts for `has_changed` too."""
    session.info[_CHANGED] = True


def has_changed(session: CompanySession) -> bool:
    """Whether rows were written through this session: made, changed or deleted."""
    session.flush()
    return _CHANGED in session.info


def _refuse_unless(own: bool, row: object) -> None:
    if not own:
        raise OutsideCompany(f"{type(row).__name__} of another company")


class Wait(Enum):
    """What a transaction on SQLite waits for. PostgreSQL does as it is configured."""

    DISK = auto()
    """For the writer before it, and at the commit for the disk: nothing that was answered is lost."""
    TURN = auto()
    """For the writer before it. A power cut may take the commit back, until one that waits for the disk follows."""
    NOTHING = auto()
    """Like TURN, but OperationalError where another writer is at it. For one thread, that must not be held up."""


class Database:
    """The engine and its sessions. SQLite runs in WAL, and every transaction is BEGIN IMMEDIATE."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._engines = {
            Wait.DISK: self.engine,
            Wait.TURN: self.engine.execution_options(synchronous="NORMAL"),
            Wait.NOTHING: _prompt(url) if self.is_sqlite else self.engine,
        }

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def company(
        self, company_id: int, within: CompanySession | None = None, *, wait: Wait = Wait.DISK
    ) -> Generator[CompanySession]:
        """A transaction of one company: commits at the end, rolls back when an exception leaves it. As a part of the
        transaction `within` it leaves both to that one."""
        if within is not None:
            with _session(within.core, company_id, within=within.company_id) as session:
                yield session
            return
        with self._engines[wait].begin() as core, _session(core, company_id) as session:
            yield session

    @contextmanager
    def installation(self, *, wait: Wait = Wait.DISK) -> Generator[CompanySession]:
        """A transaction of the installation itself, bounded by no company. Couriers and the CLI only."""
        with self.company(INSTALLATION, wait=wait) as session:
            yield session

    def copy_log_back(self) -> None:
        """Empty SQLite's log, which holds pages as they were before. Waits for who reads; PostgreSQL needs no such
        thing, but keeps deleted rows until it vacuums."""
        if self.is_sqlite:
            with self.engine.connect() as connection:
                plain: Any = connection.connection.driver_connection
                plain.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()


@contextmanager
def _session(core: Connection, company_id: int, *, within: int | None = None) -> Generator[CompanySession]:
    """A session within the transaction of `core`: what it has written is there at the end, and committed with it."""
    try:
        with CompanySession(core, company_id) as session:
            confine(core, company_id)
            yield session
            if session.in_transaction():
                session.commit()
    finally:
        if within is not None:
            confine(core, within)


def confine(core: Connection, company_id: int) -> None:
    """From now on PostgreSQL gives and takes rows of that company alone, until the transaction ends or this is said
    again: its row-level security says what the session says (migration 0039). A statement that nothing of this was said
    before is an error. SQLite has no such thing, and a transaction that has failed takes no more statements."""
    if core.dialect.name == "sqlite" or core.invalidated:
        return
    driver: Any = core.connection.driver_connection
    if driver.info.transaction_status.name in ("IDLE", "INTRANS"):
        run(core, driver, "SELECT set_config('motokai.company', %s, true)", [str(company_id)])


def run(core: Connection, driver: Any, sql: str, given: Any) -> Any:
    """The driver's cursor, past SQLAlchemy; errors are SQLAlchemy's all the same."""
    dialect: Any = core.dialect
    try:
        return driver.execute(sql, given)
    except dialect.dbapi.Error as error:
        raise DBAPIError.instance(sql, given, error, dialect.dbapi.Error, dialect=dialect) from error


def is_above_row_security(session: CompanySession) -> bool:
    """Whether PostgreSQL lets the database's user see everything all the same, as it does superusers."""
    if session.core.dialect.name == "sqlite":
        return False
    query = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    return bool(session.core.execute(query).scalar())


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, {"synchronous": "FULL"}, busy_timeout=30000)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(parsed, pool_pre_ping=True, **_JSON)


_MAPPED = 2**31
"""Bytes of the file that are read without a system call a page; SQLite takes somewhat less."""


def _prompt(url: str) -> Engine:
    """For Wait.NOTHING: its commits leave it to others to copy the log back, which takes the disk's time."""
    return _sqlite(url, {"synchronous": "NORMAL"}, busy_timeout=0, wal_autocheckpoint=0)


def _sqlite(url: str, options: Mapping[str, str], **pragmas: int) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, pool_size=8, max_overflow=8, execution_options=options, **_JSON)

    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        # What is deleted is overwritten: a person who is erased must not be found in the file's free pages.
        settings = {"journal_mode": "WAL", "foreign_keys": "ON", "secure_delete": "ON", "mmap_size": _MAPPED, **pragmas}
        for name, value in settings.items():
            connection.execute(f"PRAGMA {name}={value}").close()

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _begin_immediate(connection: Connection) -> None:
    """A writing transaction that is deferred would ignore busy_timeout when it comes to write. FULL waits until the
    commit is on the disk, NORMAL leaves that to the next FULL one."""
    synchronous = connection.get_execution_options()["synchronous"]
    pooled = connection.connection
    plain: Any = pooled.driver_connection
    if pooled.info.get("synchronous") != synchronous:
        plain.execute(f"PRAGMA synchronous={synchronous}").close()
        pooled.info["synchronous"] = synchronous
    plain.execute("BEGIN IMMEDIATE").close()


def tables_missing(database: Database) -> list[str]:
    """Names of tables that this version needs and the database lacks."""
    there = set(inspect(database.engine).get_table_names())
    return sorted(set(SQLModel.metadata.tables) - there)
