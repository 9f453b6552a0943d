"""Making an event: a draft that survives, what it says, to whom it goes, and its publication."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from bot import (
    audiences,
    channels,
    clock,
    conditions,
    directory,
    event_versions,
    events,
    origin,
    queries,
    recurrence,
    reminders,
    rsvps,
    spreading,
    subjects,
    texts,
    visibility,
)
from bot.audiences import Segment
from bot.cards import FieldKind
from bot.channels import Channel
from bot.errors import UnknownZone
from bot.ports import Pace
from bot.prompts import Question
from bot.scene import Scene
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import ledger, people, search
from storage.circulars import Circular
from storage.db import CompanySession
from storage.ledger import Draft
from storage.tables import Event, EventState, Person, PersonState, Role

MOST_SEATS = 100_000
MOST_GUESTS = 9
QUESTION_LENGTH = 60
"""Characters of a question that is asked when signing up: it is a field's label."""
DAY_IN_MINUTES = 24 * 60
CONFIRM: Mapping[str, int] = {"none": 0, "hour": 60, "day": DAY_IN_MINUTES, "two_days": 2 * DAY_IN_MINUTES}
"""How many minutes somebody who moves up has to say that they come."""
BASICS = (
    Question("title", max_length=150),
    Question("words", FieldKind.TEXT, max_length=3000),
    Question("day", FieldKind.DATE, max_length=10),
    Question("starts", max_length=5),
    Question("ends_day", FieldKind.DATE, required=False, max_length=10),
    Question("ends", max_length=5),
    Question("zone", required=False, max_length=64),
    Question("place", required=False, max_length=300),
    Question("link", required=False, max_length=500),
    Question("capacity", required=False, max_length=7),
)
OPTIONS = (
    Question("guests", required=False, max_length=2),
    Question("deadline", FieldKind.DATE, required=False, max_length=10),
    Question("deadline_time", required=False, max_length=5),
    Question("kept", FieldKind.CHOICE, required=False, max_length=20, choices=("yes", "no")),
    Question("questions", FieldKind.TEXT, required=False, max_length=200),
    Question("confirm", FieldKind.CHOICE, required=False, max_length=20, choices=tuple(CONFIRM)),
    Question("anonymous", FieldKind.CHOICE, required=False, max_length=20, choices=("yes", "no")),
    Question("repeat", FieldKind.CHOICE, required=False, max_length=20, choices=recurrence.CHOICES),
    Question("host", required=False, max_length=queries.LONGEST),
)
AUDIENCE = (
    Question("cities", required=False, max_length=audiences.LONGEST),
    Question("joined_from", required=False, max_length=5),
    Question("joined_to", required=False, max_length=5),
    Question("departments", required=False, max_length=audiences.LONGEST),
    Question("channel", FieldKind.CHOICE, required=False, max_length=20, choices=(channels.EVERY, channels.NONE)),
    conditions.THEN,
)
LEAD = timedelta(days=60)
"""The next of a row of events is made when the one before is over, but no earlier than this before it begins."""
REMINDERS = (7 * DAY_IN_MINUTES, DAY_IN_MINUTES, 60)
"""Minutes before the start, of a new event."""
_WALL = "%Y-%m-%dT%H:%M"

Faults = dict[str, str]
FAULTS = frozenset(
    {
        *("unknown_zone", "not_a_time", "not_a_link", "not_seats", "moment_is_past", "ends_before_start"),
        *("start_before_deadline", "not_guests", "too_many_questions", "nobody_hosts", "deadline_after_start"),
        *("event_changed_meanwhile", "reaches_nobody", "not_joined_year", "years_turned", "seats_left"),
    }
)
"""Sentences of prompts/*/errors.md.j2 for what may be wrong with an event, or with signing up for one."""


# What a draft looks like


@dataclass(frozen=True, slots=True)
class EventDraftView:
    """An event before it is published, for whoever runs it. `people` is how many it would go to now, `past` whether it
    would have begun."""

    id: int
    event: events.EventView
    state: str
    people: int
    past: bool
    cities: str
    joined_from: int | None
    joined_to: int | None
    departments: str
    channel: bool
    confirm: str
    segment: Segment = field(default_factory=Segment)

    @property
    def ready(self) -> bool:
        return not self.past and (self.people > 0 or self.channel)


