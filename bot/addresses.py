"""A person's e-mail address: confirmed by whoever uses what was sent to it. Until a new one is, the one before it is in
force.

Nobody learns here whose an address is: one that is somebody else's is taken like any other, and its owner gets a letter
that leads nowhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, delete, select

from bot import account_links, subjects
from bot.ports import MAIL
from bot.scene import Scene
from storage import ledger, people
from storage.db import CompanySession
from storage.ledger import Draft
from storage.people import CompanyFacts
from storage.tables import AddressChange, Code, Person, PersonState, Purpose

_KNOWN = (PersonState.CONFIRMED, PersonState.ACTIVE, PersonState.PAUSED)
LIFETIME = timedelta(days=3)
"""Of the link in the letter."""
LETTERS, WITHIN = 5, timedelta(days=1)
"""So many letters a person can have written to addresses of their choice."""


@dataclass(frozen=True, slots=True)
class NewAddressView:
    """`link` is a new one where these words leave, and empty where they are only looked at."""

    link: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Confirming:
    """The page that a letter's link opens."""

    company: CompanyFacts
    locale: str
    email: str
    taken: bool = False
    """It has become somebody else's meanwhile: nothing was changed."""


def is_proven(person: Person, code: Code, email: str) -> bool:
    """Whether this is the person's address in force, and confirmed, be it by the code that they use just now."""
    return bool(email) and email == person.email and email in (people.confirmed_address(person), code.sent_to)


def proven(person: Person, code: Code, now: datetime) -> None:
    """The code was used, so whoever did reads what is sent to its address."""
    if person.email_confirmed_at is None and is_proven(person, code, person.email):
        person.email_confirmed_at = now


def folded(address: str) -> str:
    """The address as a platform's is compared: mail servers tell no cases apart. Nothing else is folded, plus tags
    neither, since what one server takes for the same mailbox is another's somebody else. Empty for what is not plain
    ASCII: letters that fold to others' (K for k) have opened doors elsewhere."""
    address = address.strip()
    return address.lower() if address.isascii() and address.count("@") == 1 else ""


def vouch(session: CompanySession, person: Person, address: str, now: datetime) -> None:
    """Somebody whom we trust says that the person has this address."""
    if folded(address) and folded(address) == folded(person.email) and person.email_confirmed_at is None:
        person.email_confirmed_at = now
        session.add(person)


def owners(session: CompanySession, addresses: Iterable[str]) -> Sequence[Person]:
    """Everybody in the network who has confirmed one of these addresses."""
    wanted = sorted({folded(address) for address in addresses} - {""})
    if not wanted:
        return ()
    query = select(Person).where(col(Person.email).in_(wanted), col(Person.email_confirmed_at).is_not(None))
    return session.exec(query.where(col(Person.state).in_(_KNOWN)).order_by(col(Person.id))).all()


def may_ask(session: CompanySession, person: Person, email: str, now: datetime) -> bool:
    """Whether one more letter may be written for the person: not too many, and to an address that they have had all
    along, one while its link works."""
    change = session.get(AddressChange, (session.company_id, person.id))
    if email == person.email and pending(session, person.id or 0, now):
        return False
    return change is None or now - change.counted_from >= WITHIN or change.letters < LETTERS


def ask(session: CompanySession, person: Person, email: str, now: datetime) -> None:
    """Write to `email`, and to the address in force where that is another. Any link before this one is void."""
    there = session.get(AddressChange, (session.company_id, person.id))
    change = there or AddressChange(person_id=person.id or 0, email=email, at=now, counted_from=now)
    if now - change.counted_from >= WITHIN:
        change.letters, change.counted_from = 0, now
    change.email, change.at, change.letters = email, now, change.letters + 1
    session.add(change)
    _void(session, person.id)
    ledger.cancel_queued(session, subjects.address(person.id), "superseded", now)
    cause = f"{subjects.address(person.id)}:{now.isoformat()}"
    owner = _owner(session, person, email)
    letters = [_letter(owner or person, email, cause, person, template="address_known" if owner else "address_confirm")]
    if person.email and person.email != email:
        letters.append(_letter(person, person.email, cause, person, template="address_changing"))
    ledger.enqueue(session, letters, now)


def replace(session: CompanySession, person: Person, email: str, now: datetime, *, letters: bool) -> None:
    """HR gives the person another address than the one they have confirmed, which is told of it."""
    if letters and person.email:
        cause = f"{subjects.address(person.id)}:{now.isoformat()}"
        ledger.enqueue(session, [_letter(person, person.email, cause, person, template="address_changing")], now)
    person.email, person.email_confirmed_at = email, None
    session.add(person)
    session.flush()


