"""Keyed hashes of who was erased: what the audit log has in place of a person, and what keeps them from coming back by
a list that still has them."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import col, delete, select

from storage.db import CompanySession
from storage.tables import Company, ErasedMark


def of(session: CompanySession, identity: str) -> str:
    """The company's mark of an address, or of an account as `slack:T0123:U0123`."""
    key = session.exec(select(Company.mark_key).where(Company.id == session.company_id)).one()
    return hmac.new(key.encode(), identity.casefold().encode(), hashlib.sha256).hexdigest()


def keep(session: CompanySession, number: str, email: str, whose: str, now: datetime) -> None:
    """Remember by nothing but their marks that whoever has this employee number or address asked to be erased."""
    for mark in _both(session, number, email):
        row = session.get(ErasedMark, (session.company_id, mark)) or ErasedMark(mark=mark, whose=whose, at=now)
        row.whose, row.at = whose, now
        session.add(row)
    session.flush()


def kept(session: CompanySession, number: str, email: str) -> ErasedMark | None:
    """The last erasure of somebody with this employee number or address who has not been added by hand since."""
    query = select(ErasedMark).where(col(ErasedMark.mark).in_(_both(session, number, email)))
    return session.exec(query.order_by(col(ErasedMark.at).desc())).first()


def lift(session: CompanySession, number: str, email: str) -> None:
    """They have asked to come back: all that was kept of the same erasure goes."""
    found = select(ErasedMark.whose).where(col(ErasedMark.mark).in_(_both(session, number, email)))
    session.exec(delete(ErasedMark).where(col(ErasedMark.whose).in_(session.exec(found).all())))
    session.flush()


def _both(session: CompanySession, number: str, email: str) -> Iterable[str]:
    named = (f"employee:{number}" if number else "", email)
    return [of(session, identity) for identity in named if identity]
