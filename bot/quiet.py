"""Quiet hours: nothing that can wait comes in them. They shift a message, and never drop it."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot import clock
from bot.errors import UnknownZone
from bot.turn import Answer, Say, Turn
from storage.people import CompanyFacts
from storage.tables import Person

OFF = "off"
LONGEST = timedelta(hours=24)
"""No quiet hours last as long as this."""
_CLOCK = r"(\d{1,2})(?:[:時](?:(\d{2})分?)?)?"
_HOURS = re.compile(rf"{_CLOCK}\s*(?:-|–|~|〜|to|から)\s*{_CLOCK}(?:まで)?")
_NONE = frozenset({OFF, "none", "なし", "オフ"})


@dataclass(frozen=True, slots=True)
class Hours:
    """From `begins` until `ends`, which is on the next day where it is not later. Never all day."""

    begins: time
    ends: time

    def stored(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"


USUAL = Hours(time(21), time(8))


def of(stored: str) -> Hours | None:
    """What is stored of a person; None where no hours are quiet. What cannot be read counts as nothing said."""
    if stored == OFF:
        return None
    return spoken(stored) or USUAL


def spoken(text: str) -> Hours | None:
    """`22-7`, `22:30-7:00`, `22時から7時`; None for other words."""
    found = _HOURS.fullmatch(unicodedata.normalize("NFKC", text).casefold().strip())
    if found is None:
        return None
    hour, minute, until_hour, until_minute = (int(part or 0) for part in found.groups())
    if max(hour, until_hour) > 24 or max(minute, until_minute) > 59 or (hour == 24 and minute):
        return None
    if until_hour == 24 and until_minute:
        return None
    begins, ends = time(hour % 24, minute), time(until_hour % 24, until_minute)
    return Hours(begins, ends) if begins != ends else None


def around(at: datetime, hours: Hours | None, zone: str) -> tuple[datetime, datetime] | None:
    """The quiet stretch that `at` lies in, as instants; None where it lies in none."""
    if hours is None:
        return None
    today = clock.today(at, zone)
    for day in (today - timedelta(days=1), today):
        last = day if hours.ends > hours.begins else day + timedelta(days=1)
        begins = clock.instant(datetime.combine(day, hours.begins), zone)
        ends = clock.instant(datetime.combine(last, hours.ends), zone)
        if begins <= at < ends:
            return begins, ends
    return None


def moment(at: datetime, before: datetime, hours: Hours | None, zone: str) -> datetime:
    """When that which is to be said at `at`, and of use until `before`, is said: at the end of the quiet hours, or
    where that is too late, when they begin."""
    stretch = around(at, hours, zone)
    if stretch is None:
        return at
    begins, ends = stretch
    return ends if ends < before else begins


def zone_of(stored: str, company: CompanyFacts) -> str:
    """Where a person is; what is no zone any more counts as nothing said."""
    try:
        return clock.zone(stored).key if stored else company.timezone
    except UnknownZone:
        return company.timezone


def learn_zone(turn: Turn, person: Person) -> str:
    """Note where the speaker's platform says that they are, if it does."""
    told = turn.inbound.speaker.timezone
    if told and told != person.timezone and zone_of(told, turn.company) == told:
        person.timezone = told
    return zone_of(person.timezone, turn.company)


def quiet(turn: Turn) -> Answer:
    """`quiet 22-7`, `quiet off`; alone it says what is so."""
    person, asked = turn.own_row(), turn.args.get("text", "")
    zone = learn_zone(turn, person)
    if asked:
        off = unicodedata.normalize("NFKC", asked).casefold().strip() in _NONE
        hours = None if off else spoken(asked)
        if hours is None and not off:
            return Say("quiet_how", notice=True)
        person.quiet = OFF if hours is None else hours.stored()
    now = of(person.quiet)
    told = {"begins": f"{now.begins:%H:%M}", "ends": f"{now.ends:%H:%M}"} if now else {"begins": "", "ends": ""}
    return Say("quiet_set", {**told, "zone": zone, "changed": bool(asked)}, notice=not asked)