def draft_view(scene: Scene, event_id: str | int) -> EventDraftView:
    """Raises LookupError when there is no such event, and for whoever does not run it."""
    event = events.event_of(scene.session, event_id)
    if event is None or (scene.reader is not None and not events.runs(event, scene.reader)):
        raise LookupError(f"no draft {event_id}")
    segment = audiences.of(event)
    return EventDraftView(
        id=event.id or 0,
        event=events.event_view(scene, event.id or 0),
        state=event.state,
        people=audiences.count(scene.session, event, scene.now) if event.state is EventState.DRAFT else 0,
        past=events.closes_at(event) <= scene.now,
        cities=texts.joined(segment.cities, scene.locale),
        joined_from=segment.joined_from,
        joined_to=segment.joined_to,
        departments=texts.joined(segment.departments, scene.locale),
        channel=bool(event.channels),
        confirm=_confirm(event),
        segment=segment,
    )


def _confirm(event: Event) -> str:
    return next((name for name, minutes in CONFIRM.items() if minutes == event.confirm_minutes), "day")


# What it says


def create(turn: Turn) -> Answer:
    """The first form: of a new event, a draft, or one that is out."""
    event = _meant(turn)
    if isinstance(event, Say):
        return event
    if not turn.values:
        return Ask("event.create", _carried(event), _filled_basics(turn, event))
    found, faults = _basics(turn, event)
    if faults:
        return Ask("event.create", turn.args, turn.values, faults)
    if event is not None:
        return _changed(turn, event, "event.create", found)
    event = Event(
        **found,
        state=EventState.DRAFT,
        host_id=turn.member.id,
        reminders=[*REMINDERS],
        created_at=turn.now,
        **desk(turn),
    )
    turn.session.add(event)
    turn.session.flush()
    return _previewed(turn, event)


def options(turn: Turn) -> Answer:
    """The second form: the rules of signing up, and whether it comes again."""
    event = _meant(turn)
    if isinstance(event, Say) or event is None:
        return event or Say("event_unknown", notice=True)
    if not turn.values:
        return Ask("event.options", _carried(event), _filled_options(turn, event))
    found, faults = _options(turn, event)
    if faults:
        return Ask("event.options", turn.args, turn.values, faults)
    return _changed(turn, event, "event.options", found)


def _meant(turn: Turn) -> Event | Say | None:
    """The draft, or the event to come, that the form is about, held; None for a new one."""
    if "event" not in turn.args:
        may = events.may_host(turn.session, turn.member)
        return None if may else Say("denied", {"reason": "not_host"}, notice=True)
    event = events.run_by(turn)
    if isinstance(event, Say):
        return event
    ended = event.state not in (EventState.DRAFT, EventState.OPEN)
    begun = event.state is EventState.OPEN and event.starts_at <= turn.now
    return Say("event_closed", {"event": event.id}, notice=True) if ended or begun else event


def _carried(event: Event | None) -> dict[str, str]:
    return {"event": str(event.id), "was": event_versions.mark(event)} if event else {}


def desk(turn: Turn) -> dict[str, Any]:
    """Where what the speaker makes is run from."""
    speaker = turn.inbound.speaker
    own = turn.account.address if turn.account else ""
    # What is not published yet is none of a channel's business, unless it is HR's.
    here = turn.inbound.reference is not None and turn.is_staff
    return {
        "desk_platform": speaker.platform,
        "desk_workspace": speaker.workspace,
        "desk_address": turn.inbound.address if here else own,
    }


def _filled_basics(turn: Turn, event: Event | None) -> dict[str, str]:
    if event is None:
        title = turn.args.get("text", "")[:150]
        return {"title": title, "zone": turn.company.timezone}
    same_day = event.ends_wall[:10] == event.starts_wall[:10]
    return {
        "title": event.title,
        "words": event.words,
        "day": event.starts_wall[:10],
        "starts": event.starts_wall[11:],
        "ends_day": "" if same_day else event.ends_wall[:10],
        "ends": event.ends_wall[11:],
        "zone": event.zone,
        "place": event.place,
        "link": event.link,
        "capacity": str(event.capacity or ""),
    }


