"""People and their accounts, looked up."""

from collections.abc import Sequence

from sqlmodel import col, or_, select

from storage.db import CompanySession
from storage.tables import Account, Person, PersonState, Skill


def by_account(
    session: CompanySession, platform: str, workspace: str, external_id: str
) -> tuple[Account, Person] | None:
    found = session.exec(
        select(Account, Person)
        .join(Person, col(Person.id) == col(Account.person_id))
        .where(Account.platform == platform, Account.workspace == workspace, Account.external_id == external_id)
    ).first()
    return (found[0], found[1]) if found else None


def by_email(session: CompanySession, email: str) -> Person | None:
    gone = PersonState.ERASED
    return session.exec(select(Person).where(Person.email == email, Person.state != gone)).first()


def accounts_of(session: CompanySession, person_id: int) -> Sequence[Account]:
    """Oldest first."""
    return session.exec(select(Account).where(Account.person_id == person_id).order_by(col(Account.id))).all()


def skills_of(session: CompanySession, person_ids: Sequence[int]) -> dict[int, list[str]]:
    """Each person's skills in the order they gave them."""
    rows = session.exec(
        select(Skill.person_id, Skill.label)
        .where(col(Skill.person_id).in_(person_ids))
        .order_by(col(Skill.person_id), col(Skill.place))
    )
    skills: dict[int, list[str]] = {person_id: [] for person_id in person_ids}
    for person_id, label in rows:
        skills[person_id].append(label)
    return skills


def matching(session: CompanySession, terms: Sequence[str], limit: int) -> list[Person]:
    """Active people whose folded name or skills hold every term, by name; at most `limit`."""
    query = select(Person).where(Person.state == PersonState.ACTIVE)
    for term in terms:
        query = query.where(col(Person.folded).contains(term, autoescape=True))
    return list(session.exec(query.order_by(col(Person.name), col(Person.id)).limit(limit)))


def audience(session: CompanySession, skills: Sequence[str]) -> list[tuple[Person, Account]]:
    """Active alumni who take messages and have any of the folded `skills` (everybody when there are none), each
    with the account they made first."""
    query = (
        select(Person, Account)
        .join(Account, col(Account.person_id) == col(Person.id))
        .where(Person.role == "alumnus", Person.state == PersonState.ACTIVE, col(Person.opted_out_at).is_(None))
        .where(Account.address != "")
        .order_by(col(Person.id), col(Account.id))
    )
    if skills:
        having = select(Skill.person_id).where(or_(*(col(Skill.folded) == skill for skill in skills)))
        query = query.where(col(Person.id).in_(having))
    first: dict[int, tuple[Person, Account]] = {}
    for person, account in session.exec(query):
        first.setdefault(account.person_id, (person, account))
    return list(first.values())
