"""A case in words: as its desk sees it, as the alumnus reads an answer, and what has happened to it meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam
from sqlalchemy import select as columns
from sqlmodel import col, func, select

from bot import cases, lines, matching, stances, texts, visibility
from bot.lines import FileLink, LineView
from bot.matching import Match
from bot.scene import Scene
from storage import commissions, people
from storage.db import CompanySession
from storage.prepared import Prepared
from storage.tables import (
    Audience,
    Case,
    CaseAction,
    CaseEvent,
    CaseMessage,
    Desk,
    Gig,
    GigState,
    Person,
    PersonState,
    Role,
    Side,
    Stance,
    table,
)

REMEMBERED = 6
"""Messages that a case's card shows."""
EVENTS = 3
"""The last things that HR did with it."""


@dataclass(frozen=True, slots=True)
class EventView:
    action: str
    who: str
    at: datetime
    whom: str = ""
    desk: str = ""
    """Empty for one without a name."""
    text: str = ""
    """What was answered."""


@dataclass(frozen=True, slots=True)
class CaseView:
    id: int
    gig: int
    """0 for one that is about no gig."""
    title: str
    gig_state: str
    person: str
    skills: str
    attitude: str
    state: str
    lines: tuple[LineView, ...]
    earlier: int
    topic: str = ""
    note: str = ""
    availability: str = ""
    """Both as the person said along with their interest."""
    reasons: Match | None = None
    """Why the gig suits the person, as far as HR may see it."""
    desk: str = ""
    assignee: str = ""
    commission: int = 0
    """Of the person, once they were chosen."""
    due: datetime | None = None
    overdue: bool = False
    snoozed_until: datetime | None = None
    events: tuple[EventView, ...] = ()
    revision: int = 1
    seen: int = 0
    """The last message that the alumnus wrote, by number."""
    live: bool = True
    """Whether this is the case's newest card, which has the buttons."""
    moved: bool = False
    """Whether the case is at another desk than this card."""
    unclear: bool = False
    """Whether an answer may not have arrived."""


def case_view(scene: Scene, asked: int | str | Mapping[str, Any]) -> CaseView:
    """`asked` is the case's number, or for a card at a desk also the card's and the desk's. Raises LookupError when
    there is no such case in the company."""
    card: Mapping[str, Any] = asked if isinstance(asked, Mapping) else {}
    case_id = int(card["id"] if card else asked)  # type: ignore[arg-type]
    session = scene.session
    case = session.get(Case, case_id)
    gig = session.get(Gig, case.gig_id) if case and case.gig_id else None
    person = session.get(Person, case.person_id) if case else None
    if case is None or person is None:
        raise LookupError(f"no case {case_id}")
    stance = session.get(Stance, (case.gig_id, case.person_id)) if case.gig_id else None
    said, earlier = lines.last(scene, case_id, REMEMBERED)
    by_alumnus = CaseMessage.case_id == case_id, CaseMessage.side == Side.ALUMNUS
    commission = commissions.of(session, case.gig_id, case.person_id)
    live = not card or card["card"] == case.cards
    shows = _for_hr(session, case.person_id)
    return CaseView(
        id=case_id,
        gig=case.gig_id or 0,
        title=gig.title if gig else case.title,
        gig_state=gig.state if gig else "",
        person=person.name,
        skills=texts.joined(_skills(session, case.person_id, shows), scene.locale),
        attitude=stances.told(stance),
        state=case.state,
        lines=tuple(said),
        earlier=earlier,
        topic=case.topic,
        note=stance.note if stance else "",
        availability=stance.availability if stance else "",
        reasons=_reasons(session, gig, case.person_id, shows) if gig else None,
        desk=cases.named(session, case.desk_id),
        assignee=colleague(scene, case.assignee_id),
        commission=commission.id or 0 if commission else 0,
        due=case.answer_due_at,
        overdue=case.answer_due_at is not None and case.answer_due_at <= scene.now,
        snoozed_until=case.snoozed_until,
        events=events(scene, case_id, last=EVENTS),
        revision=case.revision,
        seen=session.exec(select(func.max(CaseMessage.id)).where(*by_alumnus)).one() or 0,
        live=live,
        moved=bool(card) and card["desk"] != case.desk_id,
        unclear=bool(lines.unclear(session, case_id)),
    )


_Shows = Callable[[str], bool]


