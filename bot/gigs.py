"""Contract work that is posted: how it reads, is answered, and closed. bot.posting posts it."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam
from sqlalchemy import select as columns
from sqlmodel import col, func, select

from bot import answers, case_cards, gig_links, lint, matching, reopening, stances, subjects, texts, visibility, wording
from bot.matching import Match
from bot.scene import Scene, Together
from bot.turn import Answer, Refresh, Say, Turn
from storage import commissions, ledger, people
from storage.db import CompanySession
from storage.ledger import DeliveryRow
from storage.listed import one_of
from storage.prepared import Prepared
from storage.tables import (
    Attitude,
    Audience,
    Case,
    DeliveryState,
    Gig,
    GigState,
    GigVersion,
    Person,
    Role,
    Stance,
    table,
)


@dataclass(frozen=True, slots=True)
class TermView:
    """An item of the checklist that was given, and its value in words."""

    item: str
    value: str


@dataclass(frozen=True, slots=True)
class GigView:
    id: int
    title: str
    work: str
    reward: str
    place: str
    skills: str
    deadline: date | None
    state: str
    closed_at: datetime | None
    author: str
    terms: tuple[TermView, ...]
    """Further items, in the order of the checklist."""
    places: int
    version: int
    at: datetime | None
    """When this version came out."""
    named: str
    """The one person to whom it goes, for HR alone; empty where it goes to whom it may suit."""
    attitude: str
    """The reader's own last word, empty when there is none."""
    audience: int
    sent: int
    waiting: int
    cancelled: int
    refused: int
    refusals: tuple[tuple[str, int], ...]
    """Reason and number of people; the template turns a reason into its sentence with `|reason`."""
    unclear: int
    unclear_names: str
    done_at: datetime | None
    interested: int
    asked: int
    passed: int
    chosen: int = 0
    """How many were chosen, for HR."""
    progress: str = ""
    """What has become of the reader's own word."""
    noted: bool = False
    """They have said something along with it."""
    match: Match | None = None
    """Why it may suit the reader, an alumnus."""
    alone: bool = False
    """It goes to one person."""
    link: str = ""
    """Its web address, where it is public."""
    reopens_until: datetime | None = None
    """Until when HR can open it again."""
    trial: bool = False
    """It is sent to whoever is about to publish it (bot.trials)."""

    def __hash__(self) -> int:
        """Cheap, as it is asked for every reader; what is equal has the same."""
        return hash((self.id, self.version, self.attitude, self.match))

    held: int = 0
    """How many have it, or get it, in their digest."""


def gig_of(session: CompanySession, gig_id: str | int) -> Gig | None:
    number = texts.number(str(gig_id))
    return None if number is None else session.get(Gig, number)


def name_of(session: CompanySession, person_id: int | None) -> str:
    member = people.members(session, [person_id]).get(person_id) if person_id is not None else None
    return member.name if member else ""


def _terms(gig: Gig, locale: str) -> tuple[TermView, ...]:
    given = ((item, gig.terms[item]) for item in lint.TERMS if gig.terms.get(item))
    return tuple(TermView(item, wording.value(item, text, locale)) for item, text in given)


def _came_out(session: CompanySession, gig: Gig) -> datetime | None:
    kept = session.get(GigVersion, (gig.id, gig.version)) if gig.version > 1 else None
    return kept.at if kept else gig.published_at


def gig_view(scene: Scene, gig_id: int) -> GigView:
    """Raises LookupError when there is no such gig in the company."""
    at_desk = scene.reader is None or scene.reader.role is not Role.ALUMNUS
    said = _own_word(scene, gig_id)
    key = ("gig_view", gig_id, at_desk, said, scene.locale)
    gig, view = scene.together.once(key, lambda: _view(scene, gig_id, at_desk, said))
    if at_desk:
        return view
    match = matching.of_reader(scene, gig)
    return scene.together.once((*key, match), lambda: replace(view, match=match))


def of_reader(scene: Scene, gig_id: int) -> Hashable:
    """What of the reader `gig_view` depends on."""
    said = _own_word(scene, gig_id)
    if scene.reader is None or scene.reader.role is not Role.ALUMNUS:
        return said, True
    return said, matching.offer(scene, scene.reader.id)


