"""What Teams allows a bot to send: sizes and rates, and the rolling windows that count them.

Source: Microsoft's "Optimize your bot with rate limiting in Teams" and "Format your bot messages".
"""

import math
from collections import deque
from dataclasses import dataclass

MESSAGE_BYTES = 28 * 1024
"""Older documentation's limit of a message, as compact JSON in UTF-8."""

MESSAGE_UTF16_BYTES = 100 * 1024
"""Today's limit of a message, as compact JSON in UTF-16."""

CARD_SCHEMA_VERSION = (1, 5)
CARD_ACTIONS = 6
REFRESH_USERS = 60
INVOKE_SECONDS = 15.0


@dataclass(frozen=True)
class Rate:
    """At most `count` requests in any `seconds`."""

    count: int
    seconds: float


CONVERSATION_RATES = (Rate(7, 1), Rate(8, 2), Rate(60, 30), Rate(1800, 3600))
TENANT_RATES = (Rate(50, 1),)


class Windows:
    """Rolling windows per key. `refused_for` counts the request unless it is refused."""

    def __init__(self, rates: tuple[Rate, ...]) -> None:
        self._rates = rates
        self._depth = max(rate.count for rate in rates)
        self._seen: dict[str, deque[float]] = {}

    def refused_for(self, key: str, now: float) -> float:
        """Seconds until a request for `key` would be let through; 0 when this one is, and is counted."""
        seen = self._seen.setdefault(key, deque(maxlen=self._depth))
        wait = max((self._wait(seen, rate, now) for rate in self._rates), default=0.0)
        if wait <= 0:
            seen.append(now)
        return max(0.0, wait)

    @staticmethod
    def _wait(seen: deque[float], rate: Rate, now: float) -> float:
        if len(seen) < rate.count:
            return 0.0
        return seen[-rate.count] + rate.seconds - now


def retry_after(seconds: float) -> int:
    """Whole seconds for a Retry-After header, at least one."""
    return max(1, math.ceil(seconds))