def _for_hr(session: CompanySession, person_id: int) -> _Shows:
    """Which fields HR may see. The case is there since its person wrote to HR: the name is shown even to whom they hide
    from."""
    shown = visibility.seen(session, visibility.Viewer(0, Audience.HR), [person_id])
    return lambda field: shown.shows(person_id, field)


def _reasons(session: CompanySession, gig: Gig, person_id: int, shows: _Shows) -> Match | None:
    match = matching.of_person(session, gig, person_id, shows)
    return match if match.suits else None


def _skills(session: CompanySession, person_id: int, shows: _Shows) -> list[str]:
    return people.skills_of(session, [person_id])[person_id] if shows("skills") else []


def colleague(scene: Scene, person_id: int | None) -> str:
    """The name of one of HR; empty for whoever is none of HR (any more)."""
    person = scene.session.get(Person, person_id) if person_id else None
    there = person is not None and person.state is PersonState.ACTIVE and person.role is not Role.ALUMNUS
    return person.name if person is not None and there else ""


def events(scene: Scene, case_id: int, *, after: int = 0, last: int = 20, but: int = 0) -> tuple[EventView, ...]:
    """The last things that HR did with the case after a revision, oldest first; not those that `but` did."""
    query = (
        select(CaseEvent, Person)
        .join(Person, col(Person.id) == col(CaseEvent.actor_id))
        .where(CaseEvent.case_id == case_id, col(CaseEvent.revision) > after, CaseEvent.actor_id != but)
        .order_by(col(CaseEvent.revision).desc())
        .limit(last)
    )
    return tuple(_event(scene, event, person) for event, person in reversed(scene.session.exec(query).all()))


def _event(scene: Scene, event: CaseEvent, person: Person) -> EventView:
    text = ""
    if event.action is CaseAction.ANSWERED:
        said = CaseMessage.case_id == event.case_id, CaseMessage.side == Side.DESK, col(CaseMessage.at) <= event.at
        newest = col(CaseMessage.at).desc(), col(CaseMessage.id).desc()
        text = scene.session.exec(select(CaseMessage.text).where(*said).order_by(*newest)).first() or ""
    whom = colleague(scene, event.whom_id)
    return EventView(event.action, person.name, event.at, whom, cases.named(scene.session, event.desk_id), text)


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What HR answered, as the alumnus reads it: from the desk, and not from one of its people unless they sign."""

    text: str
    title: str
    gig: int
    gig_open: bool
    author: str = ""
    """The one of HR who signs what they write."""
    desk: str = ""
    case: int = 0
    edited: bool = False
    removed: bool = False
    files: tuple[FileLink, ...] = ()
    late: datetime | None = None
    """When it was said, where something later has come before it."""


def answer_view(scene: Scene, message_id: int) -> AnswerView:
    """Raises LookupError when there is no such answer; a note is none."""
    session = scene.session
    message = session.get(CaseMessage, message_id)
    session.flush()
    around = _AROUND.first(session, message=message_id) if message and message.side is Side.DESK else None
    if message is None or around is None:
        raise LookupError(f"no answer {message_id}")
    case_id, title, gig_id, gig_title, gig_state, author, signs, desk, is_late = around
    return AnswerView(
        text=message.text,
        title=gig_title or title,
        gig=gig_id or 0,
        gig_open=gig_state is GigState.OPEN,
        author=author if signs else "",
        desk=desk or "",
        case=case_id,
        late=message.at if is_late else None,
        **lines.marks(scene, message),
    )


_M, _C, _G, _P, _D = table(CaseMessage), table(Case), table(Gig), table(Person), table(Desk)
# Everybody who is answered waits for this: in columns, and in one statement.
_AROUND = Prepared(
    lambda _: (
        columns(_C.c.id, _C.c.title, _C.c.gig_id, _G.c.title, _G.c.state, _P.c.name, _P.c.signs, _D.c.name, lines.LATE)
        .select_from(_M)
        .join(_C, and_(_C.c.company_id == _M.c.company_id, _C.c.id == _M.c.case_id))
        .join(_P, and_(_P.c.company_id == _M.c.company_id, _P.c.id == _M.c.author_id))
        .outerjoin(_G, and_(_G.c.company_id == _C.c.company_id, _G.c.id == _C.c.gig_id))
        .outerjoin(_D, and_(_D.c.company_id == _C.c.company_id, _D.c.id == _C.c.desk_id))
        .where(_M.c.company_id == bindparam("company"), _M.c.id == bindparam("message"))
    )
)


@dataclass(frozen=True, slots=True)
class AskedView:
    """A question of an alumnus's own, as they read it."""

    id: int
    title: str


