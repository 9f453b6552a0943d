"""Wall time in a zone ⇄ an instant, on the days when clocks change too."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import clock
from bot.errors import UnknownZone

ZONES = [
    "Asia/Tokyo",
    "Asia/Kathmandu",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "UTC",
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        ("Asia/Tokyo", "2026-05-01T09:00", "2026-05-01T00:00+00:00"),
        ("Asia/Kathmandu", "2026-05-01T09:00", "2026-05-01T03:15+00:00"),
        ("America/New_York", "2026-01-05T09:00", "2026-01-05T14:00+00:00"),
        ("America/New_York", "2026-07-05T09:00", "2026-07-05T13:00+00:00"),
        # a gap: the first minute after it
        ("America/New_York", "2026-03-08T02:00", "2026-03-08T07:00+00:00"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00+00:00"),
        ("America/New_York", "2026-03-08T02:59", "2026-03-08T07:00+00:00"),
        ("America/New_York", "2026-03-08T03:00", "2026-03-08T07:00+00:00"),
        ("Europe/London", "2026-03-29T01:30", "2026-03-29T01:00+00:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30+00:00"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00+00:00"),
        # twice: the first one
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30+00:00"),
        ("Europe/London", "2026-10-25T01:30", "2026-10-25T00:30+00:00"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45+00:00"),
    ],
)
def test_the_instant_of_a_wall_time(zone: str, wall: str, instant: str) -> None:
    found = clock.instant(at(wall), zone)
    assert found == at(instant)
    assert found.tzinfo is UTC


@given(st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1)), st.sampled_from(ZONES))  # noqa: DTZ001
def test_an_instant_shows_the_wall_time_or_the_end_of_its_gap(wall: datetime, zone: str) -> None:
    found = clock.instant(wall, zone)
    shown = found.astimezone(clock.zone(zone)).replace(tzinfo=None)
    if shown != wall:
        assert wall < shown <= wall + timedelta(days=1, hours=1)
        before = (found - timedelta(seconds=1)).astimezone(clock.zone(zone)).replace(tzinfo=None)
        assert before < wall, "the second before the gap's end still showed an earlier time"
    for earlier in (timedelta(hours=1), timedelta(minutes=30)):
        assert (found - earlier).astimezone(clock.zone(zone)).replace(tzinfo=None) != wall, "the first one counts"


@given(st.dates(date(1990, 1, 1), date(2036, 1, 1)), st.sampled_from(ZONES))
def test_a_day_is_over_when_the_next_begins(day: date, zone: str) -> None:
    over = clock.end_of_day(day, zone)
    assert clock.today(over, zone) > day
    assert clock.today(over - timedelta(seconds=1), zone) <= day


@pytest.mark.parametrize(
    "name", ["", "Tokyo", "Asia/Nowhere", "../../etc/passwd", "/etc/passwd", "Asia\0Tokyo", "Asia"]
)
def test_what_is_no_zone_is_named(name: str) -> None:
    with pytest.raises(UnknownZone) as raised:
        clock.zone(name)
    assert "Asia/Tokyo" in str(raised.value)


def test_now_is_aware() -> None:
    assert clock.now().tzinfo is UTC
