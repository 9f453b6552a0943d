"""Reminders of an event: so many minutes before its start, to those who take part.

A row (EventReminder) holds for everybody who has no rows of their own, or for one person. Rows with the same minutes
are one reminder, which everybody gets at most once: the ledger's cause names event, start and minutes. Who is reminded,
and of what, is asked when it is due and again when a message leaves.

Quiet hours shift a reminder to their end; where the event has begun by then, to their beginning. A process that wakes
up late sends late, until the start; then what was not sent is marked as missed, and the host is told once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, tuple_, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from bot import audiences, clock, quiet, spreading, subjects
from bot.ports import Pace
from bot.scene import Together
from storage import ledger, people
from storage.circulars import Circular, Recipients
from storage.consents import agreeing
from storage.db import CompanySession
from storage.ledger import Draft
from storage.people import CompanyFacts
from storage.tables import (
    Account,
    ConsentPurpose,
    Delivery,
    DeliveryState,
    Event,
    EventReminder,
    EventState,
    Person,
    PersonState,
    Rsvp,
    RsvpAnswer,
    Seat,
    table,
)

DAY = 1440
NONE = 0
"""The minutes of the row with which a person wants no reminder."""
AT_ONCE = 20
"""Reminders of one transaction."""
BEGUN = "event_begun"
_A, _D, _P, _R, _S = map(table, (Account, Delivery, Person, EventReminder, Rsvp))


# Planning


def planned(session: CompanySession, event: Event, now: datetime) -> None:
    """The event was published, or its host has chosen other reminders. A moment that is past is not made up for: who is
    invited today is not reminded of the event today."""
    wanted = {minutes for minutes in event.reminders if minutes > NONE}
    there: set[int] = set()
    for row in rows_of(session, event.id, person_id=None):
        if row.minutes in wanted:
            there.add(row.minutes)
        elif row.written_at is None:
            session.delete(row)
    for minutes in sorted(wanted - there, reverse=True):
        row = new(event, minutes)
        if row.due_at > now:
            session.add(row)
    session.flush()


def moved(session: CompanySession, event: Event, now: datetime) -> None:
    """The event begins at another time. A reminder whose moment is still to come is planned anew, whether it was sent
    for the old time or not. For others the message about the change is reminder enough; only what was overdue is still
    owed. What was sent shows the new time."""
    for row in rows_of(session, event.id):
        overdue = _is_planned(row) and row.due_at <= now
        row.due_at, row.missed_at = due_at(event, row.minutes), None
        if row.minutes == NONE:
            row.look_at = None
        elif row.due_at > now:
            row.look_at, row.written_at = _first_look(row), None
        elif overdue:
            row.look_at = now
        else:
            row.look_at = event.starts_at if row.written_at else None
        session.add(row)
    session.flush()
    planned(session, event, now)
    ledger.mark_stale(session, subjects.event_reminder(event.id), now)


def cancelled(session: CompanySession, event: Event, now: datetime) -> None:
    """Nobody is reminded any more, what waits does not leave, and what was sent says that the event is off."""
    session.flush()
    session.core.execute(update(_R).where(*_of(session, event.id)).values(look_at=None))
    session.expire_all()
    ledger.cancel_queued(session, subjects.event_reminder(event.id), "event_cancelled", now)
    ledger.mark_stale(session, subjects.event_reminder(event.id), now)


def answered(session: CompanySession, event_id: int, person_id: int, now: datetime) -> None:
    """Somebody's answer or seat is another one: their reminders show it, and they may be reminded earlier than those of
    whom was asked before."""
    ledger.mark_stale(session, subjects.event_reminder(event_id), now, person_id=person_id)
    _look_again(session, [event_id], now)


def rested(session: CompanySession, person_id: int, now: datetime) -> None:
    """Somebody's quiet hours are others."""
    session.flush()
    own = _S.c.company_id == session.company_id, _S.c.person_id == person_id, _S.c.answer != RsvpAnswer.NO
    _look_again(session, session.core.execute(columns(_S.c.event_id).where(*own)).scalars().all(), now)


def _look_again(session: CompanySession, events: Collection[int], now: datetime) -> None:
    """Within a day of the usual moment; of an event that is further away no row is touched."""
    if not events:
        return
    session.flush()
    own = _R.c.company_id == session.company_id, _R.c.event_id.in_(events)
    near = _R.c.due_at <= now + quiet.LONGEST, _R.c.look_at > now, _R.c.written_at.is_(None)
    session.core.execute(update(_R).where(*own, *near).values(look_at=now))
    session.expire_all()


