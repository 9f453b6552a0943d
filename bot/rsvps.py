"""What people answer to an event, and the seats that they get for it.

Whatever changes seats holds the event's row until its transaction ends: of many at once one comes after the other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import col, func, select

from bot import event_versions, events, seating, subjects, texts
from bot.prompts import Question
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import ledger
from storage.db import CompanySession
from storage.tables import Event, EventState, Rsvp, RsvpAnswer, Seat

MOST_QUESTIONS = 3
ANSWERS = tuple(f"answer_{number}" for number in range(1, MOST_QUESTIONS + 1))
JOINING = (
    Question("guests", required=False, max_length=5),
    *(Question(name, required=False, max_length=300) for name in ANSWERS),
)


# Seats


def free(session: CompanySession, event: Event) -> int | None:
    """Seats that are neither taken nor offered; below zero where the host has taken some away since, None for any
    number."""
    if event.capacity is None:
        return None
    seats = events.seats_of(session, event.id or 0)
    return event.capacity - sum(seats[seat] for seat in seating.HOLDING)


def is_full(left: int | None) -> bool:
    """Whether whoever asks to come now waits."""
    return left is not None and left <= 0


def come(
    session: CompanySession,
    event: Event,
    person_id: int,
    now: datetime,
    *,
    guests: int = 0,
    answers: Mapping[str, str] | None = None,
) -> int | None:
    """The person means to come, with so many guests: they have the seats if there are enough, and else wait in the
    line, where they keep the place that they had. None when that is so from now on. Who has a seat already, and wants
    to bring more than there is room for, keeps what they have: then how many more there would be room for."""
    rsvp = _of(session, event, person_id)
    has_seat = rsvp.seat in seating.HOLDING
    left = free(session, event)
    was_full = is_full(left)
    room = None if left is None else left + (seating.size(rsvp) if has_seat else 0)
    fits = room is None or 1 + guests <= room
    if has_seat and not fits and guests > rsvp.guests:
        return max(0, left or 0)
    before = (rsvp.answer, rsvp.seat, rsvp.guests, dict(rsvp.answers))
    rsvp.answer, rsvp.guests, rsvp.offered_until = RsvpAnswer.GOING, guests, None
    rsvp.answers = dict(answers or {})
    if rsvp.seat is Seat.NONE:
        rsvp.number = _next_number(session, event)
    rsvp.seat = Seat.TAKEN if has_seat or fits else Seat.WAITING
    if before != (rsvp.answer, rsvp.seat, rsvp.guests, rsvp.answers):
        _write(session, event, rsvp, now, was_full=was_full)
    return None


def stay_away(session: CompanySession, event: Event, person_id: int, said: RsvpAnswer, now: datetime) -> None:
    """The person says no, or maybe: their seat, or their place in the line, is somebody else's."""
    rsvp = _of(session, event, person_id)
    if rsvp in session and rsvp.answer is said and rsvp.seat is Seat.NONE:
        return
    if rsvp in session and rsvp.answer is RsvpAnswer.NO:
        rsvp.number = _next_number(session, event)  # calendars tell a return from the answer before by it
    was_full = is_full(free(session, event))
    _give_up(rsvp, said)
    _write(session, event, rsvp, now, was_full=was_full)


def _of(session: CompanySession, event: Event, person_id: int) -> Rsvp:
    there = session.get(Rsvp, (event.id, person_id), populate_existing=True)
    return there or Rsvp(event_id=event.id or 0, person_id=person_id, answer=RsvpAnswer.NO)


def _next_number(session: CompanySession, event: Event) -> int:
    return (session.exec(select(func.max(Rsvp.number)).where(Rsvp.event_id == event.id)).one() or 0) + 1


def _give_up(rsvp: Rsvp, said: RsvpAnswer) -> None:
    rsvp.answer, rsvp.seat, rsvp.guests, rsvp.answers = said, Seat.NONE, 0, {}
    rsvp.offered_until = None


def _write(session: CompanySession, event: Event, rsvp: Rsvp, now: datetime, *, was_full: bool) -> None:
    rsvp.version, rsvp.at = event.version, now
    session.add(rsvp)
    session.flush()
    moved = move_up(session, event, now)
    turned = is_full(free(session, event)) is not was_full
    event_versions.count_again(session, event, [rsvp.person_id, *moved], now, at_once=turned)


