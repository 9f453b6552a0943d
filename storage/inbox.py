"""The inbox: an event is dealt with once, because its key can be written once."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update
from sqlmodel import col

from storage.db import CompanySession
from storage.prepared import Prepared
from storage.tables import InboxEntry, table

LONGEST_KEY = 400
KEPT = timedelta(days=14)
"""How long keys are kept. Slack gives up on an event after an hour, Teams within minutes."""


_ENTRIES = table(InboxEntry)
_RECORD = Prepared(
    lambda insert: insert(_ENTRIES).on_conflict_do_nothing().returning(_ENTRIES.c.key), ("company_id", "key", "at")
)


def record(session: CompanySession, key: str, now: datetime) -> bool:
    """Note the event; False when it was noted before. Commits with whatever the event causes, or not at all.

    On PostgreSQL a second, simultaneous call waits here for the first one's transaction.
    """
    return _RECORD.first(session, key=key, at=now) is not None


def forget(session: CompanySession, key: str) -> None:
    """Undo `record` within the same transaction: the event turned out to change nothing."""
    session.exec(delete(InboxEntry).where(col(InboxEntry.key) == key))


def anonymise(session: CompanySession, parts: Iterable[str]) -> None:
    """Keys with any of these texts in them are kept as digests: the same event is still known, who sent it is not."""
    for part in parts:
        own = _ENTRIES.c.company_id == session.company_id, _ENTRIES.c.key.contains(part, autoescape=True)
        for key in session.core.execute(select(_ENTRIES.c.key).where(*own)).scalars().all():
            renamed = update(_ENTRIES).where(_ENTRIES.c.company_id == session.company_id, _ENTRIES.c.key == key)
            session.core.execute(renamed.values(key=_digest(key)))


def is_erased(session: CompanySession, key: str) -> bool:
    """Whether the event was dealt with and then made anonymous."""
    own = _ENTRIES.c.company_id == session.company_id, _ENTRIES.c.key == _digest(key)
    return session.core.execute(select(_ENTRIES.c.key).where(*own)).first() is not None


def _digest(key: str) -> str:
    return f"erased:{sha256(key.encode()).hexdigest()}"


def prune(session: CompanySession, now: datetime) -> int:
    """Forget keys that no platform will repeat any more; returns how many."""
    return session.exec(delete(InboxEntry).where(col(InboxEntry.at) < now - KEPT)).rowcount  # type: ignore[attr-defined]
