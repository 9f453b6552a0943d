"""Who was chosen for which gig, and with which notices."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, func, or_, select

from storage.db import CompanySession
from storage.tables import Commission, CommissionNotice, Gig, Person


def held_gig(session: CompanySession, gig_id: int) -> Gig | None:
    """The gig as it is now; of those who ask so at once, one after the other gets it."""
    query = select(Gig).where(Gig.id == gig_id).with_for_update(key_share=True)
    return session.exec(query, execution_options={"populate_existing": True}).first()


def held(session: CompanySession, commission_id: int) -> Commission | None:
    """The commission as it is now, which nobody else who asks so changes until the transaction ends."""
    query = select(Commission).where(Commission.id == commission_id).with_for_update(key_share=True)
    return session.exec(query, execution_options={"populate_existing": True}).first()


def of(session: CompanySession, gig_id: int | None, person_id: int) -> Commission | None:
    own = Commission.gig_id == gig_id, Commission.person_id == person_id
    return session.exec(select(Commission).where(*own)).first()


def number_of(session: CompanySession, gig_id: int) -> int:
    """How many were chosen for the gig."""
    return session.exec(select(func.count()).select_from(Commission).where(Commission.gig_id == gig_id)).one()


def chosen(session: CompanySession, gig_id: int) -> Sequence[tuple[str, str]]:
    """Whom the gig's places went to, and who chose them: names, in the order in which that was."""
    person, by = aliased(Person), aliased(Person)
    query = (
        select(person.name, by.name)
        .join(Commission, col(Commission.person_id) == person.id)
        .join(by, col(Commission.by_id) == by.id)
        .where(Commission.gig_id == gig_id)
        .order_by(col(Commission.id))
    )
    return session.exec(query).all()


def notices(session: CompanySession, commission_id: int) -> Sequence[CommissionNotice]:
    """Oldest first."""
    query = select(CommissionNotice).where(CommissionNotice.commission_id == commission_id)
    return session.exec(query.order_by(col(CommissionNotice.number))).all()


def newest(session: CompanySession, commission_id: int) -> CommissionNotice:
    query = select(CommissionNotice).where(CommissionNotice.commission_id == commission_id)
    return session.exec(query.order_by(col(CommissionNotice.number).desc()).limit(1)).one()


def listed(
    session: CompanySession, today: date, *, of_person: int | None, before: int, most: int
) -> tuple[int, Sequence[Commission]]:
    """How many there are, and some of them behind the first `before`, newest first: all of one person, or those of
    the company that are not over."""
    where = _is_open(today) if of_person is None else Commission.person_id == of_person
    total = session.exec(select(func.count()).select_from(Commission).where(where)).one()
    query = select(Commission).where(where).order_by(col(Commission.id).desc())
    return total, session.exec(query.offset(before).limit(most)).all()


def _is_open(today: date) -> ColumnElement[bool]:
    """Something is to be done or to come: a word of the person's, a paper, an item, the end."""
    return or_(
        col(Commission.received_at).is_(None),
        col(Commission.remind_at).is_not(None),
        and_(col(Commission.paper_at).is_not(None), col(Commission.paper_sent_at).is_(None)),
        col(Commission.ends_on) >= today,
    )


def due(session: CompanySession, now: datetime) -> Sequence[Commission]:
    """Those of which HR is to be reminded."""
    query = select(Commission).where(col(Commission.remind_at) <= now).order_by(col(Commission.id))
    return session.exec(query.with_for_update(key_share=True)).all()


def next_due(session: CompanySession) -> datetime | None:
    """When HR is reminded next, if ever; an installation's question."""
    return session.exec(select(func.min(Commission.remind_at))).one()
