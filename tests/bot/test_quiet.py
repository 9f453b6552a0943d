"""Quiet hours: which words mean which, and to when they shift."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import quiet
from bot.quiet import USUAL
from storage.db import Database
from tests.bot.core import ALUMNA, Core

ZONES = ["Asia/Tokyo", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Australia/Lord_Howe"]


@pytest.mark.parametrize(
    ("words", "stored"),
    [
        ("22-7", "22:00-07:00"),
        ("２２：３０〜６：４５", "22:30-06:45"),
        ("22時から7時まで", "22:00-07:00"),
        ("9 to 17", "09:00-17:00"),
        ("22-24", "22:00-00:00"),
        ("7-7", ""),
        ("24-0", ""),
        ("25-7", ""),
        ("22:60-7", ""),
        ("22", ""),
        ("<!channel>", ""),
    ],
)
def test_words_mean_hours(words: str, stored: str) -> None:
    hours = quiet.spoken(words)
    assert (hours.stored() if hours else "") == stored


@pytest.mark.parametrize(
    ("at", "before", "zone", "expected"),
    [
        ("2026-12-04T20:59", "2026-12-05T19:00", "Asia/Tokyo", "2026-12-04T20:59"),
        ("2026-12-04T21:00", "2026-12-05T19:00", "Asia/Tokyo", "2026-12-05T08:00"),
        ("2026-12-05T08:00", "2026-12-05T19:00", "Asia/Tokyo", "2026-12-05T08:00"),
        ("2026-12-05T05:00", "2026-12-05T06:00", "Asia/Tokyo", "2026-12-04T21:00"),
        ("2026-12-05T07:00", "2026-12-05T08:00", "Asia/Tokyo", "2026-12-04T21:00"),
        ("2026-03-08T01:30", "2026-03-09T12:00", "America/New_York", "2026-03-08T08:00"),
        ("2026-11-01T01:30", "2026-11-02T12:00", "America/New_York", "2026-11-01T08:00"),
        ("2026-12-05T03:15", "2026-12-06T12:00", "Asia/Kathmandu", "2026-12-05T08:00"),
        ("2028-02-29T23:00", "2028-03-02T12:00", "Asia/Tokyo", "2028-03-01T08:00"),
    ],
)
def test_what_falls_into_them_comes_when_they_end_or_before_they_begin(
    at: str, before: str, zone: str, expected: str
) -> None:
    there = ZoneInfo(zone)
    moment, start, wanted = (datetime.fromisoformat(text).replace(tzinfo=there) for text in (at, before, expected))
    assert quiet.moment(moment, start, USUAL, zone) == wanted
    assert quiet.moment(moment, start, None, zone) == moment


@given(
    st.integers(0, 4 * 366 * 1440).map(lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.integers(1, 20_000),
    st.integers(0, 23),
    st.integers(0, 23),
    st.sampled_from(ZONES),
)
def test_a_shift_is_short_ends_before_the_start_and_outside_of_them(
    moment: datetime, minutes: int, begins: int, ends: int, zone: str
) -> None:
    start = moment + timedelta(minutes=minutes)
    hours = quiet.spoken(f"{begins}-{ends}")
    shifted = quiet.moment(moment, start, hours, zone)
    assert shifted < start and abs(shifted - moment) < timedelta(hours=26)
    stretch = quiet.around(shifted, hours, zone)
    assert stretch is None or shifted == stretch[0], "at their very beginning at the latest"


def test_a_person_chooses_them_where_they_are(database: Database) -> None:
    core = Core(database).settle()

    def told() -> tuple[str, str]:
        person = core.person(id=ALUMNA)
        assert person is not None
        return person.quiet, person.timezone

    core.say("quiet 22-7", by=ALUMNA)
    assert told() == ("22:00-07:00", "")
    for words in ("quiet", "quiet soon", "quiet 7-7"):
        assert core.say(words, by=ALUMNA).notice
    assert told() == ("22:00-07:00", "")
    core.send("quiet", args={"text": "off"}, by=ALUMNA, zone="Asia/Kathmandu")
    assert told() == ("off", "Asia/Kathmandu")
    core.send("quiet", args={"text": "静かに"}, by=ALUMNA, zone="Mars/Olympus")
    assert told() == ("off", "Asia/Kathmandu")
