"""A list as one parameter: a statement about one value and about a thousand is the same one, and is made once."""

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import Dialect, String, TypeDecorator, bindparam, cast, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _List(TypeDecorator[Iterable[Any]]):
    """Numbers or texts, as JSON."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> str:
        return orjson.dumps(list(value or ())).decode()


class _Each(FunctionElement[Any]):
    """The list's values, as a table."""

    inherit_cache = True


@compiles(_Each)
def _in_sqlite(element: Any, compiler: Any, **how: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **how)})"


@compiles(_Each, "postgresql")
def _in_postgres(element: Any, compiler: Any, **how: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **how)} AS JSON))"


def one_of(column: Any, name: str) -> Any:
    """The condition that the column has one of the values of the parameter `name`, which are any iterable."""
    values = _Each(bindparam(name, type_=_List())).table_valued("value")
    return column.in_(select(cast(values.c.value, column.type)))


def aside(column: Any) -> Any:
    """The column, by which nothing is looked for: SQLite takes a company's people for fewer than a list's, and would
    read them all."""
    return column + 0
