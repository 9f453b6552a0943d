"""What time alone makes due, once a minute: for every company, in a transaction of its own."""

from datetime import datetime

import structlog
from sqlmodel import col, select

from bot import freshness, gigs
from bot.clock import Clock
from storage import inbox, ledger
from storage.db import Database
from storage.tables import Company

log = structlog.get_logger()


def run(database: Database, clock: Clock) -> None:
    """Close what has expired, forget old inbox keys, and ask whose profile is a year old. One company's failure is
    logged and stops no other."""
    with database.installation() as session:
        companies = session.exec(select(Company.id).order_by(col(Company.id))).all()
    for company_id in companies:
        try:
            with database.company(company_id or 0) as session:
                now = clock()
                gigs.expire(session, now)
                inbox.prune(session, now)
                freshness.ask(session, now)
        except Exception:
            log.exception("housekeeping.failed", company=company_id)


def next_due(database: Database) -> datetime | None:
    """When something happens by itself next, if ever: a message leaves, or a gig's deadline passes."""
    with database.installation() as session:
        moments = (ledger.next_due(session), gigs.next_deadline(session))
    return min((moment for moment in moments if moment is not None), default=None)
