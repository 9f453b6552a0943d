"""To whom a gig or an event goes: alumni who take such messages, narrowed by what whoever sends it may see of them; or,
of a gig, one person alone."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import func, literal, or_, select, union_all

from bot import queries, subjects, texts
from storage import topics, visibility
from storage.circulars import Recipients
from storage.consents import agreeing
from storage.db import CompanySession
from storage.skills import same
from storage.tables import (
    Account,
    Audience,
    ConsentPurpose,
    Delivery,
    Department,
    Event,
    Gig,
    Hiding,
    Person,
    PersonState,
    Role,
    Skill,
    Topic,
    Visibility,
    table,
)

_A, _D, _H, _L, _P, _S, _V = map(table, (Account, Department, Hiding, Delivery, Person, Skill, Visibility))
ANY, ALL = "any", "all"
LONGEST = 500
"""Characters of a list of cities or departments."""
FIRST_YEAR = 1900
AT_ONCE = 50
"""Gigs of which one statement asks whether they are meant for somebody."""
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "cities": "city",
        **{name: name for name in ("works_at", "works_as", "helps_with", "looks_for", "interests")},
        "slots": "availability",
    }
)
"""Conditions that any of several words fulfils, and the field of a profile in which it stands."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Whom it suits besides having the gig's skills: any of them or all. Empty is everybody. `joined` and `left` are
    calendar years; `slots` are of bot.matching.SLOTS, `left_for` is of bot.eligibility.REASONS, and `language` is that
    in which somebody reads messages."""

    match: str = ANY
    cities: tuple[str, ...] = ()
    joined_from: int | None = None
    joined_to: int | None = None
    departments: tuple[str, ...] = ()
    works_at: tuple[str, ...] = ()
    works_as: tuple[str, ...] = ()
    helps_with: tuple[str, ...] = ()
    looks_for: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    left_from: int | None = None
    left_to: int | None = None
    left_for: str = ""
    language: str = ""

    def stored(self) -> dict[str, Any]:
        lists = {name: [*words] for name in (*WORDS, "departments") if (words := getattr(self, name))}
        return {name: value for name, value in (asdict(self) | lists).items() if value}


def of(sent: Gig | Event) -> Segment:
    """Its segment."""
    return read(sent.audience or {})


def read(told: Mapping[str, Any]) -> Segment:
    """What an older version stored is read as far as it is understood."""
    known: dict[str, Any] = {
        **{name: tuple(map(str, told.get(name, ()))) for name in (*WORDS, "departments")},
        **{name: told.get(name) for name in ("joined_from", "joined_to", "left_from", "left_to")},
        **{name: str(told.get(name, "")) for name in ("left_for", "language")},
    }
    return Segment(ALL if told.get("match") == ALL else ANY, **known)


def newcomers(session: CompanySession, gig: Gig, now: datetime) -> Recipients:
    """Those to whom the gig goes who have not been written to about it."""
    return everybody(session, gig, now).where(_P.c.id.not_in(_written(session, gig)))


def typed(values: Mapping[str, str], before: Segment) -> Segment | Mapping[str, str]:
    """What the first form says, and of the rest what was said before; or for each field that is wrong the key of a
    sentence."""
    years, faults = years_typed(values, "joined")
    return faults or replace(
        before,
        match=values.get("match") or ANY,
        cities=tuple(texts.listed(values["cities"])),
        departments=tuple(texts.listed(values["departments"])),
        **years,
    )


def years_typed(values: Mapping[str, str], what: str) -> tuple[dict[str, int | None], dict[str, str]]:
    """The first and the last year of a form; and what is wrong with them."""
    first, last = f"{what}_from", f"{what}_to"
    years = {name: queries.year(values[name]) for name in (first, last)}
    faults = {name: "not_joined_year" for name, year in years.items() if values[name] and year is None}
    if (years[first] or 0) > (years[last] or queries.LATEST):
        faults[last] = "years_turned"
    return years, faults


def filled(segment: Segment) -> dict[str, str]:
    """What the first form starts with."""
    return {
        "match": segment.match,
        "cities": ", ".join(segment.cities),
        "joined_from": str(segment.joined_from or ""),
        "joined_to": str(segment.joined_to or ""),
        "departments": ", ".join(segment.departments),
    }


def everybody(session: CompanySession, sent: Gig | Event, now: datetime) -> Recipients:
    """To whom it goes, each at the account that they made first."""
    return recipients(session, _conditions(session, sent, now))


def recipients(session: CompanySession, conditions: Sequence[Any]) -> Recipients:
    """Everybody of whom these are true, each at the account that they made first."""
    own = _A.alias("own")
    reachable = own.c.company_id == session.company_id, own.c.person_id == _P.c.id, own.c.address != ""
    # Asked person by person: a join is planned as a loop over all accounts, while PostgreSQL has no statistics yet.
    first = select(func.min(own.c.id)).where(*reachable).scalar_subquery()
    return (
        select(_P.c.id.label("person_id"), _A.c.platform, _A.c.workspace, _A.c.address)
        .select_from(_P)
        .join(_A, _A.c.id == first)
        .where(*conditions)
    )


def count(session: CompanySession, sent: Gig | Event, now: datetime) -> int:
    return reached(session, _conditions(session, sent, now))


def count_new(session: CompanySession, gig: Gig, now: datetime) -> int:
    """How many of them have not been written to about the gig."""
    return reached(session, [*_conditions(session, gig, now), _P.c.id.not_in(_written(session, gig))])


def reached(session: CompanySession, conditions: Sequence[Any]) -> int:
    """How many `recipients` there are."""
    session.flush()
    query = select(func.count()).select_from(_P).where(_is_reachable(session), *conditions)
    return session.core.execute(query).scalar_one()


def anybody(session: CompanySession, sent: Gig | Event, now: datetime) -> bool:
    """Whether it goes to anybody, who need not be counted for that."""
    session.flush()
    query = select(_P.c.id).where(_is_reachable(session), *_conditions(session, sent, now)).limit(1)
    return session.core.execute(query).first() is not None


def _is_reachable(session: CompanySession) -> Any:
    own = _A.c.company_id == session.company_id, _A.c.person_id == _P.c.id
    return select(_A.c.id).where(*own, _A.c.address != "").exists()


def _written(session: CompanySession, gig: Gig) -> Any:
    """Whom the gig has been written to, or is about to be: by itself, or because somebody referred them."""
    about = _L.c.company_id == session.company_id, _L.c.subject == subjects.gig(gig.id)
    return select(_L.c.person_id).where(*about, _L.c.unasked, _L.c.person_id.is_not(None))


def includes(session: CompanySession, event: Event, person_id: int, now: datetime) -> bool:
    """Whether the event is for that alumnus to see, whatever messages they take. Of two of whom one hides from the
    other neither sees what the other hosts."""
    session.flush()
    own = _P.c.company_id == session.company_id, _P.c.id == person_id, _P.c.role == Role.ALUMNUS
    hidden = _hides(session, _P.c.id, event.host_id), _hides(session, event.host_id, _P.c.id)
    suits = _suits(session, of(event), _narrowest(session, event.host_id), now)
    query = select(_P.c.id).where(*own, *(~one for one in hidden), *suits)
    return session.core.execute(query).first() is not None


def _hides(session: CompanySession, person: Any, viewer: Any) -> Any:
    hides = _H.c.company_id == session.company_id, _H.c.person_id == person, _H.c.viewer_id == viewer
    return select(_H.c.person_id).where(*hides).exists()


def _narrowest(session: CompanySession, host_id: int) -> Audience:
    """The narrowest audience to which whoever hosts something belongs."""
    host = session.get(Person, host_id)
    return Audience.ALUMNI if host is None or host.role is Role.ALUMNUS else Audience.HR


def _conditions(session: CompanySession, sent: Gig | Event, now: datetime) -> list[Any]:
    """Active alumni who take such messages. A field counts that the sender may see."""
    if isinstance(sent, Gig):
        found = reachable(session, sent.author_id, Topic.GIGS, ConsentPurpose.GIGS, now)
        return [*found, *_suiting(session, sent, now)]
    return gathering(session, sent.host_id, of(sent), now)


def gathering(session: CompanySession, host_id: int, segment: Segment, now: datetime) -> list[Any]:
    """Who of the segment takes messages about what that person hosts. Of two of whom one hides from the other neither
    hears of it."""
    found = reachable(session, host_id, Topic.EVENTS, ConsentPurpose.CONTACT, now)
    found += [_P.c.id != host_id, ~_hides(session, host_id, _P.c.id)]
    return [*found, *_suits(session, segment, _narrowest(session, host_id), now)]


def reachable(
    session: CompanySession, author_id: int, topic: Topic, purpose: ConsentPurpose, now: datetime
) -> list[Any]:
    """Who takes such messages. Who hides from the author is left out: what they do with it would be counted on the
    author's card, and an answer would be a case or a guest there."""
    return [
        _P.c.company_id == session.company_id,
        _P.c.role == Role.ALUMNUS,
        _P.c.state == PersonState.ACTIVE,
        _P.c.opted_out_at.is_(None),
        or_(_P.c.snoozed_until.is_(None), _P.c.snoozed_until <= now),
        topics.wanted(_P.c.receives, topic),
        ~_hides(session, _P.c.id, author_id),
        agreeing(session.company_id, _P.c.id, purpose),
    ]