def _basics(turn: Turn, event: Event | None) -> tuple[dict[str, Any], Faults]:
    """The columns that the first form fills, or what is wrong with it."""
    said, faults = turn.values, Faults()
    zone = said["zone"].strip() or turn.company.timezone
    starts, ends = clock.time_of_day(said["starts"]), clock.time_of_day(said["ends"])
    capacity = _number(said["capacity"], ("名", "人"))
    if not _is_zone(zone):
        faults["zone"] = "unknown_zone"
    faults |= {name: "not_a_time" for name, at in (("starts", starts), ("ends", ends)) if at is None}
    if said["link"] and not said["link"].startswith(("https://", "http://")):
        faults["link"] = "not_a_link"
    if said["capacity"] and not (capacity and capacity <= MOST_SEATS):
        faults["capacity"] = "not_seats"
    if faults or starts is None or ends is None:
        return {}, faults
    first = datetime.combine(date.fromisoformat(said["day"]), starts)
    last = datetime.combine(date.fromisoformat(said["ends_day"] or said["day"]), ends)
    starts_at, ends_at = clock.instant(first, zone), clock.instant(last, zone)
    if starts_at <= turn.now:
        return {}, {"day": "moment_is_past"}
    if ends_at <= starts_at:
        return {}, {"ends_day" if said["ends_day"] else "ends": "ends_before_start"}
    deadline_at = clock.instant(_wall(event.deadline_wall), zone) if event and event.deadline_wall else None
    if deadline_at is not None and deadline_at > starts_at:
        return {}, {"day": "start_before_deadline"}
    return {
        **{name: said[name] for name in ("title", "words", "place", "link")},
        "zone": zone,
        "starts_wall": first.strftime(_WALL),
        "starts_at": starts_at,
        "ends_wall": last.strftime(_WALL),
        "ends_at": ends_at,
        "deadline_at": deadline_at,
        "capacity": capacity if said["capacity"] else None,
        **({"rule": _again(event, first)} if event else {}),
    }, faults


def _again(event: Event, first: datetime) -> str:
    """A rule on the third Thursday is another one once the event is on a Friday."""
    return recurrence.rule(recurrence.choice(event.rule), first) if event.rule else ""


def _is_zone(name: str) -> bool:
    try:
        clock.zone(name)
    except UnknownZone:
        return False
    return True


def _number(typed: str, units: Sequence[str] = ()) -> int | None:
    text = unicodedata.normalize("NFKC", typed).strip()
    for unit in units:
        text = text.removesuffix(unit)
    return texts.number(text.strip())


def _wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _filled_options(turn: Turn, event: Event) -> dict[str, str]:
    host = turn.session.get(Person, event.host_id)
    return {
        "guests": str(event.guests_each or ""),
        "deadline": event.deadline_wall[:10],
        "deadline_time": event.deadline_wall[11:],
        "kept": "yes" if event.place_for_guests else "no",
        "questions": "\n".join(event.questions),
        "confirm": _confirm(event),
        "anonymous": "yes" if event.anonymous else "no",
        "repeat": recurrence.choice(event.rule) if event.rule else recurrence.ONCE,
        "host": host.name if host else "",
    }


def _options(turn: Turn, event: Event) -> tuple[dict[str, Any], Faults]:
    said, faults = turn.values, Faults()
    guests = _number(said["guests"] or "0", ("名", "人"))
    asked = [" ".join(line.split()) for line in said["questions"].split("\n") if not texts.is_blank(line)]
    asked = list(dict.fromkeys(asked))
    at = clock.time_of_day(said["deadline_time"] or "23:59")
    host = _host(turn, event, said["host"])
    if guests is None or guests > MOST_GUESTS:
        faults["guests"] = f"not_guests:{MOST_GUESTS}"
    if len(asked) > rsvps.MOST_QUESTIONS or any(len(line) > QUESTION_LENGTH for line in asked):
        faults["questions"] = "too_many_questions"
    if host is None:
        faults["host"] = "nobody_hosts"
    if at is None:
        faults["deadline_time"] = "not_a_time"
    wall = _deadline(said["deadline"], at)
    deadline_at = clock.instant(wall, event.zone) if wall else None
    if deadline_at is not None and deadline_at > event.starts_at:
        faults["deadline"] = "deadline_after_start"
    elif deadline_at is not None and deadline_at <= turn.now and wall and wall.strftime(_WALL) != event.deadline_wall:
        faults["deadline"] = "moment_is_past"
    rule = recurrence.rule(said["repeat"] or recurrence.ONCE, _wall(event.starts_wall))
    return {
        "guests_each": guests,
        "deadline_wall": wall.strftime(_WALL) if wall else "",
        "deadline_at": deadline_at,
        "place_for_guests": said["kept"] == "yes",
        "questions": asked,
        "confirm_minutes": CONFIRM[said["confirm"] or "day"],
        "anonymous": said["anonymous"] == "yes",
        "rule": rule,
        "host_id": host,
    }, faults


