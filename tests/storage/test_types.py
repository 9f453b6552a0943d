"""An instant comes back as the instant it was, from either database."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError
from sqlmodel import select

from storage.db import Database
from storage.tables import Person, Role
from storage.types import NaiveInstant

TOKYO = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    "written",
    [
        datetime(2026, 5, 1, 9, 0, 0, 123456, tzinfo=UTC),
        datetime(2026, 5, 1, 9, 0, tzinfo=TOKYO),
        datetime(2026, 1, 1, 0, 0, tzinfo=timezone(-timedelta(hours=9, minutes=30))),
    ],
)
def test_an_aware_instant_of_any_zone_comes_back_as_the_same_one_in_utc(companies: Database, written: datetime) -> None:
    with companies.company(1) as session:
        session.add(Person(name="佐藤", role=Role.ALUMNUS, opted_out_at=written))
    with companies.company(1) as session:
        back = session.exec(select(Person.opted_out_at)).one()
        found = session.exec(select(Person).where(Person.opted_out_at == written.astimezone(TOKYO))).first()
    assert back == written
    assert back is not None and back.tzinfo is UTC
    assert found is not None, "an instant is found again by the same moment in another zone"


def test_a_naive_instant_is_refused(companies: Database) -> None:
    naive = datetime(2026, 5, 1, 9, 0)  # noqa: DTZ001 - the very thing
    with pytest.raises(StatementError) as raised, companies.company(1) as session:
        session.add(Person(name="佐藤", role=Role.ALUMNUS, opted_out_at=naive))
    assert isinstance(raised.value.orig, NaiveInstant)


def test_no_instant_stays_none(companies: Database) -> None:
    with companies.company(1) as session:
        session.add(Person(name="佐藤", role=Role.ALUMNUS))
    with companies.company(1) as session:
        assert session.exec(select(Person.opted_out_at)).one() is None
