"""How fast a platform may be spoken to: permissions of each lane, which come at the lane's rate."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from threading import Lock

ASK_AGAIN = 0.01
"""Seconds, while all requests of a window are under way."""
A_CLAIM = 5.0
"""Seconds. Who comes with an earlier moment than somebody else did before has taken up to so long; with one that is
earlier yet, the clock was set back."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING = 1e-6
"""Seconds: what is lost of an instant between its number and its text."""


class Rate:
    """Up to `burst` permissions at once, and `per_minute` of them, evenly. Those of the next `ahead` seconds can be
    taken before their time."""

    __slots__ = ("ahead", "burst", "most", "step")

    def __init__(self, per_minute: float, burst: float, ahead: float = 0) -> None:
        self.step = 60 / per_minute
        self.burst = burst * self.step
        self.ahead = ahead
        self.most = self.burst + ahead + _NOTHING

    def __repr__(self) -> str:
        return f"Rate({60 / self.step:g}, {self.burst / self.step:g}, {self.ahead:g})"


@dataclass(slots=True)
class Window:
    """At most `most` requests in any `seconds` at their receiver's, whenever each arrives there: one counts from its
    beginning until that long after its end. A pacer spreads requests, which may bunch up on their way."""

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


class Pacer:
    """The lanes in use, for any thread: of each, the moment (in seconds) at which it would have all its permissions
    again. One that has them may be forgotten. A clock that was set back gains nothing and costs nothing."""

    def __init__(self, keep: int = 10_000) -> None:
        self._full_at: dict[str, float] = {}
        self._low: dict[str, Rate] = {}
        self._keep = keep
        self._at = -inf
        self._lock = Lock()

    def reserve(self, lanes: Sequence[tuple[str, Rate]], now: datetime) -> datetime | None:
        """Use up one permission on every lane, and say when their time has come. None where any lane has none: then
        all keep theirs."""
        with self._lock:
            at = self._look(now)
            full_at = self._full_at
            wait = 0.0
            found: list[float] = []
            for name, rate in lanes:
                before = full_at.get(name, at)
                spent = (before if before > at else at) + rate.step
                if spent - at > rate.most:
                    self._low[name] = rate
                    return None
                if spent - at - rate.burst > wait:
                    wait = spent - at - rate.burst
                found.append(spent)
            for (name, rate), spent in zip(lanes, found, strict=True):
                full_at[name] = spent
                if spent + rate.step - at > rate.most:
                    self._low[name] = rate
        return now if wait <= _NOTHING else _EPOCH + timedelta(seconds=at + wait)

    def spent(self, now: datetime) -> dict[str, datetime]:
        """The lanes without a permission now, and when they have one again; where some can be taken before their time,
        when half of these can."""
        with self._lock:
            at = self._look(now)
            self._forget(at)
            waiting: dict[str, datetime] = {}
            for name, rate in list(self._low.items()):
                wait = self._full_at.get(name, at) + rate.step - at - rate.burst - rate.ahead
                if wait > _NOTHING:
                    waiting[name] = _EPOCH + timedelta(seconds=at + max(wait, rate.ahead / 2))
                else:
                    del self._low[name]
            return waiting

    def _look(self, now: datetime) -> float:
        at = (now - _EPOCH).total_seconds()
        if at < self._at - A_CLAIM:
            self._full_at = {name: full_at + at - self._at for name, full_at in self._full_at.items()}
            self._at = at
        self._at = max(at, self._at)
        return self._at

    def _forget(self, at: float) -> None:
        if len(self._full_at) > self._keep:
            self._full_at = {name: full_at for name, full_at in self._full_at.items() if full_at > at}
            self._keep = max(self._keep, 2 * len(self._full_at))