def _view(scene: Scene, gig_id: int, at_desk: bool, own: "_Said") -> tuple[Gig, GigView]:
    """The same for every reader who has said the same."""
    gig = gig_of(scene.session, gig_id)
    if gig is None:
        raise LookupError(f"no gig {gig_id}")
    states = ledger.counts(scene.session, subjects.gig(gig_id)) if at_desk else {}
    said = stances.counts(scene.session, gig_id) if at_desk else {}
    unclear = ledger.unclear(scene.session, subjects.gig(gig_id)) if states.get(DeliveryState.UNCONFIRMED) else []
    refusals = ledger.refusals(scene.session, subjects.gig(gig_id)) if states.get(DeliveryState.REFUSED) else {}
    waiting = states.get(DeliveryState.QUEUED, 0) + states.get(DeliveryState.SENDING, 0)
    view = GigView(
        id=gig_id,
        title=gig.title,
        work=gig.work,
        reward=gig.reward,
        place=gig.place,
        skills=gig.skills,
        deadline=gig.deadline_on,
        state=gig.state,
        closed_at=gig.closed_at,
        author=name_of(scene.session, gig.author_id),
        terms=_terms(gig, scene.locale),
        places=gig.places,
        version=gig.version,
        at=_came_out(scene.session, gig),
        named=name_of(scene.session, gig.named_id) if at_desk else "",
        attitude=own.attitude,
        audience=sum(states.values()),
        sent=states.get(DeliveryState.SENT, 0),
        waiting=waiting,
        cancelled=states.get(DeliveryState.CANCELLED, 0),
        refused=states.get(DeliveryState.REFUSED, 0),
        refusals=tuple(refusals.items()),
        unclear=len(unclear),
        unclear_names=texts.joined(_names(scene.session, _recipients(unclear)), scene.locale),
        done_at=ledger.last_due(scene.session, subjects.gig(gig_id)) if waiting else None,
        interested=said.get(Attitude.INTERESTED, 0),
        asked=said.get(Attitude.ASKED, 0),
        passed=said.get(Attitude.PASSED, 0),
        chosen=commissions.number_of(scene.session, gig_id) if at_desk else 0,
        progress=own.progress,
        noted=own.noted,
        alone=gig.named_id is not None,
        link=gig_links.url(scene.public_url, gig_id) if stances.is_public(gig) else "",
        reopens_until=reopening.until(gig, scene.now),
        held=states.get(DeliveryState.HELD, 0),
    )
    return gig, view


_S = table(Stance)


class _Said(NamedTuple):
    attitude: str = ""
    progress: str = ""
    noted: bool = False


_NOTHING = _Said()


def _own_word(scene: Scene, gig_id: int) -> _Said:
    """What the reader has said to it, and what became of that."""
    if scene.reader is None:
        return _NOTHING
    reader_id = scene.reader.id
    said = scene.together.once(
        ("said", gig_id), lambda: _words_of(scene.session, gig_id, scene.together.including(reader_id))
    )
    return said.get(scene.reader.id, _NOTHING)


def _words_of(session: CompanySession, gig_id: int, people_ids: Iterable[int]) -> dict[int, _Said]:
    session.flush()
    return {
        person_id: _Said(attitude, progress, bool(note or availability))
        for person_id, attitude, progress, note, availability in _WORDS.all(session, gig=gig_id, people=people_ids)
    }


_WORDS = Prepared(
    lambda _: columns(_S.c.person_id, _S.c.attitude, _S.c.progress, _S.c.note, _S.c.availability).where(
        _S.c.company_id == bindparam("company"), _S.c.gig_id == bindparam("gig"), one_of(_S.c.person_id, "people")
    )
)


def _recipients(rows: Sequence[DeliveryRow]) -> list[int]:
    return [row.person_id for row in rows if row.person_id]


def _names(session: CompanySession, person_ids: Sequence[int]) -> list[str]:
    if not person_ids:
        return []
    hiding = visibility.hiding(session, visibility.viewer(None), person_ids)  # several of HR read this
    shown = col(Person.id).in_(set(person_ids) - hiding)
    return list(session.exec(select(Person.name).where(shown).order_by(Person.name)))


