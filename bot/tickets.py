"""A guest's ticket: a signed link whose QR code the reception reads. Nothing of it is stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import calendars
from bot.access import MEMBERS, check
from bot.scene import Scene
from bot.signed_links import SignedLinks
from storage import merging, people
from storage.db import CompanySession
from storage.tables import Event, EventState, Rsvp, Seat

AFTERWARDS = timedelta(days=1)
"""A ticket ends so long after the event."""
PICTURE = "/qr.png"
_HELD = (EventState.OPEN, EventState.OVER)
_LINKS = SignedLinks("ticket", r"\d{1,18}\.\d{1,18}")


@dataclass(frozen=True, slots=True)
class Ticket:
    """Of somebody who has a seat, as they read it. `url` is what the code says."""

    name: str
    guests: int
    event: Event
    place: str
    locale: str
    url: str


def link(scene: Scene, event: Event, seat: str) -> str:
    """Where the reader's ticket is; empty for who has no seat, and where browsers reach no page of ours."""
    if scene.reader is None or not scene.public_url or seat != Seat.TAKEN:
        return ""
    if event.state not in _HELD or event.ends_at + AFTERWARDS <= scene.now:
        return ""
    token = _LINKS.issue(scene.session, (scene.reader.id, event.id or 0), event.ends_at + AFTERWARDS)
    return f"{scene.public_url.rstrip('/')}{path(token)}"


def path(token: str) -> str:
    """Where the page is, below PUBLIC_URL."""
    return f"/tickets/{token}"


def company_in(token: str) -> int | None:
    """Which company a token says it belongs to, if it looks like one."""
    return _LINKS.company_in(token)


def holder(session: CompanySession, token: str, event_id: int, now: datetime) -> int | None:
    """Whose ticket for that event it is; None for one that is forged, over, or for another event."""
    told = _LINKS.read(session, token, now)
    if told is None or told[0][1] != event_id:
        return None
    return merging.remaining(session, told[0][0])


def opened(session: CompanySession, token: str, public_url: str, now: datetime) -> Ticket | None:
    """None for a link that is forged or over, for who is no member any more, and for who gave the seat up."""
    told = _LINKS.read(session, token, now)
    if told is None:
        return None
    (first, event_id), _ = told
    person_id = merging.remaining(session, first)
    reader = people.members(session, [person_id]).get(person_id)
    event, rsvp = session.get(Event, event_id), session.get(Rsvp, (event_id, person_id))
    if reader is None or check(reader, MEMBERS) is not None or event is None or rsvp is None:
        return None
    if event.state not in _HELD or rsvp.seat is not Seat.TAKEN:
        return None
    return Ticket(
        reader.name,
        rsvp.guests,
        event,
        event.place if calendars.is_place_shown(event, rsvp) else "",
        reader.locale,
        f"{public_url.rstrip('/')}{path(token)}",
    )
