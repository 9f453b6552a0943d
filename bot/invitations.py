"""Invitations: a letter with a one-time code, or a code that HR hands over in person.

Whatever was written last about a person's invitation is what counts: what still waits then is not sent any more, and
the code of what had arrived stops working. A code is made when the words around it leave, and is stored nowhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot import account_links, clock, codes, eligibility, leavers, privately, states, subjects, texts
from bot.ports import MAIL
from bot.scene import Scene
from bot.states import Actor, Event
from bot.turn import Answer, Refresh, Say, Turn
from storage import ledger, merging, people
from storage.db import CompanySession
from storage.ledger import DeliveryRow, Draft
from storage.tables import DeliveryState, Offboarding, Person, PersonState, Purpose, Role

WAITS_AT_MOST = timedelta(days=4)
"""A letter that no server takes for so long is given up (RFC 5321, 4.5.4.1)."""
_LEAST = timedelta(hours=1)
"""A code that leaves works at least so long."""
_ENDED = (PersonState.EXPIRED, PersonState.LEFT)


@dataclass(frozen=True, slots=True)
class InvitationView:
    """What a newcomer needs. `code` and `link` are new ones where these words leave, and empty where they are only
    looked at; `link` also where browsers do not reach this server. `opens_after`: the last day, while it is to come."""

    name: str
    code: str
    until: datetime
    link: str = ""
    opens_after: date | None = None
    rules: str = ""
    """Where it can be read whom the company invites; empty where browsers do not reach this server."""


@dataclass(frozen=True, slots=True)
class InvitedView:
    """How an invitation fares, for HR."""

    person: int
    number: int
    """Of the last letter or code; a button that names an older one does nothing."""
    name: str
    email: str
    state: str
    """joined · confirmed · expired · left · merged · handed_over · waiting · sent · refused · unclear · withdrawn"""
    reason: str
    at: datetime | None
    until: datetime | None
    last_day: date | None = None
    expires: datetime | None = None
    """When the invitation ends if nobody answers it."""


def invitation_view(scene: Scene, person_id: int) -> InvitationView:
    """Raises LookupError when there is no such person in the company."""
    person = scene.session.get(Person, person_id)
    if person is None:
        raise LookupError(f"no person {person_id}")
    lifetime = max(person.expires_at - scene.now, _LEAST) if person.expires_at else codes.LIFETIME
    code = _code(scene, person_id, lifetime)
    to_come = person.opens_at is not None and person.opens_at > scene.now
    return InvitationView(
        person.name,
        code,
        scene.now + lifetime,
        _link(scene, person_id, lifetime),
        person.last_day if to_come else None,
        eligibility.url(scene.session, scene.public_url),
    )


def _code(scene: Scene, person_id: int, lifetime: timedelta) -> str:
    if not scene.leaves:
        return ""
    return codes.issue(scene.session, Purpose.JOIN, scene.now, person_id, lifetime, sent_to=scene.mailed_to)


def _link(scene: Scene, person_id: int, lifetime: timedelta) -> str:
    if not (scene.leaves and scene.public_url):
        return ""
    token = account_links.issue(scene.session, person_id, scene.now, lifetime, sent_to=scene.mailed_to)
    return scene.public_url.rstrip("/") + account_links.path(token)


def invited_view(scene: Scene, person_id: int) -> InvitedView:
    """Raises LookupError when there is no such person in the company."""
    person = scene.session.get(Person, person_id)
    if person is None:
        raise LookupError(f"no person {person_id}")
    number, last = ledger.last_about(scene.session, subjects.invitation(person_id))
    return InvitedView(
        person=person_id,
        number=number,
        name=_name(scene.session, person),
        email=person.email,
        state=_state(person, last),
        reason=last.reason if last else "",
        at=last.settled_at if last else None,
        until=codes.good_until(scene.session, Purpose.JOIN, person_id),
        last_day=person.last_day,
        expires=person.expires_at if person.state is PersonState.INVITED else None,
    )


def _name(session: CompanySession, person: Person) -> str:
    """Of who remains, where the person was merged into somebody."""
    if person.state is not PersonState.MERGED:
        return person.name
    keeper = session.get(Person, merging.remaining(session, person.id or 0))
    return keeper.name if keeper else ""


def _state(person: Person, last: DeliveryRow | None) -> str:
    match person.state:
        case PersonState.ACTIVE | PersonState.PAUSED:
            return "joined"
        case PersonState.CONFIRMED | PersonState.EXPIRED | PersonState.LEFT | PersonState.MERGED:
            return str(person.state)
        case PersonState.INVITED | PersonState.ERASED:
            return _letters_state(last)


def _letters_state(last: DeliveryRow | None) -> str:
    if last is None:
        return "withdrawn"
    if last.template == "enrolled":
        return "handed_over"
    match last.state:
        case DeliveryState.QUEUED | DeliveryState.SENDING | DeliveryState.HELD:
            return "waiting"
        case DeliveryState.UNCONFIRMED:
            return "unclear" if last.check_at is None else "waiting"
        case DeliveryState.CANCELLED:
            return "withdrawn"
        case DeliveryState.SENT | DeliveryState.REFUSED:
            return str(last.state)


def write(turn: Turn, person: Person) -> Answer:
    """A letter to the person's address, and a card for HR that says how it fares."""
    person_id = person.id or 0
    cause = write_letter(turn.session, person, turn.now, template="invitation")
    card = _to_speaker(
        turn,
        cause=f"{cause}:desk",
        template="invited",
        args={"invited": person_id},
        subject=subjects.invitation_desk(person_id),
    )
    ledger.enqueue(turn.session, [card], turn.now)
    return Say("invitation_posted", {"name": person.name, "email": person.email})