def new(event: Event, minutes: int, person_id: int | None = None) -> EventReminder:
    row = EventReminder(event_id=event.id or 0, person_id=person_id, minutes=minutes, due_at=due_at(event, minutes))
    row.look_at = _first_look(row)
    return row


def due_at(event: Event, minutes: int) -> datetime:
    """A day before is the same time on the wall where the event is, an hour before is an hour, whatever clocks do."""
    days, rest = divmod(minutes, DAY)
    if not days:
        return event.starts_at - timedelta(minutes=rest)
    wall = datetime.fromisoformat(event.starts_wall) - timedelta(days=days)
    return clock.instant(wall, event.zone) - timedelta(minutes=rest)


def _first_look(row: EventReminder) -> datetime:
    """Quiet hours that reach over the start bring somebody's moment before the usual one."""
    return row.due_at if row.minutes > DAY else row.due_at - quiet.LONGEST


def _is_planned(row: EventReminder) -> bool:
    return row.look_at is not None and row.written_at is None


def rows_of(session: CompanySession, event_id: int | None, **having: Any) -> Sequence[EventReminder]:
    query = select(EventReminder).where(EventReminder.event_id == event_id).filter_by(**having)
    return session.exec(query.order_by(col(EventReminder.id)).with_for_update()).all()


def _of(session: CompanySession, event_id: int | None, *minutes: int) -> tuple[Any, ...]:
    own = _R.c.company_id == session.company_id, _R.c.event_id == event_id
    return (*own, _R.c.minutes.in_(minutes)) if minutes else own


# Sending


def companies_due(session: CompanySession, now: datetime) -> Sequence[int]:
    """Those with a reminder to look at; an installation's question, which costs the same however many wait."""
    due = columns(_R.c.company_id).where(_R.c.look_at <= now).distinct().order_by(_R.c.company_id)
    return session.core.execute(due).scalars().all()


def next_due(session: CompanySession) -> datetime | None:
    return session.core.execute(columns(func.min(_R.c.look_at)).where(_R.c.look_at.is_not(None))).scalar()


def send(session: CompanySession, paces: Mapping[str, Pace], now: datetime) -> int:
    """Write what is due to the ledger, AT_ONCE reminders at most; returns how many it looked at."""
    session.flush()
    key = _R.c.event_id, _R.c.minutes
    due = columns(*key).where(_R.c.company_id == session.company_id, _R.c.look_at <= now).group_by(*key)
    found = session.core.execute(due.order_by(func.min(_R.c.look_at), *key).limit(AT_ONCE)).all()
    company = people.company(session)
    for event_id, minutes in found:
        _look(session, event_id, minutes, company, paces, now)
    return len(found)


def _look(
    session: CompanySession,
    event_id: int,
    minutes: int,
    company: CompanyFacts,
    paces: Mapping[str, Pace],
    now: datetime,
) -> None:
    held = select(Event).where(Event.id == event_id).with_for_update(key_share=True)
    event = session.exec(held.execution_options(populate_existing=True)).one()
    own = _of(session, event_id, minutes)
    if not session.core.execute(columns(_R.c.id).where(*own, _R.c.look_at <= now).limit(1)).first():
        return  # another worker was faster
    told: dict[str, Any] = {"look_at": None}
    if event.state is EventState.OPEN and now >= event.starts_at:
        if _missed(session, event, minutes, now):
            told["missed_at"] = now
            _tell_host(session, event, now)
    elif event.state is EventState.OPEN:
        told["look_at"], whole = _write(session, event, minutes, company, paces, now)
        if whole:
            told["written_at"] = func.coalesce(_R.c.written_at, now)
    session.core.execute(update(_R).where(*own, _R.c.look_at.is_not(None)).values(told))
    session.expire_all()


def _write(
    session: CompanySession,
    event: Event,
    minutes: int,
    company: CompanyFacts,
    paces: Mapping[str, Pace],
    now: datetime,
) -> tuple[datetime, bool]:
    """Write to those whose moment has come. Returns when to look next, and whether all have been written to."""
    concerned = _concerned(session, event.id, minutes, now)
    resting = columns(_P.c.timezone, _P.c.quiet).select_from(_P.join(_S, _S.c.person_id == _P.c.id))
    told = session.core.execute(resting.where(*concerned).distinct()).all()
    due = due_at(event, minutes)
    later: list[datetime] = []
    ready: list[tuple[str, str]] = []
    for zone, hours in {("", ""), *map(tuple, told)}:
        there = quiet.of(hours), quiet.zone_of(zone, company)
        at = quiet.moment(due, event.starts_at, *there)
        if at <= now:  # late, which may be in quiet hours again
            at = quiet.moment(now, event.starts_at, *there)
        if at > now:
            later.append(at)
        else:
            ready.append((zone, hours))
    if ready:
        to = _recipients(session, [*concerned, tuple_(_P.c.timezone, _P.c.quiet).in_(ready)])
        spreading.circulate(session, to, _circular(event, minutes), paces, now)
    if due > now:  # whoever signs up until then is reminded too
        later.append(due)
    return min(later, default=event.starts_at), not later


