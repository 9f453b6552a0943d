"""Believable alumni of a practice company, the same ones for the same seed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, count
from random import Random
from typing import NamedTuple, TypeVar

from sandbox import names

T = TypeVar("T")
SEED = 164
TODAY = 2026
"""The year in which the practice company lives: nobody has left it later."""


@dataclass(frozen=True, slots=True)
class PracticePerson:
    """Somebody who has left the practice company. `former` is the surname while employed, where it was another.

    Years are fiscal years; the departments are in order, the last one is where the person left from.
    """

    family: str
    given: str
    kana: str
    romaji: str
    former: str
    joined: int
    left: int
    departments: tuple[str, ...]
    company: str
    title: str
    skills: tuple[str, ...]
    city: str
    email: str
    slack_id: str
    locale: str

    @property
    def name(self) -> str:
        return f"{self.family} {self.given}" if self.locale == "ja" else f"{self.given} {self.family}"


class Leads(NamedTuple):
    """The first of `people`: those who play a part in the story. Everybody else only gets what the company sends."""

    asks: PracticePerson
    interested: PracticePerson
    passes: PracticePerson
    newcomer: PracticePerson


def people(count: int, *, seed: int = SEED, locale: str = "ja") -> list[PracticePerson]:
    """The first `count` alumni of this seed: `people(60)` is how `people(370)` begins. No two share a name, an
    address or a Slack id."""
    world = names.WORLDS[locale]
    taken: set[str] = set()
    return [person for person, _ in zip(_all(world, seed, taken), range(count), strict=False)]


def _all(world: names.World, seed: int, taken: set[str]) -> Iterator[PracticePerson]:
    for number in count():
        lead = world.leads[number] if number < len(world.leads) else None
        chance = Random(f"{world.locale}:{'lead' if lead else seed}:{number}")
        person = _lead(world, lead, number) if lead else _draw(world, chance, number)
        while lead is None and person.name in taken:
            person = _draw(world, chance, number)
        address = _address(person, taken, chance)
        taken |= {person.name, address}
        yield replace(person, email=address)


def _draw(world: names.World, chance: Random, number: int) -> PracticePerson:
    joined = _year(chance, 1985, TODAY - 4)
    left = min(TODAY, joined + chance.choice((2, 3, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30)))
    woman = chance.random() < (0.25 if joined < 2000 else 0.4)
    family = _weighed(chance, world.families)
    given = chance.choice(names.generation(world.women if woman else world.men, joined))
    former = _weighed(chance, world.families) if woman and chance.random() < world.married else family
    departments = _departments(world, chance, left - joined)
    return PracticePerson(
        family=family.written,
        given=given.written,
        kana=f"{family.kana} {given.kana}".strip(),
        romaji=f"{family.romaji} {given.romaji}",
        former=former.written if former != family else "",
        joined=joined,
        left=left,
        departments=departments,
        company=chance.choice(world.companies),
        title=chance.choice(world.titles[0 if left - joined < 6 else 1]),
        skills=_skills(world, chance, departments),
        city=_weighed(chance, world.cities),
        email="",
        slack_id=_slack_id(number, family.romaji),
        locale=world.locale,
    )


def _lead(world: names.World, lead: names.Lead, number: int) -> PracticePerson:
    return PracticePerson(
        family=lead.family.written,
        given=lead.given.written,
        kana=f"{lead.family.kana} {lead.given.kana}".strip(),
        romaji=f"{lead.family.romaji} {lead.given.romaji}",
        former=lead.former,
        joined=lead.joined,
        left=lead.left,
        departments=lead.departments,
        company=lead.company,
        title=lead.title,
        skills=lead.skills,
        city=lead.city,
        email="",
        slack_id=_slack_id(number, lead.family.romaji),
        locale=world.locale,
    )


def _departments(world: names.World, chance: Random, years: int) -> tuple[str, ...]:
    wanted = 1 if years < 4 else 2 if years < 12 else 3
    found: list[str] = []
    while len(found) < wanted:
        name = _weighed(chance, {name: department.weight for name, department in world.departments.items()})
        if name not in found:
            found.append(name)
    return tuple(found)


def _skills(world: names.World, chance: Random, departments: tuple[str, ...]) -> tuple[str, ...]:
    own = world.departments[departments[-1]].skills
    earlier = [skill for name in departments[:-1] for skill in world.departments[name].skills]
    found = chance.sample(own, chance.choice((1, 2, 2, 3)))
    if earlier and chance.random() < 0.5:
        found.append(chance.choice(earlier))
    if chance.random() < 0.4:
        found.append(chance.choice(world.anybody))
    return tuple(dict.fromkeys(found))


def _year(chance: Random, first: int, last: int) -> int:
    return round(chance.triangular(first, last, last - 12))


def _weighed(chance: Random, among: dict[T, int]) -> T:
    limits = list(accumulate(among.values()))
    return chance.choices(list(among), cum_weights=limits)[0]


def _slack_id(number: int, romaji: str) -> str:
    return f"U{number:04d}{_letters(romaji).upper()}"


def _address(person: PracticePerson, taken: set[str], chance: Random) -> str:
    family, _, given = person.romaji.partition(" ")
    domain = chance.choice(("example.com", "example.jp") if person.locale == "ja" else ("example.com", "example.org"))
    for number in count(1):
        address = f"{_letters(given)}.{_letters(family)}{number if number > 1 else ''}@{domain}"
        if address not in taken:
            return address
    raise AssertionError


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())
