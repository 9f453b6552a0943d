"""Proposing a reunion and running it: whom it is for, its poll, whoever organises it, and how it ends.

Whatever ends a step holds the reunion's row: of two who press at once the second sees what the first has done. Whoever
said that they come is told how it ended, also where the proposer never decides.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import and_, col, func, or_, select

from bot import audiences, clock, event_forms, events, origin, prompts, queries, reunions, spreading, subjects, texts
from bot.audiences import Segment
from bot.cards import FieldKind
from bot.event_forms import Faults
from bot.ports import Pace
from bot.prompts import Question
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import ledger, people
from storage.circulars import Circular
from storage.db import CompanySession
from storage.ledger import Draft
from storage.people import Member
from storage.tables import (
    Delivery,
    Department,
    Event,
    EventState,
    Person,
    PersonState,
    Reunion,
    ReunionAnswer,
    ReunionState,
    Role,
    table,
)

MOST_DAYS = 5
MOST_PLACES = 5
LONGEST_PLACE = 60
ENDS = time(18)
"""At that time of its last day the poll ends, in the company's zone."""
DECIDES_WITHIN = timedelta(days=14)
"""Of the proposer, once the poll has ended; and of the organiser, to publish the event."""
LASTS = timedelta(hours=2)
"""An event in its first draft."""
DAYS = tuple(f"day_{number}" for number in range(1, MOST_DAYS + 1))
PROPOSAL = (
    Question("joined_from", required=False, max_length=5),
    Question("joined_to", required=False, max_length=5),
    Question("departments", required=False, max_length=100),
    Question("words", FieldKind.TEXT, required=False, max_length=1000),
    *(Question(name, FieldKind.DATE, required=name == DAYS[0], max_length=10) for name in DAYS),
    Question("starts", max_length=5),
    Question("places", FieldKind.TEXT, required=False, max_length=350),
    Question("closes", FieldKind.DATE, max_length=10),
)
EXTENSION = (Question("closes", FieldKind.DATE, max_length=10),)
FAULTS = frozenset(
    {"no_cohort", "not_own_cohort", "closes_after_days", "closes_no_later", "too_many_venues", "nothing_chosen"}
)
_RUNNING = (ReunionState.DRAFT, ReunionState.OPEN, ReunionState.CLOSED)
_D, _P, _A = map(table, (Delivery, Person, ReunionAnswer))


# What is proposed, and to whom


def write(turn: Turn) -> Answer:
    """The form: of a new proposal, or of a draft. An alumnus has one at a time, and is shown it."""
    reunion = _draft(turn)
    if isinstance(reunion, Say):
        return reunion
    if reunion is None and not events.may_host(turn.session, turn.member):
        return Say("denied", {"reason": "not_host"}, notice=True)
    if reunion is None and (running := _running(turn)):
        return _shown(running)
    carried = _carried(reunion) if reunion else {}
    if not turn.values:
        return Ask("reunion", carried, _filled(turn, reunion))
    found, faults = _typed(turn)
    if faults:
        return Ask("reunion", turn.args, turn.values, faults)
    if reunion is None:
        return _begun(turn, found)
    for name, value in found.items():
        setattr(reunion, name, value)
    _move(turn.session, reunion, reunion.state, turn.now)
    return Refresh(_shown(reunion))


def _running(turn: Turn) -> Reunion | None:
    if turn.is_staff:
        return None
    own = Reunion.author_id == turn.member.id, col(Reunion.state).in_(_RUNNING)
    return turn.session.exec(select(Reunion).where(*own).order_by(col(Reunion.id).desc())).first()


def _begun(turn: Turn, found: Mapping[str, Any]) -> Answer:
    reunion = Reunion(**found, author_id=turn.member.id, created_at=turn.now, **event_forms.desk(turn))
    turn.session.add(reunion)
    turn.session.flush()
    ledger.enqueue(turn.session, [_card(reunion, turn.locale)], turn.now)
    return Say("reunion_saved", done=True)


