"""Offboarding: HR tells who leaves, letters follow over time, and the account opens after the last day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, func, or_, select

from bot import addresses, clock, codes, eligibility, invitations, leavers, marks, states, subjects
from bot.ports import MAIL
from bot.scene import Scene
from bot.states import Actor, Event
from bot.turn import Answer, Ask, Say, Turn
from storage import ledger, people
from storage.db import CompanySession
from storage.ledger import Draft
from storage.tables import AuditEntry, Offboarding, Person, PersonState, Purpose, Role

LISTED = 4
"""Of those whose invitations ended on one day, so many have a button; the rest are named."""
NAMED = 20
REASONS = ("stays", "rehired", "mistake")
KNOWN = ("correct", "address", "returns")
"""What HR says of somebody who is there already, or was: correct them; even the address that they have confirmed; they
have asked to come back."""


# What HR does


def offboard(turn: Turn) -> Answer:
    """HR adds somebody who leaves, or corrects what is known of them; an invitation goes out."""
    today = clock.today(turn.now, turn.company.timezone)
    values = {name: value for name, value in turn.values.items() if name != "known"}
    faults = leavers.faults(values, today)
    if faults:
        return Ask("offboard", turn.args, turn.values, faults)
    leaver = leavers.read(values, today)
    people.hold_company(turn.session)
    person, faults = leavers.known(turn.session, leaver)
    if faults:
        return Ask("offboard", turn.args, turn.values, faults)
    if person is None and marks.kept(turn.session, leaver.employee_number, leaver.email):
        if turn.values.get("known") != "returns":
            return Ask("offboard", turn.args, turn.values, errors={"known": "was_erased"})
    elif person is not None and turn.values.get("known") not in ("correct", "address"):
        return Ask("offboard", turn.args, turn.values, errors={"known": "known_already"})
    elif person is not None and leavers.would_replace(person, leaver) and turn.values["known"] != "address":
        return Ask("offboard", turn.args, turn.values, errors={"email": "address_confirmed"})
    broken = leavers.broken(eligibility.rules(turn.session), leaver, person)
    if broken and not leaver.exception:
        return Ask("offboard", turn.args, turn.values, broken)
    if person is None:
        marks.lift(turn.session, leaver.employee_number, leaver.email)
        person = leavers.add(turn.session, leaver, turn.company, turn.now).person
        eligibility.exempt(turn.session, person, leaver.exception, broken, turn.now, turn.member.id)
        return _invite(turn, person)
    eligibility.exempt(turn.session, person, leaver.exception, broken, turn.now, turn.member.id)
    if leavers.would_replace(person, leaver):
        addresses.replace(turn.session, person, leaver.email, turn.now, letters=turn.letters)
    leavers.correct(turn.session, person, leaver, turn.company, turn.now)
    if person.state in (PersonState.EXPIRED, PersonState.LEFT):
        states.move(person, Event.INVITE, Actor.HR)
    if person.state is PersonState.INVITED:
        leavers.begin(turn.session, person, turn.now)
        return _invite(turn, person)
    invitations.show_changes(turn.session, person.id, turn.now)
    return Say("offboarding_corrected", {"invited": person.id})


def _invite(turn: Turn, person: Person) -> Answer:
    if turn.letters:
        return invitations.write(turn, person)
    invitations.supersede(turn.session, person, turn.now)
    return Say("enrolled", {"invitation": person.id})


def show(turn: Turn) -> Answer:
    """How the invitation of the person with that employee number or address stands, with what can be done about it."""
    asked = turn.args.get("text", "")
    if not asked:
        return Say("invitation_whose", notice=True)
    person = (leavers.addressed if "@" in asked else leavers.numbered)(turn.session, leavers.number(asked))
    if person is None or person.role is not Role.ALUMNUS:
        return Say("invitation_whose", notice=True)
    return Say("invited", {"invited": person.id})


def confirm(session: CompanySession, person: Person, now: datetime) -> bool:
    """The person has said who they are: letters stop, and the account opens by itself when its day has come. The code
    that they were sent still lets them in. False where the table has no such step, as for one who had already."""
    if not states.move(person, Event.CONFIRM, Actor.PERSON):
        return False
    leavers.end(session, person)
    invitations.is_over(session, person.id, now)
    return True


def withdraw(turn: Turn) -> Answer:
    """HR takes an offboarding back: letters stop, codes and links end, and whoever had joined is out."""
    match invitations.person_of(turn):
        case Person(role=Role.OWNER):
            return Say("denied", {"reason": "not_yours"}, notice=True)
        case Person() as person:
            reason = turn.values["reason"]
            if take_back(turn.session, person, turn.now):
                turn.session.add(
                    AuditEntry(
                        at=turn.now,
                        action="offboard.withdraw",
                        actor_id=turn.member.id,
                        subject_id=person.id,
                        detail={"reason": reason},
                    )
                )
            return Say("offboarding_withdrawn", {"invited": person.id})
        case answer:
            return answer


def take_back(session: CompanySession, person: Person, now: datetime) -> bool:
    """As HR says, or the HRIS for it. False where the person is out already."""
    if not states.move(person, Event.WITHDRAW, Actor.HR):
        return False
    leavers.end(session, person)
    ledger.cancel_queued(session, subjects.invitation(person.id), "person_left", now)
    codes.forget(session, person.id)
    invitations.show_changes(session, person.id, now)
    return True


# What time does


def run(session: CompanySession, now: datetime, *, letters: bool) -> None:
    """Open the accounts whose day has come, write the letters that are due, and end what was never answered. All of it
    once, however late: what was missed meanwhile is done now."""
    company = people.company(session)
    for person in _persons(session, _to_open(now)):
        _open(session, person, now, letters=letters)
    for person in _persons(session, _to_write(now)):
        _write_due(session, person, now, letters=letters)
    over = [person for person in _persons(session, _to_end(now)) if _expire(session, person, now)]
    if over:
        _tell_hr(session, clock.today(now, company.timezone), now)


def next_due(session: CompanySession) -> datetime | None:
    """When the next of these is due; an installation's question."""
    awaited = Person.state == PersonState.INVITED
    letters = [
        select(func.min(column)).join(Person, col(Person.id) == col(Offboarding.person_id)).where(awaited)
        for column in (Offboarding.remind_at, Offboarding.warn_at)
    ]
    opens = select(func.min(Person.opens_at)).where(Person.state == PersonState.CONFIRMED)
    ends = select(func.min(Person.expires_at)).where(awaited)
    moments = [session.exec(query).one() for query in (opens, ends, *letters)]
    return min((moment for moment in moments if moment is not None), default=None)