def move_up(session: CompanySession, event: Event, now: datetime) -> list[int]:
    """Free seats are offered to the line, until the event begins; where it asks for no confirmation they are taken at
    once. Returns who moved up."""
    left = free(session, event)
    if event.state is not EventState.OPEN or event.starts_at <= now or (left is not None and left <= 0):
        return []
    waiting = select(Rsvp).where(Rsvp.event_id == event.id, Rsvp.seat == Seat.WAITING)
    moving = seating.moving_up(session.exec(waiting.execution_options(populate_existing=True)).all(), left)
    within = timedelta(minutes=event.confirm_minutes)
    for rsvp in moving:
        rsvp.seat = Seat.OFFERED if within else Seat.TAKEN
        rsvp.offered_until = seating.offered_until(now, event.starts_at, within) if within else None
        session.add(rsvp)
    session.flush()
    _tell(session, event, moving, "up", now, template="event_moved_up")
    return [rsvp.person_id for rsvp in moving]


def hurry(session: CompanySession, event: Event) -> None:
    """The event begins earlier than before: what is offered until later is over then."""
    late = Rsvp.event_id == event.id, Rsvp.seat == Seat.OFFERED, col(Rsvp.offered_until) > event.starts_at
    for rsvp in session.exec(select(Rsvp).where(*late)).all():
        rsvp.offered_until = event.starts_at
        session.add(rsvp)
    session.flush()


def _tell(
    session: CompanySession, event: Event, rsvps: Sequence[Rsvp], about: str, now: datetime, *, template: str
) -> None:
    """Once for each time that they asked to come."""
    told = ((rsvp.person_id, f"{about}:{rsvp.person_id}:{rsvp.number}") for rsvp in rsvps)
    args = {"event": event.id}
    drafts = (event_versions.notice(session, event, one, args, cause, template=template) for one, cause in told)
    ledger.enqueue(session, [draft for draft in drafts if draft is not None], now)


def reseat(session: CompanySession, event_ids: Sequence[int], now: datetime) -> None:
    """Seats have become free some other way than by an answer: the line moves up, and the copies count anew."""
    for event_id in sorted(event_ids):
        event = events.held(session, event_id)
        if event is not None and event.state is EventState.OPEN:
            moved = move_up(session, event, now)
            event_versions.count_again(session, event, moved, now, at_once=not is_full(free(session, event)))


def stand_back(session: CompanySession, person_id: int, now: datetime) -> None:
    """A merge was undone and the person has their own answers again; where their seat has gone to somebody else
    meanwhile, they stand in the line, at the place that they had."""
    for rsvp in session.exec(select(Rsvp).where(Rsvp.person_id == person_id).order_by(col(Rsvp.event_id))).all():
        event = events.held(session, rsvp.event_id)
        if event is not None and rsvp.seat in seating.HOLDING and (free(session, event) or 0) < 0:
            rsvp.seat, rsvp.offered_until = Seat.WAITING, None
            session.add(rsvp)
            session.flush()
            event_versions.count_again(session, event, [person_id, *move_up(session, event, now)], now)


def events_of(session: CompanySession, person_ids: Sequence[int]) -> list[int]:
    """The events to which any of these people has answered."""
    answered = select(Rsvp.event_id).where(col(Rsvp.person_id).in_(person_ids)).distinct()
    return sorted(session.exec(answered))


def expire(session: CompanySession, now: datetime) -> int:
    """Seats that were offered and not taken in time go to the next in the line. Who has let one go is told, and counts
    as "maybe" from then on; returns how many those are."""
    over = select(Rsvp.event_id).where(Rsvp.seat == Seat.OFFERED, col(Rsvp.offered_until) <= now)
    number = 0
    for event_id in sorted({*session.exec(over)}):
        event = events.held(session, event_id)
        late = select(Rsvp).where(Rsvp.event_id == event_id, Rsvp.seat == Seat.OFFERED, col(Rsvp.offered_until) <= now)
        rsvps = session.exec(late.execution_options(populate_existing=True)).all()
        if event is None or not rsvps:
            continue
        was_full = is_full(free(session, event))
        for rsvp in rsvps:
            _give_up(rsvp, RsvpAnswer.MAYBE)
            session.add(rsvp)
        session.flush()
        if event.state is EventState.OPEN:
            _tell(session, event, rsvps, "lapsed", now, template="event_lapsed")
        moved = move_up(session, event, now)
        told, turned = [*(rsvp.person_id for rsvp in rsvps), *moved], is_full(free(session, event)) is not was_full
        event_versions.count_again(session, event, told, now, at_once=turned)
        number += len(rsvps)
    return number


