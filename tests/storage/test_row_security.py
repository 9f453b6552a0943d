"""PostgreSQL keeps companies apart by itself: what a statement forgets to say, row-level security says."""

from collections.abc import Iterator

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlmodel import SQLModel

from storage.db import CompanySession, Database, is_above_row_security
from storage.people import _MEMBERS
from storage.tables import Company, Install, Lane, Person, PersonState, Role, table
from tests.storage.conftest import OURS, THEIRS


@pytest.fixture
def people(postgres_url: str) -> Iterator[Database]:
    """A person of each of two companies, in a database whose owner is no superuser."""
    database = Database(postgres_url)
    for company, name in ((OURS, "佐藤"), (THEIRS, "Smith")):
        with database.installation() as session:
            session.add(Company(id=company, name=f"of {name}"))
        with database.company(company) as session:
            session.add(Person(name=name, role=Role.ALUMNUS))
    yield database
    database.close()


def names(session: CompanySession) -> list[str]:
    """What a statement finds that says nothing of any company."""
    return list(session.core.execute(text("SELECT name FROM person ORDER BY name")).scalars())


def test_a_statement_that_names_no_company_finds_its_sessions_alone(people: Database) -> None:
    with people.company(OURS) as session:
        assert names(session) == ["佐藤"]
        assert list(session.core.execute(text("SELECT id FROM company")).scalars()) == [OURS]
        assert session.core.execute(text("UPDATE person SET name = 'x'")).rowcount == 1
        assert session.core.execute(text("DELETE FROM person WHERE name = 'Smith'")).rowcount == 0
    with people.company(THEIRS) as session:
        assert names(session) == ["Smith"]
    with people.installation() as session:
        assert names(session) == ["Smith", "x"]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO synonym (company_id, folded, means) VALUES (2, 'k8s', 'kubernetes')",
        "UPDATE person SET company_id = 2",
    ],
)
def test_nothing_is_written_into_another_company(people: Database, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), people.company(OURS) as session:
        session.core.execute(text(statement))


def test_what_comes_outside_every_session_is_an_error(people: Database) -> None:
    fresh = Database(people.url)
    with pytest.raises(DBAPIError, match=r"motokai\.company"), fresh.engine.connect() as connection:
        connection.execute(text("SELECT name FROM person"))
    with fresh.company(OURS) as session:
        assert names(session) == ["佐藤"]
    # The connection is the pool's again, and does not remember whose it was.
    with pytest.raises(DBAPIError, match="bigint"), fresh.engine.connect() as connection:
        connection.execute(text("SELECT name FROM person"))
    fresh.close()


def test_a_session_within_another_is_of_its_own_company_and_gives_the_other_back(people: Database) -> None:
    with people.installation() as outer:
        with people.company(OURS, within=outer) as inner:
            assert names(inner) == ["佐藤"]
        assert names(outer) == ["Smith", "佐藤"]
        with pytest.raises(KeyError), people.company(THEIRS, within=outer) as inner:
            assert names(inner) == ["Smith"]
            raise KeyError
        assert names(outer) == ["Smith", "佐藤"]
        with outer.core.begin_nested(), pytest.raises(KeyError), people.company(THEIRS, within=outer) as inner:
            assert names(inner) == ["Smith"]
            raise KeyError
        assert names(outer) == ["Smith", "佐藤"]


@pytest.mark.parametrize(
    "statement", ["SELECT 1 FROM nowhere", "SELECT pg_terminate_backend(pg_backend_pid())"], ids=["fails", "cut off"]
)
def test_what_goes_wrong_within_a_session_is_told_as_it_was(people: Database, statement: str) -> None:
    """And by SQLAlchemy: couriers try again after its errors."""
    telling = pytest.raises((ProgrammingError, OperationalError), match=r"nowhere|terminat")
    with telling, people.installation() as outer, people.company(OURS, within=outer) as inner:
        inner.core.execute(text(statement))


def test_a_superuser_is_known(people: Database) -> None:
    with people.installation() as session:
        assert not is_above_row_security(session)
    superuser = Database(people.url.replace("//motokai:", "//postgres:"))
    with superuser.company(OURS) as session:
        assert is_above_row_security(session)
        assert names(session) == ["Smith", "佐藤"], "and row-level security does not hold them"
    superuser.close()


def test_no_table_of_a_companys_is_without_it(people: Database) -> None:
    """A new table needs its policy in the migration that makes it (0039 has an example)."""
    query = text(
        "SELECT relname, qual FROM pg_class JOIN pg_policies ON tablename = relname "
        "WHERE relrowsecurity AND relforcerowsecurity AND cmd = 'ALL' AND permissive = 'PERMISSIVE'"
    )
    with people.installation() as session:
        bound = {name: str(qual) for name, qual in session.core.execute(query)}
    outside = {table(Install).name, table(Lane).name}
    assert set(bound) == set(SQLModel.metadata.tables) - outside
    assert {name for name, qual in bound.items() if "company_id" not in qual} == {table(Company).name}


def test_a_list_is_looked_up_and_not_compared_with_every_row(people: Database) -> None:
    """A condition with a function that may tell what it sees has to wait until a row has been let through."""
    who = {"company_id": OURS, "role": Role.ALUMNUS, "state": PersonState.ACTIVE}
    with people.company(OURS) as session:
        session.core.execute(insert(table(Person)), [{**who, "name": f"{n}"} for n in range(3000)])
        session.core.execute(text("ANALYZE person"))
        asked = f"EXPLAIN {_MEMBERS.sql(session)}"
        plan = "\n".join(row[0] for row in session.driver.execute(asked, {"company": OURS, "ids": [1, 2, 3]}))
    assert "Index Cond: (id = " in plan
    assert "Seq Scan" not in plan
