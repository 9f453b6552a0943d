"""Working hours: when so many minutes of them have passed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays

from bot import clock

DAYS = 800
"""So far ahead a working day is looked for."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Wall times on working days in an IANA zone; `country` as in Company.country says which days are holidays."""

    opens: time
    closes: time
    zone: str
    country: str


@lru_cache(maxsize=16)
def _holidays(country: str) -> holidays.HolidayBase:
    """None at all for a country that the library does not know."""
    try:
        return holidays.country_holidays(country.upper())
    except NotImplementedError:
        return holidays.HolidayBase()


def is_working_day(day: date, country: str) -> bool:
    """No weekend and no public holiday; in Japan neither 29 December to 3 January."""
    new_year = country == "jp" and (day.month, day.day) in ((12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3))
    return day.weekday() < 5 and not new_year and day not in _holidays(country)


def add(start: datetime, minutes: float, hours: Hours) -> datetime:
    """The instant at which so many working minutes have passed since `start`: of real time, also on a day on which
    clocks are changed. Nothing passes before the next opening."""
    left = timedelta(minutes=minutes)
    for opens, closes in _days(start, hours):
        begins = max(opens, start)
        if closes - begins >= left:
            return begins + left
        left -= max(closes - begins, timedelta())
    raise ValueError(f"no working time within {DAYS} days of {start}")


def next_opening(after: datetime, hours: Hours, *, not_before: date | None = None) -> datetime:
    """When work begins next, later than `after`, and on no day before `not_before`."""
    for opens, _ in _days(after, hours):
        if opens > after and (not_before is None or clock.today(opens, hours.zone) >= not_before):
            return opens
    raise ValueError(f"no working day within {DAYS} days of {after}")


def _days(start: datetime, hours: Hours) -> Iterator[tuple[datetime, datetime]]:
    first = clock.today(start, hours.zone)
    for day in (first + timedelta(days=n) for n in range(DAYS)):
        if is_working_day(day, hours.country):
            opens, closes = (clock.instant(datetime.combine(day, at), hours.zone) for at in (hours.opens, hours.closes))
            yield opens, closes
