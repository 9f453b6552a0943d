"""Events as calendar files (RFC 5545): one of them, or a feed of all that somebody goes to.

UID and SEQUENCE are the event's own, so that a newer file takes the place of the older entry, and METHOD:CANCEL takes
it out. Times are UTC, which every client shows in its own zone: an instant needs no VTIMEZONE.
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
    changed_at: datetime
    cancelled: bool = False
    undecided: bool = False


def entry(event: Event, answer: Rsvp | None) -> Entry:
    """Whoever has withdrawn, or lost their seat, has it cancelled in their calendar."""
    shown = is_place_shown(event, answer)
    return Entry(
        uid=f"{event.uid}@motokai",
        sequence=event.sequence,
        title=event.title,
        words=event.words,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        place=event.place if shown else "",
        link=event.link if shown else "",
        changed_at=event.cancelled_at or event.published_at or event.created_at,
        cancelled=event.state is EventState.CANCELLED or (answer is not None and not _comes(answer)),
        undecided=answer is None or answer.seat is not Seat.TAKEN,
    )


def is_place_shown(event: Event, answer: Rsvp | None) -> bool:
    """Place and link may be for those alone who have a seat."""
    return not event.place_for_guests or (answer is not None and answer.seat is Seat.TAKEN)


def _comes(answer: Rsvp) -> bool:
    return answer.answer is not RsvpAnswer.NO


def file(entries: Iterable[Entry], name: str = "", *, method: Method = Method.PUBLISH) -> bytes:
    """The entries as UTF-8 in lines of 75 bytes that end in CR LF. `name` is what a client calls the feed."""
    calendar: Any = icalendar.Calendar()  # the library types its `add` in part only
    calendar.add("prodid", "-//Motokai//Alumni events//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for one in entries:
        calendar.add_component(_component(one))
    return calendar.to_ical()


def _component(one: Entry) -> Any:
    made: Any = icalendar.Event()
    made.add("uid", one.uid)
    made.add("sequence", one.sequence)
    made.add("dtstamp", one.changed_at)
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
    return file([one], method=Method.CANCEL if one.cancelled else Method.PUBLISH)


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
    return file((entry(event, answer) for event, answer in session.exec(query)), company.name)
