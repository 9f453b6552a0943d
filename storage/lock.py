"""One process at a time: beside a SQLite file by a lock file, on PostgreSQL by an advisory lock of the database."""

from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text

from storage.db import Database

_KEY = 0x6D6F746F6B6169
"""Which of the database's advisory locks is ours: "motokai" in ASCII."""


class Lock(Protocol):
    def acquire(self) -> bool:
        """False when another process holds it."""
        ...

    def release(self) -> None: ...


def lock_of(database: Database) -> Lock:
    """The lock that a process holds while it serves `database`."""
    if not database.is_sqlite:
        return _AdvisoryLock(database)
    return _FileLock(Path(f"{database.engine.url.database}.lock"))


class _FileLock:
    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path)

    def acquire(self) -> bool:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        return True

    def release(self) -> None:
        self._lock.release()


class _AdvisoryLock:
    """Held by a connection of its own: PostgreSQL lets go of it when the process dies."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def acquire(self) -> bool:
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}).scalar():
            self._connection = connection
            return True
        connection.close()
        return False

    def release(self) -> None:
        if self._connection is not None:
            self._connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _KEY})
            self._connection.close()
            self._connection = None
