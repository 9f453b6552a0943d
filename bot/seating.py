"""Who gets a seat: whoever asked first, and none stays empty while somebody waits who fits.

Somebody with guests for whom there is too little room keeps their place in the line; those behind who fit go before.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from storage.tables import Rsvp, Seat

HOLDING = (Seat.TAKEN, Seat.OFFERED)
"""A seat that is offered is nobody else's until its time is over."""
SHORTEST = timedelta(minutes=15)
"""To say whether one comes, near the start."""

T = TypeVar("T", bound=Rsvp)


def size(rsvp: Rsvp) -> int:
    """How many seats they need: their own, and one for each guest."""
    return 1 + rsvp.guests


def used(rsvps: Iterable[Rsvp]) -> int:
    return sum(size(rsvp) for rsvp in rsvps if rsvp.seat in HOLDING)


def moving_up(line: Sequence[T], free: int | None) -> list[T]:
    """Those of the line, in its order, for whom so many free seats (None: any number) are enough."""
    found: list[T] = []
    for rsvp in sorted(line, key=lambda rsvp: rsvp.number):
        if free is not None and size(rsvp) > free:
            continue
        free = None if free is None else free - size(rsvp)
        found.append(rsvp)
    return found


def offered_until(now: datetime, starts_at: datetime, within: timedelta) -> datetime:
    """Until when somebody who moves up has to say that they come: near the start half of the time that is left, so that
    the next in the line have a chance too."""
    left = starts_at - now
    return min(now + min(within, max(left / 2, SHORTEST)), starts_at)
