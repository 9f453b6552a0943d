"""Edits that overtook their message, kept until it comes or cannot come any more."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete

from storage.db import CompanySession
from storage.prepared import insert_of
from storage.tables import EarlyEdit, table

LASTS = timedelta(hours=1)
"""Platforms give up on an event by then."""

_T = table(EarlyEdit)


class Kept(NamedTuple):
    text: str
    at: datetime


def keep(session: CompanySession, source: str, person_id: int, text: str, at: datetime, now: datetime) -> None:
    """The newest edit of that message, by the platform's clock, is kept."""
    row = {"company_id": session.company_id, "source": source, "person_id": person_id, "text": text, "at": at}
    insert = insert_of(session.core.dialect.name)(_T)
    newer = {"text": insert.excluded.text, "at": insert.excluded.at}
    statement = insert.on_conflict_do_update(
        index_elements=["company_id", "source"], set_=newer, where=_T.c.at < insert.excluded.at
    )
    session.core.execute(statement, {**row, "noted_at": now})


def take(session: CompanySession, source: str) -> Kept | None:
    """What is kept of that message, which is forgotten with this."""
    own = _T.c.company_id == session.company_id, _T.c.source == source
    found = session.core.execute(delete(_T).where(*own).returning(_T.c.text, _T.c.at)).first()
    return Kept(*found) if found else None


def prune(session: CompanySession, now: datetime) -> None:
    """Forget edits of what was no message in a thread."""
    session.core.execute(delete(_T).where(_T.c.company_id == session.company_id, _T.c.noted_at <= now - LASTS))
