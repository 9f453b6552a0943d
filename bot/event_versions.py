"""What an event says, and has said: each version is kept word by word; whoever means to come is told what changed."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlmodel import col, select

from bot import prompts, reminders, subjects, texts
from bot.scene import Scene
from storage import ledger, people
from storage.db import CompanySession
from storage.ledger import Draft
from storage.tables import Event, EventVersion, Person, PersonState, Role, Rsvp, RsvpAnswer, Seat

SOON = timedelta(seconds=1)
"""Counts on few copies, and on the desk's card, are brought up to date within this time, many answers at once."""
FEW = 20
EACH = timedelta(seconds=2)
"""So much later for each copy more: editing them all takes less than that, at the 45 a minute that the slowest platform
allows, and leaves room for the copies of those who answer."""
LATEST = timedelta(minutes=15)
AHEAD = timedelta(hours=1)
"""A person's own copy is edited before those that only count anew."""
SHORT = 300
"""Of a longer text a notice says only that it has changed: the card itself shows it."""
PLACES = ("place", "link")
IN_CALENDARS = frozenset({"title", "words", "starts", "ends", "zone", *PLACES})
"""What calendars have to know: these raise the SEQUENCE of RFC 5545."""
TOLD = IN_CALENDARS | {"deadline"}
"""What whoever means to come is told; the card shows the rest."""