def _deadline(day: str, at: time | None) -> datetime | None:
    return datetime.combine(date.fromisoformat(day), at) if day and at else None


def _host(turn: Turn, event: Event, asked: str) -> int | None:
    """Who hosts it: one whom these words find, as the speaker may find them. Only HR makes it somebody else's."""
    before = turn.session.get(Person, event.host_id)
    if not asked or (before is not None and texts.folded(before.name) == texts.folded(asked)):
        return event.host_id
    if not turn.is_staff:
        return None
    found = search.find(turn.session, queries.parsed(asked).words, visibility.viewer(turn.person)).people
    exact = [one for one in found if texts.folded(one.name) == texts.folded(asked)] or found
    return exact[0].id if len(exact) == 1 else None


def _changed(turn: Turn, event: Event, step: str, columns: Mapping[str, Any]) -> Answer:
    """It says something else from now on, unless somebody else has just changed it."""
    before, rules_before = event_versions.content_of(event), _rules(event)
    was, mark = turn.args.get("was", ""), event_versions.mark(event)
    for name, value in columns.items():
        setattr(event, name, value)
    items = event_versions.changed(before, event_versions.content_of(event))
    differs = bool(items) or rules_before != _rules(event)
    if was and was != mark and differs:
        turn.session.refresh(event)
        asked = {"event.create": BASICS, "event.options": OPTIONS}[step]
        return Ask(step, {**turn.args, "was": mark}, turn.values, errors={asked[0].name: "event_changed_meanwhile"})
    turn.session.add(event)
    turn.session.flush()
    if event.state is EventState.DRAFT:
        ledger.mark_stale(turn.session, subjects.event_draft(event.id), turn.now)
        return _previewed(turn, event)
    if items:
        _edited(turn, event, items)
    elif differs:
        event_versions.show_again(turn.session, event, turn.now)
    return Refresh(events.as_run(event))


def _rules(event: Event) -> tuple[Any, ...]:
    """What it does, beside what it says."""
    return event.rule, event.confirm_minutes, event.host_id, event.anonymous


def _edited(turn: Turn, event: Event, items: Sequence[str]) -> None:
    """A new version of what is out. More seats go to the line; fewer take nobody's away."""
    if event_versions.IN_CALENDARS & {*items}:
        event.sequence += 1
    if {"starts", "zone"} & {*items}:
        reminders.moved(turn.session, event, turn.now)
    if events.closes_at(event) > turn.now:
        event.closed_at = None
    rsvps.hurry(turn.session, event)
    event_versions.next_one(turn.session, event, items, turn.member.id, turn.now)
    moved = rsvps.move_up(turn.session, event, turn.now)
    event_versions.announce(turn.session, event, items, turn.now)
    event_versions.count_again(turn.session, event, moved, turn.now)


def _previewed(turn: Turn, event: Event) -> Answer:
    """The draft's card, as a message that stays where the event is run; later changes are shown in it."""
    if ledger.caused(turn.session, subjects.event_draft(event.id)) is not None:
        return Refresh(events.as_run(event))
    ledger.enqueue(turn.session, [preview(event, turn.locale)], turn.now)
    return Say("event_saved", {"event_draft": event.id}, done=True)


def preview(event: Event, locale: str) -> Draft:
    """A draft's card, where it is run."""
    cause, args = subjects.event_draft(event.id), {"event_draft": event.id}
    return origin.draft(event, locale=locale, cause=cause, template="event_draft", args=args, subject=cause)


# To whom it goes