def _letter(to: Person, email: str, cause: str, changing: Person, *, template: str) -> Draft:
    is_link = template == "address_confirm"
    return Draft(
        cause=cause,
        recipient=email,
        person_id=to.id,
        platform=MAIL,
        workspace="",
        address=email,
        template=template,
        args={"new_address": changing.id} if is_link else {},
        locale=to.locale,
        subject=subjects.address(changing.id) if is_link else None,
    )


def _owner(session: CompanySession, person: Person, email: str) -> Person | None:
    other = select(Person).where(Person.email == email, Person.state != PersonState.ERASED, Person.id != person.id)
    return session.exec(other.order_by(col(Person.id))).first()


def _void(session: CompanySession, person_id: int | None) -> None:
    session.exec(delete(Code).where(col(Code.purpose) == Purpose.ADDRESS, col(Code.person_id) == person_id))


def pending(session: CompanySession, person_id: int, now: datetime) -> str:
    """The address that waits to be confirmed, if one does."""
    change = session.get(AddressChange, (session.company_id, person_id))
    return change.email if change is not None and now - change.at < LIFETIME else ""


def new_address_view(scene: Scene, person_id: int) -> NewAddressView:
    """Raises LookupError when no address of the person's waits any more."""
    change = scene.session.get(AddressChange, (scene.session.company_id, person_id))
    if change is None:
        raise LookupError(f"no address of {person_id} waits")
    link, until = "", change.at + LIFETIME
    if scene.leaves and scene.public_url:
        token = account_links.issue(
            scene.session, person_id, scene.now, until - scene.now, purpose=Purpose.ADDRESS, sent_to=change.email
        )
        link = scene.public_url.rstrip("/") + path(token)
    return NewAddressView(link, until)


def no_longer_needed(session: CompanySession, args: Mapping[str, Any], address: str, now: datetime) -> str:
    """Why the letter should not go out any more, empty when it should."""
    change = session.get(AddressChange, (session.company_id, args["new_address"]))
    waits = change is not None and change.email == address and now - change.at < LIFETIME
    return "" if waits else "superseded"


def path(token: str) -> str:
    """Where the page is, below PUBLIC_URL."""
    return f"/address/{token}"


# The page


def look(session: CompanySession, token: str, now: datetime) -> Confirming | None:
    """What the link is about, which this does not use up; None where it leads nowhere (any more)."""
    found = _waiting(session, token, now)
    return _confirming(session, found[1], found[2].email) if found else None


def confirm(session: CompanySession, token: str, now: datetime) -> Confirming | None:
    """The address is the person's from now on, and the link is used up. Pressed again it says so once more."""
    people.hold_company(session)  # so that an address stays one person's
    found = _waiting(session, token, now)
    if found is None:
        return _confirmed_before(session, token, now)
    code, person, change = found
    if _owner(session, person, change.email) is not None:
        return Confirming(people.company(session), person.locale, change.email, taken=True)
    code.used_at = now
    person.email, person.email_confirmed_at = change.email, now
    session.add(code)
    session.add(person)
    session.delete(change)
    session.flush()
    return _confirming(session, person, person.email)


def _waiting(session: CompanySession, token: str, now: datetime) -> tuple[Code, Person, AddressChange] | None:
    code = account_links.find(session, token, now, purpose=Purpose.ADDRESS)
    person = people.held(session, code.person_id) if code is not None and code.person_id is not None else None
    if code is None or person is None or person.state in (PersonState.LEFT, PersonState.ERASED):
        return None
    change = session.get(AddressChange, (session.company_id, person.id))
    return (code, person, change) if change is not None and change.email == code.sent_to else None


def _confirmed_before(session: CompanySession, token: str, now: datetime) -> Confirming | None:
    code = account_links.used_lately(session, token, now, purpose=Purpose.ADDRESS)
    person = session.get(Person, code.person_id) if code is not None else None
    if code is None or person is None or person.email != code.sent_to:
        return None
    return _confirming(session, person, person.email)


def _confirming(session: CompanySession, person: Person, email: str) -> Confirming:
    return Confirming(people.company(session), person.locale, email)


def forget_old(session: CompanySession, now: datetime) -> None:
    """Addresses that nobody has confirmed in time are not kept."""
    session.exec(delete(AddressChange).where(col(AddressChange.at) <= now - LIFETIME))
