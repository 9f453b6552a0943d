"""Who may be the same person twice. This only proposes: HR decides (bot.merging)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from sqlmodel import col, func, select

from bot import texts
from storage import people
from storage.db import CompanySession
from storage.folding import common_kanji, large_kana
from storage.tables import Person, PersonState

GONE = (PersonState.MERGED, PersonState.ERASED)
MOST = 20
"""Pairs that are looked for; when some are merged, others follow."""


class Sign(StrEnum):
    """Why two may be one, the strongest first."""

    NUMBER = "employee_number"
    ADDRESS = "email"
    NAME_AND_READING = "name_and_reading"
    NAME = "name"
    """Where a reading is missing, so that it speaks neither for nor against."""


class Pair(NamedTuple):
    """Two people, the smaller number first."""

    one: int
    other: int
    signs: tuple[Sign, ...]


def likely(session: CompanySession, person_id: int | None = None) -> list[Pair]:
    """Pairs of which at least one thing says that they are one, those with the strongest signs first; with
    `person_id`, of that person."""
    session.flush()
    signs: dict[tuple[int, int], list[Sign]] = defaultdict(list)
    for sign, group in _alike(session):
        for one, other in combinations(group, 2):
            found = sign if sign is not Sign.NAME_AND_READING else _by_name(one, other)
            ids = sorted((one.id or 0, other.id or 0))
            if found is not None and (person_id is None or person_id in ids):
                signs[ids[0], ids[1]].append(found)
    order = list(Sign)
    pairs = [Pair(*ids, tuple(sorted(found, key=order.index))) for ids, found in signs.items()]
    return sorted(pairs, key=lambda pair: ([order.index(sign) for sign in pair.signs], pair))[:MOST]


def signs_of(one: Person, other: Person) -> tuple[Sign, ...]:
    """What says that these two are one."""
    found: list[Sign | None] = []
    if one.employee_number and one.employee_number == other.employee_number:
        found.append(Sign.NUMBER)
    if one.email and one.email == other.email:
        found.append(Sign.ADDRESS)
    if _name(one) == _name(other):
        found.append(_by_name(one, other))
    return tuple(sign for sign in found if sign)


def _alike(session: CompanySession) -> Iterator[tuple[Sign, list[Person]]]:
    there = col(Person.state).not_in(GONE)
    for sign, column in ((Sign.NUMBER, col(Person.employee_number)), (Sign.ADDRESS, col(Person.email))):
        twice = select(column).where(there, column != "").group_by(column).having(func.count() > 1).limit(MOST)
        found = session.exec(select(Person).where(there, column.in_(twice)).order_by(col(Person.id)))
        yield from ((sign, group) for group in _grouped(found, sign.value))
    names: dict[str, list[int]] = defaultdict(list)
    for number, (name, *_) in people.identities(session, GONE):
        names[_folded(name)].append(number)
    for ids in [ids for name, ids in names.items() if name and len(ids) > 1][:MOST]:
        found = session.exec(select(Person).where(col(Person.id).in_(ids[:MOST])).order_by(col(Person.id)))
        yield Sign.NAME_AND_READING, list(found)


def _grouped(found: Iterable[Person], column: str) -> Iterable[list[Person]]:
    groups: dict[str, list[Person]] = defaultdict(list)
    for person in found:
        groups[getattr(person, column)].append(person)
    return groups.values()


def _by_name(one: Person, other: Person) -> Sign | None:
    """Of two with the same name. Another reading makes it somebody else."""
    readings = [large_kana(texts.folded(person.reading)).replace(" ", "") for person in (one, other)]
    if not all(readings):
        return Sign.NAME
    return Sign.NAME_AND_READING if readings[0] == readings[1] else None


def _name(person: Person) -> str:
    return _folded(person.name)


def _folded(name: str) -> str:
    return common_kanji(texts.folded(name)).replace(" ", "")


def named(session: CompanySession, asked: str) -> list[int]:
    """Everybody of that name, in whatever script it is stored, or of that address or employee number."""
    wanted = _folded(asked)
    if not wanted:
        return []
    there = people.identities(session, GONE)
    return sorted(number for number, said in there if wanted in {_folded(text) for text in said})