def _card(reunion: Reunion, locale: str) -> Draft:
    """The proposer's card, where it was proposed: once at first, and anew whenever there is something to decide."""
    subject = subjects.desk_of(subjects.reunion(reunion.id))
    return origin.draft(
        reunion,
        locale=locale,
        cause=f"{subject}:{reunion.revision}",
        template="reunion_card",
        args={"reunion_card": reunion.id or 0},
        subject=subject,
    )


def _filled(turn: Turn, reunion: Reunion | None) -> dict[str, str]:
    if reunion is None:
        words = turn.args.get("text", "").split()
        years = [str(year) for word in words if (year := queries.year(word))]
        named = " ".join(word for word in words if queries.year(word) is None)[:100]
        if not turn.is_staff and not years and not named:
            years = [str(year) for year in [turn.own_row().joined_year] if year]
        since, until = (years[0], years[-1]) if years else ("", "")
        return {"joined_from": since, "joined_to": until, "departments": named, "starts": "19:00"}
    cohort = audiences.filled(audiences.read(reunion.audience))
    return {
        **{name: cohort[name] for name in ("joined_from", "joined_to", "departments")},
        **dict(zip(DAYS, reunion.days, strict=False)),
        "words": reunion.words,
        "starts": reunion.starts,
        "places": "\n".join(reunion.places),
        "closes": clock.today(reunion.closes_at, turn.company.timezone).isoformat(),
    }


def _typed(turn: Turn) -> tuple[dict[str, Any], Faults]:
    """The columns that the form fills, or what is wrong with it."""
    said, zone = turn.values, turn.company.timezone
    segment = audiences.typed({**said, **_years(turn), "cities": ""}, Segment())
    faults = _not_a_cohort(turn, segment) if isinstance(segment, Segment) else dict(segment)
    places = texts.listed_lines(said["places"])
    if len(places) > MOST_PLACES or any(len(place) > LONGEST_PLACE for place in places):
        faults["places"] = "too_many_venues"
    starts = clock.time_of_day(said["starts"])
    if starts is None:
        return {}, {**faults, "starts": "not_a_time"}
    moments = {name: reunions.moment(said[name], f"{starts:%H:%M}", zone) for name in DAYS if said[name]}
    faults |= {name: "moment_is_past" for name, at in moments.items() if at <= turn.now}
    closes_at = _end(said["closes"], zone)
    if closes_at <= turn.now:
        faults["closes"] = "moment_is_past"
    elif closes_at >= min((at for at in moments.values() if at > turn.now), default=closes_at):
        faults["closes"] = "closes_after_days"
    return {
        "audience": segment.stored() if isinstance(segment, Segment) else {},
        "words": said["words"],
        "days": sorted({said[name] for name in moments}),
        "starts": f"{starts:%H:%M}",
        "places": places,
        "closes_at": closes_at,
    }, faults


def _years(turn: Turn) -> Mapping[str, str]:
    """One year alone is an alumnus's own; HR may mean all from it on, or until it."""
    since, until = turn.values["joined_from"], turn.values["joined_to"]
    return {} if turn.is_staff else {"joined_from": since or until, "joined_to": until or since}


def _not_a_cohort(turn: Turn, segment: Segment) -> Faults:
    """HR asks any cohort, an alumnus the one that they belong to: those of the same year, or of one's departments."""
    if not (segment.joined_from or segment.joined_to or segment.departments):
        return {"joined_from": "no_cohort"}
    if turn.is_staff:
        return {}
    rows = turn.session.exec(select(Department.name).where(Department.person_id == turn.member.id))
    was_in = {texts.folded(name) for name in rows}
    year = turn.own_row().joined_year
    years = {segment.joined_from, segment.joined_to} - {None}
    faults = {} if years <= {year} else {"joined_from": "not_own_cohort"}
    own = {texts.folded(name) for name in segment.departments} <= was_in
    return faults if own else {**faults, "departments": "not_own_cohort"}