def audience(turn: Turn) -> Answer:
    """The third form. It changes drafts: an invitation that is out is not taken back from those who have it."""
    event = _meant(turn)
    if isinstance(event, Say) or event is None:
        return event or Say("event_unknown", notice=True)
    if event.state is not EventState.DRAFT:
        return Refresh(events.as_run(event))
    if not turn.values:
        return Ask("event.audience", _carried(event), _filled_audience(event))
    segment = audiences.typed(turn.values, audiences.of(event))
    if not isinstance(segment, Segment):
        return Ask("event.audience", turn.args, turn.values, errors=segment)
    posted_in = channels.chosen(turn.session, turn.values["channel"], event.channels)
    if posted_in is None:
        return Ask("event.audience", turn.args, turn.values, errors={"channel": "no_channel"})
    new = (segment.stored() | {"match": audiences.ANY}, posted_in)
    was, mark = turn.args.get("was", ""), event_versions.mark(event)
    if was and was != mark and new != (event.audience, event.channels):
        args = {**turn.args, "was": mark}
        return Ask("event.audience", args, turn.values, errors={"cities": "event_changed_meanwhile"})
    event.channels = posted_in
    answer = _narrowed(turn, event, segment)
    if turn.values["then"] == conditions.MORE:
        return conditions.ask("event.conditions", _carried(event), segment)
    return answer


def narrow(turn: Turn) -> Answer:
    """What the form before leaves out, under the same rules."""
    event = _meant(turn)
    if isinstance(event, Say) or event is None:
        return event or Say("event_unknown", notice=True)
    if event.state is not EventState.DRAFT:
        return Refresh(events.as_run(event))
    before = audiences.of(event)
    if not turn.values:
        return conditions.ask("event.conditions", _carried(event), before)
    segment = conditions.asked(turn, "event.conditions", conditions.EVENT, before)
    if isinstance(segment, Ask):
        return segment
    was, mark = turn.args.get("was", ""), event_versions.mark(event)
    if was and was != mark and segment != before:
        args = {**turn.args, "was": mark}
        return Ask("event.conditions", args, turn.values, errors={"works_at": "event_changed_meanwhile"})
    return _narrowed(turn, event, segment)


def _narrowed(turn: Turn, event: Event, segment: Segment) -> Answer:
    event.audience = segment.stored() | {"match": audiences.ANY}
    turn.session.add(event)
    turn.session.flush()
    ledger.mark_stale(turn.session, subjects.event_draft(event.id), turn.now)
    return _previewed(turn, event)


def _filled_audience(event: Event) -> dict[str, str]:
    segment = audiences.of(event)
    told = audiences.filled(segment) | {"then": conditions.then(segment)}
    return {
        **{name: told[name] for name in told if name != "match"},
        "channel": channels.EVERY if event.channels else channels.NONE,
    }


# When it goes out


def publish(turn: Turn) -> Answer:
    """Of two who press at once the second sees that it is out."""
    event = events.run_by(turn)
    if isinstance(event, Say):
        return event
    if event.state is EventState.DRAFT:
        if events.closes_at(event) <= turn.now:
            begun = event.starts_at <= turn.now
            step, field = ("event.create", "day") if begun else ("event.options", "deadline")
            filled = _filled_basics(turn, event) if begun else _filled_options(turn, event)
            return Ask(step, _carried(event), filled, {field: "moment_is_past"})
        if not event.channels and not audiences.anybody(turn.session, event, turn.now):
            return Ask("event.audience", _carried(event), _filled_audience(event), {"cities": "reaches_nobody"})
        go_out(turn.session, event, turn.paces, turn.now, turn.locale)
    return Refresh(Say("event_draft", {"event_draft": event.id}))


def go_out(session: CompanySession, event: Event, paces: Mapping[str, Pace], now: datetime, locale: str) -> int:
    """Publish: the first version, the card of whoever runs it, an invitation to everybody it is for, and the channels'
    copies."""
    event.state, event.version, event.published_at = EventState.OPEN, 1, now
    session.add(event)
    session.flush()
    event_versions.keep(session, event, [], event.host_id, now)
    reminders.planned(session, event, now)
    subject = subjects.event_desk(event.id)
    args = {"event": event.id}
    card = origin.draft(event, locale=locale, cause=subject, template="event_desk", args=args, subject=subject)
    ledger.enqueue(session, [card] if event.desk_address else [], now)
    ledger.mark_stale(session, subjects.event_draft(event.id), now)
    ledger.enqueue(session, [_to_channel(event, place) for place in event.channels], now)
    offer = Circular(subjects.event(event.id), "event_offer", args, subjects.event(event.id))
    return spreading.circulate(session, audiences.everybody(session, event, now), offer, paces, now)