def send_again(turn: Turn) -> Answer:
    """A new letter, because HR says so. An invitation that has ended begins again."""
    match person_of(turn):
        case Person() as person:
            if turn.letters and _is_current(turn, person):
                if refused := _not_eligible(turn, person):
                    return refused
                _begin_again(turn, person)
                write_letter(turn.session, person, turn.now, template="invitation")
            return _card(person)
        case answer:
            return answer


def hand_over(turn: Turn) -> Answer:
    """A code for HR to hand over in person, in a message to the one who asked. The letter's code stops working."""
    match person_of(turn):
        case Person() as person:
            if _is_current(turn, person):
                if refused := _not_eligible(turn, person):
                    return refused
                _begin_again(turn, person)
                supersede(turn.session, person, turn.now)
                code = _to_speaker(
                    turn,
                    cause=_next_cause(turn.session, person),
                    template="enrolled",
                    args={"invitation": person.id},
                    subject=subjects.invitation(person.id),
                )
                ledger.enqueue(turn.session, [code], turn.now)
                show_changes(turn.session, person.id, turn.now)
            return _card(person)
        case answer:
            return answer


def no_longer_needed(session: CompanySession, row: DeliveryRow, now: datetime) -> str:
    """Why an invitation should not go out any more, empty when it should."""
    person = session.get(Person, row.args["invitation"])
    if person is None or person.state is not PersonState.INVITED:
        return f"person_{person.state if person else 'unknown'}"
    newest = ledger.last_about(session, row.subject or "")[1]
    if newest is not None and newest.id != row.id:
        return "superseded"
    return "waited_too_long" if row.platform == MAIL and now - _first_due(session, row) > WAITS_AT_MOST else ""


def _first_due(session: CompanySession, row: DeliveryRow) -> datetime:
    """When the letter could leave at the earliest: the letters of a large file wait for each other, for days."""
    schedule = session.get(Offboarding, (session.company_id, row.person_id))
    paced = schedule.remind_at - leavers.REMINDED_AFTER if schedule is not None and schedule.remind_at else None
    return max(row.created_at, paced or row.created_at)


def is_over(session: CompanySession, person_id: int | None, now: datetime) -> None:
    """The person has joined: nothing more goes out, and HR's cards say so."""
    ledger.cancel_queued(session, subjects.invitation(person_id), "person_active", now)
    show_changes(session, person_id, now)


