"""People and their accounts, looked up."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam
from sqlalchemy import select as columns
from sqlmodel import col, select

from storage import visibility
from storage.db import CompanySession
from storage.listed import aside, one_of
from storage.prepared import Prepared
from storage.tables import (
    Account,
    Company,
    Person,
    PersonState,
    Role,
    Skill,
    table,
)

_A, _C, _P, _S = (table(one) for one in (Account, Company, Person, Skill))


class CompanyFacts(NamedTuple):
    """A company, as words and rules need it."""

    name: str
    locale: str
    timezone: str


class Member(NamedTuple):
    """A person, as words and rules need them. A handler that changes something loads the row."""

    id: int
    name: str
    role: Role
    state: PersonState
    locale: str
    opted_out_at: datetime | None
    snoozed_until: datetime | None = None
    receives: str = ""


class Contact(NamedTuple):
    """The account that somebody speaks from."""

    id: int
    address: str


# What every event and look-up asks is asked in columns: making objects costs more than the databases do.
_COMPANY = (_C.c.name, _C.c.locale, _C.c.timezone)
_MEMBER = (_P.c.id, _P.c.name, _P.c.role, _P.c.state, _P.c.locale, _P.c.opted_out_at, _P.c.snoozed_until, _P.c.receives)
_SPEAKER = Prepared(
    lambda _: (
        columns(*_COMPANY, _A.c.id, _A.c.address, *_MEMBER)
        .select_from(_C)
        .outerjoin(
            _A,
            and_(
                _A.c.company_id == _C.c.id,
                _A.c.platform == bindparam("platform"),
                _A.c.workspace == bindparam("workspace"),
                _A.c.external_id == bindparam("external_id"),
            ),
        )
        .outerjoin(_P, and_(_P.c.id == _A.c.person_id, _P.c.company_id == _C.c.id))
        .where(_C.c.id == bindparam("company"))
    )
)
_FACTS = Prepared(lambda _: columns(*_COMPANY).where(_C.c.id == bindparam("company")))
_MEMBERS = Prepared(
    lambda _: columns(*_MEMBER).where(aside(_P.c.company_id) == bindparam("company"), one_of(_P.c.id, "ids"))
)


def speaker(
    session: CompanySession, platform: str, workspace: str, external_id: str
) -> tuple[CompanyFacts, Contact | None, Member | None]:
    """The session's company, and whom it knows by that account. LookupError when there is no such company."""
    row = _SPEAKER.first(session, platform=platform, workspace=workspace, external_id=external_id)
    if row is None:
        raise LookupError(f"no company {session.company_id}")
    known = row[3] is not None and row[5] is not None
    return CompanyFacts(*row[:3]), Contact(*row[3:5]) if known else None, Member(*row[5:]) if known else None


def by_account(session: CompanySession, platform: str, workspace: str, external_id: str) -> Member | None:
    return speaker(session, platform, workspace, external_id)[2]


def company(session: CompanySession) -> CompanyFacts:
    """The session's company. LookupError when there is no such company."""
    row = _FACTS.first(session)
    if row is None:
        raise LookupError(f"no company {session.company_id}")
    return CompanyFacts(*row)


def members(session: CompanySession, person_ids: Iterable[int]) -> dict[int, Member]:
    """Those of the people who are the company's, by id."""
    asked = list(person_ids)
    if not asked:
        return {}
    session.flush()
    return {row[0]: Member(*row) for row in _MEMBERS.all(session, ids=asked)}


def hold_company(session: CompanySession) -> None:
    """Nobody else who asks for this adds people to the company until the transaction ends."""
    session.exec(select(Company.id).where(Company.id == session.company_id).with_for_update(key_share=True)).one()


def held(session: CompanySession, person_id: int) -> Person | None:
    """The person, whom nobody else who asks so changes until the transaction ends. Rows that only refer to the person
    are not held up: a courier that makes a code would otherwise wait for us while we wait for its letter."""
    return session.exec(select(Person).where(Person.id == person_id).with_for_update(key_share=True)).first()


