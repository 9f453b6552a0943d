"""The yearly question: who is asked, when, and that it is once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot import freshness, housekeeping
from bot.delivery import why_not
from storage import people
from storage.db import Database
from storage.ledger import _ROW, _read  # pyright: ignore[reportPrivateUsage]
from storage.tables import Account, Company, Delivery, Person, PersonState, Role

TOKYO = ZoneInfo("Asia/Tokyo")
THURSDAY = datetime(2026, 11, 26, 2, tzinfo=UTC)
"""Eleven in Tokyo."""
LAST_YEAR = THURSDAY - timedelta(days=400)


@pytest.fixture
def company(database: Database) -> Database:
    with database.installation() as session:
        session.add(Company(id=1, name="東都製作所", timezone="Asia/Tokyo"))
    with database.company(1) as session:
        active = PersonState.ACTIVE
        add = (
            Person(id=1, name="due", works_at="X", role=Role.ALUMNUS, state=active, created_at=LAST_YEAR),
            Person(id=2, name="new", works_at="X", role=Role.ALUMNUS, state=active, created_at=THURSDAY),
            Person(id=3, name="no work", role=Role.ALUMNUS, state=active, created_at=LAST_YEAR),
            Person(
                id=4,
                name="off",
                works_at="X",
                role=Role.ALUMNUS,
                state=active,
                created_at=LAST_YEAR,
                opted_out_at=THURSDAY,
            ),
            Person(id=5, name="hr", works_at="X", role=Role.HR, state=active, created_at=LAST_YEAR),
            Person(id=6, name="left", works_at="X", role=Role.ALUMNUS, state=PersonState.LEFT, created_at=LAST_YEAR),
        )
        session.add_all(add)
        session.flush()
        session.add_all(
            Account(platform="slack", workspace="T", external_id=f"U{n}", person_id=n, address=f"D{n}")
            for n in range(1, 7)
        )
    return database


def asked(database: Database, at: datetime) -> int:
    with database.company(1) as session:
        return freshness.ask(session, at)


def questions(database: Database) -> Sequence[Delivery]:
    with database.company(1) as session:
        return session.exec(select(Delivery)).all()


def test_who_is_due_is_asked_once_a_year(company: Database) -> None:
    assert asked(company, THURSDAY) == 1
    assert [(row.person_id, row.unasked) for row in questions(company)] == [(1, True)]
    for days in (0, 1, 100, 364):
        assert asked(company, THURSDAY + timedelta(days=days)) <= (1 if days == 364 else 0)
    of_the_first = [row for row in questions(company) if row.person_id == 1]
    assert len(of_the_first) == 1
    assert asked(company, datetime(2027, 11, 29, 2, tzinfo=UTC)) >= 1
    assert len([row for row in questions(company) if row.person_id == 1]) == 2


@pytest.mark.parametrize("hours", [-2, -12, 48, 72])
def test_nobody_is_asked_at_night_or_on_a_weekend(company: Database, hours: int) -> None:
    assert asked(company, THURSDAY + timedelta(hours=hours)) == 0


def test_who_has_answered_meanwhile_is_not_sent_the_question(company: Database) -> None:
    asked(company, THURSDAY)
    with company.company(1) as session:
        row = _read(session, select(*_ROW))[0]
        reader = people.members(session, [1])[1]
        assert why_not(session, row, reader, THURSDAY) == ""
        session.get_one(Person, 1).checked_at = THURSDAY + timedelta(minutes=1)
        session.flush()
        assert why_not(session, row, reader, THURSDAY) == "answered"
        assert why_not(session, row, reader._replace(opted_out_at=THURSDAY), THURSDAY) == "opted_out"


@pytest.mark.parametrize(
    ("now", "since", "expected"),
    [
        ("2026-11-26T11:00", "2026-11-26T00:30", "2027-11-26T10:00"),
        ("2026-11-26T11:00", "2025-11-27T15:20", "2026-11-27T15:20"),
        ("2026-11-26T11:00", "2025-11-27T16:00", "2026-11-30T10:00"),
        ("2026-11-26T11:00", "2025-11-28T12:00", "2026-11-30T10:00"),
        ("2026-11-26T11:00", "2024-01-01T12:00", "2026-11-26T11:00"),
        ("2026-11-29T20:00", "2024-01-01T12:00", "2026-11-30T10:00"),
    ],
)
def test_when_the_next_is_asked_is_known_and_then_they_are(
    company: Database, now: str, since: str, expected: str
) -> None:
    moment, at, due = (datetime.fromisoformat(text).replace(tzinfo=TOKYO) for text in (now, since, expected))
    with company.company(1) as session:
        for person in session.exec(select(Person)):
            person.checked_at = at if person.id == 1 else moment
    assert housekeeping.next_due(company, moment) == due
    assert asked(company, due - timedelta(minutes=1)) == 0 or due == moment
    assert asked(company, due) == 1 or due == moment
    again = housekeeping.next_due(company, due)
    assert again is not None and again <= due, "the question itself, which waits to be sent"
    with company.company(1) as session:
        assert freshness.next_due(session, due) != due
        for account in session.exec(select(Account)):
            account.address = ""
        session.flush()
        assert freshness.next_due(session, due) is None, "nobody waits for whom nothing reaches"
