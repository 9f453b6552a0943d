"""Events: how they read, who may see them, and how they end. bot.event_forms makes them, bot.rsvps seats people."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from sqlalchemy.orm import aliased
from sqlmodel import col, func, select

from bot import (
    audiences,
    calendars,
    clock,
    event_versions,
    prompts,
    recurrence,
    reminders,
    subjects,
    texts,
    tickets,
    visibility,
)
from bot.cards import FieldKind
from bot.prompts import Question
from bot.scene import Scene, Together
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import ledger
from storage.db import CompanySession
from storage.people import Member
from storage.tables import (
    Audience,
    DeliveryState,
    Event,
    EventState,
    EventVersion,
    Person,
    Role,
    Rsvp,
    RsvpAnswer,
    Seat,
)

UNPUBLISHED = (EventState.DRAFT, EventState.DISCARDED)
"""States in which only whoever runs it knows of it."""
MORNING = time(10)
"""When guests are thanked, on the day after the end, where the event was."""
ONE, ALL = "one", "all"
CANCELLING = (
    Question("reason", FieldKind.TEXT, required=False, max_length=500),
    Question("which", FieldKind.CHOICE, required=False, max_length=20, choices=(ONE, ALL)),
)


@dataclass(frozen=True, slots=True)
class SendingView:
    """How the invitations fared, for whoever runs the event. `refusals` are reasons and numbers of people."""

    audience: int = 0
    sent: int = 0
    waiting: int = 0
    cancelled: int = 0
    refusals: tuple[tuple[str, int], ...] = ()
    unclear: int = 0
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwnView:
    """The reader's own answer. `place` is where they stand in the line, `said` what they answered to the questions, and
    `calendar` where the event's calendar file is for whoever comes or may come."""

    answer: str = ""
    seat: str = "none"
    guests: int = 0
    place: int = 0
    offered_until: datetime | None = None
    said: tuple[tuple[str, str], ...] = ()
    calendar: str = ""
    ticket: str = ""
    """Where the code for the reception is, for whoever has a seat."""


@dataclass(frozen=True, slots=True)
class EventView:
    """`when` is the wall time where the event is; `place` and `link` are empty where the reader may not see them
    (`kept`). `going`, `held` and `waiting` are seats, guests included: taken, offered to somebody who moved up, and
    wanted by those in the line; `maybe` and `no` are people, for whoever runs it. `open` is whether one can sign up,
    and `begun` whether it has."""

    id: int
    title: str
    words: str
    when: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    place: str
    link: str
    kept: bool
    host: str
    capacity: int | None
    guests_each: int
    closes_at: datetime | None
    open: bool
    begun: bool
    state: str
    reason: str
    version: int
    at: datetime | None
    questions: tuple[str, ...]
    repeats: str
    going: int
    held: int
    waiting: int
    own: OwnView = field(default_factory=OwnView)
    maybe: int = 0
    no: int = 0
    sending: SendingView = field(default_factory=SendingView)

    @property
    def full(self) -> bool:
        return self.capacity is not None and self.going + self.held >= self.capacity

    @property
    def over_full(self) -> int:
        """How many more have seats than there are, since the host lowered their number."""
        return max(0, self.going + self.held - self.capacity) if self.capacity is not None else 0

    @property
    def asks(self) -> bool:
        """Whether signing up asks for more than a tap."""
        return bool(self.questions) or self.guests_each > 0


def event_of(session: CompanySession, event_id: str | int) -> Event | None:
    number = texts.number(str(event_id))
    return None if number is None else session.get(Event, number)


def held(session: CompanySession, event_id: str | int) -> Event | None:
    """The event as it is now; of those who ask so at once, one after the other gets it, until it commits."""
    number = texts.number(str(event_id))
    query = select(Event).where(Event.id == number).with_for_update(key_share=True)
    return session.exec(query, execution_options={"populate_existing": True}).first()


# Who may


def may_host(session: CompanySession, person: Member | None) -> bool:
    """HR, and alumni to whom HR gave leave."""
    if person is None:
        return False
    return person.role is not Role.ALUMNUS or session.get_one(Person, person.id).hosts


