"""A break until a day: nothing comes meanwhile that was not asked for, and it ends by itself."""

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta

from bot import clock
from bot.turn import Answer, Say, Turn

LONGEST = timedelta(days=366)
"""Whoever wants more quiet than this stops the messages."""
_SPAN = re.compile(
    r"(\d{1,3}|a|an|one)?\s*(?:(days?|日間?)|(weeks?|週間?)|(months?|[かヶケカヵ箇]月間?)|(years?|年間?))"
)
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_DAY_OF_YEAR = re.compile(r"(\d{1,2})\s*(?:/|月)\s*(\d{1,2})\s*日?")
_UNTIL = re.compile(r"^(?:until|till|for)\s+|\s*(?:まで|の間)$")


def snooze(turn: Turn) -> Answer:
    """`snooze 2026-12-31` or `snooze 2 weeks`: until the end of that day where the speaker is."""
    zone = _zone(turn)
    today = clock.today(turn.now, zone)
    asked = turn.args.get("text", "")
    if not asked:
        until = turn.own_row().snoozed_until
        return Say("snooze_until", {"until": until.isoformat() if until and until > turn.now else ""}, notice=True)
    day = last_day(asked, today)
    if day is None:
        return Say("snooze_until", {"until": ""}, notice=True)
    if not today <= day <= today + LONGEST:
        return Say("snooze_within", {"last": (today + LONGEST).isoformat()}, notice=True)
    until = turn.own_row().snoozed_until = clock.end_of_day(day, zone)
    return Say("snoozed", {"until": until.isoformat(), "day": day.isoformat()})


def _zone(turn: Turn) -> str:
    return turn.inbound.speaker.timezone or turn.company.timezone


def last_day(text: str, today: date) -> date | None:
    """The day that the words mean; None for no words of this kind. A day without a year is the next of its kind."""
    words = _UNTIL.sub("", unicodedata.normalize("NFKC", text).casefold().strip()).strip()
    try:
        if day := _DAY.fullmatch(words):
            return date(*map(int, day.groups()))
        if day := _DAY_OF_YEAR.fullmatch(words):
            month, number = map(int, day.groups())
            this_year = date(today.year, month, number)
            return this_year if this_year >= today else date(today.year + 1, month, number)
    except ValueError:
        return None
    span = _SPAN.fullmatch(words)
    if span is None:
        return None
    count, days, weeks, months, _ = span.groups()
    number = int(count) if count and count.isdecimal() else 1
    if days or weeks:
        return today + timedelta(days=number if days else 7 * number)
    return _months_later(today, number if months else 12 * number)


def _months_later(day: date, months: int) -> date:
    """The same day of the month, or its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