def meant_for(session: CompanySession, gigs: Sequence[Gig], person_id: int, now: datetime) -> set[int]:
    """Those of the gigs whose audience the person belongs to, whether or not they take messages."""
    session.flush()
    named = {gig.id or 0 for gig in gigs if gig.named_id == person_id}
    for_all = {gig.id or 0 for gig in gigs if gig.named_id is None and not gig.skills and not gig.audience}
    asked = [gig for gig in gigs if gig.named_id is None and gig.id not in for_all]
    own = _P.c.company_id == session.company_id, _P.c.id == person_id
    suiting = [select(literal(gig.id or 0)).select_from(_P).where(*own, *_suiting(session, gig, now)) for gig in asked]
    parts = (suiting[start : start + AT_ONCE] for start in range(0, len(suiting), AT_ONCE))
    found = {gig_id for part in parts for gig_id in session.core.execute(union_all(*part)).scalars()}
    return named | for_all | found


def _suiting(session: CompanySession, gig: Gig, now: datetime) -> list[Any]:
    """What the gig asks of a person."""
    if gig.named_id is not None:
        return [_P.c.id == gig.named_id]
    return within(session, of(gig), texts.listed(gig.skills), now)


def within(session: CompanySession, segment: Segment, skills: Sequence[str], now: datetime) -> list[Any]:
    """Whom the segment means. A field counts that HR may see; why somebody left, and which language they read, HR
    knows."""
    found = _skilled(session, [texts.folded(label) for label in skills], segment.match)
    found += _suits(session, segment, Audience.HR, now)
    if segment.left_for:
        found.append(_P.c.left_for == segment.left_for)
    if segment.language:
        found.append(_P.c.locale == segment.language)
    return found


