"""Links to a person's pages: long one-time tokens, of which only a digest is stored."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import col, select

from storage.db import CompanySession
from storage.tables import Code, Purpose

LIFETIME = timedelta(days=14)
AGAIN = timedelta(hours=1)
_BYTES = 32


def issue(
    session: CompanySession,
    person_id: int,
    now: datetime,
    lifetime: timedelta = LIFETIME,
    *,
    purpose: Purpose = Purpose.ACCOUNT,
    sent_to: str = "",
) -> str:
    """A new token such as `7.x3…`, which names its company. Older unused ones of the person stop working. `sent_to` is
    the e-mail address that it goes to, where that is the only way to it."""
    older = select(Code).where(Code.purpose == purpose, Code.person_id == person_id, col(Code.used_at).is_(None))
    for code in session.exec(older):
        session.delete(code)
    secret = secrets.token_urlsafe(_BYTES)
    expires_at = now + lifetime
    session.add(
        Code(digest=_digest(secret), purpose=purpose, person_id=person_id, sent_to=sent_to, expires_at=expires_at)
    )
    session.flush()
    return f"{session.company_id}.{secret}"


def path(token: str) -> str:
    """Where the page is, below PUBLIC_URL."""
    return f"/account/{token}"


def company_in(token: str) -> int | None:
    """Which company a token says it belongs to, if it looks like one."""
    number, dot, secret = token.partition(".")
    looks_right = dot and number.isascii() and number.isdigit() and len(number) < 10 and len(secret) < 100
    return int(number) if looks_right else None


def find(session: CompanySession, token: str, now: datetime, *, purpose: Purpose = Purpose.ACCOUNT) -> Code | None:
    """The token's code, which this does not use up; None when it is unknown, used or expired. Looking at a page, as a
    link preview does, costs nothing: only what is sent from it sets `used_at`."""
    secret = token.partition(".")[2]
    found = session.exec(
        select(Code).where(Code.digest == _digest(secret), Code.purpose == purpose).with_for_update()
    ).first()
    return found if found is not None and found.used_at is None and found.expires_at > now else None


def used_lately(
    session: CompanySession, token: str, now: datetime, *, purpose: Purpose = Purpose.ACCOUNT
) -> Code | None:
    """The code of a token that was used within AGAIN: its sender may not have got the answer."""
    secret = token.partition(".")[2]
    found = session.exec(select(Code).where(Code.digest == _digest(secret), Code.purpose == purpose)).first()
    return found if found is not None and found.used_at is not None and found.used_at > now - AGAIN else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
