"""Permissions: a burst at once, then the rate; never more, whatever the clock does."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.pacing import ASK_AGAIN, Pacer, Rate, Window

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
S = timedelta(seconds=1)


class Lane:
    """One lane, of a pacer that has no other."""

    def __init__(self, per_minute: float, burst: float, ahead: float = 0) -> None:
        self.pacer, self._lanes = Pacer(), [("lane", Rate(per_minute, burst, ahead))]

    def moment(self, now: datetime) -> datetime | None:
        return self.pacer.reserve(self._lanes, now)

    def take(self, now: datetime) -> bool:
        return self.moment(now) is not None

    def next(self, now: datetime) -> datetime:
        return self.pacer.spent(now).get("lane", now)


def test_a_burst_and_then_the_rate() -> None:
    lane = Lane(per_minute=60, burst=3)
    assert [lane.take(NOW) for _ in range(5)] == [True, True, True, False, False]
    assert lane.next(NOW) == NOW + S
    assert lane.take(NOW + S)
    assert not lane.take(NOW + S)
    assert [lane.take(NOW + 600 * S) for _ in range(4)] == [True, True, True, False]


@given(st.floats(0.5, 600), st.integers(1, 20), st.lists(st.floats(-4, 30, allow_nan=False), min_size=1, max_size=60))
def test_never_more_than_the_burst_and_the_rate(per_minute: float, burst: int, steps: list[float]) -> None:
    """Nor when some come with a moment that is past by then."""
    lane, at, latest, taken = Lane(per_minute, burst), 0.0, 0.0, 0
    for step in steps:
        at = max(at + step, latest - 4)
        latest = max(at, latest)
        taken += lane.take(NOW + at * S)
        assert taken <= burst + latest * per_minute / 60 + 1e-3


def test_the_moment_it_names_is_the_moment_it_gives() -> None:
    lane = Lane(per_minute=45, burst=1)
    assert lane.take(NOW)
    moment = lane.next(NOW)
    assert not lane.take(moment - timedelta(milliseconds=2))
    assert lane.take(moment + timedelta(microseconds=1))


def test_a_clock_that_is_set_back_does_not_stop_it_for_an_hour() -> None:
    lane = Lane(per_minute=60, burst=1)
    assert lane.take(NOW)
    back = NOW - timedelta(hours=1)
    assert not lane.take(back)
    assert lane.take(back + S)


def _taken(pacer: Pacer, lanes: Mapping[str, tuple[float, float]], now: datetime) -> bool:
    return pacer.reserve([(name, Rate(*rate)) for name, rate in lanes.items()], now) is not None


def test_all_lanes_or_none() -> None:
    pacer = Pacer()
    lanes = {"workspace": (60.0, 5.0), "a": (60.0, 1.0)}
    assert _taken(pacer, lanes, NOW)
    assert not _taken(pacer, lanes, NOW)
    others = [_taken(pacer, {"workspace": (60.0, 5.0), name: (60.0, 1.0)}, NOW) for name in "bcdef"]
    assert others == [True, True, True, True, False], "the refused one has used up nothing"


def test_spent_lanes_say_when() -> None:
    pacer = Pacer()
    assert pacer.spent(NOW) == {}
    _taken(pacer, {"a": (60.0, 1.0), "b": (60.0, 2.0)}, NOW)
    assert pacer.spent(NOW) == {"a": NOW + S}
    assert pacer.spent(NOW + S) == {}


def test_forgetting_never_gives_a_burst_again() -> None:
    pacer = Pacer(keep=3)
    for name in "abcde":
        assert [_taken(pacer, {name: (60.0, 2.0)}, NOW) for _ in range(3)] == [True, True, False]
    assert set(pacer.spent(NOW + S)) == set(), "each has one permission again, and not all"
    for name in "abcde":
        assert [_taken(pacer, {name: (60.0, 2.0)}, NOW + S) for _ in range(2)] == [True, False]


def test_permissions_before_their_time_are_spread_and_no_more() -> None:
    lane = Lane(per_minute=60, burst=1, ahead=2)
    assert [lane.moment(NOW) for _ in range(4)] == [NOW, NOW + S, NOW + 2 * S, None]
    assert lane.next(NOW) == NOW + S, "half of what can be taken early makes another round worth while"


def test_a_window_counts_a_request_until_after_its_end() -> None:
    window = Window(most=2, seconds=1)
    assert [window.begin(0), window.begin(0)] == [0, 0]
    assert window.begin(5) == ASK_AGAIN, "both may arrive at any time yet"
    window.end(5)
    assert window.begin(5.25) == 0.75
    assert window.begin(6) == 0
    assert window.begin(6) == ASK_AGAIN


@given(st.lists(st.tuples(st.floats(0, 0.4), st.floats(0, 0.5), st.floats(0, 1)), min_size=1, max_size=60))
def test_wherever_requests_arrive_on_their_way_no_window_has_too_many(told: list[tuple[float, float, float]]) -> None:
    window, now = Window(most=3, seconds=1), 0.0
    under_way: list[float] = []
    arrived: list[float] = []
    for step, lasts, share in told:
        now += step
        while True:
            for ended in sorted(end for end in under_way if end <= now):
                under_way.remove(ended)
                window.end(ended)
            wait = window.begin(now)
            if not wait:
                break
            now += wait
        under_way.append(now + lasts)
        arrived.append(now + lasts * share)
    arrived.sort()
    assert all(later - earlier >= 1 - 1e-9 for earlier, later in zip(arrived, arrived[3:], strict=False))
