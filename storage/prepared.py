"""Statements of a constant shape, for what every event asks.

SQLAlchemy compiles such a statement once; from then on the driver runs it, and rows are tuples. What SQLAlchemy does
anew for each execution costs five times what SQLite does.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import JSON, BindParameter, Dialect, inspect, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapper, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict, set_committed_value
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine

from storage.db import INSTALLATION, CompanySession, OutsideCompany, run
from storage.tables import Owned, table

M = TypeVar("M", bound=Owned)
Rows = Sequence[tuple[Any, ...]]
_Convert = Callable[[Any], Any]


def insert_of(dialect: str) -> Any:
    """The dialect's own `insert()`, which knows ON CONFLICT."""
    return {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect]


class _Compiled(NamedTuple):
    """`parameters` are names, what their types do to a value, and the values that the statement itself has;
    `results` are the columns that their types change: by place, whether rows share their values, and the change."""

    sql: str
    parameters: tuple[tuple[str, _Convert | None, Any], ...]
    positional: bool
    results: tuple[tuple[int, bool, _Convert], ...]


class Prepared:
    """One statement of a company. `make` is given the dialect's `insert()`; `columns` are those that an insert fills.

    Parameters are bindparams. `company`, or an insert's `company_id`, is filled in from the session, which is what
    bounds the statement: one without it is refused. One that is the `installation`'s is bounded by nothing, and no
    company's session runs it. Errors are SQLAlchemy's, as everywhere. What rows of one answer have in common may be one
    object in all of them: it is not for changing.
    """

    def __init__(self, make: Callable[[Any], Any], columns: Sequence[str] = (), *, installation: bool = False) -> None:
        self._make = make
        self._columns = list(columns) or None
        self._installation = installation
        self._compiled: dict[str, _Compiled] = {}

    def all(self, session: CompanySession, **values: Any) -> Rows:
        """Every row, in the statement's order; none for a statement that returns nothing."""
        dialect = session.core.dialect
        compiled = self._compiled.get(dialect.name) or self._compile(dialect)
        if self._installation and session.company_id != INSTALLATION:
            raise OutsideCompany(compiled.sql)
        values["company"] = values["company_id"] = session.company_id
        given = [
            (name, values.get(name, own) if convert is None else convert(values.get(name, own)))
            for name, convert, own in compiled.parameters
        ]
        told = [value for _, value in given] if compiled.positional else dict(given)
        cursor = run(session.core, session.driver, compiled.sql, told)
        rows = cursor.fetchall() if cursor.description else ()
        return _converted(rows, compiled.results) if compiled.results else rows

    def first(self, session: CompanySession, **values: Any) -> tuple[Any, ...] | None:
        """The first row, if any."""
        rows = self.all(session, **values)
        return rows[0] if rows else None

    def sql(self, session: CompanySession) -> str:
        """The statement as the session's database is told it."""
        dialect = session.core.dialect
        return (self._compiled.get(dialect.name) or self._compile(dialect)).sql

    def _compile(self, dialect: Dialect) -> _Compiled:
        statement = _with_constants(self._make(insert_of(dialect.name)), dialect)
        compiled = statement.compile(dialect=dialect, column_keys=self._columns)
        names: Sequence[str] = compiled.positiontup if compiled.positional else list(compiled.params)
        if not self._installation and not {"company", "company_id"} & set(names):
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


def as_object(session: CompanySession, model: type[M], row: Sequence[Any]) -> M:
    """A row of all the columns of the model's table as the session's object of it, which has those values from now on:
    as a query of the ORM would bring it, at a fifth of what one costs. What was not written yet of an object that the
    session has is lost."""
    mapped, names = _mapped(cast("Any", model))
    values = dict(zip(names, row, strict=True))
    known = session.identity_map.get(mapped.identity_key_from_primary_key((values["id"],)))
    if known is not None:
        _bring_up_to_date(known, values)
        return known
    found: M = mapped.class_manager.new_instance()
    instance_dict(found).update(values)
    make_transient_to_detached(found)
    session.add(found)
    return found


def _bring_up_to_date(known: Any, values: Mapping[str, Any]) -> None:
    held = instance_dict(known)
    for name, value in values.items():
        if name not in held or held[name] != value:
            set_committed_value(known, name, value)


@cache
def _mapped(model: type[Owned]) -> tuple[Mapper[Any], tuple[str, ...]]:
    """Its mapper, and its columns in their order, which are its attributes."""
    return inspect(model), tuple(table(model).c.keys())


def _with_constants(statement: Any, dialect: Dialect) -> Any:
    """The statement's own values become a part of its text: of an index on a part of the rows a database knows by them
    that it will do. SQLite would plan the statement anew each time, with the value that it is given."""

    def written_out(element: Any, **_: Any) -> Any:
        if not isinstance(element, BindParameter):
            return None
        value, kind = cast("tuple[Any, TypeEngine[Any]]", (element.value, element.type))  # pyright: ignore[reportUnknownMemberType]
        write = kind.dialect_impl(dialect).literal_processor(dialect) if value is not None else None
        if write is None:
            return None
        # For psycopg the processor doubles percent signs, and what is compiled doubles them again.
        doubles = dialect.paramstyle in ("format", "pyformat")
        return literal_column(write(value).replace("%%", "%") if doubles else write(value), kind)

    return replacement_traverse(statement, {}, written_out)  # pyright: ignore[reportUnknownVariableType]


def _binding(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _results(columns: Any, dialect: Dialect) -> Iterator[tuple[int, bool, _Convert]]:
    for place, column in enumerate(columns):
        convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if convert is not None:
            yield place, isinstance(column.type, JSON), convert


def _converted(rows: Rows, results: Sequence[tuple[int, bool, _Convert]]) -> Rows:
    """Column by column; what many rows have in common, as the copies of a message have their arguments, once."""
    read = [list(row) for row in rows]
    for place, is_shared, convert in results:
        known: dict[Any, Any] = {}
        for row in read:
            value = row[place]
            if value is None:
                continue
            if not is_shared:
                row[place] = convert(value)
            elif value in known:
                row[place] = known[value]
            else:
                row[place] = known[value] = convert(value)
    return [tuple(row) for row in read]