def show(turn: Turn) -> Answer:
    """One gig: as an alumnus sees it, or as HR's own card."""
    gig = gig_of(turn.session, turn.args.get("gig", ""))
    if gig is None or not stances.may_see(turn.session, gig, turn.person, turn.now):
        return Say("gig_unknown", notice=True)
    if gig.state in stances.UNPUBLISHED:
        return Say("gig_draft", {"draft": gig.id})
    return replace(_as_seen_by(turn, gig), in_place="back" in turn.args)


def _as_seen_by(turn: Turn, gig: Gig) -> Say:
    return Say("gig_desk" if turn.is_staff else "gig_offer", {"gig": gig.id})


def ask_filled(turn: Turn) -> Answer:
    """Whether it is filled indeed: on the gig's own card in place, below any other."""
    match answers.answerable(turn):
        case Gig() as gig:
            pressed = ledger.by_ref(turn.session, turn.inbound.pressed) if turn.inbound.pressed else None
            own = pressed is not None and pressed.template == "gig_desk"
            return Say("gig_filling", {"gig": gig.id, "days": reopening.WITHIN.days}, in_place=own)
        case answer:
            return answer


def fill(turn: Turn) -> Answer:
    return _close(turn, GigState.FILLED)


def withdraw(turn: Turn) -> Answer:
    return _close(turn, GigState.WITHDRAWN)


def _close(turn: Turn, state: GigState) -> Answer:
    match answers.answerable(turn):
        case Gig() as gig:
            close(turn.session, gig, state, turn.now)
            return Refresh(_as_seen_by(turn, gig))
        case answer:
            return answer


def close(session: CompanySession, gig: Gig, state: GigState, now: datetime) -> None:
    """No more offers go out, and every copy on either platform says what became of it."""
    gig.state, gig.closed_at = state, now
    session.add(gig)
    session.flush()
    gig_id = gig.id or 0
    ledger.cancel_queued(session, subjects.gig(gig_id), f"gig_{state}", now)
    ledger.mark_stale(session, subjects.gig(gig_id), now)
    ledger.mark_stale(session, subjects.gig_desk(gig_id), now)
    answers.thank(session, gig, now)
    for case_id in session.exec(select(Case.id).where(Case.gig_id == gig_id)):
        case_cards.show(session, case_id, now)


def send_again(turn: Turn) -> Answer:
    """HR's own decision about messages of which nobody knows whether they arrived."""
    gig = gig_of(turn.session, turn.args.get("gig", ""))
    if gig is None:
        return Say("gig_unknown", notice=True)
    ledger.send_again(turn.session, subjects.gig(gig.id or 0), turn.now)
    ledger.mark_stale(turn.session, subjects.gig_desk(gig.id or 0), turn.now)
    return Refresh(_as_seen_by(turn, gig))


def expire(session: CompanySession, now: datetime) -> int:
    """Close the company's open gigs whose deadline is over; returns how many."""
    over = session.exec(select(Gig).where(Gig.state == GigState.OPEN, col(Gig.deadline_at) <= now)).all()
    for gig in over:
        close(session, gig, GigState.EXPIRED, now)
    return len(over)


def next_deadline(session: CompanySession) -> datetime | None:
    """When the next open gig's deadline is over, if there is one."""
    return session.exec(select(func.min(Gig.deadline_at)).where(Gig.state == GigState.OPEN)).one()


def no_longer_offered(session: CompanySession, gig_id: int, person_id: int | None, together: Together) -> str:
    """Why an offer should not be sent any more, empty when it should."""
    gig = together.once(("gig", gig_id), lambda: gig_of(session, gig_id))
    if gig is None or gig.state is not GigState.OPEN:
        return f"gig_{gig.state if gig else 'unknown'}"
    if person_id is None:
        return ""
    hiding = together.once(
        ("hiding", gig_id),
        lambda: visibility.hiding(
            session, visibility.Viewer(gig.author_id, Audience.HR), together.including(person_id)
        ),
    )
    return "hidden" if person_id in hiding else ""