def asked_view(scene: Scene, case_id: int) -> AskedView:
    """Raises LookupError for everybody but the one who asked."""
    case = scene.session.get(Case, case_id)
    if case is None or scene.reader is None or scene.reader.id != case.person_id:
        raise LookupError(f"case {case_id} is nobody else's question")
    gig = scene.session.get(Gig, case.gig_id) if case.gig_id else None
    return AskedView(case_id, gig.title if gig else case.title)


@dataclass(frozen=True, slots=True)
class MeanwhileView:
    """What others did with a case since a card was drawn. `revision` and `seen` are those of now."""

    case: int
    person: str
    title: str
    state: str
    revision: int
    seen: int
    events: tuple[EventView, ...]
    words: tuple[LineView, ...]
    """What the alumnus has written since, and whoever pressed cannot have seen."""


def meanwhile_view(scene: Scene, since: str) -> MeanwhileView:
    """`since` is the case's number and the card's revision, and where that matters the last message on it."""
    case_id, revision, seen = (int(part) for part in f"{since}-0".split("-")[:3])
    shown = case_view(scene, case_id)
    own = scene.reader.id if scene.reader else 0
    words: Sequence[CaseMessage] = ()
    if seen or since.count("-") > 1:
        unseen = CaseMessage.case_id == case_id, CaseMessage.side == Side.ALUMNUS, col(CaseMessage.id) > seen
        words = scene.session.exec(select(CaseMessage).where(*unseen).order_by(col(CaseMessage.id))).all()
    return MeanwhileView(
        case=case_id,
        person=shown.person,
        title=shown.title,
        state=shown.state,
        revision=shown.revision,
        seen=shown.seen,
        events=events(scene, case_id, after=revision, but=own),
        words=tuple(LineView(True, shown.person, m.text, m.at) for m in words),
    )


@dataclass(frozen=True, slots=True)
class ColleagueView:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class ChoosingView:
    """Among whom, or which desks, HR chooses for a case: one page."""

    case: int
    revision: int
    person: str
    title: str
    people: tuple[ColleagueView, ...]
    desks: tuple[ColleagueView, ...]
    assigned: bool
    page: int
    pages: int


CHOICES = 3
"""On a page: with "before", "next" and "nobody" they are the six buttons that a Teams card may have."""


def whom_view(scene: Scene, asked: Mapping[str, int]) -> ChoosingView:
    """Every one of HR but whom it is assigned to."""
    case = scene.session.get_one(Case, asked["case"])
    staff = (
        select(Person.id, Person.name)
        .where(col(Person.role).in_([Role.OWNER, Role.HR]), Person.state == PersonState.ACTIVE)
        .where(Person.id != (case.assignee_id or 0))
        .order_by(col(Person.name), col(Person.id))
    )
    found = [ColleagueView(number or 0, name) for number, name in scene.session.exec(staff)]
    return _choosing(scene, case, asked["page"], found, ())


def where_view(scene: Scene, asked: Mapping[str, int]) -> ChoosingView:
    """Every desk but the case's own."""
    case = scene.session.get_one(Case, asked["case"])
    others = select(Desk).where(Desk.id != (case.desk_id or 0)).order_by(col(Desk.name) == "", col(Desk.id))
    found = [ColleagueView(desk.id or 0, desk.name) for desk in scene.session.exec(others)]
    return _choosing(scene, case, asked["page"], (), found)


def _choosing(
    scene: Scene, case: Case, page: int, colleagues: Sequence[ColleagueView], desks: Sequence[ColleagueView]
) -> ChoosingView:
    pages = max(1, -(-max(len(colleagues), len(desks)) // CHOICES))
    page = min(max(page, 1), pages)
    shown = case_view(scene, case.id or 0)
    part = slice((page - 1) * CHOICES, page * CHOICES)
    return ChoosingView(
        case=case.id or 0,
        revision=case.revision,
        person=shown.person,
        title=shown.title,
        people=tuple(colleagues[part]),
        desks=tuple(desks[part]),
        assigned=bool(shown.assignee),
        page=page,
        pages=pages,
    )