def _end(day: str, zone: str) -> datetime:
    return clock.instant(datetime.combine(date.fromisoformat(day), ENDS), zone)


def people_of(session: CompanySession, reunion: Reunion, now: datetime) -> list[Any]:
    """Whom it asks, as conditions of a statement."""
    return audiences.gathering(session, reunion.author_id, audiences.read(reunion.audience), now)


# One after the other


def _held(turn: Turn) -> Reunion | Say:
    """The reunion that the button names, which nobody else changes until the transaction ends; else what to say."""
    number = texts.number(turn.args.get("reunion_card", "")) or 0
    query = select(Reunion).where(Reunion.id == number).with_for_update(key_share=True)
    reunion = turn.session.exec(query.execution_options(populate_existing=True)).first()
    may = reunion is not None and reunions.runs(reunion, turn.member)
    return reunion if may and reunion is not None else Say("reunion_unknown", notice=True)


def _draft(turn: Turn) -> Reunion | Say | None:
    """The draft; None for a new one."""
    if "reunion_card" not in turn.args:
        return None
    reunion = _held(turn)
    if isinstance(reunion, Say):
        return reunion
    return reunion if reunion.state is ReunionState.DRAFT else _shown(reunion)


def _carried(reunion: Reunion) -> dict[str, str]:
    return {"reunion_card": str(reunion.id)}


def _shown(reunion: Reunion) -> Say:
    return Say("reunion_card", {"reunion_card": reunion.id or 0})


def _move(
    session: CompanySession, reunion: Reunion, state: ReunionState, now: datetime, *, to_all: bool = True
) -> None:
    """The proposer's cards say so, and what the cohort has where that reads otherwise now (`to_all`)."""
    reunion.state, reunion.revision = state, reunion.revision + 1
    session.add(reunion)
    session.flush()
    subject = subjects.reunion(reunion.id)
    if to_all:
        ledger.mark_stale(session, subject, now)
    ledger.mark_stale(session, subjects.desk_of(subject), now)


# The poll


def open_(turn: Turn) -> Answer:
    """It goes to its whole cohort, as it was looked at."""
    reunion = _held(turn)
    if isinstance(reunion, Say):
        return reunion
    seen = reunion.state is ReunionState.DRAFT and turn.args.get("revision", "") == str(reunion.revision)
    if not seen or reunion.closes_at <= turn.now or not events.may_host(turn.session, turn.member):
        return Refresh(_shown(reunion))
    conditions = people_of(turn.session, reunion, turn.now)
    if not audiences.reached(turn.session, conditions):
        return Refresh(_shown(reunion))
    _move(turn.session, reunion, ReunionState.OPEN, turn.now)
    _ask(turn, reunion, conditions)
    return Refresh(_shown(reunion))


def _ask(turn: Turn, reunion: Reunion, conditions: Sequence[Any], **more: str) -> None:
    subject = subjects.reunion(reunion.id)
    offer = Circular(f"{subject}:{reunion.revision}", "reunion_offer", {"reunion": reunion.id, **more}, subject)
    _send(turn.session, conditions, offer, turn.paces, turn.now)


def _send(
    session: CompanySession, conditions: Sequence[Any], circular: Circular, paces: Mapping[str, Pace], now: datetime
) -> None:
    spreading.circulate(session, audiences.recipients(session, conditions), circular, paces, now)


def discard(turn: Turn) -> Answer:
    reunion = _draft(turn)
    if isinstance(reunion, Say) or reunion is None:
        return reunion or Say("reunion_unknown", notice=True)
    _move(turn.session, reunion, ReunionState.DISCARDED, turn.now)
    return Refresh(_shown(reunion))


def close(turn: Turn) -> Answer:
    """Nobody can answer any more; the proposer decides."""
    reunion = _held(turn)
    if isinstance(reunion, Say):
        return reunion
    if reunion.state is ReunionState.OPEN:
        _close(turn.session, reunion, turn.now)
    return Refresh(_shown(reunion))


