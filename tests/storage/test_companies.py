"""A session of one company: whatever it says, it sees and changes nothing of another."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, func, insert, text, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from storage import installs
from storage.db import CompanySession, Database, OutsideCompany
from storage.tables import Account, Company, Person, Role
from tests.storage.conftest import OURS, THEIRS


@pytest.fixture
def people(companies: Database) -> Database:
    """One person in each company, with the same name and an account each."""
    for company in (OURS, THEIRS):
        with companies.company(company) as session:
            person = Person(id=company * 10, name="佐藤", email=f"sato@{company}.example", role=Role.ALUMNUS)
            session.add(person)
            session.flush()
            session.add(
                Account(platform="slack", workspace=f"T{company}", external_id="U1", person_id=company * 10, address="")
            )
    return companies


def emails(database: Database, company: int) -> list[str]:
    with database.company(company) as session:
        return list(session.exec(select(Person.email).order_by(Person.email)))


Look = Callable[[CompanySession], object]
other = aliased(Person)

LOOKS: dict[str, tuple[Look, object]] = {
    "select": (lambda s: [p.email for p in s.exec(select(Person))], ["sato@1.example"]),
    "columns": (lambda s: list(s.exec(select(Person.email))), ["sato@1.example"]),
    "by name of theirs": (lambda s: s.exec(select(Person).where(Person.id == 20)).first(), None),
    "or true": (lambda s: len(s.exec(select(Person).where((Person.id == 20) | (Person.id == 10))).all()), 1),
    "get": (lambda s: s.get(Person, 20), None),
    "aggregate": (lambda s: s.exec(select(func.count()).select_from(Person)).one(), 1),
    "aggregate of a column": (lambda s: s.exec(select(func.max(Person.id))).one(), 10),
    "subquery": (
        lambda s: s.exec(select(func.count()).select_from(select(Person.id).subquery())).one(),
        1,
    ),
    "in a subquery": (
        lambda s: list(s.exec(select(Account.workspace).where(col(Account.person_id).in_(select(Person.id))))),
        ["T1"],
    ),
    "exists": (
        lambda s: s.exec(select(select(Person.id).where(Person.id == 20).exists())).one(),
        False,
    ),
    "join": (
        lambda s: [
            (p.id, a.workspace) for p, a in s.exec(select(Person, Account).join(Account, col(Account.id) > 0)).all()
        ],
        [(10, "T1")],
    ),
    "alias": (lambda s: [p.id for p in s.exec(select(other))], [10]),
    "self join": (
        lambda s: s.exec(select(func.count()).select_from(Person).join(other, col(other.name) == Person.name)).one(),
        1,
    ),
    "union": (
        lambda s: len(s.execute(select(Person.id).union_all(select(Account.person_id))).all()),
        2,
    ),
    "cte": (
        lambda s: s.exec(select(func.count()).select_from(select(Person.id).cte("everybody"))).one(),
        1,
    ),
    "the other company": (lambda s: [c.id for c in s.exec(select(Company))], [OURS]),
}


@pytest.mark.parametrize("name", LOOKS)
def test_another_companys_rows_cannot_be_seen(people: Database, name: str) -> None:
    look, expected = LOOKS[name]
    with people.company(OURS) as session:
        assert look(session) == expected


def test_an_update_and_a_delete_reach_only_ones_own(people: Database) -> None:
    with people.company(OURS) as session:
        session.execute(update(Person).values(email="changed"))
    assert emails(people, OURS) == ["changed"]
    assert emails(people, THEIRS) == ["sato@2.example"]
    with people.company(OURS) as session:
        session.execute(delete(Account))
        session.execute(delete(Person))
    assert emails(people, OURS) == []
    assert emails(people, THEIRS) == ["sato@2.example"]


WRITES: dict[str, Look] = {
    "text": lambda s: s.execute(text("SELECT 1")),
    "a Core select": lambda s: s.execute(select(Person.__table__)),  # type: ignore[attr-defined]
    "a Core update": lambda s: s.execute(update(Person.__table__).values(name="x")),  # type: ignore[attr-defined]
    "a Core delete": lambda s: s.execute(delete(Person.__table__)),  # type: ignore[attr-defined]
    "a bulk insert without a company": lambda s: s.execute(insert(Person), [{"name": "x", "role": Role.HR}]),
    "a bulk insert for another": lambda s: s.execute(
        insert(Person), [{"company_id": THEIRS, "name": "x", "role": Role.HR}]
    ),
    "an insert with values": lambda s: s.execute(insert(Person).values(company_id=THEIRS, name="x", role=Role.HR)),
    "an update by primary key": lambda s: s.execute(update(Person), [{"id": 20, "email": "taken"}]),
    "giving a row away": lambda s: s.execute(update(Person).values(company_id=THEIRS)),
}


@pytest.mark.parametrize("name", WRITES)
def test_what_cannot_be_confined_is_refused(people: Database, name: str) -> None:
    with pytest.raises(OutsideCompany), people.company(OURS) as session:
        WRITES[name](session)
    assert emails(people, OURS) == ["sato@1.example"]
    assert emails(people, THEIRS) == ["sato@2.example"]


def test_a_new_row_gets_the_sessions_company(people: Database) -> None:
    with people.company(OURS) as session:
        session.add(Person(id=30, name="田中", role=Role.HR))
    with people.installation() as session:
        added = session.get(Person, 30)
    assert added is not None and added.company_id == OURS


def test_a_row_for_another_company_is_refused(people: Database) -> None:
    with pytest.raises(OutsideCompany), people.company(OURS) as session:
        session.add(Person(company_id=THEIRS, name="田中", role=Role.HR))


def test_moving_ones_own_row_to_another_company_is_refused(people: Database) -> None:
    with pytest.raises(OutsideCompany), people.company(OURS) as session:
        mine = session.exec(select(Person)).one()
        mine.company_id = THEIRS


def test_a_row_of_another_company_that_was_loaded_elsewhere_cannot_be_changed_or_deleted(people: Database) -> None:
    with people.company(THEIRS) as session:
        theirs = session.exec(select(Person)).one()
    with pytest.raises(OutsideCompany), people.company(OURS) as session:
        session.delete(theirs)
        session.flush()
    assert emails(people, THEIRS) == ["sato@2.example"]


def test_an_exception_leaves_nothing_behind(people: Database) -> None:
    with pytest.raises(ZeroDivisionError), people.company(OURS) as session:
        session.add(Person(name="田中", role=Role.HR))
        session.flush()
        raise ZeroDivisionError
    assert emails(people, OURS) == ["sato@1.example"]


def test_a_workspace_belongs_to_whoever_linked_it_first(people: Database) -> None:
    known = installs.Installs(people)
    assert known.company_of("slack", "T1") is None
    with people.company(OURS) as session:
        assert installs.link(session, "slack", "T1")
        assert installs.link(session, "slack", "T1"), "linking it again is no trouble"
    with people.company(THEIRS) as session:
        assert not installs.link(session, "slack", "T1")
        assert installs.workspaces(session) == []
    assert known.company_of("slack", "T1") == OURS
