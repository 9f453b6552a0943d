"""Slack's rate limits, for those who want them: posts a channel, posts a workspace, tiers of methods."""

import math
import time
from collections import Counter, deque
from dataclasses import dataclass, field

# Calls a minute, from the tier Slack documents for each method; chat.postMessage has rules of its own.
TIERS: dict[str, int] = {
    "users.list": 20,
    "chat.update": 50,
    "chat.delete": 50,
    "conversations.open": 50,
    "conversations.history": 50,
    "conversations.replies": 50,
    "conversations.info": 50,
    "users.lookupByEmail": 50,
    "team.info": 50,
    "users.info": 100,
    "conversations.members": 100,
    "chat.postEphemeral": 100,
    "views.open": 100,
    "views.push": 100,
    "views.update": 100,
    "views.publish": 100,
}


@dataclass
class Bucket:
    """A token bucket: `burst` at once, `rate` a second after that."""

    rate: float
    burst: float
    level: float = 0.0
    at: float = 0.0

    def wait(self, now: float) -> float:
        """Seconds until one more is allowed; takes it when that is now."""
        self.level = max(0.0, self.level - (now - self.at) * self.rate)
        self.at = now
        if self.level + 1 <= self.burst:
            self.level += 1
            return 0.0
        return (self.level + 1 - self.burst) / self.rate


@dataclass
class Window:
    """At most `most` in any rolling `seconds`."""

    most: int
    seconds: float = 60.0
    times: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Seconds until one more is allowed; takes it when that is now."""
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        if len(self.times) < self.most:
            self.times.append(now)
            return 0.0
        return self.times[0] + self.seconds - now


class Pacing:
    """Enforces the limits and counts, by method, the requests that broke one."""

    def __init__(self, *, channel_rate: float = 1.0, channel_burst: int = 4, workspace_a_minute: int = 600) -> None:
        self.violations: Counter[str] = Counter()
        self._rate, self._burst = channel_rate, channel_burst
        self._workspace = Window(workspace_a_minute)
        self._channels: dict[str, Bucket] = {}
        self._methods: dict[str, Window] = {}

    def retry_after(self, method: str, channel: str) -> int:
        """Whole seconds for Retry-After, or 0 when the call is allowed (and is then counted)."""
        now = time.monotonic()
        if method == "chat.postMessage":
            bucket = self._channels.setdefault(channel, Bucket(self._rate, self._burst))
            wait = bucket.wait(now) or self._workspace.wait(now)
        elif method in TIERS:
            wait = self._methods.setdefault(method, Window(TIERS[method])).wait(now)
        else:
            return 0
        if wait:
            self.violations[method] += 1
        return math.ceil(wait)
