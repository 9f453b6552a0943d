"""People who never confirmed who they are: forgotten after the time that their company has set."""

from datetime import datetime, timedelta

from sqlmodel import col, select

from bot import erasure
from storage.db import CompanySession
from storage.tables import Company, Person, PersonState

AT_ONCE = 50
"""People forgotten in one transaction; the others follow a minute later."""
FORGOTTEN = "forgotten"
"""The audit log's word for it."""


def forget_unconfirmed(session: CompanySession, now: datetime) -> int:
    """Erase those who were invited more than `Company.keeps_days` ago and never answered; returns how many. They get
    no letter about it: they have never taken part."""
    days = session.exec(select(Company.keeps_days).where(Company.id == session.company_id)).one()
    over = select(Person.id).where(
        col(Person.state).in_([PersonState.INVITED, PersonState.EXPIRED]),
        col(Person.created_at) <= now - timedelta(days=days),
    )
    due = session.exec(over.order_by(col(Person.id)).limit(AT_ONCE)).all()
    for person_id in due:
        erasure.erase(session, person_id or 0, now, action=FORGOTTEN)
    return len(due)
