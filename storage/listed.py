"""A list as one parameter: a statement about one value and about a thousand is the same one, and is made once."""

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import BigInteger, Dialect, Integer, String, TypeDecorator, bindparam, cast, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


class _List(TypeDecorator[Iterable[Any]]):
    """Numbers or texts: an array, or as JSON on SQLite."""

    impl = String
    cache_ok = True

    def __init__(self, kind: TypeEngine[Any]) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return String() if dialect.name == "sqlite" else ARRAY(self.kind)

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> str | list[Any]:
        values = list(value or ())
        return orjson.dumps(values).decode() if dialect.name == "sqlite" else values


class _Each(FunctionElement[Any]):
    """The list's values, as a table."""

    inherit_cache = True


@compiles(_Each)
def _in_sqlite(element: Any, compiler: Any, **how: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **how)})"


@compiles(_Each, "postgresql")
def _in_postgres(element: Any, compiler: Any, **how: Any) -> str:
    """Row-level security lets no function that might tell what it sees near a row that has not been let through: with
    one around the values, as to read JSON, they would be compared with every row of the table."""
    return f"(SELECT unnest({compiler.process(element.clauses, **how)}) AS value)"


def one_of(column: Any, name: str) -> Any:
    """The condition that the column has one of the values of the parameter `name`, which are any iterable."""
    kind = BigInteger() if isinstance(column.type, Integer) else String()
    values = _Each(bindparam(name, type_=_List(kind))).table_valued("value")
    return column.in_(select(cast(values.c.value, kind)))


def aside(column: Any) -> Any:
    """The column, by which nothing is looked for: SQLite takes a company's people for fewer than a list's, and would
    read them all."""
    return column + 0
