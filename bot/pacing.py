"""How fast a platform may be spoken to: one bucket a lane, filled at the lane's rate."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

ASK_AGAIN = 0.01
"""Seconds, while all requests of a window are under way."""


@dataclass(slots=True)
class Bucket:
    """Holds up to `burst` permissions and gains `per_minute` of them, evenly. Those of the next `ahead` seconds can be
    taken before their time."""

    per_minute: float
    burst: float
    ahead: float = 0
    _held: float = field(init=False)
    _at: datetime | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._held = self.burst

    def take(self, now: datetime) -> bool:
        """Use up one permission; False when there is none yet."""
        self._fill(now)
        if self.is_spent:
            return False
        self._held -= 1
        return True

    @property
    def is_spent(self) -> bool:
        """Whether there was none to take when it was last asked for."""
        return self._held < 1 - self._lent

    @property
    def _lent(self) -> float:
        return self.ahead * self.per_minute / 60

    def moment(self, now: datetime) -> datetime:
        """When the time of the last one that was taken has come."""
        return now if self._held >= 0 else now + timedelta(minutes=-self._held / self.per_minute)

    def give_back(self) -> None:
        self._held = min(self.burst, self._held + 1)

    def next(self, now: datetime) -> datetime:
        """When the next permission can be taken; where some can be before their time, when half of these can."""
        self._fill(now)
        missing = 1 - self._lent - self._held
        return now if missing <= 0 else now + timedelta(minutes=max(missing, self._lent / 2) / self.per_minute)

    def is_full(self, now: datetime) -> bool:
        self._fill(now)
        return self._held >= self.burst

    def _fill(self, now: datetime) -> None:
        """A clock that was set back gains nothing and costs nothing."""
        if self._at is not None and now > self._at:
            self._held = min(self.burst, self._held + (now - self._at) / timedelta(minutes=1) * self.per_minute)
        self._at = now


@dataclass(slots=True)
class Window:
    """At most `most` requests in any `seconds` at their receiver's, whenever each arrives there: one counts from its
    beginning until that long after its end. A bucket spreads requests, which may bunch up on their way."""

    most: int
    seconds: float
    _under_way: int = 0
    _ended: deque[float] = field(default_factory=deque[float])

    def begin(self, now: float) -> float:
        """0 where another request may begin, which then counts; else seconds after which to ask again."""
        while self._ended and self._ended[0] + self.seconds <= now:
            self._ended.popleft()
        if self._under_way + len(self._ended) < self.most:
            self._under_way += 1
            return 0
        return self._ended[0] + self.seconds - now if self._ended else ASK_AGAIN

    def end(self, now: float) -> None:
        self._under_way -= 1
        self._ended.append(now)


Lane = tuple[float, float] | tuple[float, float, float]
"""What its bucket is made with."""


class Pacer:
    """The buckets of every lane in use, for any thread. A lane that is full again may be forgotten."""

    def __init__(self, keep: int = 10_000) -> None:
        self._buckets: dict[str, Bucket] = {}
        self._low: set[str] = set()
        self._keep = keep
        self._lock = Lock()

    def reserve(self, lanes: Mapping[str, Lane], now: datetime) -> datetime | None:
        """Use up one permission on every lane (its rate a minute and burst), and say when their time has come. None
        where any lane has none: then all keep theirs."""
        with self._lock:
            return self._take(lanes, now)

    def spent(self, now: datetime) -> dict[str, datetime]:
        """The lanes without a permission now, and when they have one again."""
        with self._lock:
            return self._spent(now)

    def _take(self, lanes: Mapping[str, Lane], now: datetime) -> datetime | None:
        taken: list[Bucket] = []
        for name, pace in lanes.items():
            bucket = self._buckets.get(name)
            if bucket is None:
                bucket = self._buckets[name] = Bucket(*pace)
            if not bucket.take(now):
                self._low.add(name)
                for earlier in taken:
                    earlier.give_back()
                return None
            if bucket.is_spent:
                self._low.add(name)
            taken.append(bucket)
        return max((bucket.moment(now) for bucket in taken), default=now)

    def _spent(self, now: datetime) -> dict[str, datetime]:
        self._forget(now)
        moments = ((name, self._buckets[name].next(now)) for name in self._low)
        waiting = {name: moment for name, moment in moments if moment > now}
        self._low = set(waiting)
        return waiting

    def _forget(self, now: datetime) -> None:
        if len(self._buckets) > self._keep:
            self._buckets = {name: bucket for name, bucket in self._buckets.items() if not bucket.is_full(now)}
            self._low &= self._buckets.keys()
            self._keep = max(self._keep, 2 * len(self._buckets))
