"""One database; sessions that see one company each."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.orm import ORMExecuteState, UOWTransaction, with_loader_criteria
from sqlalchemy.orm import Session as _Session
from sqlmodel import Session, SQLModel

from storage.tables import Company, Install, Lane, Owned

INSTALLATION = -1
"""The scope of the installation's own work: the couriers', `doctor`'s. Never a request's."""

_OUTSIDE_COMPANIES: tuple[type[SQLModel], ...] = (Install, Lane)


class OutsideCompany(RuntimeError):
    """A statement that its session's company does not bound: open the session for a company, and use mapped tables."""


class CompanySession(Session):
    """Sees and writes the rows of one company only, whatever a statement says."""

    def __init__(self, bind: Any, company_id: int) -> None:
        super().__init__(bind, expire_on_commit=False)
        self.company_id = company_id
        self.info["company_id"] = company_id


@lru_cache(maxsize=256)
def _bound(company_id: int) -> tuple[Any, ...]:
    """Loader criteria for every owned table. Kept per company, so that compiled statements are found again."""
    owned = [model for model in Owned.__subclasses__() if hasattr(model, "__table__")]

    def own(model: Any) -> Any:  # a function, as an expression is not adapted to the alias of a joined table
        return model.company_id == company_id

    def itself(model: Any) -> Any:
        return model.id == company_id

    return (
        *(with_loader_criteria(model, own, include_aliases=True) for model in owned),
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
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, _OUTSIDE_COMPANIES):
            continue
        if isinstance(row, Company):
            _refuse_unless(row.id == company_id, row)
        elif isinstance(row, Owned):
            if row.company_id is None and row in session.new:  # pyright: ignore[reportUnnecessaryComparison]
                row.company_id = company_id
            _refuse_unless(row.company_id == company_id, row)


def _refuse_unless(own: bool, row: object) -> None:
    if not own:
        raise OutsideCompany(f"{type(row).__name__} of another company")


class Database:
    """The engine and its sessions. SQLite runs in WAL, and every transaction is BEGIN IMMEDIATE."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._hasty = self.engine.execution_options(durable=False)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def company(
        self, company_id: int, within: CompanySession | None = None, *, durable: bool = True
    ) -> Generator[CompanySession]:
        """A transaction of one company: commits at the end, rolls back when an exception leaves it. As a part of the
        transaction `within` it leaves both to that one. One that is not `durable` survives the process at once, and a
        power cut only after the next one that is."""
        if within is None:
            with CompanySession(self.engine if durable else self._hasty, company_id) as session, session.begin():
                yield session
            return
        with CompanySession(within.connection(), company_id) as session:
            yield session
            session.commit()

    @contextmanager
    def installation(self, *, durable: bool = True) -> Generator[CompanySession]:
        """A transaction of the installation itself, bounded by no company. Couriers and the CLI only."""
        with self.company(INSTALLATION, durable=durable) as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        if parsed.drivername in ("postgres", "postgresql"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": 30}, pool_size=8, max_overflow=8)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_immediate(connection: Connection) -> None:
    """A writing transaction that is deferred would ignore busy_timeout when it comes to write. FULL waits until the
    commit is on the disk, NORMAL leaves that to the next FULL one."""
    durable = connection.get_execution_options().get("durable", True)
    plain: Any = connection.connection.driver_connection
    plain.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}").close()
    plain.execute("BEGIN IMMEDIATE").close()


def tables_missing(database: Database) -> list[str]:
    """Names of tables that this version needs and the database lacks."""
    there = set(inspect(database.engine).get_table_names())
    return sorted(set(SQLModel.metadata.tables) - there)
