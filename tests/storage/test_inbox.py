"""An event is dealt with once, however often and however simultaneously it comes."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from storage import inbox
from storage.db import Database
from tests.storage.conftest import OURS, THEIRS

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)


def record(database: Database, key: str, company: int = OURS, at: datetime = NOW) -> bool:
    with database.company(company) as session:
        return inbox.record(session, key, at)


def test_the_second_time_it_is_a_duplicate(companies: Database) -> None:
    assert record(companies, "slack:Ev1")
    assert not record(companies, "slack:Ev1")
    assert record(companies, "slack:Ev2")


def test_companies_do_not_share_keys(companies: Database) -> None:
    assert record(companies, "slack:Ev1", OURS)
    assert record(companies, "slack:Ev1", THEIRS)


def test_what_was_rolled_back_may_come_again(companies: Database) -> None:
    with pytest.raises(ZeroDivisionError), companies.company(OURS) as session:
        assert inbox.record(session, "slack:Ev1", NOW)
        raise ZeroDivisionError
    assert record(companies, "slack:Ev1")


def test_what_was_forgotten_in_the_same_transaction_may_come_again(companies: Database) -> None:
    with companies.company(OURS) as session:
        assert inbox.record(session, "slack:V1", NOW)
        inbox.forget(session, "slack:V1")
    assert record(companies, "slack:V1")


def test_of_simultaneous_ones_exactly_one_is_the_first(companies: Database) -> None:
    together = threading.Barrier(4)

    def one(number: int) -> bool:
        together.wait(10)
        with companies.company(OURS) as session:
            first = inbox.record(session, f"slack:Ev{number // 4}", NOW)
            threading.Event().wait(0.02)
            return first

    with ThreadPoolExecutor(4) as threads:
        for round_ in range(5):
            outcomes = list(threads.map(one, [round_ * 4] * 4))
            assert sorted(outcomes) == [False, False, False, True]


def test_if_the_first_of_two_fails_the_second_does_the_work(companies: Database) -> None:
    """The one that waits must not be told "duplicate" of something that never happened."""
    noted, may_fail = threading.Event(), threading.Event()

    def fails() -> None:
        with companies.company(OURS) as session:
            inbox.record(session, "slack:Ev1", NOW)
            noted.set()
            may_fail.wait(10)
            raise ZeroDivisionError

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(fails)
        assert noted.wait(10)
        second = threads.submit(record, companies, "slack:Ev1")
        threading.Event().wait(0.1)
        may_fail.set()
        assert isinstance(first.exception(10), ZeroDivisionError)
        assert second.result(10) is True


def test_keys_that_nobody_repeats_any_more_are_forgotten(companies: Database) -> None:
    record(companies, "old", OURS, NOW - inbox.KEPT - timedelta(minutes=1))
    record(companies, "old", THEIRS, NOW - inbox.KEPT - timedelta(minutes=1))
    record(companies, "new", OURS, NOW - inbox.KEPT + timedelta(minutes=1))
    with companies.company(OURS) as session:
        assert inbox.prune(session, NOW) == 1
    assert not record(companies, "new")
    assert record(companies, "old")
    assert not record(companies, "old", THEIRS), "each company's housekeeping is its own"