def _close(session: CompanySession, reunion: Reunion, now: datetime) -> None:
    reunion.decide_by = now + DECIDES_WITHIN
    ledger.cancel_queued(session, subjects.reunion(reunion.id), "reunion_closed", now)
    _move(session, reunion, ReunionState.CLOSED, now)


def extend(turn: Turn) -> Answer:
    """Answers are taken again, and whoever was asked and has not answered is asked once more: as the end has to be
    later each time, nobody is asked many times."""
    reunion = _held(turn)
    if isinstance(reunion, Say):
        return reunion
    if reunion.state is not ReunionState.CLOSED:
        return Refresh(_shown(reunion))
    if not turn.values:
        return Ask("reunion.extend", _carried(reunion))
    zone = turn.company.timezone
    closes_at = _end(turn.values["closes"], zone)
    fault = ""
    if closes_at <= max(turn.now, reunion.closes_at):
        fault = "closes_no_later"
    elif closes_at >= reunions.moment(reunion.days[-1], reunion.starts, zone):
        fault = "closes_after_days"
    if fault:
        return Ask("reunion.extend", turn.args, turn.values, {"closes": fault})
    reunion.closes_at, reunion.decide_by = closes_at, None
    _move(turn.session, reunion, ReunionState.OPEN, turn.now)
    sent = _D.c.company_id == turn.session.company_id, _D.c.subject == subjects.reunion(reunion.id), _D.c.unasked
    was_asked = _P.c.id.in_(select(_D.c.person_id).where(*sent))
    answered = _A.c.company_id == turn.session.company_id, _A.c.reunion_id == reunion.id
    silent = _P.c.id.not_in(select(_A.c.person_id).where(*answered))
    _ask(turn, reunion, [*people_of(turn.session, reunion, turn.now), was_asked, silent], again="yes")
    return Refresh(_shown(reunion))


# The organiser


def offering(session: CompanySession, reunion: Reunion) -> list[int]:
    """Those who offer to organise it, whom the proposer may know of and who can be written to."""
    offers = (row.person_id for row in reunions.seen_by(session, reunion, reunion.author_id) if row.offers)
    return [person_id for person_id in offers if people.reach(session, person_id) is not None]


def offers(session: CompanySession, args: Mapping[str, str], reader: Member | None) -> Sequence[Question]:
    reunion = reunions.reunion_of(session, args.get("reunion_card", ""))
    if reunion is None or reunion.state is not ReunionState.CLOSED or not reunions.runs(reunion, reader):
        return ()
    found = tuple(map(str, offering(session, reunion)))
    return (Question("who", FieldKind.CHOICE, choices=found),) if found else ()


def choose(turn: Turn) -> Answer:
    """One of those who offered organises it, and has a draft of its event."""
    reunion = _held(turn)
    if isinstance(reunion, Say):
        return reunion
    found = offering(turn.session, reunion) if reunion.state is ReunionState.CLOSED else []
    if found and not turn.values:
        return Ask("reunion.choose", _carried(reunion))
    host_id = texts.number(turn.values.get("who", "")) or 0
    reach = people.reach(turn.session, host_id)
    if host_id not in found or reach is None:
        return Refresh(_shown(reunion))
    host = people.members(turn.session, [host_id])[host_id]
    locale = prompts.locale_for(host.locale, turn.company.locale)
    desk = {f"desk_{name}": reach[name] for name in ("platform", "workspace", "address")}
    cause = f"{subjects.reunion(reunion.id)}:host:{reunion.revision}"
    word = Draft(cause=cause, template="reunion_yours", args={"reunion": reunion.id}, **reach)
    ledger.enqueue(turn.session, [word], turn.now)
    _organised(turn, reunion, host_id, locale, desk)
    return Refresh(_shown(reunion))