def _suits(session: CompanySession, segment: Segment, reach: Audience, now: datetime) -> list[Any]:
    found: list[Any] = []
    for condition, name in WORDS.items():
        words = [_P.c[name].icontains(word, autoescape=True) for word in getattr(segment, condition)]
        if words:
            found += [_shown(session, name, reach), or_(*words)]
    if segment.left_from or segment.left_to:
        days = date(segment.left_from or FIRST_YEAR, 1, 1), date(segment.left_to or queries.LATEST, 12, 31)
        found += [_shown(session, "last_day", reach), _P.c.last_day.between(*days)]
    if segment.joined_from or segment.joined_to:
        years = _P.c.joined_year.between(segment.joined_from or FIRST_YEAR, segment.joined_to or now.year)
        found += [_shown(session, "joined_year", reach), years]
    if segment.departments:
        named = or_(*(_D.c.name.icontains(name, autoescape=True) for name in segment.departments))
        was = _D.c.company_id == session.company_id, _D.c.person_id == _P.c.id, named
        found += [_shown(session, "departments", reach), select(_D.c.person_id).where(*was).exists()]
    return found


def _skilled(session: CompanySession, skills: Sequence[str], match: str) -> list[Any]:
    """Who has any of them, or all; by the company's synonyms as well."""
    if not skills:
        return []
    meanings = list(same(session, skills).values())
    wanted = meanings if match == ALL else [frozenset[str]().union(*meanings)]
    own = _S.c.company_id == session.company_id
    having = [_P.c.id.in_(select(_S.c.person_id).where(own, _S.c.folded.in_(sorted(words)))) for words in wanted]
    return [_shown(session, "skills", Audience.HR), *having]


def _shown(session: CompanySession, field: str, reach: Audience) -> Any:
    """The field is one that its person shows to this audience: otherwise who is counted would tell it."""
    usual = visibility.includes(reach, visibility.FIELDS[field].usual)
    other = or_(*(_V.c.audience == one for one in Audience if visibility.includes(reach, one) is not usual))
    own = _V.c.company_id == session.company_id, _V.c.person_id == _P.c.id, _V.c.field == field
    chosen = select(_V.c.person_id).where(*own, other).exists()
    return ~chosen if usual else chosen
