"""Links to somebody's business card: signed, so that nothing is stored, and good for a day.

A link says who looks, and whether others look too; what they may see is asked anew whenever it is opened.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.signed_links import SignedLinks
from storage.db import CompanySession

LIFETIME = timedelta(days=1)
_LINKS = SignedLinks("card", r"\d{1,18}\.\d{1,18}\.[01]")


@dataclass(frozen=True, slots=True)
class CardLink:
    """`reader` looks at the card of `person`, `shared` where others read the conversation in which it was asked for."""

    reader: int
    person: int
    shared: bool
    until: datetime


def issue(session: CompanySession, link: CardLink) -> str:
    """The token, which names its company."""
    return _LINKS.issue(session, (link.reader, link.person, int(link.shared)), link.until)


def path(token: str) -> str:
    """Where the page is, below PUBLIC_URL."""
    return f"/cards/{token}"


def company_in(token: str) -> int | None:
    """Which company a token says it belongs to, if it looks like one."""
    return _LINKS.company_in(token)


def read(session: CompanySession, token: str, now: datetime) -> CardLink | None:
    """What the company's token says; None when it is forged, another company's, or over."""
    told = _LINKS.read(session, token, now)
    if told is None:
        return None
    (reader, person, shared), until = told
    return CardLink(reader, person, shared == 1, until)
