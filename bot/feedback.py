"""After an event: thanks to those who came, and what they say of it.

Where the host asks without names, an answer leads to nobody but by a keyed hash, which keeps somebody from answering
twice; it has no time and no place in an order. Such answers are shown once all are in, from ENOUGH on: between two
looks the host could otherwise tell whose came last.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, func, select

from bot import events, privacy, quiet, spreading
from bot.cards import FieldKind
from bot.ports import Pace
from bot.prompts import Question
from bot.scene import Scene
from bot.turn import Answer, Ask, Say, Turn
from storage import consents, lanes, ledger, merging, people
from storage.db import CompanySession
from storage.ledger import Draft
from storage.tables import (
    Company,
    ConsentPurpose,
    Event,
    EventState,
    Feedback,
    Person,
    PersonState,
    Rsvp,
    Seat,
)

ENOUGH = 5
"""Answers without names from which on they are shown."""
ASKED_FOR = timedelta(days=7)
LATEST = timedelta(days=7)
"""After a stop of the service: nobody is thanked later than this."""
SHOWN = 20
"""Comments on the host's card."""
SCORES = ("5", "4", "3", "2", "1")
QUESTIONS = (
    Question("score", FieldKind.CHOICE, max_length=5, choices=SCORES),
    Question("words", FieldKind.TEXT, required=False, max_length=1000),
)


# Thanks


def run(session: CompanySession, paces: Mapping[str, Pace], now: datetime) -> None:
    """Thank those who came to what ended yesterday, and tell hosts what guests said."""
    for event_id in session.exec(select(Event.id).where(col(Event.thanks_at) <= now).order_by(col(Event.id))).all():
        event = events.held(session, event_id or 0)
        if event is not None and event.thanks_at is not None:
            _thank(session, event, paces, now)
    for event_id in session.exec(select(Event.id).where(col(Event.results_at) <= now).order_by(col(Event.id))).all():
        event = events.held(session, event_id or 0)
        if event is not None and event.results_at is not None:
            _tell_host(session, event, now)


def next_due(session: CompanySession) -> datetime | None:
    """When somebody is thanked next, or a host told; an installation's question."""
    moments = session.exec(select(func.min(Event.thanks_at), func.min(Event.results_at))).one()
    return min(filter(None, moments), default=None)


def _thank(session: CompanySession, event: Event, paces: Mapping[str, Pace], now: datetime) -> None:
    late = event.thanks_at is not None and now > event.thanks_at + LATEST
    event.thanks_at = None
    session.add(event)
    if event.state is not EventState.OVER or late or not event.title:
        return
    event.feedback_until = event.results_at = now + ASKED_FOR
    session.flush()
    company, found = people.company(session), _guests(session, event)
    due: list[tuple[Draft, datetime]] = []
    for person in found:
        reach = people.reach(session, person.id or 0)
        if reach is None or not consents.agrees(session, person.id or 0, ConsentPurpose.CONTACT):
            continue
        draft = Draft(
            **reach,
            cause=f"event:{event.id}:thanks",
            template="event_thanks",
            args={"thanks": event.id},
            unasked=True,
        )
        (at,) = lanes.reserve(session, draft.platform, draft.workspace, 1, now, spreading.rate(paces, draft.platform))
        stretch = quiet.around(at, quiet.of(person.quiet), quiet.zone_of(person.timezone, company))
        due.append((draft, stretch[1] if stretch else at))
    ledger.enqueue_at(session, due, now)


def _guests(session: CompanySession, event: Event) -> list[Person]:
    """Those who came; where nobody was checked in, those who had a seat."""
    active = (
        select(Person)
        .join(Rsvp, col(Rsvp.person_id) == col(Person.id))
        .where(Rsvp.event_id == event.id, Person.state == PersonState.ACTIVE, col(Person.opted_out_at).is_(None))
    )
    came = session.exec(active.where(col(Rsvp.arrived_at).is_not(None)).order_by(col(Person.id))).all()
    return list(came or session.exec(active.where(Rsvp.seat == Seat.TAKEN).order_by(col(Person.id))).all())


@dataclass(frozen=True, slots=True)
class ThanksView:
    """`came` is false where nobody was checked in: then nobody knows. `open`: they may still say how it was."""

    event: int
    title: str
    when: str
    came: bool
    anonymous: bool
    open: bool
    until: datetime


def thanks_view(scene: Scene, event_id: int) -> ThanksView:
    """Raises LookupError when there is no such event in the company."""
    event = events.event_of(scene.session, event_id)
    if event is None or event.feedback_until is None:
        raise LookupError(f"nobody was thanked for {event_id}")
    own = scene.session.get(Rsvp, (event.id, scene.reader.id)) if scene.reader else None
    return ThanksView(
        event=event.id or 0,
        title=event.title,
        when=events.when(event, scene.locale),
        came=own is not None and own.arrived_at is not None,
        anonymous=event.anonymous,
        open=scene.now < event.feedback_until,
        until=event.feedback_until,
    )


