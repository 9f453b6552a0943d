"""Keyed hashes of who was erased: what the audit log has in place of a person, and what keeps them from coming back by
a list that still has them."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, delete, select

from storage.db import CompanySession
from storage.tables import Company, ErasedMark


def of(session: CompanySession, identity: str) -> str:
    """The company's mark of an address, or of an account as `slack:T0123:U0123`."""
    return _mark(_key(session), identity)


def _key(session: CompanySession) -> str:
    return session.exec(select(Company.mark_key).where(Company.id == session.company_id)).one()


def _mark(key: str, identity: str) -> str:
    return hmac.new(key.encode(), identity.casefold().encode(), hashlib.sha256).hexdigest()


def keep(session: CompanySession, number: str, email: str, whose: str, now: datetime) -> None:
    """Remember by nothing but their marks that whoever has this employee number or address asked to be erased."""
    for mark in _both(_key(session), number, email):
        row = session.get(ErasedMark, (session.company_id, mark)) or ErasedMark(mark=mark, whose=whose, at=now)
        row.whose, row.at = whose, now
        session.add(row)
    session.flush()


def kept(session: CompanySession, number: str, email: str) -> ErasedMark | None:
    """The last erasure of somebody with this employee number or address who has not been added by hand since."""
    return kept_of_all(session, [(number, email)])[0]


def kept_of_all(session: CompanySession, known_by: Sequence[tuple[str, str]]) -> Sequence[ErasedMark | None]:
    """`kept` for each of several employee numbers and addresses, by two queries."""
    key = _key(session)
    marks = [_both(key, number, email) for number, email in known_by]
    query = select(ErasedMark).where(col(ErasedMark.mark).in_({mark for both in marks for mark in both}))
    there = {row.mark: row for row in session.exec(query)}
    found = ([there[mark] for mark in both if mark in there] for both in marks)
    return [max(rows, key=lambda row: row.at, default=None) for rows in found]


def lift(session: CompanySession, number: str, email: str) -> None:
    """They have asked to come back: all that was kept of the same erasure goes."""
    found = select(ErasedMark.whose).where(col(ErasedMark.mark).in_(_both(_key(session), number, email)))
    session.exec(delete(ErasedMark).where(col(ErasedMark.whose).in_(session.exec(found).all())))
    session.flush()


def _both(key: str, number: str, email: str) -> Sequence[str]:
    named = (f"employee:{number}" if number else "", email)
    return [_mark(key, identity) for identity in named if identity]
