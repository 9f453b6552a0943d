"""How well a gig suits one person, and why: pure, but for reading what the person says of themselves.

What somebody has not said counts against nobody. A reason is shown to the person alone, so it may use all of their own
profile; who is offered a gig at all is decided elsewhere, by what HR may see.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, or_, select

from bot import texts
from bot.scene import Scene
from storage.db import CompanySession
from storage.listed import aside, one_of
from storage.prepared import Prepared
from storage.skills import same
from storage.tables import Gig, Person, Role, Skill, table

TIMES = ("weekday_daytime", "weekday_evenings", "weekends")
PLACES = ("remote", "on_site")
SLOTS = (*TIMES, *PLACES)
"""When and where somebody has time, as Person.availability has it."""

_NOT = r"(?!\s*(?:勤務|ワーク|作業)?(?:は|での勤務は)?(?:不可|なし|無し|できません|is not|not ))"


def _sign(words: str) -> re.Pattern[str]:
    return re.compile(texts.folded(rf"(?<!no )(?<!not )(?:{words}){_NOT}"))


_SIGNS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "weekday_daytime": _sign(r"日中|平日の?昼|\bdaytime\b|\b(?:business|office) hours\b"),
        "weekday_evenings": _sign(r"平日の?夜|夜間|夕方以降|\bevenings?\b"),
        "weekends": _sign(r"土日|週末|土曜|日曜|\bweekends?\b"),
        "remote": _sign(r"在宅|リモート|テレワーク|\bremote(?:ly)?\b|\bwork from home\b"),
        "on_site": _sign(r"出社|常駐|オンサイト|\bon[- ]?site\b|\bin the office\b"),
    }
)
"""By what a gig's own words say that it has to do with a slot."""
_PARTS = re.compile(r"[都道府県市区町村郡、,\s]+")
_P, _S = table(Person), table(Skill)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a gig asks for. Each skill comes with every folded word that means the same."""

    skills: tuple[tuple[str, frozenset[str]], ...]
    place: str
    words: str
    slots: frozenset[str]


class Offered(NamedTuple):
    """What a person says of themselves: folded skills, and the rest as they typed it."""

    skills: frozenset[str] = frozenset()
    city: str = ""
    slots: frozenset[str] = frozenset()
    interests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """The reasons: `skills` are those of the gig's `asked` that the person has, under the gig's names."""

    asked: int = 0
    skills: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    city: str = ""
    interests: tuple[str, ...] = ()

    @property
    def suits(self) -> bool:
        """Whether anything speaks for it."""
        return bool(self.skills or self.slots or self.city or self.interests)


def of(wanted: Wanted, offered: Offered) -> Match:
    return Match(
        asked=len(wanted.skills),
        skills=tuple(label for label, words in wanted.skills if words & offered.skills),
        slots=tuple(slot for slot in SLOTS if slot in wanted.slots & offered.slots),
        city=offered.city if is_in(offered.city, wanted.place) else "",
        interests=tuple(label for label in offered.interests if _says(wanted.words, texts.folded(label))),
    )


def wanted(session: CompanySession, gig: Gig) -> Wanted:
    """The same for every reader: made once for each session, which sees one state of the gig."""
    key = ("matching.wanted", gig.id, gig.version)
    known = session.info.get(key)
    if known is None:
        labels = texts.listed(gig.skills)
        senses = same(session, [texts.folded(label) for label in labels])
        terms = (gig.terms.get(name, "") for name in ("hours", "period"))
        said = texts.folded("\n".join((gig.title, gig.work, gig.place, *terms)))
        known = session.info[key] = Wanted(
            tuple((label, senses[texts.folded(label)]) for label in labels),
            texts.folded(gig.place),
            f"{said} {texts.folded(gig.skills)}",
            slots_in(said),
        )
    return known


def slots_in(folded: str) -> frozenset[str]:
    """The slots that a gig's words speak of."""
    return frozenset(slot for slot, sign in _SIGNS.items() if sign.search(folded))


def is_in(city: str, place: str) -> bool:
    """Whether the folded place is in the city, which people write with or without 市 and 県."""
    there = place.replace("東京都", "東京")
    parts = [part for part in _PARTS.split(texts.folded(city).replace("東京都", "東京")) if len(part) > 1]
    return any(_says(there, part) for part in parts)


def _says(text: str, word: str) -> bool:
    if len(word) < 2:
        return False
    if word.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text) is not None
    return word in text


_NOTHING = Offered()
_OFFERING = (
    select(_P.c.id, _P.c.city, _P.c.availability, _P.c.interests, _S.c.folded)
    .select_from(_P)
    .outerjoin(_S, and_(_S.c.company_id == _P.c.company_id, _S.c.person_id == _P.c.id))
    .where(aside(_P.c.company_id) == bindparam("company"))
)
_READ = Prepared(lambda _: _OFFERING.where(_P.c.id == bindparam("person")))
_READ_SEVERAL = Prepared(
    lambda _: _OFFERING.where(
        one_of(_P.c.id, "people"),
        or_(*(said != "" for said in (_P.c.city, _P.c.availability, _P.c.interests)), _S.c.folded.is_not(None)),
    )
)


def offered(session: CompanySession, person_id: int) -> Offered:
    return _by_person(_READ.all(session, person=person_id)).get(person_id, _NOTHING)


def offered_by(session: CompanySession, people: Iterable[int]) -> Mapping[int, Offered]:
    """`offered` of several people, without those who offer nothing."""
    return _by_person(_READ_SEVERAL.all(session, people=people))


def _by_person(rows: Iterable[tuple[Any, ...]]) -> Mapping[int, Offered]:
    found: dict[int, Offered] = {}
    for person_id, city, slots, interests, folded in rows:
        if not (city or slots or interests or folded):
            continue
        own = found.get(person_id)
        if own is None:
            own = Offered(frozenset(), city, frozenset(texts.listed(slots)), tuple(texts.listed(interests)))
        found[person_id] = own._replace(skills=own.skills | {folded}) if folded else own
    return found


def of_reader(scene: Scene, gig: Gig) -> Match | None:
    """Why the gig may suit the alumnus who reads it."""
    if scene.reader is None or scene.reader.role is not Role.ALUMNUS:
        return None
    own = offer(scene, scene.reader.id)
    # Who offers the same is suited by the same.
    return scene.together.once(("match", gig.id, own), lambda: of(wanted(scene.session, gig), own))


def offer(scene: Scene, reader_id: int) -> Offered:
    """What the reader of the scene offers."""
    readers = scene.together.readers
    if reader_id not in readers:
        return offered(scene.session, reader_id)
    theirs = scene.together.once("offered", lambda: offered_by(scene.session, readers))
    return theirs.get(reader_id, _NOTHING)


def of_person(session: CompanySession, gig: Gig, person_id: int, shows: Callable[[str], bool]) -> Match:
    """The same for somebody else to read, of the fields that `shows` lets through."""
    own = offered(session, person_id)
    seen = Offered(
        own.skills if shows("skills") else frozenset(),
        own.city if shows("city") else "",
        own.slots if shows("availability") else frozenset(),
        own.interests if shows("interests") else (),
    )
    return of(wanted(session, gig), seen)
