"""When an event takes place again: simple choices as RFC 5545 rules, reckoned in wall time, so that a clock change
moves nothing."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from dateutil.rrule import rrulestr

ONCE, WEEKLY, FORTNIGHTLY, MONTHLY, YEARLY = "once", "weekly", "fortnightly", "monthly", "yearly"
CHOICES = (ONCE, WEEKLY, FORTNIGHTLY, MONTHLY, YEARLY)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_STARTS: Mapping[str, str] = {
    "FREQ=WEEKLY;INTERVAL=2": FORTNIGHTLY,
    "FREQ=WEEKLY": WEEKLY,
    "FREQ=MONTHLY": MONTHLY,
    "FREQ=YEARLY": YEARLY,
}


def rule(choice: str, start: datetime) -> str:
    """The RRULE of a choice for an event that starts at that wall time; empty for one that does not come again. Monthly
    is on the same weekday of the month ("the third Thursday"; the fifth is the last); what falls on 29 February is on
    the last day of other Februaries."""
    match choice:
        case "weekly":
            return "FREQ=WEEKLY"
        case "fortnightly":
            return "FREQ=WEEKLY;INTERVAL=2"
        case "monthly":
            week = (start.day - 1) // 7 + 1
            return f"FREQ=MONTHLY;BYDAY={week if week < 5 else -1}{_DAYS[start.weekday()]}"
        case "yearly":
            leap = ";BYMONTH=2;BYMONTHDAY=-1" if (start.month, start.day) == (2, 29) else ""
            return f"FREQ=YEARLY{leap}"
        case _:
            return ""


def choice(rule: str) -> str:
    """The choice of which the rule was made."""
    return next((chosen for start, chosen in _STARTS.items() if rule.startswith(start)), ONCE)


def following(rule: str, start: datetime, after: datetime) -> datetime | None:
    """The first wall time of the rule that is later than `start` and than `after`; None where there is none."""
    found = rrulestr(rule, dtstart=start).after(max(start, after))
    return found if isinstance(found, datetime) else None


def moved(wall: datetime, start: datetime, to: datetime) -> datetime:
    """Another wall time of the event (its end, its deadline), for the start that comes next."""
    return wall + timedelta(days=(to.date() - start.date()).days)
