"""Statements of a constant shape, for what every event asks.

SQLAlchemy compiles such a statement once; from then on the driver runs it, and rows are tuples. What SQLAlchemy does
anew for each execution costs five times what SQLite does.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from storage.db import CompanySession

Rows = Sequence[tuple[Any, ...]]
_Convert = Callable[[Any], Any]


def insert_of(dialect: str) -> Any:
    """The dialect's own `insert()`, which knows ON CONFLICT."""
    return {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect]


class _Compiled(NamedTuple):
    """`parameters` are names, what their types do to a value, and the values that the statement itself has;
    `results` are the columns that their types change, by place."""

    sql: str
    parameters: tuple[tuple[str, _Convert | None, Any], ...]
    positional: bool
    results: tuple[tuple[int, _Convert], ...]


class Prepared:
    """One statement of a company. `make` is given the dialect's `insert()`; `columns` are those that an insert fills.

    Parameters are bindparams. `company`, or an insert's `company_id`, is filled in from the session, which is what
    bounds the statement: one without it is refused. Errors are SQLAlchemy's, as everywhere.
    """

    def __init__(self, make: Callable[[Any], Any], columns: Sequence[str] = ()) -> None:
        self._make = make
        self._columns = list(columns) or None
        self._compiled: dict[str, _Compiled] = {}

    def all(self, session: CompanySession, **values: Any) -> Rows:
        """Every row, in the statement's order; none for a statement that returns nothing."""
        connection = session.core
        compiled = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        values["company"] = values["company_id"] = session.company_id
        given = [
            (name, values.get(name, own) if convert is None else convert(values.get(name, own)))
            for name, convert, own in compiled.parameters
        ]
        rows = _run(connection, compiled.sql, [value for _, value in given] if compiled.positional else dict(given))
        return [_converted(row, compiled.results) for row in rows] if compiled.results else rows

    def first(self, session: CompanySession, **values: Any) -> tuple[Any, ...] | None:
        """The first row, if any."""
        rows = self.all(session, **values)
        return rows[0] if rows else None

    def sql(self, session: CompanySession) -> str:
        """The statement as the session's database is told it."""
        dialect = session.core.dialect
        return (self._compiled.get(dialect.name) or self._compile(dialect)).sql

    def _compile(self, dialect: Dialect) -> _Compiled:
        statement = self._make(insert_of(dialect.name))
        compiled = statement.compile(dialect=dialect, column_keys=self._columns)
        names: Sequence[str] = compiled.positiontup if compiled.positional else list(compiled.params)
        if not {"company", "company_id"} & set(names):
            raise ValueError(f"A prepared statement names its company: {compiled}")
        types = {name: bind.type for bind, name in compiled.bind_names.items()}
        made = _Compiled(
            str(compiled),
            tuple((name, _binding(types[name], dialect), compiled.params[name]) for name in names),
            bool(compiled.positional),
            tuple(_results(statement.exported_columns, dialect)),
        )
        self._compiled[dialect.name] = made
        return made


def _binding(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _results(columns: Any, dialect: Dialect) -> Sequence[tuple[int, _Convert]]:
    read = ((i, column.type.dialect_impl(dialect).result_processor(dialect, None)) for i, column in enumerate(columns))
    return [(i, convert) for i, convert in read if convert is not None]


def _converted(row: tuple[Any, ...], results: Sequence[tuple[int, _Convert]]) -> tuple[Any, ...]:
    values = list(row)
    for place, convert in results:
        values[place] = convert(values[place])
    return tuple(values)


def _run(connection: Connection, sql: str, given: Any) -> Rows:
    driver: Any = connection.connection.driver_connection
    dialect: Any = connection.dialect
    try:
        cursor = driver.execute(sql, given)
        return cursor.fetchall() if cursor.description else ()
    except dialect.dbapi.Error as error:
        raise DBAPIError.instance(sql, given, error, dialect.dbapi.Error, dialect=dialect) from error
