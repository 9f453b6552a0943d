"""The list of events: for members what is coming and what they have answered, for whoever runs events also their
drafts, and for HR what is over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, or_, select

from bot import events, texts
from bot.ports import Kind
from bot.scene import Scene
from bot.turn import Answer, Say, Turn
from storage.tables import Event, EventState, Role, Rsvp, RsvpAnswer

LISTED = 3
"""Events on one page: with a button each, the other tabs and the next page a Teams card has the six it may have."""
LOOKED_AT = 200
"""Events to come, the soonest first, among which those are looked for that the reader may see."""
TABS = ("coming", "mine", "drafts", "past")
STAFF_TABS = ("past",)
_WORDS: Mapping[str, str] = {
    "coming": "coming", "今後": "coming",
    "mine": "mine", "自分": "mine",
    "draft": "drafts", "drafts": "drafts", "下書き": "drafts",
    "past": "past", "終了": "past",
}  # fmt: skip
_FOLDED = {texts.folded(word): tab for word, tab in _WORDS.items()}


@dataclass(frozen=True, slots=True)
class EventLine:
    """`going` and `waiting` are seats; `answer` and `seat` the reader's own. `open`: one can sign up."""

    id: int
    title: str
    when: str
    capacity: int | None
    going: int
    waiting: int
    state: str
    open: bool
    answer: str = ""
    seat: str = "none"


@dataclass(frozen=True, slots=True)
class EventsView:
    """One page. `hosts`: the reader may make an event."""

    events: tuple[EventLine, ...]
    total: int
    more: int
    next: int
    tab: str
    hosts: bool


def events_view(scene: Scene, asked: Mapping[str, Any]) -> EventsView:
    """One page of a tab; the first page is 1. Raises LookupError without a reader."""
    reader = scene.reader
    if reader is None:
        raise LookupError("a list of events is somebody's")
    tab = asked["tab"] if asked["tab"] in TABS else "coming"
    if tab in STAFF_TABS and reader.role is Role.ALUMNUS:
        tab = "coming"
    seen = [event for event in _found(scene, tab, reader.id) if events.may_see(scene.session, event, reader, scene.now)]
    before = (max(asked["page"], 1) - 1) * LISTED
    shown = seen[before : before + LISTED]
    return EventsView(
        tuple(_line(scene, event) for event in shown),
        len(seen),
        max(0, len(seen) - before - len(shown)),
        asked["page"] + 1,
        tab,
        events.may_host(scene.session, reader),
    )


def _found(scene: Scene, tab: str, reader_id: int) -> Sequence[Event]:
    soonest = select(Event).order_by(col(Event.starts_at), col(Event.id)).limit(LOOKED_AT)
    coming = Event.state == EventState.OPEN, col(Event.ends_at) > scene.now
    match tab:
        case "mine":
            said = Rsvp.person_id == reader_id, Rsvp.answer != RsvpAnswer.NO
            own = or_(col(Event.id).in_(select(Rsvp.event_id).where(*said)), col(Event.host_id) == reader_id)
            query = soonest.where(*coming, own)
        case "drafts":
            query = soonest.where(Event.state == EventState.DRAFT)
        case "past":
            over = col(Event.state).in_([EventState.OVER, EventState.CANCELLED])
            query = select(Event).where(over).order_by(col(Event.starts_at).desc(), col(Event.id)).limit(LOOKED_AT)
        case _:
            query = soonest.where(*coming)
    return scene.session.exec(query).all()


def _line(scene: Scene, event: Event) -> EventLine:
    view = events.event_view(scene, event.id or 0)
    own = view.own
    return EventLine(
        id=view.id,
        title=view.title,
        when=view.when,
        capacity=view.capacity,
        going=view.going + view.held,
        waiting=view.waiting,
        state=view.state,
        open=view.open,
        answer=own.answer,
        seat=own.seat,
    )


def list_(turn: Turn) -> Answer:
    """`events`, with the name of a tab behind it, or a tab's or page's button."""
    page = texts.number(turn.args.get("page", "")) or 1
    tab = turn.args.get("tab") or _FOLDED.get(texts.folded(turn.args.get("text", "")), "coming")
    asked = {"tab": tab if tab in TABS else "coming", "page": min(page, 10_000)}
    return Say("events", {"events": asked}, in_place=turn.inbound.kind is Kind.PRESSED)
