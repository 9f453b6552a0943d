"""What platforms last told of conversations: kept whole, refreshed by every activity."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Text, bindparam, delete, select, update
from sqlalchemy import cast as sql_cast

from storage.db import CompanySession
from storage.listed import one_of
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


_REFERENCES = Prepared(
    lambda _: select(_T.c.address, _T.c.reference).where(
        _T.c.company_id == bindparam("company"), one_of(_T.c.address, "at"), _T.c.installed
    )
)


def references(session: CompanySession, addresses: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
    """`reference` of several conversations, where there is one."""
    return dict(_REFERENCES.all(session, at=addresses))


def anonymise(session: CompanySession, private: Sequence[str], parts: Sequence[str]) -> None:
    """Conversations of several people forget these texts (who spoke there last); `private` ones stay as they are until
    `forget`, since they are needed to take messages back."""
    own = _T.c.company_id == session.company_id, _T.c.address.not_in(private)
    told = sql_cast(_T.c.reference, Text)
    for part in parts:
        rows = session.core.execute(
            select(_T.c.address, _T.c.reference).where(*own, told.contains(part, autoescape=True))
        )
        for address, reference in rows.all():
            renamed = update(_T).where(_T.c.company_id == session.company_id, _T.c.address == address)
            session.core.execute(renamed.values(reference=_without(reference, part)))


def forget(session: CompanySession, addresses: Sequence[str]) -> None:
    session.core.execute(delete(_T).where(_T.c.company_id == session.company_id, _T.c.address.in_(addresses)))


def _without(value: Any, part: str) -> Any:
    """The value, in which texts with `part` in them are empty."""
    if isinstance(value, str):
        return "" if part in value else value
    if isinstance(value, list):
        return [_without(item, part) for item in cast(list[Any], value)]
    if isinstance(value, dict):
        return {name: _without(item, part) for name, item in cast(dict[str, Any], value).items()}
    return value
