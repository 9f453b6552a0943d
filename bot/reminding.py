"""When HR is reminded of a commission: what is not fixed yet, a paper that waits, a notice that did not arrive, an end
that has to be announced. The moments follow from what is stored, so that none is told twice and none is missed."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from bot import clock

MONTHS = 6
"""From so long a contract on, its end is announced (フリーランス・事業者間取引適正化等法 art. 16)."""
NOTICE_DAYS = 30
AHEAD_DAYS = 35
"""HR is told so many days before the end, and once more on the last day for the announcement."""
AT = time(9)
AGAIN = timedelta(days=7)
PAPER_AFTER = timedelta(days=3)
ARRIVED_AFTER = timedelta(minutes=10)
"""A notice that did not arrive by then did not arrive; HR is told every day until it is known to be there."""


class Kind(StrEnum):
    OPEN = "open"
    PAPER = "paper"
    UNDELIVERED = "undelivered"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class State:
    """What of a commission asks for reminders: the last days for its open items, when a paper was asked for that is
    not sent yet, when the newest notice was written that is not known to have arrived, and the end of a long one."""

    zone: str
    open_until: tuple[date, ...] = ()
    paper_at: datetime | None = None
    undelivered_since: datetime | None = None
    ends_on: date | None = None


def is_long(starts_on: date, ends_on: date | None) -> bool:
    """Whether a contract lasts MONTHS or more. Its months end on the day before the one of the same number, or on the
    last of a month that has no such day (民法 art. 143)."""
    if ends_on is None:
        return False
    month = starts_on.month - 1 + MONTHS
    year, month = starts_on.year + month // 12, month % 12 + 1
    last = monthrange(year, month)[1]
    same = starts_on.day <= last
    return ends_on >= (date(year, month, starts_on.day) - timedelta(days=1) if same else date(year, month, last))


def announced_by(ends_on: date) -> date:
    """The last day on which the end can be announced."""
    return ends_on - timedelta(days=NOTICE_DAYS)


def next_after(state: State, moment: datetime) -> datetime | None:
    """The first moment after this one at which HR is reminded."""
    found = (next((at for at in moments if at > moment), None) for _, moments in _moments(state))
    return min((at for at in found if at is not None), default=None)


def between(state: State, first: datetime, last: datetime) -> dict[Kind, datetime]:
    """Of what HR is reminded from the first moment to the last, with the newest moment of each kind."""
    told: dict[Kind, datetime] = {}
    for kind, moments in _moments(state):
        for at in moments:
            if at > last:
                break
            if at >= first:
                told[kind] = max(at, told.get(kind, at))
    return told


def _moments(state: State) -> Iterator[tuple[Kind, Iterator[datetime]]]:
    for day in state.open_until:
        yield Kind.OPEN, _repeated(_morning(day, state.zone), AGAIN)
    if state.paper_at is not None:
        day = clock.today(state.paper_at + PAPER_AFTER, state.zone)
        yield Kind.PAPER, _repeated(_morning(day, state.zone), AGAIN)
    if state.undelivered_since is not None:
        yield Kind.UNDELIVERED, _repeated(state.undelivered_since + ARRIVED_AFTER, timedelta(days=1))
    if state.ends_on is not None:
        days = (state.ends_on - timedelta(days=AHEAD_DAYS), announced_by(state.ends_on))
        yield Kind.ENDS, iter([_morning(day, state.zone) for day in days])


def _morning(day: date, zone: str) -> datetime:
    return clock.instant(datetime.combine(day, AT), zone)


def _repeated(first: datetime, every: timedelta) -> Iterator[datetime]:
    while True:
        yield first
        first += every
