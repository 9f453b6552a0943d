"""Whose an e-mail address is.

An address is its person's once they have answered a letter to it: the code or the link that they came with was sent
there and nowhere else. What somebody types as their address, or HR does for them, proves nothing; a slip of the pen
would otherwise let its owner in as that person.
"""

from collections.abc import Iterable, Sequence

from sqlmodel import col, select

from bot import subjects
from bot.ports import MAIL
from storage import ledger
from storage.db import CompanySession
from storage.tables import Person, PersonState

_KNOWN = (PersonState.CONFIRMED, PersonState.ACTIVE, PersonState.PAUSED)


def folded(address: str) -> str:
    """The address as it is compared: mail servers tell no cases apart. Nothing else is folded, plus tags neither, since
    what one server takes for the same mailbox is another's somebody else. Empty for what is not plain ASCII: letters
    that fold to others' (K for k) have opened doors elsewhere."""
    address = address.strip()
    return address.lower() if address.isascii() and address.count("@") == 1 else ""


def prove(session: CompanySession, person: Person) -> None:
    """The person has just used what was sent to them. If the last they were sent was a letter to the address that they
    have now, the address is theirs."""
    letter = ledger.last_about(session, subjects.invitation(person.id))[1]
    if letter is not None and letter.platform == MAIL and folded(letter.address) == folded(person.email):
        vouch(session, person, person.email)


def vouch(session: CompanySession, person: Person, address: str) -> None:
    """Somebody whom we trust says that the person has this address."""
    if folded(address) and folded(address) == folded(person.email):
        person.confirmed_email = folded(address)
        session.add(person)


def owners(session: CompanySession, addresses: Iterable[str]) -> Sequence[Person]:
    """Everybody in the network who has confirmed one of these addresses and has it still."""
    wanted = sorted({folded(address) for address in addresses} - {""})
    if not wanted:
        return ()
    query = select(Person).where(col(Person.confirmed_email).in_(wanted), col(Person.state).in_(_KNOWN))
    found = session.exec(query.order_by(col(Person.id))).all()
    return [person for person in found if folded(person.email) == person.confirmed_email]
