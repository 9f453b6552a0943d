"""Links to a notice of terms: signed, so that nothing is stored. Who may read is asked anew when one is opened."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.signed_links import SignedLinks
from storage.db import CompanySession

LIFETIME = timedelta(days=90)
"""Of the link in somebody's own message; `commissions` gives a new one."""
DESK_LIFETIME = timedelta(days=7)
_LINKS = SignedLinks("notice", r"\d{1,18}\.\d{1,18}\.\d{1,6}")


@dataclass(frozen=True, slots=True)
class NoticeLink:
    """`reader` is 0 for a desk, which several of HR read."""

    reader: int
    commission: int
    number: int
    until: datetime


def issue(session: CompanySession, link: NoticeLink) -> str:
    """The token, which names its company."""
    return _LINKS.issue(session, (link.reader, link.commission, link.number), link.until)


def path(token: str) -> str:
    """Where the page is, below PUBLIC_URL."""
    return f"/notices/{token}"


def company_in(token: str) -> int | None:
    """Which company a token says it belongs to, if it looks like one."""
    return _LINKS.company_in(token)


def read(session: CompanySession, token: str, now: datetime) -> NoticeLink | None:
    """What the company's token says; None when it is forged, another company's, or over."""
    told = _LINKS.read(session, token, now)
    if told is None:
        return None
    (reader, commission, number), until = told
    return NoticeLink(reader, commission, number, until)
