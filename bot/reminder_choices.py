"""When a person wants to be reminded of an event, and when its host has everybody reminded: chosen with buttons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bot import calendars, events, quiet, reminders, subjects, texts, tickets
from bot.reminders import NONE
from bot.scene import Scene
from bot.turn import Answer, Refresh, Say, Turn
from storage import ledger, people
from storage.db import CompanySession
from storage.tables import Event, EventReminder, EventState, Rsvp, RsvpAnswer, Seat

CHOICES = (10_080, 4320, 1440, 180, 60)
"""Minutes; five buttons and one for none are what a card takes."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A time before the start, as people say it: only one of the three is not 0."""

    days: int = 0
    hours: int = 0
    minutes: int = 0


def ahead(minutes: int) -> Ahead:
    if minutes % 1440 == 0:
        return Ahead(days=minutes // 1440)
    return Ahead(hours=minutes // 60) if minutes % 60 == 0 else Ahead(minutes=minutes)


@dataclass(frozen=True, slots=True)
class ReminderView:
    """`seat` is "taken", "maybe" or empty; `state` that of the event, or "moved" where this was for another start.
    Place and link are empty where the reader may not know them (yet)."""

    event: int
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    link: str
    later: bool
    """There is a place, which those alone are told who have a seat."""
    seat: str
    state: str
    ahead: Ahead
    muted: bool
    joinable: bool
    """One can still sign up."""
    calendar: str = ""
    """Where its file for calendars is; empty where browsers reach no page of ours."""
    ticket: str = ""
    """Where the code for the reception is, for whoever has a seat."""


@dataclass(frozen=True, slots=True)
class ChoiceView:
    minutes: int
    ahead: Ahead
    chosen: bool


@dataclass(frozen=True, slots=True)
class ChoicesView:
    """`own`: the person has chosen for themselves; `all`: it is the host's choice for everybody."""

    event: int
    title: str
    starts_at: datetime
    all: bool
    own: bool
    choices: tuple[ChoiceView, ...]
    """Those whose moment is still to come."""
    chosen: tuple[Ahead, ...]


@dataclass(frozen=True, slots=True)
class MissedView:
    event: int
    title: str
    starts_at: datetime
    missed: tuple[Ahead, ...]


def _event(session: CompanySession, event_id: Any) -> Event:
    event = session.get(Event, event_id)
    if event is None:
        raise LookupError(f"no event {event_id}")
    return event


def reminder_view(scene: Scene, told: Mapping[str, Any]) -> ReminderView:
    """Raises LookupError when there is no such event in the company."""
    event = scene.together.once(("event", told["event"]), lambda: scene.session.get(Event, told["event"]))
    if event is None:
        raise LookupError(f"no event {told['event']}")
    seat = _seat(scene, event)
    shown = seat == "taken" or not event.place_for_guests
    state = event.state.value
    if event.state is EventState.OPEN and event.ends_at <= scene.now:
        state = EventState.OVER.value
    elif event.state is EventState.OPEN and event.starts_at != datetime.fromisoformat(told["start"]):
        state = "moved"
    return ReminderView(
        event=event.id or 0,
        title=event.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        place=event.place if shown else "",
        link=event.link if shown else "",
        later=not shown and bool(event.place or event.link),
        seat=seat,
        state=state,
        ahead=ahead(told["minutes"]),
        muted=_is_muted(scene, event),
        joinable=event.state is EventState.OPEN and scene.now < events.closes_at(event),
        calendar=calendars.link(scene, event) if seat else "",
        ticket=tickets.link(scene, event, seat),
    )


def _readers(scene: Scene) -> frozenset[int]:
    return scene.together.including(scene.reader.id) if scene.reader else scene.together.readers


def _seat(scene: Scene, event: Event) -> str:
    def seats() -> dict[int, str]:
        own = select(Rsvp).where(Rsvp.event_id == event.id, col(Rsvp.person_id).in_(_readers(scene)))
        maybe = {RsvpAnswer.MAYBE: "maybe"}
        return {
            one.person_id: "taken" if one.seat is Seat.TAKEN else maybe.get(one.answer, "")
            for one in scene.session.exec(own)
        }

    return scene.together.once(("seats", event.id), seats).get(scene.reader.id if scene.reader else 0, "")


def _is_muted(scene: Scene, event: Event) -> bool:
    def muted() -> frozenset[int | None]:
        none = EventReminder.event_id == event.id, EventReminder.minutes == NONE
        return frozenset(scene.session.exec(select(EventReminder.person_id).where(*none)))

    return scene.reader is not None and scene.reader.id in scene.together.once(("muted", event.id), muted)


def choices_view(scene: Scene, told: Mapping[str, Any]) -> ChoicesView:
    """Raises LookupError when there is no such event, or nobody reads it."""
    event, person_id = _event(scene.session, told["event"]), None if told["all"] else _reader(scene)
    own = _own(scene.session, event, person_id) if person_id else None
    chosen = set(event.reminders) if own is None else own - {NONE}
    still = [minutes for minutes in CHOICES if reminders.due_at(event, minutes) > scene.now]
    return ChoicesView(
        event.id or 0,
        event.title,
        event.starts_at,
        all=told["all"],
        own=own is not None,
        choices=tuple(ChoiceView(minutes, ahead(minutes), minutes in chosen) for minutes in still),
        chosen=tuple(ahead(minutes) for minutes in sorted(chosen, reverse=True)),
    )


def _reader(scene: Scene) -> int:
    if scene.reader is None:
        raise LookupError("nobody's own reminders")
    return scene.reader.id


def missed_view(scene: Scene, event_id: int) -> MissedView:
    """Raises LookupError when there is no such event in the company."""
    event = _event(scene.session, event_id)
    missed = select(EventReminder.minutes).where(
        EventReminder.event_id == event_id, col(EventReminder.missed_at).is_not(None)
    )
    minutes = sorted(set(scene.session.exec(missed)), reverse=True)
    return MissedView(event_id, event.title, event.starts_at, tuple(map(ahead, minutes)))


# Choosing


def _own(session: CompanySession, event: Event, person_id: int) -> set[int] | None:
    """The person's own choice; None where they have made none."""
    return {row.minutes for row in reminders.rows_of(session, event.id, person_id=person_id)} or None


def _taking_part(turn: Turn) -> Event | None:
    """The open event of the button, which the speaker has answered."""
    number = texts.number(turn.args.get("event", ""))
    event = turn.session.get(Event, number) if number is not None else None
    if event is None or event.state is not EventState.OPEN or event.starts_at <= turn.now:
        return None
    answer = turn.session.get(Rsvp, (event.id, turn.member.id))
    return event if answer is not None and answer.answer is not RsvpAnswer.NO else None


def choose(turn: Turn) -> Answer:
    """`toggle` is the minutes of one to add or to leave out; `usual` takes one's own choice back."""
    event = _taking_part(turn)
    if event is None:
        return Say("reminders_unknown", notice=True)
    people.held(turn.session, turn.member.id)
    quiet.learn_zone(turn, turn.own_row())
    pressed = turn.args.get("toggle", "")
    if turn.args.get("usual"):
        choose_for(turn.session, event, turn.member.id, None, turn.now)
    elif (minutes := texts.number(pressed)) in (NONE, *CHOICES):
        now = _own(turn.session, event, turn.member.id)
        before = {*event.reminders} if now is None else now - {NONE}
        after = set[int]() if minutes == NONE else before ^ {minutes or NONE}
        choose_for(turn.session, event, turn.member.id, after, turn.now)
    turned = bool(pressed or turn.args.get("usual"))
    return Say("event_reminders", {"reminding": {"event": event.id, "all": False}}, in_place=turned)


def mute(turn: Turn) -> Answer:
    """No more reminders of this event for the speaker. Pressing twice changes nothing."""
    event = _taking_part(turn)
    if event is None:
        return Say("reminders_unknown", notice=True)
    people.held(turn.session, turn.member.id)
    choose_for(turn.session, event, turn.member.id, set(), turn.now)
    return Refresh(Say("event_reminders", {"reminding": {"event": event.id, "all": False}}))


def choose_for(session: CompanySession, event: Event, person_id: int, chosen: set[int] | None, now: datetime) -> None:
    """The person is reminded at these moments and no others; None: as everybody. What is overdue for everybody is still
    owed to them."""
    usual = {row.minutes: row for row in reminders.rows_of(session, event.id, person_id=None)}
    before = {row.minutes: row for row in reminders.rows_of(session, event.id, person_id=person_id)}
    wanted = set[int]() if chosen is None else chosen or {NONE}
    for minutes, row in before.items():
        if minutes not in wanted:
            session.delete(row)
    for minutes in wanted - before.keys():
        row = reminders.new(event, minutes, person_id)
        there = usual.get(minutes)
        if minutes == NONE:
            row.look_at = None
        elif row.due_at <= now:
            owed = there is not None and there.written_at is None and there.look_at is not None
            row.look_at, row.written_at = (now, None) if owed else (event.starts_at, now)
        session.add(row)
    session.flush()
    ledger.mark_stale(session, subjects.event_reminder(event.id), now, person_id=person_id)


def choose_for_all(turn: Turn) -> Answer:
    """The host's, or HR's: when everybody is reminded who has not chosen for themselves."""
    number = texts.number(turn.args.get("event", ""))
    held = select(Event).where(Event.id == number).with_for_update(key_share=True)
    event = turn.session.exec(held.execution_options(populate_existing=True)).first()
    if event is None or not (turn.is_staff or event.host_id == turn.member.id):
        return Say("reminders_unknown", notice=True)
    pressed = texts.number(turn.args.get("toggle", ""))
    if event.state in (EventState.DRAFT, EventState.OPEN) and pressed in (NONE, *CHOICES):
        chosen = set[int]() if pressed == NONE else {*event.reminders} ^ {pressed}
        event.reminders = sorted(chosen, reverse=True)
        turn.session.add(event)
        if event.state is EventState.OPEN:
            reminders.planned(turn.session, event, turn.now)
    told = {"reminding": {"event": event.id, "all": True}}
    return Say("event_reminders", told, in_place=pressed is not None)