def runs(event: Event, person: Member | None) -> bool:
    """Whether the person changes and cancels it: HR, and whoever hosts it."""
    return person is not None and (person.role is not Role.ALUMNUS or person.id == event.host_id)


def may_see(session: CompanySession, event: Event, person: Member | None, now: datetime) -> bool:
    """Whoever runs it; and of what is published those whom it is for, who have answered it, or who find it in a
    channel."""
    if runs(event, person):
        return True
    if person is None or event.state in UNPUBLISHED:
        return False
    if bool(event.channels) or session.get(Rsvp, (event.id, person.id)) is not None:
        return True
    return audiences.includes(session, event, person.id, now)


# How it reads


def event_view(scene: Scene, event_id: str | int) -> EventView:
    """Raises LookupError when there is no such event in the company."""
    number = texts.number(str(event_id)) or 0
    event = scene.together.once(("event", number), lambda: scene.session.get(Event, number))
    if event is None:
        raise LookupError(f"no event {event_id}")
    at_desk = scene.reader is None or runs(event, scene.reader)
    rsvp = _own_rsvp(scene, number)
    shown = at_desk or calendars.is_place_shown(event, rsvp)
    key = ("event_view", number, at_desk, shown, scene.locale)
    view = scene.together.once(key, lambda: _view(scene, event, at_desk, shown))
    return replace(view, own=_own(scene, event, rsvp)) if rsvp is not None else view


def _own_rsvp(scene: Scene, event_id: int) -> Rsvp | None:
    if scene.reader is None:
        return None
    readers = scene.together.including(scene.reader.id)
    own = select(Rsvp).where(Rsvp.event_id == event_id, col(Rsvp.person_id).in_(readers))
    found = scene.together.once(("rsvps", event_id), lambda: {rsvp.person_id: rsvp for rsvp in scene.session.exec(own)})
    return found.get(scene.reader.id)


def _own(scene: Scene, event: Event, rsvp: Rsvp) -> OwnView:
    place = 0
    if rsvp.seat is Seat.WAITING:
        line = scene.together.once(("line", event.id), lambda: _line(scene.session, event.id))
        place = line.index(rsvp.number) + 1
    said = tuple((question, rsvp.answers[question]) for question in event.questions if rsvp.answers.get(question))
    offered = rsvp.offered_until if rsvp.seat is Seat.OFFERED else None
    calendar = "" if rsvp.answer is RsvpAnswer.NO else calendars.link(scene, event)
    return OwnView(
        rsvp.answer, rsvp.seat, rsvp.guests, place, offered, said, calendar, tickets.link(scene, event, rsvp.seat)
    )


def _line(session: CompanySession, event_id: int | None) -> list[int]:
    waiting = select(Rsvp.number).where(Rsvp.event_id == event_id, Rsvp.seat == Seat.WAITING)
    return list(session.exec(waiting.order_by(col(Rsvp.number))))


def _view(scene: Scene, event: Event, at_desk: bool, shown: bool) -> EventView:
    """The same for every reader who may see as much."""
    session, number = scene.session, event.id or 0
    seats = seats_of(session, number)
    said = _answers(session, number)
    kept = session.get(EventVersion, (number, event.version))
    ends = closes_at(event)
    host = session.get(Person, event.host_id)
    return EventView(
        id=number,
        title=event.title or prompts.phrase("event_words", scene.locale, "erased"),
        words=event.words,
        when=when(event, scene.locale),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        zone=event.zone if event.zone != scene.company.timezone else "",
        place=event.place if shown else "",
        link=event.link if shown else "",
        kept=not shown and bool(event.place or event.link),
        host=host.name if host else "",
        capacity=event.capacity,
        guests_each=event.guests_each,
        closes_at=event.deadline_at,
        open=event.state is EventState.OPEN and scene.now < ends,
        begun=event.starts_at <= scene.now,
        state=event.state,
        reason=str(kept.content.get("reason", "")) if kept and event.state is EventState.CANCELLED else "",
        version=event.version,
        at=kept.at if kept else None,
        questions=tuple(event.questions),
        repeats=recurrence.choice(event.rule) if event.rule else "",
        going=seats[Seat.TAKEN],
        held=seats[Seat.OFFERED],
        waiting=seats[Seat.WAITING],
        maybe=said.get(RsvpAnswer.MAYBE, 0) if at_desk else 0,
        no=said.get(RsvpAnswer.NO, 0) if at_desk else 0,
        sending=_sending(session, number) if at_desk else SendingView(),
    )