def _circular(event: Event, minutes: int) -> Circular:
    told = {"event": event.id, "minutes": minutes, "start": event.starts_at.isoformat()}
    about = subjects.event_reminder(event.id)
    return Circular(_cause(event, minutes), template="event_reminder", args={"reminder": told}, subject=about)


def _cause(event: Event, minutes: int) -> str:
    return f"event:{event.id}:remind:{event.starts_at:%Y%m%dT%H%M}:{minutes}"


def _recipients(session: CompanySession, where: Iterable[Any]) -> Recipients:
    """Each at the account that they made first."""
    return audiences.recipients(session, [_S.c.person_id == _P.c.id, *where])


def _concerned(session: CompanySession, event_id: int | None, minutes: int, now: datetime) -> list[Any]:
    """Of people and their answers: who has a seat; who has not decided yet, for the first reminder and for those they
    chose themselves. They want this one, and take messages."""
    for_all = columns(_R.c.minutes).where(*_of(session, event_id), _R.c.person_id.is_(None))
    usual = session.core.execute(for_all).scalars().all()
    own = *_of(session, event_id), _R.c.person_id == _P.c.id
    chosen = exists().where(*own)
    wants = and_(exists().where(*own, _R.c.minutes == minutes), ~exists().where(*own, _R.c.minutes == NONE))
    if minutes in usual:
        wants = or_(wants, ~chosen)
    undecided = _S.c.answer == RsvpAnswer.MAYBE
    if minutes != max(usual, default=NONE):
        undecided = and_(undecided, chosen)
    return [
        _P.c.company_id == session.company_id,
        _S.c.company_id == session.company_id,
        _S.c.event_id == event_id,
        or_(_S.c.seat == Seat.TAKEN, undecided),
        wants,
        _P.c.state == PersonState.ACTIVE,
        _P.c.opted_out_at.is_(None),
        or_(_P.c.snoozed_until.is_(None), _P.c.snoozed_until <= now),
        agreeing(session.company_id, _P.c.id, ConsentPurpose.CONTACT),
    ]


def no_longer_needed(
    session: CompanySession, told: Mapping[str, Any], person_id: int | None, now: datetime, together: Together
) -> str:
    """Why a reminder should not be sent any more, empty when it should."""
    event_id, minutes = told["event"], told["minutes"]
    event = together.once(("event", event_id), lambda: session.get(Event, event_id))
    if event is None or event.state is not EventState.OPEN:
        return f"event_{event.state if event else 'unknown'}"
    if event.starts_at != datetime.fromisoformat(told["start"]):
        return "event_moved"
    if event.starts_at <= now:
        return BEGUN
    readers = together.including(person_id) if person_id else together.readers
    asked = columns(_P.c.id).select_from(_P.join(_S, _S.c.person_id == _P.c.id))

    def concerned() -> frozenset[int]:
        where = *_concerned(session, event_id, minutes, now), _P.c.id.in_(readers)
        return frozenset(session.core.execute(asked.where(*where)).scalars())

    return "" if person_id in together.once(("reminded", event_id, minutes), concerned) else "not_concerned"


# What was not sent


def _missed(session: CompanySession, event: Event, minutes: int, now: datetime) -> bool:
    """Whether somebody was to be written to and was not, or not in time."""
    written = _D.c.company_id == session.company_id, _D.c.cause == _cause(event, minutes)
    late = or_(_D.c.state == DeliveryState.QUEUED, and_(_D.c.state == DeliveryState.CANCELLED, _D.c.reason == BEGUN))
    if session.core.execute(columns(_D.c.id).where(*written, late).limit(1)).first():
        return True
    own = _of(session, event.id, minutes)
    if not session.core.execute(columns(_R.c.id).where(*own, _R.c.written_at.is_(None)).limit(1)).first():
        return False
    left = ~exists().where(*written, _D.c.person_id == _P.c.id)
    to = _recipients(session, [*_concerned(session, event.id, minutes, now), left])
    return session.core.execute(to.limit(1)).first() is not None


def _tell_host(session: CompanySession, event: Event, now: datetime) -> None:
    cause = f"event:{event.id}:missed:{event.starts_at:%Y%m%dT%H%M}"
    if reach := people.reach(session, event.host_id):
        draft = Draft(**reach, cause=cause, template="event_reminders_missed", args={"missed": event.id})
        ledger.enqueue(session, [draft], now)
