"""A clock for a practice world: the system's, moved on as far as somebody asked for."""

from datetime import UTC, datetime, timedelta


class PracticeClock:
    """Runs like the system's clock. It can be turned forward only: a world in which time goes back has promises
    that lie in its future, such as when a platform may be spoken to again."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The present instant of this world, aware and in UTC."""
        return datetime.now(UTC) + self._ahead

    def time(self) -> float:
        """The same in seconds since the epoch."""
        return self.now().timestamp()

    def forward(self, by: timedelta) -> None:
        """Turn it forward. Raises ValueError for a negative `by`."""
        if by < timedelta():
            raise ValueError("a practice clock is turned forward only")
        self._ahead += by

    def forward_to(self, moment: datetime) -> None:
        """Turn it forward to `moment`; one that has passed changes nothing."""
        self.forward(max(moment - self.now(), timedelta()))