def _persons(session: CompanySession, which: ColumnElement[bool]) -> Sequence[Person]:
    """Those people, held until the transaction ends."""
    rows = select(Person).outerjoin(Offboarding, col(Offboarding.person_id) == col(Person.id)).where(which)
    return session.exec(rows.order_by(col(Person.id)).with_for_update(of=Person, key_share=True)).all()


def _to_open(now: datetime) -> ColumnElement[bool]:
    day_is_over = or_(col(Person.opens_at).is_(None), col(Person.opens_at) <= now)
    return (col(Person.state) == PersonState.CONFIRMED) & day_is_over


def _to_write(now: datetime) -> ColumnElement[bool]:
    due = or_(col(Offboarding.remind_at) <= now, col(Offboarding.warn_at) <= now)
    return (col(Person.state) == PersonState.INVITED) & due


def _to_end(now: datetime) -> ColumnElement[bool]:
    return (col(Person.state) == PersonState.INVITED) & (col(Person.expires_at) <= now)


def _open(session: CompanySession, person: Person, now: datetime, *, letters: bool) -> None:
    states.move(person, Event.OPEN, Actor.TIME)
    leavers.end(session, person)
    invitations.is_over(session, person.id, now)
    draft = _welcome(session, person, letters=letters)
    if draft is not None:
        ledger.enqueue(session, [draft], now)


def _welcome(session: CompanySession, person: Person, *, letters: bool) -> Draft | None:
    """To the account that the person has joined with, or else a letter that says how to join."""
    own = next((account for account in people.accounts_of(session, person.id or 0) if account.address), None)
    if own is None and not (letters and person.email):
        return None
    return Draft(
        cause=f"opened:{person.id}:{person.opens_at:%Y-%m-%d}" if person.opens_at else f"opened:{person.id}",
        recipient=f"person:{person.id}",
        person_id=person.id,
        platform=own.platform if own else MAIL,
        workspace=own.workspace if own else "",
        address=own.address if own else person.email,
        template="account_open" if own else "account_open_letter",
        args={"opening": person.id},
        locale=person.locale,
    )