def seats_of(session: CompanySession, event_id: int) -> Mapping[Seat, int]:
    """How many seats are taken, offered and waited for."""
    session.flush()
    number = func.count() + func.coalesce(func.sum(Rsvp.guests), 0)
    rows = session.exec(select(Rsvp.seat, number).where(Rsvp.event_id == event_id).group_by(col(Rsvp.seat)))
    found = {seat: int(seats) for seat, seats in rows}
    return {seat: found.get(seat, 0) for seat in Seat}


def _answers(session: CompanySession, event_id: int) -> Mapping[str, int]:
    query = select(Rsvp.answer, func.count()).where(Rsvp.event_id == event_id).group_by(col(Rsvp.answer))
    return dict(session.exec(query).all())


def _sending(session: CompanySession, event_id: int) -> SendingView:
    subject = subjects.event(event_id)
    states = ledger.counts(session, subject)
    waiting = states.get(DeliveryState.QUEUED, 0) + states.get(DeliveryState.SENDING, 0)
    return SendingView(
        audience=sum(states.values()),
        sent=states.get(DeliveryState.SENT, 0),
        waiting=waiting,
        cancelled=states.get(DeliveryState.CANCELLED, 0),
        refusals=tuple(ledger.refusals(session, subject).items()) if states.get(DeliveryState.REFUSED) else (),
        unclear=states.get(DeliveryState.UNCONFIRMED, 0),
        done_at=ledger.last_due(session, subject) if waiting else None,
    )


def when(event: Event, locale: str) -> str:
    """From when to when it is, as clocks show it there. A start in a gap of the clocks is shown where it has moved."""
    there = clock.zone(event.zone)
    first, last = event.starts_at.astimezone(there), event.ends_at.astimezone(there)
    day = "" if first.date() == last.date() else f"{prompts.day(last.date(), locale)} "
    dash = "〜" if locale == "ja" else "–"
    return f"{prompts.day(first.date(), locale)} {first:%H:%M}{dash}{day}{last:%H:%M}"


def closes_at(event: Event) -> datetime:
    """When one cannot sign up any more."""
    return min(event.deadline_at or event.starts_at, event.starts_at)


# What can be done with it


def show(turn: Turn) -> Answer:
    """Its card for whoever runs it; else, or where they ask as a guest, as everybody sees it."""
    event = event_of(turn.session, turn.args.get("event", ""))
    if event is None or not may_see(turn.session, event, turn.person, turn.now):
        return Say("event_unknown", notice=True)
    as_guest = turn.args.get("as") == "guest" and event.state not in UNPUBLISHED
    if as_guest or not runs(event, turn.person):
        return Say("event_offer", {"event": event.id})
    return as_run(event)


def as_run(event: Event) -> Say:
    """The card of whoever runs it."""
    if event.state in UNPUBLISHED:
        return Say("event_draft", {"event_draft": event.id})
    return Say("event_desk", {"event": event.id})


def run_by(turn: Turn) -> Event | Say:
    """The event that the button means, which nobody else changes until the transaction ends; else what to say."""
    event = held(turn.session, turn.args.get("event", ""))
    if event is None or not may_see(turn.session, event, turn.person, turn.now):
        return Say("event_unknown", notice=True)
    return event if runs(event, turn.person) else Say("denied", {"reason": "not_yours"}, notice=True)


def cancel(turn: Turn) -> Answer:
    """It does not take place: whoever answered that they come, or may, is told, with the reason. Of a row of events the
    ones to come are not made any more where that is what was meant."""
    event = run_by(turn)
    if isinstance(event, Say):
        return event
    if event.state is not EventState.OPEN or event.ends_at <= turn.now:
        return Refresh(as_run(event))
    if not turn.values:
        return Ask("event.cancel", {"event": str(event.id)})
    if turn.values["which"] == ALL:
        event.rule = ""
    call_off(turn.session, event, turn.member.id, turn.now, reason=turn.values["reason"])
    return Refresh(as_run(event))