def organise(turn: Turn) -> Answer:
    """The proposer does it, or whoever of HR presses."""
    reunion = _held(turn)
    if isinstance(reunion, Say):
        return reunion
    if reunion.state is ReunionState.CLOSED and events.may_host(turn.session, turn.member):
        _organised(turn, reunion, turn.member.id, turn.locale, event_forms.desk(turn))
    return Refresh(_shown(reunion))


def _organised(turn: Turn, reunion: Reunion, host_id: int, locale: str, desk: Mapping[str, Any]) -> None:
    """A draft of the event on the day and at the place that suit most of those whom its host may know of."""
    session, zone = turn.session, turn.company.timezone
    answers = reunions.seen_by(session, reunion, host_id)
    ahead = reunions.to_come(reunion, zone, turn.now)
    day = _best([row.days for row in answers], ahead or ("1",))
    place = _best([row.places for row in answers], [str(number + 1) for number in range(len(reunion.places))])
    starts = datetime.combine(date.fromisoformat(reunion.days[int(day) - 1]), time.fromisoformat(reunion.starts))
    ends = starts + LASTS
    event = Event(
        title=reunions.title(reunion, locale)[:150],
        words=reunions.invites(reunion, locale),
        zone=zone,
        starts_wall=starts.isoformat(timespec="minutes"),
        starts_at=clock.instant(starts, zone),
        ends_wall=ends.isoformat(timespec="minutes"),
        ends_at=clock.instant(ends, zone),
        place=reunion.places[int(place) - 1] if place else "",
        audience=reunion.audience,
        host_id=host_id,
        reminders=[*event_forms.REMINDERS],
        state=EventState.DRAFT,
        created_at=turn.now,
        **desk,
    )
    session.add(event)
    session.flush()
    reunion.event_id, reunion.decide_by = event.id, max(event.starts_at, turn.now + DECIDES_WITHIN)
    _move(session, reunion, ReunionState.ORGANISED, turn.now)
    ledger.enqueue(session, [event_forms.preview(event, locale)], turn.now)
    _tell(session, reunion, turn.paces, turn.now, but=host_id)


def _best(said: Sequence[str], offered: Sequence[str]) -> str:
    """The number that most have chosen, the first of those that are chosen as often; empty where none is offered."""
    chosen = [number for numbers in said for number in numbers.split(",")]
    return max(offered, key=chosen.count, default="")


# How it ends


def drop(turn: Turn) -> Answer:
    """It does not take place."""
    reunion = _held(turn)
    if isinstance(reunion, Say):
        return reunion
    if reunion.state is ReunionState.CLOSED:
        _drop(turn.session, reunion, turn.paces, turn.now)
    return Refresh(_shown(reunion))


def _drop(session: CompanySession, reunion: Reunion, paces: Mapping[str, Pace], now: datetime, *, but: int = 0) -> None:
    ledger.cancel_queued(session, subjects.reunion(reunion.id), "reunion_dropped", now)
    _move(session, reunion, ReunionState.DROPPED, now)
    _tell(session, reunion, paces, now, but=but)


def _tell(session: CompanySession, reunion: Reunion, paces: Mapping[str, Pace], now: datetime, *, but: int = 0) -> None:
    """Whoever said that they come is told how it ended, of each way once. Nobody is named: who hides from the organiser
    reads the same as everybody else."""
    comes = or_(_A.c.days != "", _A.c.places != "", _A.c.offers)
    said = select(_A.c.person_id).where(_A.c.company_id == session.company_id, _A.c.reunion_id == reunion.id, comes)
    own = _P.c.company_id == session.company_id, _P.c.state == PersonState.ACTIVE, _P.c.id != but
    word = Circular(
        cause=f"{subjects.reunion(reunion.id)}:{reunion.state}",
        template="reunion_ended",
        args={"reunion": reunion.id, "how": reunion.state.value},
        unasked=False,
    )
    _send(session, [*own, _P.c.id.in_(said)], word, paces, now)