# Saying how it was


def give(turn: Turn) -> Answer:
    """The form. A second answer takes the place of the first."""
    event = events.held(turn.session, turn.args.get("event", ""))
    if event is None or not _was_there(turn, event):
        return Say("event_unknown", notice=True)
    if event.feedback_until is None or event.feedback_until <= turn.now:
        return Say("feedback_over", notice=True)
    there = next(iter(_said_by(turn.session, event.id or 0, turn.member.id)), None)
    if not turn.values:
        # What was said without a name is not shown again either: somebody else may sit at the screen.
        filled = {"score": str(there.score), "words": there.words} if there and there.person_id else {}
        return Ask("event.feedback", {"event": str(event.id)}, filled)
    mark = mark_of(turn.session, event.id or 0, turn.member.id)
    row = there or Feedback(event_id=event.id or 0, mark=mark, score=0)
    row.score, row.words = int(turn.values["score"]), turn.values["words"]
    row.person_id = None if event.anonymous else turn.member.id
    turn.session.add(row)
    turn.session.flush()
    return Say("feedback_taken", {"anonymous": event.anonymous}, notice=True, done=True)


def _was_there(turn: Turn, event: Event) -> bool:
    rsvp = turn.session.get(Rsvp, (event.id, turn.member.id))
    return rsvp is not None and (rsvp.arrived_at is not None or rsvp.seat is Seat.TAKEN)


def mark_of(session: CompanySession, event_id: int, person_id: int) -> str:
    """Who answered, as a keyed hash: the same for the same person and event, and of no use for another event."""
    key = session.get_one(Company, session.company_id).mark_key
    return hmac.new(key.encode(), f"feedback:{event_id}:{person_id}".encode(), hashlib.sha256).hexdigest()


def _said_by(session: CompanySession, event_id: int, person_id: int) -> Sequence[Feedback]:
    """What the person has said, also before they were merged with somebody."""
    marks = [mark_of(session, event_id, one) for one in (person_id, *merging.merged_into(session, person_id))]
    query = select(Feedback).where(Feedback.event_id == event_id, col(Feedback.mark).in_(marks))
    return session.exec(query.order_by(col(Feedback.mark))).all()


def forget(session: CompanySession, person_id: int, event_ids: Sequence[int]) -> None:
    """The person is erased: what they said of these events goes, also what has no name on it."""
    for event_id in event_ids:
        for row in _said_by(session, event_id, person_id):
            session.delete(row)
    session.flush()


# What was said


@dataclass(frozen=True, slots=True)
class ResultsView:
    """`scores` are numbers of answers from 5 to 1, `comments` names (empty without) and words. `hidden`: they have no
    names, and are not all in, or too few."""

    id: int
    title: str
    when: str
    asked: bool
    anonymous: bool
    answers: int
    hidden: bool
    enough: int
    until: datetime | None
    open: bool
    average: str
    scores: tuple[tuple[int, int], ...]
    comments: tuple[tuple[str, str], ...]
    more: int


def results_view(scene: Scene, event_id: int) -> ResultsView:
    """Raises LookupError for whoever does not run the event."""
    event = events.event_of(scene.session, event_id)
    if event is None or scene.reader is None or not events.runs(event, scene.reader):
        raise LookupError(f"no results of {event_id}")
    session = scene.session
    rows = session.exec(select(Feedback).where(Feedback.event_id == event.id).order_by(col(Feedback.mark))).all()
    is_open = event.feedback_until is not None and scene.now < event.feedback_until
    hidden = event.anonymous and (is_open or len(rows) < ENOUGH)
    shown = () if hidden else rows
    scores = Counter(row.score for row in shown)
    named = people.members(session, [row.person_id for row in shown if row.person_id])
    comments = [(named[row.person_id].name if row.person_id in named else "", row.words) for row in shown if row.words]
    return ResultsView(
        id=event.id or 0,
        title=event.title,
        when=events.when(event, scene.locale),
        asked=event.feedback_until is not None,
        anonymous=event.anonymous,
        answers=0 if hidden and is_open else len(rows),
        hidden=hidden,
        enough=ENOUGH,
        until=event.feedback_until,
        open=is_open,
        average=f"{sum(row.score for row in shown) / len(shown):.1f}" if shown else "",
        scores=tuple((score, scores[score]) for score in range(5, 0, -1)) if shown else (),
        comments=tuple(comments[:SHOWN]),
        more=max(0, len(comments) - SHOWN),
    )


def results(turn: Turn) -> Answer:
    event = events.run_by(turn)
    if isinstance(event, Say):
        return event
    return privacy.privately(turn, Say("event_results", {"results": event.id}))


def _tell_host(session: CompanySession, event: Event, now: datetime) -> None:
    event.results_at = None
    session.add(event)
    if reach := people.reach(session, event.host_id):
        draft = Draft(**reach, cause=f"event:{event.id}:results", template="event_results", args={"results": event.id})
        ledger.enqueue(session, [draft], now)
