"""How workspaces and people come in by one-time codes; bot.joining has the ways without."""

from datetime import datetime

from bot import addresses, codes, eligibility, invitations, join_requests, leavers, marks, states, texts
from bot.states import Actor, Event
from bot.turn import Answer, Ask, Say, Turn
from storage import audit, installs, people
from storage.db import CompanySession
from storage.tables import Account, Person, PersonState, Purpose, Role


def claim(turn: Turn) -> Answer:
    """Link this workspace to the company of the code and make the speaker the code's person, or a first owner.

    Dispatch has opened the code's own company for this turn.
    """
    code = codes.redeem(turn.session, turn.args.get("text", ""), Purpose.CLAIM, turn.now)
    if code is None:
        return Say("code_wrong", notice=True)
    speaker = turn.inbound.speaker
    if not installs.link(turn.session, speaker.platform, speaker.workspace):
        code.used_at = None
        return Say("workspace_taken", notice=True)
    person = turn.session.get(Person, code.person_id) if code.person_id else None
    owner = person or (turn.own_row() if turn.person else _new_owner(turn))
    _attach(turn, owner)
    workspace = {"platform": speaker.platform, "workspace": speaker.workspace}
    audit.note(turn.session, "claim", turn.now, actor_id=owner.id, detail=workspace)
    return Say("claimed", {"name": owner.name})


def _new_owner(turn: Turn) -> Person:
    name = texts.cleaned(turn.inbound.speaker.name).strip() or turn.inbound.speaker.account
    return admit(turn.session, name[:200], Role.OWNER, turn.locale, turn.now)


def admit(session: CompanySession, name: str, role: Role, locale: str, now: datetime, *, email: str = "") -> Person:
    """A new active person, who needed no code. Nothing reaches them until they have an account."""
    person = Person(
        name=name,
        email=email.casefold(),
        role=role,
        state=PersonState.ACTIVE,
        locale=locale,
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person


def link(turn: Turn) -> Answer:
    """A code with which the owner claims the workspace on the other platform as the same person."""
    code = codes.issue(turn.session, Purpose.CLAIM, turn.now, turn.member.id)
    return Say("link_code", {"code": code, "until": _until(turn)})


def enrol(turn: Turn) -> Answer:
    """HR adds a person, who gets a letter, or where no mail is configured a code that HR passes on. The same address
    again gives that person a new letter or code, and the old code stops working."""
    email = turn.values["email"].casefold()
    people.hold_company(turn.session)
    role = Role.HR if turn.values.get("role") == Role.HR else Role.ALUMNUS
    person = people.by_email(turn.session, email)
    staff = Role.HR in (role, person.role if person else None)
    if staff and turn.member.role is not Role.OWNER:
        return Ask("enrol", filled=turn.values, errors={"role": "owner_enrols_hr"})
    if person is not None and person.state is PersonState.ACTIVE:
        return Ask("enrol", filled=turn.values, errors={"email": "already_enrolled"})
    if person is None and role is Role.ALUMNUS and eligibility.rules(turn.session).any:
        return Ask("enrol", filled=turn.values, errors={"email": "rules_ask_offboard"})
    if person is None and marks.kept(turn.session, "", email):
        if turn.values.get("known") != "returns":
            return Ask("enrol", filled=turn.values, errors={"known": "was_erased"})
        marks.lift(turn.session, "", email)
    if person is None:
        person = Person(email=email, role=role, name="", locale=turn.company.locale, created_at=turn.now)
    person.name, person.role = turn.values["name"], role
    turn.session.add(person)
    turn.session.flush()
    if turn.letters:
        return invitations.write(turn, person)
    invitations.supersede(turn.session, person, turn.now)
    return Say("enrolled", {"invitation": person.id})


def join(turn: Turn) -> Answer:
    """The person of the code is who speaks from this account from now on."""
    if turn.person is not None and turn.account is not None and turn.person.state is PersonState.ACTIVE:
        return Say("already_joined", notice=True)
    code = codes.redeem(turn.session, turn.args.get("text", ""), Purpose.JOIN, turn.now)
    person = turn.session.get(Person, code.person_id) if code else None
    if person is None or not let_in(person, turn.now):
        return Say("code_wrong", notice=True)
    if code is not None:
        addresses.proven(person, code, turn.now)
    _attach(turn, person)
    leavers.end(turn.session, person)
    invitations.is_over(turn.session, person.id, turn.now)
    if person.state is PersonState.CONFIRMED:
        return Say("joined_early", {"name": person.name, "opening": person.id})
    return Say("joined", {"name": person.name, "staff": person.role is not Role.ALUMNUS})


def let_in(person: Person, now: datetime) -> bool:
    """Before the last day is over a code confirms only, and the account opens by itself then."""
    if person.opens_at is not None and person.opens_at > now and person.state is not PersonState.ACTIVE:
        return states.move(person, Event.CONFIRM, Actor.PERSON) or person.state is PersonState.CONFIRMED
    return states.move(person, Event.JOIN, Actor.PERSON) or person.state is PersonState.ACTIVE


def _attach(turn: Turn, person: Person) -> None:
    turn.session.add(person)
    if turn.account is not None:
        turn.session.get_one(Account, turn.account.id).person_id = person.id or 0
        return
    speaker = turn.inbound.speaker
    account = Account(
        platform=speaker.platform,
        workspace=speaker.workspace,
        external_id=speaker.account,
        person_id=person.id or 0,
        address=turn.inbound.private_address,
        created_at=turn.now,
    )
    turn.session.add(account)
    turn.session.flush()
    join_requests.settle(turn.session, account, turn.now)


def _until(turn: Turn) -> str:
    return (turn.now + codes.LIFETIME).isoformat()
