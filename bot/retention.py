"""What is forgotten by itself: people who never confirmed who they are, after the time that their company has set; and
accounts that are nobody's."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select

from bot import erasure, join_requests
from storage import audit, ledger
from storage.db import CompanySession
from storage.ledger import Draft
from storage.tables import Commission, Company, JoinRequest, JoinState, Person, PersonState

AT_ONCE = 50
"""People forgotten in one transaction; the others follow a minute later."""
FORGOTTEN = "forgotten"
"""The audit log's word for it."""
PASSED_BY = timedelta(days=30)
"""So long an account is remembered that has asked for nothing."""
UNANSWERED = timedelta(days=60)
COMMISSIONED = timedelta(days=3653)
"""Ten years, after which claims on contract work have ended (民法 art. 166): so long notices of terms are kept of who
was erased."""
DECIDED = timedelta(days=90)
"""More than joining.ASK_AGAIN, so that a refusal is not forgotten before somebody may ask anew."""


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


def forget_requests(session: CompanySession, now: datetime) -> int:
    """Forget accounts that passed by, requests that HR has decided, and what those wrote whom HR never answered, who
    are told so; returns how many."""
    request = JoinRequest
    over = or_(
        and_(col(request.state) == JoinState.MET, col(request.look_at).is_(None), _last_seen(now - PASSED_BY)),
        and_(col(request.state) == JoinState.ASKED, col(request.asked_at) <= now - UNANSWERED),
        and_(col(request.state).in_([JoinState.ADMITTED, JoinState.REFUSED]), col(request.decided_at) <= now - DECIDED),
    )
    due = session.exec(select(request).where(over).order_by(col(request.id)).limit(AT_ONCE).with_for_update()).all()
    for row in due:
        if row.state is not JoinState.ASKED:
            join_requests.forget(session, row, now)
        else:
            join_requests.clear(session, row, now)
            audit.note(session, "join.lapsed", now, detail={"joining": row.id})
            ledger.enqueue(session, [_lapsed(row)], now)
    return len(due)


def forget_commissions(session: CompanySession, now: datetime) -> int:
    """Delete what is kept of erased people's commissions, when its time is over; returns how many."""
    over = (
        select(Commission)
        .join(Person, col(Person.id) == col(Commission.person_id))
        .where(Person.state == PersonState.ERASED, col(Commission.at) <= now - COMMISSIONED)
    )
    due = session.exec(over.order_by(col(Commission.id)).limit(AT_ONCE)).all()
    for commission in due:
        session.delete(commission)
    return len(due)


def _last_seen(before: datetime) -> ColumnElement[bool]:
    withdrawn = or_(col(JoinRequest.asked_at).is_(None), col(JoinRequest.asked_at) <= before)
    return and_(col(JoinRequest.created_at) <= before, col(JoinRequest.looked_at) <= before, withdrawn)


def _lapsed(row: JoinRequest) -> Draft:
    return Draft(
        cause=f"lapsed:{row.id}:{row.asked_at}",
        recipient=row.address,
        platform=row.platform,
        workspace=row.workspace,
        address=row.address,
        template="join_lapsed",
        locale=row.locale,
    )
