"""Links to somebody's business card: signed, so that nothing is stored, and good for a day.

A link says who looks, and whether others look too; what they may see is asked anew whenever it is opened.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storage.db import CompanySession
from storage.tables import Company

LIFETIME = timedelta(days=1)
_BYTES = 18
_TOKEN = re.compile(r"(\d{1,9})\.(\d{1,18})\.(\d{1,18})\.([01])\.(\d{1,12})\.([\w-]{24})", re.ASCII)


@dataclass(frozen=True, slots=True)
class CardLink:
    """`reader` looks at the card of `person`, `shared` where others read the conversation in which it was asked for."""

    reader: int
    person: int
    shared: bool
    until: datetime


def issue(session: CompanySession, link: CardLink) -> str:
    """The token, which names its company."""
    told = f"{session.company_id}.{link.reader}.{link.person}.{int(link.shared)}.{int(link.until.timestamp())}"
    return f"{told}.{_signature(session, told)}"


def path(token: str) -> str:
    """Where the page is, below PUBLIC_URL."""
    return f"/cards/{token}"


def company_in(token: str) -> int | None:
    """Which company a token says it belongs to, if it looks like one."""
    found = _TOKEN.fullmatch(token)
    return int(found[1]) if found else None


def read(session: CompanySession, token: str, now: datetime) -> CardLink | None:
    """What the company's token says; None when it is forged, another company's, or over."""
    found = _TOKEN.fullmatch(token)
    told, _, signature = token.rpartition(".")
    known = found is not None and int(found[1]) == session.company_id and session.get(Company, session.company_id)
    if found is None or not known:
        return None
    if not hmac.compare_digest(_signature(session, told), signature):
        return None
    link = CardLink(int(found[2]), int(found[3]), found[4] == "1", datetime.fromtimestamp(int(found[5]), UTC))
    return link if link.until > now else None


def _signature(session: CompanySession, told: str) -> str:
    key = session.get_one(Company, session.company_id).mark_key
    signed = hmac.new(key.encode(), f"card:{told}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(signed[:_BYTES]).decode()
