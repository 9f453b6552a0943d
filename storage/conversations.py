"""What platforms last told of conversations: kept whole, refreshed by every activity."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.db import CompanySession
from storage.tables import Conversation, table

_T = table(Conversation)


@lru_cache
def _keep(dialect: str) -> Any:
    insert = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect](_T)
    fresh = {name: insert.excluded[name] for name in ("reference", "installed", "updated_at")}
    return insert.on_conflict_do_update(index_elements=["company_id", "address"], set_=fresh)


def remember(
    session: CompanySession,
    address: str,
    reference: Mapping[str, Any],
    now: datetime,
    *,
    installed: bool = True,
) -> None:
    connection = session.connection()
    connection.execute(
        _keep(connection.dialect.name),
        {
            "company_id": session.company_id,
            "address": address,
            "reference": dict(reference),
            "installed": installed,
            "updated_at": now,
        },
    )


_REFERENCE = select(_T.c.reference).where(
    _T.c.company_id == bindparam("company"), _T.c.address == bindparam("at"), _T.c.installed
)


def reference(session: CompanySession, address: str) -> Mapping[str, Any] | None:
    """The last reference of the conversation; None when there is none or the bot was removed from it."""
    return session.connection().execute(_REFERENCE, {"company": session.company_id, "at": address}).scalar()