def content_of(event: Event) -> dict[str, str]:
    """What the event says, by item; without what was not given."""
    told = {
        "title": event.title,
        "words": event.words,
        "starts": event.starts_wall,
        "ends": event.ends_wall,
        "zone": event.zone,
        "place": event.place,
        "link": event.link,
        "capacity": str(event.capacity or ""),
        "guests": str(event.guests_each or ""),
        "deadline": event.deadline_wall,
        "questions": "\n".join(event.questions),
        "kept": "yes" if event.place_for_guests else "",
    }
    return {item: text for item, text in told.items() if text}


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The items that say something else, in their order."""
    names = dict.fromkeys((*before, *after))
    return [name for name in names if before.get(name, "") != after.get(name, "")]


def mark(event: Event) -> str:
    """A short sign of what the event says now: another one when somebody has changed it meanwhile."""
    told = [content_of(event), event.audience, event.channels, event.rule, event.confirm_minutes, event.host_id]
    told.append(event.anonymous)
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def keep(
    session: CompanySession, event: Event, items: Sequence[str], author_id: int, now: datetime, *, reason: str = ""
) -> None:
    """Write down what the event says from now on, under its present version; `reason` is why it is cancelled."""
    content: dict[str, Any] = {**content_of(event), **({"reason": reason} if reason else {})}
    row = EventVersion(
        event_id=event.id or 0,
        version=event.version,
        at=now,
        author_id=author_id,
        content=content,
        changed=list(items),
    )
    session.add(row)
    session.flush()


def next_one(
    session: CompanySession, event: Event, items: Sequence[str], author_id: int, now: datetime, *, reason: str = ""
) -> None:
    """It says something else from now on."""
    event.version += 1
    session.add(event)
    session.flush()
    keep(session, event, items, author_id, now, reason=reason)


def announce(session: CompanySession, event: Event, items: Sequence[str], now: datetime) -> None:
    """Every copy shows the new version, and whoever means to come is told what changed."""
    show_everywhere(session, event, now)
    if TOLD & {*items}:
        change = f"{event.id}-{event.version}"
        tell(session, event, {"event_change": change}, f"version:{event.version}", now, template="event_changed")


def show_again(session: CompanySession, event: Event, now: datetime) -> None:
    # The desk's card is the older row: everybody who marks both takes them in this order.
    ledger.mark_stale(session, subjects.event_desk(event.id), now)
    ledger.mark_stale(session, subjects.event(event.id), now)


def show_everywhere(session: CompanySession, event: Event, now: datetime) -> None:
    """The reminders that people have, too: they say what it is, and where."""
    show_again(session, event, now)
    ledger.mark_stale(session, subjects.event_reminder(event.id), now)


def count_again(
    session: CompanySession, event: Event, person_ids: Sequence[int], now: datetime, *, at_once: bool = False
) -> None:
    """The desk's card shows the new counts soon, the copies of these people their own answer, before the others; and
    those in time, or at once where one can do something else now."""
    ledger.mark_stale(session, subjects.event_desk(event.id), now, within=SOON)
    within = timedelta() if at_once else rest(session, subjects.event(event.id))
    ledger.mark_stale(session, subjects.event(event.id), now, within=within)
    for person_id in person_ids:
        ledger.mark_stale(session, subjects.event(event.id), now - AHEAD, person_id=person_id)
        reminders.answered(session, event.id or 0, person_id, now)


def rest(session: CompanySession, subject: str) -> timedelta:
    """How long counts may be old on the copies of `subject`: the more of them there are, the longer."""
    return min(SOON + EACH * max(0, ledger.copies(session, subject) - FEW), LATEST)


# Telling


def tell(
    session: CompanySession, event: Event, args: Mapping[str, Any], about: str, now: datetime, *, template: str
) -> None:
    """A word to everybody who comes, waits, or may come: each once for what it is about."""
    answered = (
        select(Rsvp.person_id)
        .join(Person, col(Person.id) == col(Rsvp.person_id))
        .where(Rsvp.event_id == event.id, Rsvp.answer != RsvpAnswer.NO, Person.state == PersonState.ACTIVE)
    )
    ids = session.exec(answered.order_by(col(Rsvp.person_id))).all()
    drafts = (notice(session, event, person_id, args, about, template=template) for person_id in ids)
    ledger.enqueue(session, [draft for draft in drafts if draft is not None], now)


def notice(
    session: CompanySession, event: Event, person_id: int, args: Mapping[str, Any], about: str, *, template: str
) -> Draft | None:
    """A word to one person, under their copy where they have one; None where they cannot be reached."""
    offer = ledger.offered_to(session, subjects.event(event.id), person_id)
    accounts = [account for account in people.accounts_of(session, person_id) if account.address]
    where = offer or next(iter(accounts), None)
    if where is None:
        return None
    return Draft(
        cause=f"event:{event.id}:{about}",
        recipient=f"person:{person_id}",
        person_id=person_id,
        platform=where.platform,
        workspace=where.workspace,
        address=where.address,
        template=template,
        args=args,
        subject=subjects.event(event.id) if "event" in args else None,
        thread_of=offer.id if offer is not None and offer.ref else None,
    )


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """`before` and `after` are empty where the text is too long for a notice, or only for those who have a seat
    (`kept`)."""

    item: str
    before: str
    after: str
    long: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class EventChangeView:
    event: int
    title: str
    version: int
    at: datetime
    lines: tuple[ChangedLine, ...]


def change_view(scene: Scene, change: str) -> EventChangeView:
    """What version `change` (`12-2`) of an event changed, of what people are told. LookupError when there is none."""
    event_id, _, number = change.partition("-")
    version = texts.number(number) or 0
    event = scene.session.get(Event, texts.number(event_id) or 0)
    kept = [scene.session.get(EventVersion, (texts.number(event_id) or 0, one)) for one in (version - 1, version)]
    now = kept[1]
    if event is None or now is None:
        raise LookupError(f"no change {change}")
    before = kept[0].content if kept[0] else {}
    told = [item for item in now.changed if item in TOLD]
    hidden = {*PLACES} if _is_kept(scene, event) else set[str]()
    lines = (_line(item, before.get(item, ""), now.content.get(item, ""), scene.locale, hidden) for item in told)
    return EventChangeView(event.id or 0, now.content.get("title", event.title), version, now.at, tuple(lines))


def _is_kept(scene: Scene, event: Event) -> bool:
    """Whether the place is none of the reader's business yet."""
    if not event.place_for_guests or scene.reader is None or scene.reader.role is not Role.ALUMNUS:
        return False
    rsvp = scene.session.get(Rsvp, (event.id, scene.reader.id))
    return scene.reader.id != event.host_id and (rsvp is None or rsvp.seat is not Seat.TAKEN)


def _line(item: str, before: str, after: str, locale: str, hidden: set[str]) -> ChangedLine:
    if item in hidden:
        return ChangedLine(item, "", "", kept=True)
    if max(len(before), len(after)) > SHORT:
        return ChangedLine(item, "", "", long=True)
    return ChangedLine(item, _worded(item, before, locale), _worded(item, after, locale))


def _worded(item: str, text: str, locale: str) -> str:
    if item not in ("starts", "ends", "deadline") or not text:
        return text
    return f"{prompts.day(date.fromisoformat(text[:10]), locale)} {text[11:]}"