def _to_channel(event: Event, place: Channel) -> Draft:
    """What everybody in the channel sees; who presses there is answered alone."""
    return Draft(
        cause=subjects.event(event.id),
        recipient=place["address"],
        platform=place["platform"],
        workspace=place["workspace"],
        address=place["address"],
        template="event_offer",
        args={"event": event.id},
        subject=subjects.event(event.id),
    )


def discard(turn: Turn) -> Answer:
    event = events.run_by(turn)
    if isinstance(event, Say):
        return event
    if event.state is EventState.DRAFT:
        event.state = EventState.DISCARDED
        turn.session.add(event)
        turn.session.flush()
        ledger.mark_stale(turn.session, subjects.event_draft(event.id), turn.now)
    return Refresh(Say("event_draft", {"event_draft": event.id}))


# Again


def repeat(session: CompanySession, paces: Mapping[str, Pace], now: datetime) -> int:
    """The next of each row of events whose last one is over goes out, LEAD before it begins at the earliest; returns
    how many. Where its host is not there any more, or may not host any more, it ends."""
    number = 0
    for event_id in events.last_of_rows(session, now):
        event = events.held(session, event_id)
        if event is None or event_id not in events.last_of_rows(session, now):
            continue
        start = _wall(event.starts_wall)
        there = now.astimezone(clock.zone(event.zone)).replace(tzinfo=None)
        following = recurrence.following(event.rule, start, there)
        host = people.members(session, [event.host_id]).get(event.host_id)
        may = host is not None and host.state is PersonState.ACTIVE and events.may_host(session, host)
        if following is None or not may:
            event.rule = ""
            session.add(event)
            session.flush()
            continue
        if clock.instant(following, event.zone) > now + LEAD:
            continue
        locale = (host.locale if host else "") or people.company(session).locale
        again = _copy(event, start, following, now)
        session.add(again)
        session.flush()
        go_out(session, again, paces, now, locale)
        number += 1
    return number


def _copy(event: Event, start: datetime, to: datetime, now: datetime) -> Event:
    """The same again, at another wall time."""

    def moved(wall: str) -> str:
        return recurrence.moved(_wall(wall), start, to).strftime(_WALL) if wall else ""

    def instant(wall: str) -> datetime:
        return clock.instant(_wall(wall), event.zone)

    starts, ends, deadline = moved(event.starts_wall), moved(event.ends_wall), moved(event.deadline_wall)
    same = ("title", "words", "zone", "place", "link", "place_for_guests", "host_id", "capacity", "guests_each")
    same += ("audience", "questions", "reminders", "confirm_minutes", "anonymous", "rule", "channels")
    same += ("desk_id", "desk_platform", "desk_workspace", "desk_address")
    return Event(
        **{name: getattr(event, name) for name in same},
        starts_wall=starts,
        starts_at=instant(starts),
        ends_wall=ends,
        ends_at=instant(ends),
        deadline_wall=deadline,
        deadline_at=instant(deadline) if deadline else None,
        series_id=event.series_id or event.id,
        state=EventState.DRAFT,
        created_at=now,
    )


# Leave to host


def allow(turn: Turn) -> Answer:
    return _leave(turn, True)


def disallow(turn: Turn) -> Answer:
    return _leave(turn, False)


def _leave(turn: Turn, hosts: bool) -> Answer:
    """HR lets an alumnus host events, or does not any more; what is out already stays theirs."""
    if not turn.args.get("text") and not turn.args.get("person"):
        return Say("host_whom", notice=True)
    whom = directory.meant(turn)
    if not isinstance(whom, Person):
        return Say("nobody", notice=True) if whom is None else whom
    if whom.role is not Role.ALUMNUS:
        return Say("host_leave", {"whom": whom.id, "may": True})
    whom.hosts = hosts
    turn.session.add(whom)
    turn.session.flush()
    return Say("host_leave", {"whom": whom.id, "may": hosts})
