"""The reception of an event: its links, and who has come. Whoever has a desk's link may check people in.

What a desk does has an id that the desk has made: the same again changes nothing, so that a phone without a network may
keep it and send it later. Of two desks at once one checks somebody in, and the other is told when that was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from sqlmodel import col, func, select

from bot import events, guest_lists, privacy, queries, tickets, visibility
from bot.access import MEMBERS, check
from bot.guest_lists import GuestList
from bot.scene import Scene
from bot.signed_links import SignedLinks
from bot.turn import Answer, Say, Turn
from bot.visibility import Viewer
from storage import inbox, merging, people, search
from storage.db import CompanySession
from storage.people import CompanyFacts, Member
from storage.tables import Audience, Event, EventState, Person, PersonState, Rsvp, RsvpAnswer, Seat

AFTERWARDS = timedelta(days=1)
"""A link ends so long after the event."""
LATE = timedelta(hours=12)
"""A phone may have kept what it did for so long without its word on when that was being doubted."""
MOST_GUESTS = 9
MOST_FOUND = 8
_LINKS = SignedLinks("reception", r"\d{1,18}\.\d{1,18}\.\d{1,9}\.[01]")


class Sheet(IntEnum):
    """LIST is for whoever runs the event: to read, print and save. DESK is for phones that others look at too."""

    LIST = 0
    DESK = 1


# Links


@dataclass(frozen=True, slots=True)
class ReceptionView:
    """`list_url` and `desk_url` are empty where browsers reach no page of ours. `arrived` counts guests of guests."""

    id: int
    title: str
    when: str
    state: str
    begun: bool
    going: int
    arrived: int
    list_url: str
    desk_url: str
    until: datetime
    feedback: bool
    """Guests were asked how it was."""


def reception_view(scene: Scene, event_id: int) -> ReceptionView:
    """Raises LookupError for whoever does not run the event."""
    event = events.event_of(scene.session, event_id)
    if event is None or scene.reader is None or not events.runs(event, scene.reader):
        raise LookupError(f"no reception of {event_id}")
    until = event.ends_at + AFTERWARDS
    ends = until <= scene.now or not scene.public_url or event.state not in (EventState.OPEN, EventState.OVER)
    urls = ["" if ends else _link(scene, scene.reader, event, sheet, until) for sheet in Sheet]
    return ReceptionView(
        id=event.id or 0,
        title=event.title,
        when=events.when(event, scene.locale),
        state=event.state,
        begun=event.starts_at <= scene.now,
        going=events.seats_of(scene.session, event.id or 0)[Seat.TAKEN],
        arrived=_arrived(scene.session, event.id),
        list_url=urls[Sheet.LIST],
        desk_url=urls[Sheet.DESK],
        until=until,
        feedback=event.feedback_until is not None,
    )


def _arrived(session: CompanySession, event_id: int | None) -> int:
    people = func.count() + func.coalesce(func.sum(Rsvp.arrived_guests), 0)
    came = Rsvp.event_id == event_id, col(Rsvp.arrived_at).is_not(None)
    return int(session.exec(select(people).where(*came)).one())


def _link(scene: Scene, reader: Member, event: Event, sheet: Sheet, until: datetime) -> str:
    told = (reader.id, event.id or 0, event.reception_links, int(sheet))
    return f"{scene.public_url.rstrip('/')}{path(_LINKS.issue(scene.session, told, until))}"


def path(token: str) -> str:
    """Where the page is, below PUBLIC_URL."""
    return f"/reception/{token}"


def company_in(token: str) -> int | None:
    """Which company a token says it belongs to, if it looks like one."""
    return _LINKS.company_in(token)


def show(turn: Turn) -> Answer:
    """The links, to whoever runs the event, alone: who has one reads the guests' names."""
    event = events.run_by(turn)
    if isinstance(event, Say):
        return event
    if event.state in events.UNPUBLISHED:
        return Say("event_unknown", notice=True)
    return privacy.privately(turn, Say("event_reception", {"reception": event.id}))


def end_links(turn: Turn) -> Answer:
    """Links that were given away open nothing any more; the card has new ones."""
    event = events.run_by(turn)
    if isinstance(event, Say):
        return event
    event.reception_links += 1
    turn.session.add(event)
    turn.session.flush()
    return privacy.privately(turn, Say("event_reception", {"reception": event.id}))


