"""Each person's own calendar feed: a secret link, of which a digest alone is stored. A new one ends the one before."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import select

from bot import calendars, privacy
from bot.access import MEMBERS, check
from bot.scene import Scene
from bot.turn import Answer, Say, Turn
from storage import people
from storage.db import CompanySession
from storage.tables import CalendarFeed

_TOKEN = re.compile(r"(\d{1,9})\.([\w-]{43})", re.ASCII)
_REVOKING = frozenset({"off", "stop", "revoke", "停止", "無効"})


@dataclass(frozen=True, slots=True)
class FeedView:
    """`url` is empty where it is only looked at again: it is told once."""

    url: str
    possible: bool
    """The company has set PUBLIC_URL."""


def feed_view(scene: Scene, person_id: int) -> FeedView:
    """Raises LookupError for everybody but the person."""
    if scene.reader is None or scene.reader.id != person_id:
        raise LookupError(f"the calendar of {person_id} is nobody else's")
    if not scene.public_url or not scene.leaves:
        return FeedView("", possible=bool(scene.public_url))
    return FeedView(scene.public_url.rstrip("/") + path(issue(scene.session, person_id, scene.now)), possible=True)


def calendar(turn: Turn) -> Answer:
    """A new link to one's own feed, in private; `calendar off` ends it."""
    if turn.args.get("text", "").strip().casefold() in _REVOKING:
        revoke(turn.session, turn.member.id)
        return Say("calendar_off")
    return privacy.privately(turn, Say("calendar_feed", {"feed": turn.member.id}))


def issue(session: CompanySession, person_id: int, now: datetime) -> str:
    """A new token, which names its company; the one before is good no more."""
    people.held(session, person_id)
    secret = secrets.token_urlsafe(32)
    row = session.get(CalendarFeed, (session.company_id, person_id)) or _new(person_id, now)
    row.digest, row.at = _digest(secret), now
    session.add(row)
    session.flush()
    return f"{session.company_id}.{secret}"


def _new(person_id: int, now: datetime) -> CalendarFeed:
    return CalendarFeed(person_id=person_id, digest="", at=now)


def revoke(session: CompanySession, person_id: int) -> None:
    row = session.get(CalendarFeed, (session.company_id, person_id))
    if row is not None:
        session.delete(row)
        session.flush()


def path(token: str) -> str:
    """Where the feed is, below PUBLIC_URL."""
    return f"/calendar/{token}.ics"


def company_in(token: str) -> int | None:
    """Which company a token says it belongs to, if it looks like one."""
    found = _TOKEN.fullmatch(token)
    return int(found[1]) if found else None


def opened(session: CompanySession, token: str, now: datetime) -> bytes | None:
    """The feed as it is now; None for a link that was revoked or is unknown, and for who is no member any more."""
    digest = _digest(token.partition(".")[2])
    row = session.exec(select(CalendarFeed).where(CalendarFeed.digest == digest)).first()
    reader = people.members(session, [row.person_id]).get(row.person_id) if row else None
    if reader is None or check(reader, MEMBERS) is not None:
        return None
    return calendars.feed(session, reader, people.company(session), now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
