"""Invitations: a letter with a one-time code, or a code that HR hands over in person.

Whatever was written last about a person's invitation is what counts: what still waits then is not sent any more, and
the code of what had arrived stops working. A code is made when the words around it leave, and is stored nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot import codes, subjects, texts
from bot.ports import MAIL
from bot.scene import Scene
from bot.turn import Answer, Refresh, Say, Turn
from storage import ledger, people
from storage.db import CompanySession
from storage.ledger import DeliveryRow, Draft
from storage.tables import DeliveryState, Person, PersonState, Purpose, Role

WAITS_AT_MOST = timedelta(days=4)
"""A letter that no server takes for so long is given up (RFC 5321, 4.5.4.1)."""


@dataclass(frozen=True, slots=True)
class InvitationView:
    """What a newcomer needs. `code` is a new one where these words leave, and empty where they are only looked at."""

    name: str
    code: str
    until: datetime


@dataclass(frozen=True, slots=True)
class InvitedView:
    """How an invitation fares, for HR."""

    person: int
    number: int
    """Of the last letter or code; a button that names an older one does nothing."""
    name: str
    email: str
    state: str
    """joined · handed_over · waiting · sent · refused · unclear · withdrawn"""
    reason: str
    at: datetime | None
    until: datetime | None


def invitation_view(scene: Scene, person_id: int) -> InvitationView:
    """Raises LookupError when there is no such person in the company."""
    person = scene.session.get(Person, person_id)
    if person is None:
        raise LookupError(f"no person {person_id}")
    code = codes.issue(scene.session, Purpose.JOIN, scene.now, person_id) if scene.leaves else ""
    return InvitationView(person.name, code, scene.now + codes.LIFETIME)


def invited_view(scene: Scene, person_id: int) -> InvitedView:
    """Raises LookupError when there is no such person in the company."""
    person = scene.session.get(Person, person_id)
    if person is None:
        raise LookupError(f"no person {person_id}")
    number, last = ledger.last_about(scene.session, subjects.invitation(person_id))
    return InvitedView(
        person=person_id,
        number=number,
        name=person.name,
        email=person.email,
        state=_state(person, last),
        reason=last.reason if last else "",
        at=last.settled_at if last else None,
        until=codes.good_until(scene.session, Purpose.JOIN, person_id),
    )


def _state(person: Person, last: DeliveryRow | None) -> str:
    if person.state is PersonState.ACTIVE:
        return "joined"
    if last is None:
        return "withdrawn"
    if last.template == "enrolled":
        return "handed_over"
    match last.state:
        case DeliveryState.QUEUED | DeliveryState.SENDING:
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
    cause = _write_letter(turn, person)
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
    """A new letter, because HR says so."""
    match _person_of(turn):
        case Person() as person:
            if turn.letters and _is_current(turn, person):
                _write_letter(turn, person)
            return _card(person)
        case answer:
            return answer


def hand_over(turn: Turn) -> Answer:
    """A code for HR to hand over in person, in a message to the one who asked. The letter's code stops working."""
    match _person_of(turn):
        case Person() as person:
            if _is_current(turn, person):
                supersede(turn, person)
                code = _to_speaker(
                    turn,
                    cause=_next_cause(turn, person),
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
    return "waited_too_long" if row.platform == MAIL and now - row.created_at > WAITS_AT_MOST else ""


def is_over(session: CompanySession, person_id: int | None, now: datetime) -> None:
    """The person has joined: nothing more goes out, and HR's cards say so."""
    ledger.cancel_queued(session, subjects.invitation(person_id), "person_active", now)
    show_changes(session, person_id, now)


def show_changes(session: CompanySession, person_id: int | None, now: datetime) -> None:
    ledger.mark_stale(session, subjects.invitation_desk(person_id), now)


def _person_of(turn: Turn) -> Person | Answer:
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
    return person.state is PersonState.INVITED and turn.args.get("number") == str(number)


def _next_cause(turn: Turn, person: Person) -> str:
    number, _ = ledger.last_about(turn.session, subjects.invitation(person.id))
    return f"{subjects.invitation(person.id)}:{number + 1}"


def supersede(turn: Turn, person: Person) -> None:
    """What was written before about the person's invitation goes out no more."""
    ledger.cancel_queued(turn.session, subjects.invitation(person.id), "superseded", turn.now)


def _write_letter(turn: Turn, person: Person) -> str:
    """Returns the letter's cause."""
    supersede(turn, person)
    cause = _next_cause(turn, person)
    letter = Draft(
        cause=cause,
        recipient=person.email,
        person_id=person.id,
        platform=MAIL,
        workspace="",
        address=person.email,
        template="invitation",
        args={"invitation": person.id},
        locale=person.locale,
        subject=subjects.invitation(person.id),
        unasked=True,
    )
    ledger.enqueue(turn.session, [letter], turn.now)
    show_changes(turn.session, person.id, turn.now)
    return cause


def _to_speaker(turn: Turn, *, cause: str, template: str, args: Mapping[str, Any], subject: str) -> Draft:
    """A message to the one who speaks, in private where the bot can reach them so: it holds an address or a code."""
    inbound, speaker = turn.inbound, turn.inbound.speaker
    address = inbound.private_address or (turn.account.address if turn.account else "") or inbound.address
    return Draft(
        cause=cause,
        recipient=address,
        person_id=turn.member.id,
        platform=speaker.platform,
        workspace=speaker.workspace,
        address=address,
        template=template,
        args=args,
        locale=turn.locale,
        subject=subject,
    )
