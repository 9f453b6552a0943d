"""Departments as people type them: one a line, with or without years."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from storage.tables import Department

MOST = 12
LONGEST = 100
EARLIEST, LATEST = 1900, 2100

_SPAN = re.compile(r"(?P<name>.*?)[\s(]+(?P<since>\d{4})?年?\s*(?P<to>[-–~〜])?\s*(?P<until>\d{4})?年?\)?", re.ASCII)


class Period(NamedTuple):
    """`since` and `until` are calendar years."""

    name: str
    since: int | None = None
    until: int | None = None


def parsed(text: str) -> list[Period] | None:
    """`品質管理部 2005-2010` on each line, in the order of the lines. None where there are too many or too long ones,
    or years that cannot be."""
    periods = [_period(" ".join(line.split())) for line in text.splitlines() if line.strip()]
    sound = len(periods) <= MOST and all(map(_is_sound, periods))
    return periods if sound else None


def _period(line: str) -> Period:
    span = _SPAN.fullmatch(unicodedata.normalize("NFKC", line))
    if span is None or not (span["since"] or span["until"]) or not span["name"]:
        return Period(line)
    since = int(span["since"]) if span["since"] else None
    until = int(span["until"]) if span["until"] else since if not span["to"] else None
    return Period(span["name"].strip(), since, until)


def _is_sound(period: Period) -> bool:
    years = [year for year in (period.since, period.until) if year is not None]
    return len(period.name) <= LONGEST and years == sorted(years) and all(EARLIEST <= y <= LATEST for y in years)


def typed(departments: Iterable[Department]) -> str:
    """As they would be typed."""
    return "\n".join(_typed(one) for one in departments)


def _typed(one: Department) -> str:
    if one.since is None and one.until is None:
        return one.name
    years = str(one.since) if one.since == one.until else f"{one.since or ''}-{one.until or ''}"
    return f"{one.name} {years}"