def next_due(session: CompanySession) -> datetime | None:
    """When the next offered seat is over; an installation's question."""
    return session.exec(select(func.min(Rsvp.offered_until)).where(Rsvp.seat == Seat.OFFERED)).one()


# Answering


def _answerable(turn: Turn, said: RsvpAnswer) -> Event | Say:
    """The event, held; else what to say. After the deadline nobody new comes, but who has a seat, or waits for one, may
    still take or leave it until the start."""
    event = events.held(turn.session, turn.args.get("event", ""))
    if event is None or not events.may_see(turn.session, event, turn.member, turn.now):
        return Say("event_unknown", notice=True)
    if event.state in events.UNPUBLISHED:
        return Say("event_unknown", notice=True)
    rsvp = turn.session.get(Rsvp, (event.id, turn.member.id), populate_existing=True)
    known = rsvp is not None and (rsvp.seat is not Seat.NONE or said is RsvpAnswer.NO)
    until = event.starts_at if known else events.closes_at(event)
    if event.state is not EventState.OPEN or until <= turn.now:
        return Say("event_closed", {"event": event.id}, notice=True)
    return event


def going(turn: Turn) -> Answer:
    """One tap, where there is nothing more to ask."""
    event = _answerable(turn, RsvpAnswer.GOING)
    if isinstance(event, Say):
        return event
    if event.questions or event.guests_each:
        return _asked(turn, event)
    come(turn.session, event, turn.member.id, turn.now)
    return _answered(turn, event)


def join(turn: Turn) -> Answer:
    """The form: how many guests, and what the host wants to know."""
    event = _answerable(turn, RsvpAnswer.GOING)
    if isinstance(event, Say):
        return event
    if not turn.values:
        return _asked(turn, event)
    guests = texts.number(turn.values["guests"] or "0")
    if guests is None or guests > event.guests_each:
        return Ask("event.join", turn.args, turn.values, {"guests": f"not_guests:{event.guests_each}"})
    said = {question: turn.values[name] for question, name in zip(event.questions, ANSWERS, strict=False)}
    answers = {question: text for question, text in said.items() if text}
    more = come(turn.session, event, turn.member.id, turn.now, guests=guests, answers=answers)
    if more is not None:
        return Ask("event.join", turn.args, turn.values, {"guests": f"seats_left:{more}"})
    return _answered(turn, event)


def _asked(turn: Turn, event: Event) -> Ask:
    rsvp = turn.session.get(Rsvp, (event.id, turn.member.id))
    told = rsvp.answers if rsvp else {}
    said = {name: told.get(question, "") for question, name in zip(event.questions, ANSWERS, strict=False)}
    guests = str(rsvp.guests) if rsvp and rsvp.guests else ""
    return Ask("event.join", {"event": str(event.id)}, {"guests": guests, **said})


def confirm(turn: Turn) -> Answer:
    """Somebody who moved up takes the seat, with the guests and answers that they had given."""
    event = _answerable(turn, RsvpAnswer.GOING)
    if isinstance(event, Say):
        return event
    rsvp = turn.session.get(Rsvp, (event.id, turn.member.id))
    if rsvp is not None and rsvp.seat is Seat.OFFERED:
        come(turn.session, event, turn.member.id, turn.now, guests=rsvp.guests, answers=rsvp.answers)
    return _answered(turn, event)


def maybe(turn: Turn) -> Answer:
    return _stays_away(turn, RsvpAnswer.MAYBE)


def no(turn: Turn) -> Answer:
    return _stays_away(turn, RsvpAnswer.NO)


def _stays_away(turn: Turn, said: RsvpAnswer) -> Answer:
    event = _answerable(turn, said)
    if isinstance(event, Say):
        return event
    stay_away(turn.session, event, turn.member.id, said, turn.now)
    return _answered(turn, event)


def _answered(turn: Turn, event: Event) -> Answer:
    """The card that was pressed shows it; where that was a list, or the Home tab, the event's own card comes."""
    shown = Say("event_offer", {"event": event.id})
    row = ledger.by_ref(turn.session, turn.inbound.pressed) if turn.inbound.pressed else None
    return Refresh(shown) if row is None or row.subject == subjects.event(event.id) else shown
