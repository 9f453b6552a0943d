"""What people have agreed to, by purpose.

Somebody of whom no consent is stored was enrolled by HR without a form, and agrees to what IMPLIED lists until they
say otherwise: with their first word on it these become rows too. Everybody else agrees to what they have ticked.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, and_, bindparam, exists, literal, or_, true
from sqlalchemy import select as columns
from sqlmodel import col, select

from storage.db import CompanySession
from storage.listed import aside, one_of
from storage.prepared import Prepared
from storage.tables import Consent, ConsentPurpose, Person, table

IMPLIED = frozenset({ConsentPurpose.CONTACT, ConsentPurpose.DIRECTORY, ConsentPurpose.GIGS})
UNWRITTEN = "enrolled"
"""The version and the channel of a consent that was implied: there was no text."""

_C, _P = table(Consent), table(Person)


def agreeing(company_id: Any, person_id: Any, purpose: ConsentPurpose) -> Any:
    """The condition that the person of a statement's row agrees to `purpose`."""
    own = and_(_C.c.company_id == company_id, _C.c.person_id == person_id)
    given = exists().where(own, _C.c.purpose == purpose, _C.c.withdrawn_at.is_(None))
    return or_(given, ~exists().where(own)) if purpose in IMPLIED else given


def agrees(session: CompanySession, person_id: int, purpose: ConsentPurpose) -> bool:
    session.flush()
    condition = agreeing(session.company_id, person_id, purpose)
    return bool(session.core.execute(columns(literal(1)).where(condition, true())).scalar())


def agree(session: CompanySession, person_ids: Iterable[int], purpose: ConsentPurpose) -> frozenset[int]:
    """Those of the people who agree to `purpose`."""
    session.flush()
    return frozenset(person_id for (person_id,) in _agree(purpose).all(session, ids=person_ids))


@cache
def _agree(purpose: ConsentPurpose) -> Prepared:
    company = bindparam("company", type_=BigInteger())
    own = one_of(_P.c.id, "ids"), aside(_P.c.company_id) == company
    return Prepared(lambda _: columns(_P.c.id).where(*own, agreeing(company, _P.c.id, purpose)))


def history(session: CompanySession, person_id: int) -> Sequence[Consent]:
    """Every consent of the person, oldest first; withdrawn ones too."""
    return session.exec(select(Consent).where(Consent.person_id == person_id).order_by(col(Consent.id))).all()


def withdraw(session: CompanySession, person_id: int, purpose: ConsentPurpose, now: datetime) -> None:
    """From this transaction on nothing is done for `purpose`. Withdrawing twice changes nothing."""
    _write_down(session, person_id)
    for consent in history(session, person_id):
        if consent.purpose is purpose and consent.withdrawn_at is None:
            consent.withdrawn_at = now
            session.add(consent)
    session.flush()


def give(
    session: CompanySession, person_id: int, purpose: ConsentPurpose, version: str, channel: str, now: datetime
) -> None:
    """A new consent to the text of `version`, unless there is one that counts."""
    _write_down(session, person_id)
    if agrees(session, person_id, purpose):
        return
    session.add(Consent(person_id=person_id, purpose=purpose, version=version, channel=channel, given_at=now))
    session.flush()


def _write_down(session: CompanySession, person_id: int) -> None:
    """What was implied so far becomes rows. Held, so that two words of one person at once do it once."""
    person = session.exec(select(Person).where(Person.id == person_id).with_for_update()).one()
    if history(session, person_id):
        return
    for purpose in sorted(IMPLIED):
        session.add(
            Consent(
                person_id=person_id,
                purpose=purpose,
                version=UNWRITTEN,
                channel=UNWRITTEN,
                given_at=person.created_at,
            )
        )
    session.flush()
