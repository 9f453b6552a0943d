"""HR's side of a request to join: the card, and the one decision on it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from bot import addresses, join_requests, joining, marks, privacy, texts
from bot.cards import FieldKind
from bot.prompts import Question
from bot.scene import Scene
from bot.states import Actor, Event, move
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import join_requests as requests
from storage import ledger, people
from storage.ledger import Draft
from storage.tables import JoinRequest, JoinState, Person, PersonState, Role

CANDIDATES = 3
"""So many have a button."""
REASONS = ("unknown", "unsure", "rules")

NEW = (Question("name", max_length=200), Question("email", FieldKind.EMAIL, required=False, max_length=320))
REFUSAL = (Question("reason", FieldKind.CHOICE, required=False, max_length=20, choices=REASONS),)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be meant. `by` says what speaks for it: the platform's address, or what the asker wrote.
    `linked`: there is an account of theirs in the same workspace. `open`: the reader may let the asker in as them."""

    id: int
    name: str
    email: str
    number: str
    state: str
    by: str
    """vouched · told · email · number"""
    last_day: date | None = None
    linked: bool = False
    open: bool = True


@dataclass(frozen=True, slots=True)
class JoiningView:
    """What somebody asks for, in their own words, and what their platform says of them; for HR."""

    id: int
    state: str
    platform: str
    looking: bool
    told_name: str
    told_email: str
    vouched: bool
    name: str
    email: str
    number: str
    worked: str
    words: str
    asked_at: datetime
    candidates: tuple[Candidate, ...] = ()
    person: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""


def joining_view(scene: Scene, request_id: int) -> JoiningView:
    """Raises LookupError when there is no such request in the company, or not any more."""
    row = scene.session.get(JoinRequest, request_id)
    if row is None or row.state is JoinState.MET or row.asked_at is None:
        raise LookupError(f"no request {request_id}")
    named = people.members(scene.session, [n for n in (row.person_id, row.decided_by) if n])

    def name_of(number: int | None) -> str:
        return privacy.name_of(named.get(number), scene.locale) if number else ""

    return JoiningView(
        id=request_id,
        state=row.state,
        platform=row.platform,
        looking=row.look_at is not None,
        told_name=row.told_name,
        told_email=row.told_email,
        vouched=row.vouched,
        name=row.name,
        email=row.email,
        number=row.employee_number,
        worked=row.worked,
        words=row.words,
        asked_at=row.asked_at,
        candidates=tuple(_candidates(scene, row)) if row.state is JoinState.ASKED else (),
        person=name_of(row.person_id),
        decided_by=name_of(row.decided_by),
        decided_at=row.decided_at,
        reason=row.reason,
    )


def _candidates(scene: Scene, row: JoinRequest) -> Iterator[Candidate]:
    """Who may be meant, what speaks most for it first."""
    clues = (
        ("vouched" if row.vouched else "told", Person.email, addresses.folded(row.told_email)),
        ("email", Person.email, row.email),
        ("number", Person.employee_number, row.employee_number),
    )
    seen: set[int] = set()
    for by, column, text in clues:
        query = select(Person).where(column == text, Person.state != PersonState.ERASED).order_by(col(Person.id))
        for person in scene.session.exec(query.limit(CANDIDATES)) if text else ():
            if person.id not in seen and len(seen) < CANDIDATES:
                seen.add(person.id or 0)
                yield _candidate(scene, row, person, by)


def _candidate(scene: Scene, row: JoinRequest, person: Person, by: str) -> Candidate:
    accounts = people.accounts_of(scene.session, person.id or 0)
    return Candidate(
        id=person.id or 0,
        name=person.name,
        email=person.email,
        number=person.employee_number,
        state=person.state,
        by=by,
        last_day=person.last_day,
        linked=any((a.platform, a.workspace) == (row.platform, row.workspace) for a in accounts),
        open=_may(scene.reader.role if scene.reader else None, person),
    )


def _may(role: Role | None, person: Person) -> bool:
    """Who lets somebody in as one of HR gives them HR's rights, which is for owners."""
    return person.role is Role.ALUMNUS or role is Role.OWNER