def call_off(session: CompanySession, event: Event, by: int, now: datetime, *, reason: str = "") -> None:
    event.state, event.cancelled_at = EventState.CANCELLED, now
    event.sequence += 1
    event_versions.next_one(session, event, ["cancelled"], by, now, reason=reason)
    reminders.cancelled(session, event, now)
    _ended(session, event, now)
    event_versions.tell(session, event, {"event": event.id}, "cancelled", now, template="event_cancelled")


def _ended(session: CompanySession, event: Event, now: datetime) -> None:
    """No more invitations go out, and every copy says what became of it."""
    session.add(event)
    session.flush()
    ledger.cancel_queued(session, subjects.event(event.id), f"event_{event.state}", now)
    event_versions.show_everywhere(session, event, now)


def send_again(turn: Turn) -> Answer:
    """The host's own decision about invitations of which nobody knows whether they arrived."""
    event = run_by(turn)
    if isinstance(event, Say):
        return event
    if event.state is EventState.OPEN:
        ledger.send_again(turn.session, subjects.event(event.id), turn.now)
        ledger.mark_stale(turn.session, subjects.event_desk(event.id), turn.now)
    return Refresh(as_run(event))


# Time


def end(session: CompanySession, now: datetime) -> int:
    """What has ended is over, and where nobody can sign up any more the copies say so; returns how many those are."""
    closing = func.coalesce(Event.deadline_at, Event.starts_at)
    due = (col(Event.ends_at) <= now) | (col(Event.closed_at).is_(None) & (closing <= now))
    found = session.exec(select(Event.id).where(Event.state == EventState.OPEN, due).order_by(col(Event.id))).all()
    for number in found:
        event = held(session, number or 0)
        if event is None or event.state is not EventState.OPEN:
            continue
        event.closed_at = event.closed_at or now
        if event.ends_at <= now:
            event.state, event.thanks_at = EventState.OVER, morning_after(event)
        _ended(session, event, now)
    return len(found)


def morning_after(event: Event) -> datetime:
    next_day = clock.today(event.ends_at, event.zone) + timedelta(days=1)
    return clock.instant(datetime.combine(next_day, MORNING), event.zone)


def last_of_rows(session: CompanySession, now: datetime) -> list[int]:
    """Those that are over, come again, and were not followed by another of their row yet."""
    later = aliased(Event)
    same = col(later.series_id) == func.coalesce(Event.series_id, Event.id)
    follows = select(later.id).where(same, col(later.starts_at) > Event.starts_at).exists()
    ended = col(Event.state).in_([EventState.OVER, EventState.CANCELLED])
    over = select(Event.id).where(Event.rule != "", ended, col(Event.ends_at) <= now, ~follows)
    return [number for number in session.exec(over.order_by(col(Event.id))) if number is not None]


def next_due(session: CompanySession) -> datetime | None:
    """When the next sign-up closes or the next event ends; an installation's question."""
    closing = func.min(func.coalesce(Event.deadline_at, Event.starts_at))
    is_open = Event.state == EventState.OPEN
    closes = session.exec(select(closing).where(is_open, col(Event.closed_at).is_(None))).one()
    ends = session.exec(select(func.min(Event.ends_at)).where(is_open)).one()
    return min(filter(None, (closes, ends)), default=None)


def no_longer_offered(
    session: CompanySession, event_id: int, person_id: int | None, now: datetime, together: Together
) -> str:
    """Why an invitation should not be sent any more, empty when it should."""
    event = together.once(("event", event_id), lambda: session.get(Event, event_id))
    if event is None or event.state is not EventState.OPEN:
        return f"event_{event.state if event else 'unknown'}"
    if closes_at(event) <= now:
        return "event_closed"
    if person_id is None:
        return ""
    readers = together.including(person_id)
    host = visibility.Viewer(event.host_id, Audience.HR)
    hiding = together.once(("hiding", "event", event_id), lambda: visibility.hiding(session, host, readers))
    reader = visibility.Viewer(person_id, Audience.HR)
    return "hidden" if person_id in hiding or visibility.hiding(session, reader, [event.host_id]) else ""