def _write_due(session: CompanySession, person: Person, now: datetime, *, letters: bool) -> None:
    """The one letter that is due. A warning comes a week before the end, and the end waits for it where it is late.
    Who was given a code in person gets no letter, which would make it worthless."""
    row = session.get_one(Offboarding, (session.company_id, person.id))
    last = ledger.last_about(session, subjects.invitation(person.id))[1]
    by_mail = letters and last is not None and last.platform == MAIL
    warned = row.warn_at is not None and row.warn_at <= now
    row.remind_at = None
    if warned:
        row.warn_at = None
        if by_mail and person.expires_at is not None:
            person.expires_at = max(person.expires_at, now + leavers.WARNED_BEFORE)
    session.add(row)
    session.add(person)
    session.flush()
    if by_mail:
        invitations.write_letter(session, person, now, template="invitation_ends" if warned else "invitation_reminder")


def _expire(session: CompanySession, person: Person, now: datetime) -> bool:
    if not states.move(person, Event.EXPIRE, Actor.TIME):
        return False
    row = session.get(Offboarding, (session.company_id, person.id)) or Offboarding(person_id=person.id or 0)
    row.remind_at, row.warn_at, row.expired_at = None, None, now
    session.add(row)
    session.add(person)
    session.flush()
    codes.forget(session, person.id)
    ledger.cancel_queued(session, subjects.invitation(person.id), "person_expired", now)
    invitations.show_changes(session, person.id, now)
    return True


def _tell_hr(session: CompanySession, day: date, now: datetime) -> None:
    """One card a day for each of HR; what ends later on that day is added to it."""
    drafts = [
        Draft(
            cause=subjects.expired(day),
            recipient=f"person:{person.id}",
            person_id=person.id,
            platform=account.platform,
            workspace=account.workspace,
            address=account.address,
            template="expired",
            args={"expired": day.isoformat()},
            locale=person.locale,
            subject=subjects.expired(day),
        )
        for person, account in people.staff(session)
    ]
    ledger.mark_stale(session, subjects.expired(day), now)
    ledger.enqueue(session, drafts, now)


def no_longer_welcome(session: CompanySession, person_id: int) -> str:
    """Why the welcome should not go out any more, empty when it should."""
    person = session.get(Person, person_id)
    if person is not None and person.state in (PersonState.ACTIVE, PersonState.CONFIRMED):
        return ""
    return f"person_{person.state if person else 'unknown'}"


# What is shown


@dataclass(frozen=True, slots=True)
class OpeningView:
    """An account that opens. `code` lets a person in who has no account on a platform yet; a new one where these words
    leave."""

    name: str
    last_day: date | None
    code: str
    until: datetime


def opening_view(scene: Scene, person_id: int) -> OpeningView:
    """Raises LookupError when there is no such person in the company."""
    person = scene.session.get(Person, person_id)
    if person is None:
        raise LookupError(f"no person {person_id}")
    stranger = not people.accounts_of(scene.session, person_id)
    code = ""
    if scene.leaves and stranger:
        code = codes.issue(scene.session, Purpose.JOIN, scene.now, person_id, sent_to=scene.mailed_to)
    return OpeningView(person.name, person.last_day, code, scene.now + codes.LIFETIME)


@dataclass(frozen=True, slots=True)
class ExpiredLine:
    person: int
    number: int
    """Of the last letter; see InvitedView."""
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class ExpiredView:
    """Whose invitations ended unanswered on a day, and were not begun again since. `more` are not named."""

    day: date
    total: int
    people: tuple[ExpiredLine, ...]

    @property
    def buttons(self) -> tuple[ExpiredLine, ...]:
        return self.people[:LISTED]

    @property
    def more(self) -> int:
        return self.total - len(self.people)


def expired_view(scene: Scene, iso: str) -> ExpiredView:
    day = date.fromisoformat(iso)
    end = clock.end_of_day(day, scene.company.timezone)
    start = clock.end_of_day(day - timedelta(days=1), scene.company.timezone)
    ended = (
        select(Person)
        .join(Offboarding, col(Offboarding.person_id) == col(Person.id))
        .where(Person.state == PersonState.EXPIRED)
        .where(col(Offboarding.expired_at) >= start, col(Offboarding.expired_at) < end)
        .order_by(col(Person.id))
    )
    persons = scene.session.exec(ended).all()
    return ExpiredView(day, len(persons), tuple(_line(scene, person) for person in persons[:NAMED]))


def _line(scene: Scene, person: Person) -> ExpiredLine:
    number, _ = ledger.last_about(scene.session, subjects.invitation(person.id))
    return ExpiredLine(person.id or 0, number, person.name, person.email)
