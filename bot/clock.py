"""Time: instants are aware UTC; what people type is wall time in a named zone."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import UnknownZone

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
Clock = Callable[[], datetime]
"""Gives the present instant, aware and in UTC."""


def now() -> datetime:
    return datetime.now(UTC)


def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name; UnknownZone otherwise."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(name) from error


def instant(wall: datetime, zone_name: str) -> datetime:
    """The instant at which clocks in that zone show `wall` (naive).

    A time in a gap moves to the first valid minute after it; of a time that comes twice the first counts.
    """
    there = zone(zone_name)
    first = wall.replace(tzinfo=there, fold=0)
    if first.astimezone(UTC).astimezone(there).replace(tzinfo=None) == wall:
        return first.astimezone(UTC)
    return _end_of_gap(wall, there)


def _end_of_gap(wall: datetime, there: ZoneInfo) -> datetime:
    """In a gap, fold=0 still uses the offset before it and fold=1 the one after: the gap ends where, on the way
    from the one to the other, the offset changes."""
    before = wall.replace(tzinfo=there, fold=1).astimezone(UTC)
    after = wall.replace(tzinfo=there, fold=0).astimezone(UTC)
    old = before.astimezone(there).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(there).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def time_of_day(typed: str) -> time | None:
    """`9:00`, in full-width characters too; None for what is no time."""
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    return time(int(found[1]), int(found[2])) if found else None


def end_of_day(day: date, zone_name: str) -> datetime:
    """The instant at which `day` is over in that zone."""
    return instant(datetime.combine(day + timedelta(days=1), time()), zone_name)


def today(at: datetime, zone_name: str) -> date:
    return at.astimezone(zone(zone_name)).date()
