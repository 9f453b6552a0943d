"""The inbox: an event is dealt with once, because its key can be written once."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from storage.db import CompanySession
from storage.tables import InboxEntry, table

LONGEST_KEY = 400
KEPT = timedelta(days=14)
"""How long keys are kept. Slack gives up on an event after an hour, Teams within minutes."""


@lru_cache
def _insert_once(dialect: str) -> Any:
    insert = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect]
    entries = table(InboxEntry)
    return insert(entries).on_conflict_do_nothing().returning(entries.c.key)


def record(session: CompanySession, key: str, now: datetime) -> bool:
    """Note the event; False when it was noted before. Commits with whatever the event causes, or not at all.

    On PostgreSQL a second, simultaneous call waits here for the first one's transaction.
    """
    connection = session.connection()
    row = {"company_id": session.company_id, "key": key, "at": now}
    return connection.execute(_insert_once(connection.dialect.name), row).first() is not None


def forget(session: CompanySession, key: str) -> None:
    """Undo `record` within the same transaction: the event turned out to change nothing."""
    session.exec(delete(InboxEntry).where(col(InboxEntry.key) == key))


def prune(session: CompanySession, now: datetime) -> int:
    """Forget keys that no platform will repeat any more; returns how many."""
    return session.exec(delete(InboxEntry).where(col(InboxEntry.at) < now - KEPT)).rowcount  # type: ignore[attr-defined]
