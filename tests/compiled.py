"""Statements are compiled once a worker and not once a test: each test has engines of its own, and compiling would be
a third of what it costs."""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_compiled: LRUCache[Any, Any] = LRUCache(3000)


def share() -> None:
    """From now on every engine finds what another has compiled for the same kind of database."""
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        # Both the engines' and the mappers' caches have the dialect in their keys.
        setattr(kind, "__eq__", _same_kind)  # noqa: B010
        setattr(kind, "__hash__", _kind)  # noqa: B010
        setattr(kind, "engine_created", _created)  # noqa: B010


def _same_kind(one: object, other: object) -> bool:
    return type(one) is type(other)


def _kind(dialect: object) -> int:
    return hash(type(dialect))


def _created(engine: Engine) -> None:
    engine._compiled_cache = _compiled  # type: ignore[assignment]
