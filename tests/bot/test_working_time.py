"""When working minutes have passed: over nights, weekends, holidays, the new year, and days on which clocks change."""

from datetime import UTC, date, datetime, time

import pytest

from bot.working_time import Hours, add, is_working_day, next_opening

TOKYO = Hours(time(9), time(18), "Asia/Tokyo", "jp")
BERLIN = Hours(time(0, 30), time(9), "Europe/Berlin", "de")


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-24T10:00", 60, "2026-11-24T11:00"),
        ("2026-11-24T10:00", 8 * 60, "2026-11-24T18:00"),
        ("2026-11-24T10:00", 8 * 60 + 1, "2026-11-25T09:01"),
        ("2026-11-24T03:00", 60, "2026-11-24T10:00"),
        ("2026-11-24T22:00", 60, "2026-11-25T10:00"),
        ("2026-11-20T17:30", 60, "2026-11-24T09:30"),  # a weekend, and 勤労感謝の日 on Monday
        ("2026-05-01T17:00", 120, "2026-05-07T10:00"),  # 3 May is a Sunday: the 6th stands in for it
        ("2026-12-28T17:00", 120, "2027-01-04T10:00"),
        ("2026-11-24T10:00", 5 * 9 * 60, "2026-12-01T10:00"),
    ],
)
def test_so_many_minutes_later(start: str, minutes: int, end: str) -> None:
    assert add(tokyo(start), minutes, TOKYO) == tokyo(end)


def test_minutes_are_real_ones_on_a_day_on_which_clocks_change() -> None:
    """In Berlin neither change falls on a working day, but an office may work on Sundays elsewhere: Tehran's did."""
    hours = Hours(time(0, 30), time(9), "Africa/Cairo", "xx")  # clocks go forward on Friday, 24 April 2026, at 0:00
    start = datetime(2026, 4, 23, 20, tzinfo=UTC)
    assert add(start, 60, hours) == datetime(2026, 4, 23, 23, tzinfo=UTC), "0:30 does not exist and work begins at 1:00"
    winter = add(datetime(2026, 10, 23, 20, tzinfo=UTC), 60, BERLIN)
    assert winter == datetime(2026, 10, 26, 0, 30, tzinfo=UTC), "the Monday after the change is in winter time"


@pytest.mark.parametrize(
    ("day", "country", "works"),
    [
        (date(2026, 12, 29), "jp", False),
        (date(2026, 12, 29), "us", True),
        (date(2027, 1, 4), "jp", True),
        (date(2026, 9, 22), "jp", False),  # between two holidays
        (date(2026, 7, 3), "us", False),  # the 4th is a Saturday
        (date(2026, 11, 23), "xx", True),
        (date(2026, 11, 22), "xx", False),
    ],
)
def test_working_days(day: date, country: str, works: bool) -> None:
    assert is_working_day(day, country) is works


def test_the_next_opening_is_later_and_not_before_a_day() -> None:
    assert next_opening(tokyo("2026-11-24T08:00"), TOKYO) == tokyo("2026-11-24T09:00")
    assert next_opening(tokyo("2026-11-24T09:00"), TOKYO) == tokyo("2026-11-25T09:00")
    later = next_opening(tokyo("2026-11-14T10:00"), TOKYO, not_before=date(2026, 11, 21))
    assert later == tokyo("2026-11-24T09:00")