def show_changes(session: CompanySession, person_id: int | None, now: datetime) -> None:
    ledger.mark_stale(session, subjects.invitation_desk(person_id), now)


def person_of(turn: Turn) -> Person | Answer:
    """The person that a button names, held until this turn ends; or what to answer instead."""
    number = texts.number(turn.args.get("person", ""))
    person = people.held(turn.session, number) if number is not None else None
    if person is None:
        return Say("button_old", notice=True)
    if person.role is not Role.ALUMNUS and turn.member.role is not Role.OWNER:
        return Say("denied", {"reason": "owner_only"}, notice=True)
    return person


def _card(person: Person) -> Answer:
    return Refresh(Say("invited", {"invited": person.id}))


def _is_current(turn: Turn, person: Person) -> bool:
    """Whether the button shows the invitation as it stands. One that was pressed twice, or by two at once, names an
    invitation that the first press has replaced."""
    number, _ = ledger.last_about(turn.session, subjects.invitation(person.id))
    return person.state in (PersonState.INVITED, *_ENDED) and turn.args.get("number") == str(number)


def _not_eligible(turn: Turn, person: Person) -> Say | None:
    """Beginning an ended invitation again is inviting somebody, as the rules are now."""
    broken = eligibility.of(turn.session, person) if person.state in _ENDED else {}
    return Say("not_eligible", {"faults": sorted(broken.values())}, notice=True) if broken else None


def _begin_again(turn: Turn, person: Person) -> None:
    """The person has the whole time to answer. One who was added without a last day has no end of it."""
    row = turn.session.get(Offboarding, (turn.session.company_id, person.id))
    if row is not None and row.expired_at is not None:
        day = clock.today(row.expired_at, turn.company.timezone)
        ledger.mark_stale(turn.session, subjects.expired(day), turn.now)
    states.move(person, Event.INVITE, Actor.HR)
    if person.last_day is not None:
        leavers.begin(turn.session, person, turn.now)
    turn.session.add(person)
    turn.session.flush()


def _next_cause(session: CompanySession, person: Person) -> str:
    number, _ = ledger.last_about(session, subjects.invitation(person.id))
    return f"{subjects.invitation(person.id)}:{number + 1}"


def supersede(session: CompanySession, person: Person, now: datetime) -> None:
    """What was written before about the person's invitation goes out no more, and what arrived works no more."""
    ledger.cancel_queued(session, subjects.invitation(person.id), "superseded", now)
    codes.forget(session, person.id)


def write_letter(
    session: CompanySession, person: Person, now: datetime, *, template: str, at: datetime | None = None
) -> str:
    """A letter to the person's address that takes the place of any before it, due now or `at`. Returns its cause."""
    ledger.cancel_queued(session, subjects.invitation(person.id), "superseded", now)
    letter = _letter(person.id or 0, person.email, person.locale, _next_cause(session, person), template)
    ledger.enqueue_at(session, [(letter, at or now)], now)
    show_changes(session, person.id, now)
    return letter.cause


def write_first_letters(session: CompanySession, due: Iterable[tuple[int, str, str, datetime]], now: datetime) -> None:
    """Letters to people of whom nobody knew before: number, address, language, and the moment at which each is due."""
    letters = [
        (_letter(person_id, email, locale, f"{subjects.invitation(person_id)}:1", "invitation"), at)
        for person_id, email, locale, at in due
    ]
    ledger.enqueue_at(session, letters, now)


def _letter(person_id: int, email: str, locale: str, cause: str, template: str) -> Draft:
    return Draft(
        cause=cause,
        recipient=email,
        person_id=person_id,
        platform=MAIL,
        workspace="",
        address=email,
        template=template,
        args={"invitation": person_id},
        locale=locale,
        subject=subjects.invitation(person_id),
        unasked=True,
    )


def _to_speaker(turn: Turn, *, cause: str, template: str, args: Mapping[str, Any], subject: str) -> Draft:
    """A message to the one who speaks, in private where the bot can reach them so: it holds an address or a code."""
    address = privately.address_of(turn) or turn.inbound.address
    return privately.draft(turn, address, cause, Say(template, args), subject=subject)
