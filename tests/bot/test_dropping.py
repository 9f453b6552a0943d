"""Files that wait for HR's word: for how long, and that nobody who is erased comes back by one."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from bot import dropping, erasure, housekeeping
from bot.scene import Scene
from storage import people
from storage.db import Database
from storage.tables import Company, FileState, PeopleFile, PeopleFileBody, Person, PersonState, Role

NOW = datetime(2026, 3, 20, 1, tzinfo=UTC)


@pytest.fixture
def company(database: Database) -> Database:
    """Of HR (1) with an alumnus (2) and three files: checked (1), being imported (2), done long ago (3)."""
    with database.installation() as session:
        session.add(Company(id=1, name="東都製作所", created_at=NOW))
    with database.company(1) as session:
        session.add(Person(id=1, name="HR", role=Role.OWNER, state=PersonState.ACTIVE, created_at=NOW))
        session.add(Person(id=2, name="山田", role=Role.ALUMNUS, state=PersonState.ACTIVE, created_at=NOW))
        session.flush()
        until, before = NOW + dropping.KEPT, NOW - dropping.REMEMBERED
        for number, state, made in ((1, "checked", NOW), (2, "importing", NOW), (3, "done", before)):
            file = PeopleFile(id=number, person_id=1, state=FileState(state), due_at=until, created_at=made)
            session.add(file)
            session.flush()
            session.add(PeopleFileBody(file_id=number, body=b"x"))
    return database


def states(database: Database) -> dict[int, str]:
    with database.company(1) as session:
        kept = {row.file_id for row in session.exec(select(PeopleFileBody))}
        return {row.id or 0: f"{row.state}{' kept' * (row.id in kept)}" for row in session.exec(select(PeopleFile))}


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (timedelta(), {1: "checked kept", 2: "importing kept"}),
        (dropping.KEPT, {1: "expired", 2: "importing kept"}),
        (dropping.REMEMBERED, {}),
    ],
)
def test_a_file_waits_for_a_day_and_is_forgotten_after_a_month(
    company: Database, after: timedelta, found: dict[int, str]
) -> None:
    housekeeping.run(company, lambda: NOW + after)
    assert states(company) == found


def test_who_is_erased_comes_back_by_no_file_that_waits(company: Database) -> None:
    with company.company(1) as session:
        erasure.erase(session, 2, NOW)
    assert states(company) == {1: "expired", 2: "importing kept", 3: "done kept"}


def test_who_is_not_of_hr_any_more_sees_no_file(company: Database) -> None:
    with company.company(1) as session:
        members = people.members(session, [1, 2])
        hr, alumnus = (Scene(session, people.company(session), members[number], "ja", NOW) for number in (1, 2))
        assert dropping.file_view(hr, 1).state == "checked"
        with pytest.raises(LookupError):
            dropping.file_view(alumnus, 1)
