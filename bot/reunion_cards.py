"""A reunion as whoever proposed it sees it: its draft, how its poll fares, and what came of it."""

from dataclasses import dataclass
from datetime import datetime

from bot import audiences, hiding, reunion_forms, reunions, subjects
from bot.hiding import Whom
from bot.scene import Scene
from bot.surveys import STEP
from bot.tallies import Tally
from storage import ledger, people
from storage.db import CompanySession
from storage.tables import DeliveryState, Event, Reunion, ReunionState


@dataclass(frozen=True, slots=True)
class ReunionCardView:
    """`people` is whom a draft would ask now. `coming`, `declined` and `offers` are people; `offering` has names once
    the poll has ended. `tallies` are told while it is open only of what `least` people answered. `organiser` is empty
    where one of the two has come to hide from the other."""

    id: int
    state: str
    title: str
    proposer: str
    words: str
    days: tuple[str, ...]
    places: tuple[str, ...]
    closes_at: datetime
    past: bool
    decide_by: datetime | None
    revision: int
    people: int
    asked: int
    sent: int
    coming: int
    declined: int
    offers: int
    offering: tuple[Whom, ...]
    tallies: tuple[Tally, ...]
    least: int
    organiser: str

    @property
    def ready(self) -> bool:
        return self.people > 0 and not self.past


def card_view(scene: Scene, reunion_id: str | int) -> ReunionCardView:
    """Raises LookupError when there is no such reunion, and for whoever does not run it."""
    session, reunion = scene.session, reunions.reunion_of(scene.session, reunion_id)
    if reunion is None or (scene.reader is not None and not reunions.runs(reunion, scene.reader)):
        raise LookupError(f"no reunion {reunion_id}")
    draft = reunion.state in reunions.UNTOLD
    states = {} if draft else ledger.counts(session, subjects.reunion(reunion.id))
    answers = [] if draft else reunions.seen_by(session, reunion, reunion.author_id)
    coming = [row for row in answers if reunions.comes(row)]
    least = STEP if reunion.state is ReunionState.OPEN else 1
    event = session.get(Event, reunion.event_id) if reunion.event_id else None
    hosts = {event.host_id} - hiding.apart(session, reunion.author_id, [event.host_id]) if event else set[int]()
    names = people.members(session, {reunion.author_id, *hosts})
    days, places = reunions.choices(reunion, scene.locale)
    return ReunionCardView(
        id=reunion.id or 0,
        state=reunion.state,
        title=reunions.title(reunion, scene.locale),
        proposer=names[reunion.author_id].name,
        words=reunion.words,
        days=tuple(one.label for one in days),
        places=tuple(one.label for one in places),
        closes_at=reunion.closes_at,
        past=reunion.closes_at <= scene.now,
        decide_by=reunion.decide_by,
        revision=reunion.revision,
        people=_reached(scene, reunion) if reunion.state is ReunionState.DRAFT else 0,
        asked=sum(states.values()),
        sent=states.get(DeliveryState.SENT, 0),
        coming=len(coming),
        declined=len(answers) - len(coming),
        offers=sum(row.offers for row in coming),
        offering=_offering(session, reunion),
        tallies=reunions.counted(reunion, coming, scene.locale, least) if coming else (),
        least=STEP,
        organiser=next((names[one].name for one in hosts), ""),
    )


def _reached(scene: Scene, reunion: Reunion) -> int:
    return audiences.reached(scene.session, reunion_forms.people_of(scene.session, reunion, scene.now))


def _offering(session: CompanySession, reunion: Reunion) -> tuple[Whom, ...]:
    if reunion.state is not ReunionState.CLOSED:
        return ()
    ids = reunion_forms.offering(session, reunion)
    known = people.members(session, ids)
    return tuple(Whom(one, known[one].name) for one in ids)
