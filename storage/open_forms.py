"""Forms and questions that stand in the place of a message: its edits wait for them, since an edit would close them
under somebody's hands. The ledger keeps what is wanted, so that nothing is lost by waiting."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, literal, select

from storage.db import CompanySession
from storage.prepared import insert_of
from storage.tables import Delivery, OpenForm, table

LASTS = timedelta(minutes=30)
"""An edit waits this long for somebody who has left a form as it is."""

_T, _D = table(OpenForm), table(Delivery)


def open_one(session: CompanySession, delivery: int, holder: str, now: datetime) -> None:
    """A form stands on the message from now on, before the eyes of `holder` ('': of everybody who sees the message)."""
    row = {"company_id": session.company_id, "delivery_id": delivery, "holder": holder, "until": now + LASTS}
    insert = insert_of(session.core.dialect.name)(_T)
    later = {"until": insert.excluded.until}
    session.core.execute(insert.on_conflict_do_update(index_elements=["delivery_id", "holder"], set_=later), row)


def close(session: CompanySession, delivery: int, holder: str) -> bool:
    """None stands there before `holder` any more; whether one did."""
    own = _T.c.company_id == session.company_id, _T.c.delivery_id == delivery, _T.c.holder == holder
    return bool(session.core.execute(delete(_T).where(*own)).rowcount)


def close_all(session: CompanySession, deliveries: list[int]) -> None:
    """Whatever stands on these messages holds them up no longer."""
    session.core.execute(delete(_T).where(_T.c.delivery_id.in_(deliveries)))


def stands_on(delivery: Any, now: Any) -> ColumnElement[bool]:
    """Whether a form stands on the message of that id, as a condition."""
    return select(literal(1)).where(_T.c.delivery_id == delivery, _T.c.until > now).exists()


def next_edit(session: CompanySession) -> datetime | None:
    """When the first edit leaves that waits for a form, if nobody does anything; an installation's question."""
    last = func.max(_T.c.until)
    due = (
        select(_D.c.edit_due_at, last)
        .join_from(_D, _T, _T.c.delivery_id == _D.c.id)
        .where(_D.c.edit_due_at.is_not(None))
        .group_by(_D.c.id, _D.c.edit_due_at)
    )
    return min((max(at, until) for at, until in session.core.execute(due)), default=None)


def waits(delivery: Any) -> ColumnElement[bool]:
    """Whether `next_edit` is about that message."""
    return select(literal(1)).where(_T.c.delivery_id == delivery).exists()


def prune(session: CompanySession, now: datetime) -> None:
    """Forget forms that nobody came back to."""
    session.core.execute(delete(_T).where(_T.c.company_id == session.company_id, _T.c.until <= now))
