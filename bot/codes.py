"""One-time codes. A code names its company, so that it can be looked up inside it; only a digest is stored."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import col, delete, select

from storage.db import CompanySession
from storage.tables import Code, Purpose

_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_LENGTH = 12
LIFETIME = timedelta(days=14)


def issue(
    session: CompanySession,
    purpose: Purpose,
    now: datetime,
    person_id: int | None = None,
    lifetime: timedelta = LIFETIME,
    *,
    sent_to: str = "",
) -> str:
    """A new code such as `7-KQ4M-W2ZP-9RTX`, good once within `lifetime`. Older unused ones of the same person and
    purpose stop working. `sent_to` is the e-mail address that it goes to, where that is the only way to it."""
    if person_id is not None:
        older = delete(Code).where(
            col(Code.purpose) == purpose, col(Code.person_id) == person_id, col(Code.used_at).is_(None)
        )
        session.exec(older)
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    expires_at = now + lifetime
    session.add(
        Code(digest=_digest(secret), purpose=purpose, person_id=person_id, sent_to=sent_to, expires_at=expires_at)
    )
    session.flush()
    return f"{session.company_id}-{'-'.join(secret[at : at + 4] for at in range(0, _LENGTH, 4))}"


def forget(session: CompanySession, person_id: int | None) -> None:
    """No code or link that the person was given works any more."""
    session.exec(delete(Code).where(col(Code.person_id) == person_id, col(Code.used_at).is_(None)))


def good_until(session: CompanySession, purpose: Purpose, person_id: int) -> datetime | None:
    """When the person's unused code stops working; None when there is none."""
    unused = select(Code.expires_at).where(
        Code.purpose == purpose, Code.person_id == person_id, col(Code.used_at).is_(None)
    )
    return session.exec(unused.order_by(col(Code.id).desc())).first()


def company_in(text: str) -> int | None:
    """Which company a code says it belongs to, if it looks like one."""
    number, _, secret = text.strip().partition("-")
    return (
        int(number)
        if number.isascii() and number.isdigit() and len(number) < 10 and len(_bare(secret)) == _LENGTH
        else None
    )


def redeem(session: CompanySession, text: str, purpose: Purpose, now: datetime) -> Code | None:
    """The code, used up by this call; None when it is unknown, used, expired or for something else."""
    secret = _bare(text.strip().partition("-")[2])
    found = session.exec(
        select(Code).where(Code.digest == _digest(secret), Code.purpose == purpose).with_for_update()
    ).first()
    if found is None or found.used_at is not None or found.expires_at <= now:
        return None
    found.used_at = now
    session.add(found)
    return found


def _bare(text: str) -> str:
    return text.replace("-", "").replace(" ", "").upper()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
