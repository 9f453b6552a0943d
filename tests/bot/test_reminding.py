"""When HR is reminded of a commission."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot import reminding
from bot.reminding import Kind, State

ZONE = "Asia/Tokyo"
START = datetime(2026, 11, 20, 3, tzinfo=UTC)


def morning(day: date) -> datetime:
    """Nine in Tokyo."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts", "ends", "long"),
    [
        (date(2026, 4, 1), date(2026, 9, 30), True),
        (date(2026, 4, 1), date(2026, 9, 29), False),
        (date(2026, 11, 20), date(2027, 5, 19), True),
        (date(2026, 11, 20), date(2027, 5, 18), False),
        (date(2026, 8, 31), date(2027, 2, 28), True),  # there is no 31 February: the month's last day
        (date(2026, 8, 31), date(2027, 2, 27), False),
        (date(2027, 8, 31), date(2028, 2, 28), False),
        (date(2027, 8, 29), date(2028, 2, 28), True),
        (date(2026, 8, 28), date(2027, 2, 27), True),
        (date(2026, 7, 1), date(2026, 12, 31), True),
        (date(2026, 4, 1), None, False),
    ],
)
def test_six_months_are_counted_by_the_calendar(starts: date, ends: date | None, long: bool) -> None:
    assert reminding.is_long(starts, ends) is long


def moments(state: State, until: datetime) -> list[tuple[datetime, set[Kind]]]:
    """What housekeeping would tell, minute by minute."""
    told: list[tuple[datetime, set[Kind]]] = []
    at = reminding.next_after(state, START)
    while at is not None and at <= until:
        told.append((at, {*reminding.between(state, at, at)}))
        at = reminding.next_after(state, at)
    return told


def test_the_end_is_told_thirty_five_and_thirty_days_before_and_not_again() -> None:
    state = State(ZONE, ends_on=date(2027, 5, 31))
    assert reminding.announced_by(date(2027, 5, 31)) == date(2027, 5, 1)
    assert moments(state, morning(date(2028, 1, 1))) == [
        (morning(date(2027, 4, 26)), {Kind.ENDS}),
        (morning(date(2027, 5, 1)), {Kind.ENDS}),
    ]


def test_what_is_open_is_told_on_its_day_and_every_week() -> None:
    state = State(ZONE, open_until=(date(2026, 12, 1), date(2026, 12, 3)))
    days = [at.day for at, kinds in moments(state, morning(date(2026, 12, 18))) if kinds == {Kind.OPEN}]
    assert days == [1, 3, 8, 10, 15, 17]


def test_a_paper_is_told_after_three_days_and_a_lost_notice_after_ten_minutes_and_daily() -> None:
    state = State(ZONE, paper_at=START, undelivered_since=START)
    told = moments(state, START + timedelta(days=4))
    assert [(at - START, kinds) for at, kinds in told if kinds == {Kind.UNDELIVERED}] == [
        (timedelta(days=day, minutes=10), {Kind.UNDELIVERED}) for day in range(4)
    ]
    assert [at for at, kinds in told if kinds == {Kind.PAPER}] == [morning(date(2026, 11, 23))]


def test_after_a_long_pause_each_kind_is_told_once() -> None:
    state = State(ZONE, open_until=(date(2026, 12, 1),), ends_on=date(2027, 1, 10))
    told = reminding.between(state, morning(date(2026, 12, 1)), morning(date(2027, 1, 5)))
    assert told == {Kind.OPEN: morning(date(2027, 1, 5)), Kind.ENDS: morning(date(2026, 12, 11))}
    assert reminding.next_after(State(ZONE), START) is None


def test_mornings_are_those_of_the_companys_zone_also_when_clocks_change() -> None:
    state = State("America/New_York", ends_on=date(2027, 4, 15))
    assert [at.hour for at, _ in moments(state, morning(date(2027, 5, 1)))] == [14, 13]
