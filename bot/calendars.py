"""Events as calendar files (RFC 5545): one of them, or a feed of all that somebody goes to.

The UID is the event's own, and SEQUENCE rises with what the event says and with its reader's comings and goings, so
that a newer file takes the place of the older entry, and METHOD:CANCEL takes it out. Nobody's address stands in a file,
since links are passed on: where RFC 5546 wants one, it is one to which no mail can go. Times are UTC, which every
client shows in its own zone: an instant needs no VTIMEZONE.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import icalendar
from sqlmodel import col, select

from bot.access import MEMBERS, check
from bot.scene import Scene
from bot.signed_links import SignedLinks
from storage import people
from storage.db import CompanySession
from storage.people import CompanyFacts, Member
from storage.tables import Event, EventState, Rsvp, RsvpAnswer, Seat

FILE = "event.ics"
AFTERWARDS = timedelta(days=30)
"""A link to an event's file ends so long after the event."""
KIND = "text/calendar"
NOWHERE = "motokai.invalid"
"""The domain of addresses that are nobody's (RFC 2606)."""
_LINKS = SignedLinks("calendar", r"\d{1,18}\.\d{1,18}")


class Method(StrEnum):
    """PUBLISH is an entry or a feed, CANCEL takes an entry out."""

    PUBLISH = "PUBLISH"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as one reader may know it: place and link are empty where they may not (yet)."""

    uid: str
    sequence: int
    title: str
    words: str
    starts_at: datetime
    ends_at: datetime
    place: str
    link: str
    guest: int | None = None
    """Whose answer it is."""
    cancelled: bool = False
    undecided: bool = False


def entry(event: Event, answer: Rsvp | None) -> Entry:
    """Whoever has withdrawn, or lost their seat, has it cancelled in their calendar."""
    shown = is_place_shown(event, answer)
    return Entry(
        uid=f"{event.uid}@motokai",
        sequence=event.sequence + (_turns(answer) if answer is not None else 0),
        title=event.title,
        words=event.words,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        place=event.place if shown else "",
        link=event.link if shown else "",
        guest=answer.person_id if answer is not None else None,
        cancelled=event.state is EventState.CANCELLED or (answer is not None and not _comes(answer)),
        undecided=answer is None or answer.seat is not Seat.TAKEN,
    )


def is_place_shown(event: Event, answer: Rsvp | None) -> bool:
    """Place and link may be for those alone who have a seat."""
    return not event.place_for_guests or (answer is not None and answer.seat is Seat.TAKEN)


def _comes(answer: Rsvp) -> bool:
    return answer.answer is not RsvpAnswer.NO


def _turns(answer: Rsvp) -> int:
    """Rises with each withdrawal and each return after it, which has a higher number than any answer before."""
    return 2 * answer.number + (0 if _comes(answer) else 1)


def file(
    entries: Iterable[Entry], company: str, now: datetime, *, name: str = "", method: Method = Method.PUBLISH
) -> bytes:
    """The entries of the company as UTF-8 in lines of 75 bytes that end in CR LF. `name` is what a client calls the
    feed. What RFC 5546 asks of each method (3.2.1, 3.2.5): an ORGANIZER for both, an ATTENDEE for CANCEL alone; DTSTAMP
    is when the file was made (RFC 5545, 3.8.7.2), and of two with one SEQUENCE the later counts."""
    calendar: Any = icalendar.Calendar()  # the library types its `add` in part only
    calendar.add("prodid", "-//Motokai//Alumni events//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for one in entries:
        calendar.add_component(_component(one, company, now, method))
    return calendar.to_ical()


def _component(one: Entry, company: str, now: datetime, method: Method) -> Any:
    made: Any = icalendar.Event()
    made.add("uid", one.uid)
    made.add("sequence", one.sequence)
    made.add("dtstamp", now)
    made.add("organizer", _address("events"), parameters={"CN": company})
    if method is Method.CANCEL:
        made.add("attendee", _address(f"guest-{one.guest}" if one.guest else "guests"))
    made.add("dtstart", one.starts_at)
    made.add("dtend", one.ends_at)
    made.add("summary", one.title)
    words = "\n\n".join(text for text in (one.words, one.link) if text)
    if words:
        made.add("description", words)
    if one.place or one.link:
        made.add("location", one.place or one.link)
    if one.link:
        made.add("url", one.link)
    made.add("status", "CANCELLED" if one.cancelled else "TENTATIVE" if one.undecided else "CONFIRMED")
    made.add("transp", "OPAQUE" if not (one.cancelled or one.undecided) else "TRANSPARENT")
    return made


def _address(name: str) -> icalendar.vCalAddress:
    return icalendar.vCalAddress(f"mailto:{name}@{NOWHERE}")


# One event, behind a signed link


def link(scene: Scene, event: Event) -> str:
    """Where the reader gets the event's file; empty where browsers reach no page of ours, or nobody in particular
    reads."""
    if scene.reader is None or not scene.public_url:
        return ""
    token = _LINKS.issue(scene.session, (scene.reader.id, event.id or 0), event.ends_at + AFTERWARDS)
    return f"{scene.public_url.rstrip('/')}{path(token)}"


def path(token: str) -> str:
    """Where the file is, below PUBLIC_URL."""
    return f"/events/{token}/{FILE}"


def company_in(token: str) -> int | None:
    """Which company a token says it belongs to, if it looks like one."""
    return _LINKS.company_in(token)


def opened(session: CompanySession, token: str, now: datetime) -> bytes | None:
    """The file behind a link, as things are now; None for a link that is forged or over, and for who is no member."""
    told = _LINKS.read(session, token, now)
    if told is None:
        return None
    (reader_id, event_id), _ = told
    reader = people.members(session, [reader_id]).get(reader_id)
    event = session.get(Event, event_id)
    if reader is None or check(reader, MEMBERS) is not None or event is None or _is_unpublished(event):
        return None
    one = entry(event, session.get(Rsvp, (event_id, reader_id)))
    method = Method.CANCEL if one.cancelled else Method.PUBLISH
    return file([one], people.company(session).name, now, method=method)


def _is_unpublished(event: Event) -> bool:
    return event.state in (EventState.DRAFT, EventState.DISCARDED)


# All that somebody goes to


def feed(session: CompanySession, reader: Member, company: CompanyFacts, now: datetime) -> bytes:
    """What the reader goes to, may go to or waits for, from a month ago on. What was cancelled stays in it as that, so
    that clients which merge feeds take it out."""
    query = (
        select(Event, Rsvp)
        .join(Rsvp, col(Rsvp.event_id) == col(Event.id))
        .where(Rsvp.person_id == reader.id, Rsvp.answer != RsvpAnswer.NO, Event.ends_at > now - AFTERWARDS)
        .where(col(Event.state).not_in([EventState.DRAFT, EventState.DISCARDED]))
        .order_by(col(Event.starts_at), col(Event.id))
    )
    entries = [entry(event, answer) for event, answer in session.exec(query)]
    return file(entries, company.name, now, name=company.name)
