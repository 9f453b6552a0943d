"""One-time codes: good once, in time, for their purpose, in their company."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from bot import codes
from storage.db import Database
from storage.tables import Code, Company, Person, Purpose, Role

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.fixture
def companies(database: Database) -> Database:
    with database.installation() as session:
        session.add(Company(id=1, name="東都製作所"))
        session.add(Company(id=2, name="Elsewhere Inc."))
    with database.company(1) as session:
        session.add(Person(id=1, name="佐藤", role=Role.ALUMNUS))
        session.add(Person(id=2, name="田中", role=Role.ALUMNUS))
    return database


def issue(database: Database, purpose: Purpose = Purpose.JOIN, person: int | None = 1) -> str:
    with database.company(1) as session:
        return codes.issue(session, purpose, NOW, person)


def redeem(
    database: Database, code: str, purpose: Purpose = Purpose.JOIN, at: datetime = NOW, company: int = 1
) -> int | None:
    with database.company(company) as session:
        found = codes.redeem(session, code, purpose, at)
        return None if found is None else found.person_id


def test_good_once(companies: Database) -> None:
    code = issue(companies)
    assert codes.company_in(code) == 1
    assert redeem(companies, code) == 1
    assert redeem(companies, code) is None


def test_typed_as_people_type(companies: Database) -> None:
    assert redeem(companies, f"  {issue(companies).lower()} ") == 1
    number, _, secret = issue(companies).partition("-")
    assert redeem(companies, f"{number}-{secret.replace('-', '')}") == 1


def test_good_until_it_expires(companies: Database) -> None:
    code = issue(companies)
    assert redeem(companies, code, at=NOW + codes.LIFETIME) is None
    assert redeem(companies, code, at=NOW + codes.LIFETIME - timedelta(seconds=1)) == 1


def test_for_its_purpose_and_in_its_company_only(companies: Database) -> None:
    code = issue(companies)
    assert redeem(companies, code, Purpose.CLAIM) is None
    assert redeem(companies, code, company=2) is None
    assert redeem(companies, f"2{code[1:]}", company=2) is None
    assert redeem(companies, code) == 1, "none of that used it up"


def test_a_new_one_revokes_the_persons_older_ones_and_nobody_elses(companies: Database) -> None:
    old, others = issue(companies), issue(companies, person=2)
    new = issue(companies)
    assert redeem(companies, old) is None
    assert redeem(companies, others) == 2
    assert redeem(companies, new) == 1


def test_only_a_digest_is_kept(companies: Database) -> None:
    code = issue(companies)
    secret = code.partition("-")[2]
    with companies.company(1) as session:
        kept = session.exec(select(Code)).one()
    assert secret not in str(kept) and secret.replace("-", "") not in str(kept)


def test_codes_cannot_be_guessed(companies: Database) -> None:
    made = [issue(companies, person=None).partition("-")[2].replace("-", "") for _ in range(60)]
    assert len(set(made)) == 60
    assert all(len(secret) == 12 for secret in made)
    assert len({letter for secret in made for letter in secret}) > 25, "12 of 30 letters: 58 bits"
    assert not {"0", "O", "1", "I", "L"} & {letter for secret in made for letter in secret}


@pytest.mark.parametrize(
    "text", ["", "-", "1", "1-", "1-ABCD", "x-ABCD-EFGH-JKMN", "12345678901-ABCD-EFGH-JKMN", "１-ABCD-EFGH-JKMN", "\0"]
)
def test_what_is_no_code_names_no_company_and_opens_nothing(companies: Database, text: str) -> None:
    assert codes.company_in(text) is None
    if "\0" not in text:
        assert redeem(companies, text) is None
