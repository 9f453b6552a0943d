"""People and their accounts, looked up."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import and_, bindparam
from sqlmodel import col, or_, select

from storage.db import CompanySession
from storage.tables import Account, Company, Person, PersonState, Skill

# Every event needs it: a constant, since making a statement and finding its compiled form costs more than running it.
_SPEAKER = (
    select(Company, Account, Person)
    .outerjoin(
        Account,
        and_(
            col(Account.company_id) == col(Company.id),
            col(Account.platform) == bindparam("platform"),
            col(Account.workspace) == bindparam("workspace"),
            col(Account.external_id) == bindparam("external_id"),
        ),
    )
    .outerjoin(Person, col(Person.id) == col(Account.person_id))
    .where(col(Company.id) == bindparam("company"))
)


def speaker(
    session: CompanySession, platform: str, workspace: str, external_id: str
) -> tuple[Company, Account | None, Person | None]:
    """The session's company, and whom it knows by that account. LookupError when there is no such company."""
    asked = {
        "company": session.company_id,
        "platform": platform,
        "workspace": workspace,
        "external_id": external_id,
    }
    found = session.exec(_SPEAKER, params=asked).first()
    if found is None:
        raise LookupError(f"no company {session.company_id}")
    return found[0], found[1], found[2]


def by_account(session: CompanySession, platform: str, workspace: str, external_id: str) -> Person | None:
    return speaker(session, platform, workspace, external_id)[2]


_BY_IDS = select(Person).where(col(Person.id).in_(bindparam("ids", expanding=True)))


def by_ids(session: CompanySession, person_ids: Iterable[int]) -> dict[int, Person]:
    found = session.exec(_BY_IDS, params={"ids": list(person_ids)})
    return {person.id: person for person in found if person.id is not None}


def by_email(session: CompanySession, email: str) -> Person | None:
    gone = PersonState.ERASED
    return session.exec(select(Person).where(Person.email == email, Person.state != gone)).first()


def accounts_of(session: CompanySession, person_id: int) -> Sequence[Account]:
    """Oldest first."""
    return session.exec(select(Account).where(Account.person_id == person_id).order_by(col(Account.id))).all()


_P = cast(Any, Person).__table__
_S = cast(Any, Skill).__table__

# Look-ups are what people do all day: they read columns, without objects, and so name their company themselves.
_SKILLS = (
    select(_S.c.person_id, _S.c.label)
    .where(_S.c.company_id == bindparam("company"), _S.c.person_id.in_(bindparam("ids", expanding=True)))
    .order_by(_S.c.person_id, _S.c.place)
)


def skills_of(session: CompanySession, person_ids: Sequence[int]) -> dict[int, list[str]]:
    """Each person's skills in the order they gave them."""
    session.flush()
    rows = session.connection().execute(_SKILLS, {"company": session.company_id, "ids": list(person_ids)})
    skills: dict[int, list[str]] = {person_id: [] for person_id in person_ids}
    for person_id, label in rows:
        skills[person_id].append(label)
    return skills


class Named(NamedTuple):
    id: int
    name: str


@lru_cache
def _matching(terms: int) -> Any:
    query = select(_P.c.id, _P.c.name).where(_P.c.company_id == bindparam("company"), _P.c.state == PersonState.ACTIVE)
    for number in range(terms):
        query = query.where(_P.c.folded.contains(bindparam(f"term{number}"), escape="/"))
    return query.order_by(_P.c.name, _P.c.id).limit(bindparam("most"))


def _literally(term: str) -> str:
    return term.replace("/", "//").replace("%", "/%").replace("_", "/_")


def matching(session: CompanySession, terms: Sequence[str], limit: int) -> list[Named]:
    """Active people whose folded name or skills hold every term, by name; at most `limit`."""
    session.flush()
    asked = {f"term{number}": _literally(term) for number, term in enumerate(terms)}
    found = session.connection().execute(_matching(len(terms)), {"company": session.company_id, "most": limit, **asked})
    return [Named(*row) for row in found]


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
