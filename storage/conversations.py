"""What platforms last told of conversations: kept whole, refreshed by every activity."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from storage.db import CompanySession
from storage.prepared import Prepared
from storage.tables import Conversation, table

_T = table(Conversation)


def _keep(insert: Any) -> Any:
    kept = insert(_T)
    fresh = {name: kept.excluded[name] for name in ("reference", "installed", "updated_at")}
    return kept.on_conflict_do_update(index_elements=["company_id", "address"], set_=fresh)


_KEEP = Prepared(_keep, ("company_id", "address", "reference", "installed", "updated_at"))


def remember(
    session: CompanySession,
    address: str,
    reference: Mapping[str, Any],
    now: datetime,
    *,
    installed: bool = True,
) -> None:
    _KEEP.all(session, address=address, reference=dict(reference), installed=installed, updated_at=now)


_REFERENCE = Prepared(
    lambda _: select(_T.c.reference).where(
        _T.c.company_id == bindparam("company"), _T.c.address == bindparam("at"), _T.c.installed
    )
)


def reference(session: CompanySession, address: str) -> Mapping[str, Any] | None:
    """The last reference of the conversation; None when there is none or the bot was removed from it."""
    found = _REFERENCE.first(session, at=address)
    return found[0] if found else None