def confirmed_address(person: Person) -> str:
    """The address that the person has shown to be theirs, by using what was sent to it; empty where they have not. It
    is in the form in which addresses are compared."""
    return person.email.casefold() if person.email_confirmed_at is not None else ""


def by_email(session: CompanySession, email: str) -> Person | None:
    gone = PersonState.ERASED
    return session.exec(select(Person).where(Person.email == email, Person.state != gone)).first()


def accounts_of(session: CompanySession, person_id: int) -> Sequence[Account]:
    """Oldest first."""
    return session.exec(select(Account).where(Account.person_id == person_id).order_by(col(Account.id))).all()


def reach(session: CompanySession, person_id: int) -> dict[str, Any] | None:
    """Where the person is written to, as a ledger's Draft has it: the oldest account that takes messages. None where
    there is none."""
    session.flush()
    account = _REACH.first(session, person=person_id)
    if account is None:
        return None
    to = dict(zip(("platform", "workspace", "address"), account, strict=True))
    return {"recipient": f"person:{person_id}", "person_id": person_id, **to}


_REACH = Prepared(
    lambda _: (
        columns(_A.c.platform, _A.c.workspace, _A.c.address)
        .where(_A.c.company_id == bindparam("company"), _A.c.person_id == bindparam("person"), _A.c.address != "")
        .order_by(_A.c.id)
        .limit(1)
    )
)


_SKILLS = Prepared(
    lambda _: (
        columns(_S.c.person_id, _S.c.label)
        .where(_S.c.company_id == bindparam("company"), one_of(_S.c.person_id, "ids"))
        .order_by(_S.c.person_id, _S.c.place)
    )
)


def listed_skills(session: CompanySession, person_ids: Sequence[int], viewer_id: int) -> dict[int, list[str]]:
    """`skills_of` for lists: of others only the skills that every member may see. A list goes no further for HR, since
    looking at what only HR sees is written down, person by person."""
    kept = visibility.narrowed(session, "skills", person_ids) - {viewer_id}
    skills = skills_of(session, person_ids)
    return {person_id: [] if person_id in kept else labels for person_id, labels in skills.items()}


def skills_of(session: CompanySession, person_ids: Sequence[int]) -> dict[int, list[str]]:
    """Each person's skills in the order they gave them."""
    session.flush()
    skills: dict[int, list[str]] = {person_id: [] for person_id in person_ids}
    for person_id, label in _SKILLS.all(session, ids=person_ids):
        skills[person_id].append(label)
    return skills


_IDENTITIES = (_P.c.id, _P.c.name, _P.c.reading, _P.c.romaji, _P.c.email, _P.c.employee_number)


def identities(session: CompanySession, gone: Sequence[PersonState]) -> Iterator[tuple[int, Sequence[str]]]:
    """By what each of the company's people is told apart, the name first; without those in the states `gone`."""
    session.flush()
    there = _P.c.company_id == session.company_id, _P.c.state.not_in(gone)
    for number, *said in session.core.execute(columns(*_IDENTITIES).where(*there).order_by(_P.c.id)):
        yield number, said


class Named(NamedTuple):
    id: int
    name: str


def staff(session: CompanySession) -> list[tuple[Person, Account]]:
    """The company's HR, each with the account they made first."""
    query = (
        select(Person, Account)
        .join(Account, col(Account.person_id) == col(Person.id))
        .where(col(Person.role).in_([Role.OWNER, Role.HR]), Person.state == PersonState.ACTIVE)
        .where(Account.address != "")
        .order_by(col(Person.id), col(Account.id))
    )
    first: dict[int, tuple[Person, Account]] = {}
    for person, account in session.exec(query):
        first.setdefault(account.person_id, (person, account))
    return list(first.values())