def leave(session: CompanySession, person: Person, places: Sequence[str], now: datetime) -> None:
    """Somebody is about to be erased: what an alumnus proposed, or what is run from their conversation, ends. Of an
    alumnus's no word is left, and what names or counts them is shown again."""
    query = select(Reunion).where(_concerns(person, places)).order_by(col(Reunion.id))
    for reunion in session.exec(query.with_for_update(key_share=True)).all():
        own = reunion.author_id == person.id and person.role is Role.ALUMNUS
        if own or reunion.desk_address in places:
            if reunion.state is ReunionState.DRAFT:
                reunion.state = ReunionState.DISCARDED
            elif reunion.state in (ReunionState.OPEN, ReunionState.CLOSED):
                _drop(session, reunion, {}, now, but=person.id or 0)
        if own:
            reunion.words, reunion.places = "", []
        if reunion.desk_address in places:
            reunion.desk_address = ""
        session.add(reunion)
        subject = subjects.reunion(reunion.id)
        ledger.mark_stale(session, subjects.desk_of(subject), now)
        if reunion.author_id == person.id:
            ledger.mark_stale(session, subject, now)
    session.flush()


def _concerns(person: Person, places: Sequence[str]) -> Any:
    hosted = select(Event.id).where(Event.host_id == person.id)
    answered = select(ReunionAnswer.reunion_id).where(ReunionAnswer.person_id == person.id)
    return or_(
        Reunion.author_id == person.id,
        col(Reunion.desk_address).in_(places),
        col(Reunion.event_id).in_(hosted),
        col(Reunion.id).in_(answered),
    )


# Time


def run(session: CompanySession, paces: Mapping[str, Pace], now: datetime) -> int:
    """End the polls whose time is over, drop what nobody has decided on, and see what organisers have made of theirs:
    what they let fall is the proposer's again. Returns how many those are."""
    over = and_(col(Reunion.state) == ReunionState.OPEN, col(Reunion.closes_at) <= now)
    undecided = and_(col(Reunion.state) == ReunionState.CLOSED, col(Reunion.decide_by) <= now)
    settled = col(Reunion.event_id).in_(select(Event.id).where(Event.state != EventState.DRAFT))
    begun = col(Reunion.event_id).in_(select(Event.id).where(col(Event.starts_at) <= now))
    late = and_(begun, col(Reunion.decide_by) <= now)
    organised = and_(col(Reunion.state) == ReunionState.ORGANISED, or_(settled, late))
    query = select(Reunion).where(or_(over, undecided, organised)).order_by(col(Reunion.id))
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = session.exec(query).all()
    for reunion in found:
        event = session.get(Event, reunion.event_id) if reunion.event_id else None
        if reunion.state is ReunionState.CLOSED:
            _drop(session, reunion, paces, now)
        elif event is not None and event.state not in events.UNPUBLISHED:
            _move(session, reunion, ReunionState.ANNOUNCED, now, to_all=False)
        else:
            _give_back(session, reunion, event, now)
    return len(found)


def _give_back(session: CompanySession, reunion: Reunion, event: Event | None, now: datetime) -> None:
    """The proposer decides. Whoever let its event fall does not offer any more."""
    row = session.get(ReunionAnswer, (reunion.id, event.host_id)) if event else None
    if row is not None:
        row.offers = False
        session.add(row)
    reunion.event_id = None
    _close(session, reunion, now)
    if reunion.desk_address:
        ledger.enqueue(session, [_card(reunion, _locale(session, reunion))], now)


def _locale(session: CompanySession, reunion: Reunion) -> str:
    author = people.members(session, [reunion.author_id]).get(reunion.author_id)
    return prompts.locale_for(author.locale if author else None, people.company(session).locale)


def next_due(session: CompanySession) -> datetime | None:
    """When the next poll ends, or what nobody has decided on; an installation's question."""
    closes = select(func.min(Reunion.closes_at)).where(Reunion.state == ReunionState.OPEN)
    decided = select(func.min(Reunion.decide_by)).where(Reunion.state == ReunionState.CLOSED)
    return min(filter(None, (session.exec(closes).one(), session.exec(decided).one())), default=None)
