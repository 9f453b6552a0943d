"""Links to a notice of terms: signed, so that nothing is stored. Who may read is asked anew when one is opened."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storage.db import CompanySession
from storage.tables import Company

LIFETIME = timedelta(days=90)
"""Of the link in somebody's own message; `commissions` gives a new one."""
DESK_LIFETIME = timedelta(days=7)
_BYTES = 18
_TOKEN = re.compile(r"(\d{1,9})\.(\d{1,18})\.(\d{1,18})\.(\d{1,6})\.(\d{1,12})\.([\w-]{24})", re.ASCII)


@dataclass(frozen=True, slots=True)
class NoticeLink:
    """`reader` is 0 for a desk, which several of HR read."""

    reader: int
    commission: int
    number: int
    until: datetime


def issue(session: CompanySession, link: NoticeLink) -> str:
    """The token, which names its company."""
    told = f"{session.company_id}.{link.reader}.{link.commission}.{link.number}.{int(link.until.timestamp())}"
    return f"{told}.{_signature(session, told)}"


def path(token: str) -> str:
    """Where the page is, below PUBLIC_URL."""
    return f"/notices/{token}"


def company_in(token: str) -> int | None:
    """Which company a token says it belongs to, if it looks like one."""
    found = _TOKEN.fullmatch(token)
    return int(found[1]) if found else None


def read(session: CompanySession, token: str, now: datetime) -> NoticeLink | None:
    """What the company's token says; None when it is forged, another company's, or over."""
    found = _TOKEN.fullmatch(token)
    told, _, signature = token.rpartition(".")
    known = found is not None and int(found[1]) == session.company_id and session.get(Company, session.company_id)
    if found is None or not known or not hmac.compare_digest(_signature(session, told), signature):
        return None
    link = NoticeLink(int(found[2]), int(found[3]), int(found[4]), datetime.fromtimestamp(int(found[5]), UTC))
    return link if link.until > now else None


def _signature(session: CompanySession, told: str) -> str:
    key = session.get_one(Company, session.company_id).mark_key
    signed = hmac.new(key.encode(), f"notice:{told}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(signed[:_BYTES]).decode()