# Behind a link


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link opens, for whom it was made. `looking` is what may be seen there: on a phone at the entrance what
    every member may see, without those who hide from the host."""

    event: Event
    reader: Member
    company: CompanyFacts
    sheet: Sheet
    until: datetime

    @property
    def looking(self) -> Viewer:
        return Viewer(self.reader.id, Audience.ALUMNI) if self.sheet is Sheet.DESK else visibility.viewer(self.reader)


def opened(session: CompanySession, token: str, now: datetime) -> Opened | None:
    """None for a link that is forged, over or ended by hand, and where its reader does not run the event any more."""
    told = _LINKS.read(session, token, now)
    if told is None:
        return None
    (first, event_id, links, sheet), until = told
    reader_id = merging.remaining(session, first)
    reader = people.members(session, [reader_id]).get(reader_id)
    event = session.get(Event, event_id)
    if reader is None or check(reader, MEMBERS) is not None or event is None or not events.runs(event, reader):
        return None
    if event.reception_links != links or event.state not in (EventState.OPEN, EventState.OVER):
        return None
    return Opened(event, reader, people.company(session), Sheet(sheet), until)


def guests(session: CompanySession, found: Opened, now: datetime) -> GuestList:
    """The list as the link shows it; what HR alone may see and sees is written down."""
    listed = guest_lists.of(session, found.event, found.looking)
    if found.sheet is Sheet.LIST:
        guest_lists.note_looks(session, found.reader, listed, found.company.timezone, now)
    return listed


def walk_ins(session: CompanySession, found: Opened, text: str) -> Sequence[tuple[int, str]]:
    """Members who are found by these words and are not on the list: numbers and names, MOST_FOUND at most."""
    words = queries.parsed(text[: queries.LONGEST]).words
    if not words:
        return ()
    listed = {guest.id for guest in guest_lists.of(session, found.event, found.looking).guests}
    there = search.find(session, words, found.looking).people
    return [(one.id, one.name) for one in there if one.id not in listed][:MOST_FOUND]


# Checking in


@dataclass(frozen=True, slots=True)
class Act:
    """What was done at a desk `ago`: somebody came ("in"), did not after all ("out"), or brought so many ("guests").
    `ticket` names who came where `person` is 0. `walk_in`: the desk knows that they have no seat."""

    id: str
    do: str
    person: int = 0
    ticket: str = ""
    guests: int | None = None
    ago: timedelta = timedelta()
    walk_in: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """`said` is "done", "again" (this act was known), "double" (they had come `at` that time), "not_expected" (no seat:
    ask, and say so) or "unknown" (no such guest, or no such ticket)."""

    id: str
    said: str
    person: int = 0
    name: str = ""
    at: datetime | None = None


def act(session: CompanySession, found: Opened, done: Act, now: datetime) -> Result:
    """Do it, once: whoever else acts on the same event waits until this is committed."""
    event = events.held(session, found.event.id or 0)
    person_id = done.person or tickets.holder(session, done.ticket, found.event.id or 0, now) or 0
    person = session.get(Person, merging.remaining(session, person_id)) if person_id else None
    if event is None or person is None or person.state is not PersonState.ACTIVE:
        return Result(done.id, "unknown")
    known = bool(done.ticket) or person.id not in visibility.hiding(session, found.looking, [person.id or 0])
    if not known:
        return Result(done.id, "unknown")
    rsvp = session.get(Rsvp, (event.id, person.id), populate_existing=True)
    key = f"reception:{event.id}:{done.id}"
    if not inbox.record(session, key, now):
        return _told(done, "again", person, rsvp)
    said = _do(session, event, person.id or 0, rsvp, done, now)
    if said not in ("done", "double"):
        inbox.forget(session, key)
    session.flush()
    return _told(done, said, person, session.get(Rsvp, (event.id, person.id)))


def _told(done: Act, said: str, person: Person, rsvp: Rsvp | None) -> Result:
    return Result(done.id, said, person.id or 0, person.name, rsvp.arrived_at if rsvp else None)


def _do(session: CompanySession, event: Event, person_id: int, rsvp: Rsvp | None, done: Act, now: datetime) -> str:
    arrived = rsvp is not None and rsvp.arrived_at is not None
    if done.do == "in" and arrived:
        return "double"
    if done.do == "in" and (rsvp is None or rsvp.seat is not Seat.TAKEN) and not done.walk_in:
        return "not_expected"
    if done.do == "in":
        came = rsvp or Rsvp(event_id=event.id or 0, person_id=person_id, answer=RsvpAnswer.GOING, at=now)
        came.arrived_at = now - min(max(done.ago, timedelta()), LATE)
        came.arrived_guests = _brought(done, came.guests)
        session.add(came)
    elif rsvp is not None and arrived and done.do == "out":
        _take_back(session, rsvp)
    elif rsvp is not None and arrived:
        rsvp.arrived_guests = _brought(done, rsvp.guests)
        session.add(rsvp)
    return "done"


def _brought(done: Act, meant: int) -> int:
    return meant if done.guests is None else min(max(done.guests, 0), MOST_GUESTS)


def _take_back(session: CompanySession, rsvp: Rsvp) -> None:
    """Of somebody who came without having answered nothing is left."""
    if rsvp.answer is RsvpAnswer.GOING and rsvp.seat is Seat.NONE:
        session.delete(rsvp)
        return
    rsvp.arrived_at, rsvp.arrived_guests = None, 0
    session.add(rsvp)