# Deciding


def admit(turn: Turn) -> Answer:
    """The asker is that person."""
    match _open_request(turn):
        case JoinRequest() as row:
            number = texts.number(turn.args.get("person", ""))
            person = people.held(turn.session, number) if number is not None else None
            if person is None or person.state is PersonState.ERASED:
                return Say("button_old", notice=True)
            if not _may(turn.member.role, person):
                return Say("denied", {"reason": "owner_only"}, notice=True)
            return _let_in(turn, row, person)
        case answer:
            return answer


def admit_new(turn: Turn) -> Answer:
    """The asker is somebody whom nobody has added yet. HR sees the name and the address first, and corrects them."""
    match _open_request(turn):
        case JoinRequest() as row if not turn.values:
            filled = {"name": row.name, "email": row.email}
            return Ask("join.new", _carried(row), filled)
        case JoinRequest() as row:
            people.hold_company(turn.session)
            email = turn.values["email"].casefold()
            if email and people.by_email(turn.session, email) is not None:
                return Ask("join.new", _carried(row), turn.values, errors={"email": "address_in_use"})
            person = Person(
                name=turn.values["name"],
                email=email,
                role=Role.ALUMNUS,
                locale=row.locale or turn.company.locale,
                created_at=turn.now,
            )
            turn.session.add(person)
            marks.lift(turn.session, row.employee_number, email)
            return _let_in(turn, row, person)
        case answer:
            return answer


def refuse(turn: Turn) -> Answer:
    """The asker is told politely, with the reason that HR may choose."""
    match _open_request(turn):
        case JoinRequest() as row:
            row.state, row.decided_at, row.decided_by = JoinState.REFUSED, turn.now, turn.member.id
            reason = turn.values.get("reason", "")
            row.reason = reason if reason in REASONS else ""
            turn.session.add(row)
            turn.session.flush()
            join_requests.show_changes(turn.session, row.id, turn.now)
            _tell(turn, row, Say("join_refused", {"way_in": row.id}))
            return _card(row)
        case answer:
            return answer


def _open_request(turn: Turn) -> JoinRequest | Answer:
    """The request that a button names, held until this turn ends; or what to say instead. Of two who decide at once the
    second hears how the first did."""
    number = texts.number(turn.args.get("joining", ""))
    row = requests.held(turn.session, number) if number is not None else None
    match row:
        case JoinRequest(state=JoinState.ASKED):
            return row
        case JoinRequest(state=JoinState.ADMITTED | JoinState.REFUSED):
            return Say("join_decided", {"joining": row.id}, notice=True)
        case _:
            return Say("button_old", notice=True)


def _carried(row: JoinRequest) -> Mapping[str, str]:
    return {"joining": str(row.id)}


def _let_in(turn: Turn, row: JoinRequest, person: Person) -> Answer:
    """By the same rules as a code: before the last day is over the account opens by itself afterwards."""
    if person.state in (PersonState.EXPIRED, PersonState.LEFT):
        move(person, Event.INVITE, Actor.HR)
    if row.vouched:
        addresses.vouch(turn.session, person, row.told_email, turn.now)
    joining.enter(turn, row, person, by=turn.member.id)
    if person.state is PersonState.CONFIRMED:
        _tell(turn, row, Say("joined_early", {"name": person.name, "opening": person.id}), person)
    else:
        _tell(turn, row, Say("joined", {"name": person.name, "staff": person.role is not Role.ALUMNUS}), person)
    return _card(row)


def _card(row: JoinRequest) -> Answer:
    return Refresh(Say("join_request", {"joining": row.id}))


def _tell(turn: Turn, row: JoinRequest, said: Say, person: Person | None = None) -> None:
    drafts: Sequence[Draft] = [
        Draft(
            cause=f"decided:{row.id}:{turn.now.isoformat()}",
            recipient=row.address,
            person_id=person.id if person else None,
            platform=row.platform,
            workspace=row.workspace,
            address=row.address,
            template=said.template,
            args=said.args,
            locale=row.locale,
        )
    ]
    ledger.enqueue(turn.session, drafts, turn.now)
