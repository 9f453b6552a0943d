"""To whom a gig goes: alumni who take such messages, narrowed by what HR may see of them; or one person alone."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from bot import texts
from storage import topics
from storage.consents import agreeing
from storage.db import CompanySession
from storage.ledger import Recipients
from storage.skills import same
from storage.tables import (
    Account,
    Audience,
    ConsentPurpose,
    Department,
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

_A, _D, _H, _P, _S, _V = map(table, (Account, Department, Hiding, Person, Skill, Visibility))
ANY, ALL = "any", "all"
LONGEST = 500
"""Characters of a list of cities or departments."""
FIRST_YEAR = 1900


@dataclass(frozen=True, slots=True)
class Segment:
    """Whom it suits besides having the gig's skills: any of them or all. Empty is everybody; years are of joining."""

    match: str = ANY
    cities: tuple[str, ...] = ()
    joined_from: int | None = None
    joined_to: int | None = None
    departments: tuple[str, ...] = ()

    def stored(self) -> dict[str, Any]:
        told = asdict(self) | {"cities": [*self.cities], "departments": [*self.departments]}
        return {name: value for name, value in told.items() if value}


def of(gig: Gig) -> Segment:
    """The gig's segment."""
    return read(gig.audience or {})


def read(told: Mapping[str, Any]) -> Segment:
    """What an older version stored is read as far as it is understood."""
    return Segment(
        ALL if told.get("match") == ALL else ANY,
        tuple(map(str, told.get("cities", ()))),
        told.get("joined_from"),
        told.get("joined_to"),
        tuple(map(str, told.get("departments", ()))),
    )


def everybody(session: CompanySession, gig: Gig, now: datetime) -> Recipients:
    """To whom the gig goes, each at the account that they made first."""
    return recipients(session, _conditions(session, gig, now))


def recipients(session: CompanySession, conditions: Sequence[Any]) -> Recipients:
    """Everybody of whom these are true, each at the account that they made first."""
    first = (
        select(_A.c.person_id, func.min(_A.c.id).label("id"))
        .where(_A.c.company_id == session.company_id, _A.c.address != "")
        .group_by(_A.c.person_id)
        .subquery()
    )
    return (
        select(_P.c.id.label("person_id"), _A.c.platform, _A.c.workspace, _A.c.address)
        .select_from(_P)
        .join(first, first.c.person_id == _P.c.id)
        .join(_A, _A.c.id == first.c.id)
        .where(*conditions)
    )


def count(session: CompanySession, gig: Gig, now: datetime) -> int:
    return reached(session, _conditions(session, gig, now))


def reached(session: CompanySession, conditions: Sequence[Any]) -> int:
    """How many `recipients` there are."""
    session.flush()
    here = (
        select(_A.c.id)
        .where(_A.c.company_id == session.company_id, _A.c.person_id == _P.c.id, _A.c.address != "")
        .exists()
    )
    query = select(func.count()).select_from(_P).where(here, *conditions)
    return session.core.execute(query).scalar_one()


def _conditions(session: CompanySession, gig: Gig, now: datetime) -> list[Any]:
    """Active alumni who take messages and agree to be offered gigs."""
    found = reachable(session, gig.author_id, Topic.GIGS, ConsentPurpose.GIGS, now)
    if gig.named_id is not None:
        return [*found, _P.c.id == gig.named_id]
    return [*found, *within(session, of(gig), texts.listed(gig.skills), now)]


def reachable(
    session: CompanySession, author_id: int, topic: Topic, purpose: ConsentPurpose, now: datetime
) -> list[Any]:
    """Who takes such messages. Who hides from the author is left out: what they do with it would be counted on the
    author's card, and an answer would be a case there."""
    hides = _H.c.company_id == session.company_id, _H.c.person_id == _P.c.id, _H.c.viewer_id == author_id
    return [
        _P.c.company_id == session.company_id,
        _P.c.role == Role.ALUMNUS,
        _P.c.state == PersonState.ACTIVE,
        _P.c.opted_out_at.is_(None),
        or_(_P.c.snoozed_until.is_(None), _P.c.snoozed_until <= now),
        topics.wanted(_P.c.receives, topic),
        ~select(_H.c.person_id).where(*hides).exists(),
        agreeing(session.company_id, _P.c.id, purpose),
    ]


def within(session: CompanySession, segment: Segment, skills: Sequence[str], now: datetime) -> list[Any]:
    """Whom the segment means. A field counts that HR may see."""
    found = _skilled(session, [texts.folded(label) for label in skills], segment.match)
    if segment.cities:
        places = [_P.c.city.icontains(city, autoescape=True) for city in segment.cities]
        found += [_shown(session, "city"), or_(*places)]
    if segment.joined_from or segment.joined_to:
        years = _P.c.joined_year.between(segment.joined_from or FIRST_YEAR, segment.joined_to or now.year)
        found += [_shown(session, "joined_year"), years]
    if segment.departments:
        named = or_(*(_D.c.name.icontains(name, autoescape=True) for name in segment.departments))
        was = _D.c.company_id == session.company_id, _D.c.person_id == _P.c.id, named
        found += [_shown(session, "departments"), select(_D.c.person_id).where(*was).exists()]
    return found


def _skilled(session: CompanySession, skills: Sequence[str], match: str) -> list[Any]:
    """Who has any of them, or all; by the company's synonyms as well."""
    if not skills:
        return []
    meanings = list(same(session, skills).values())
    wanted = meanings if match == ALL else [frozenset[str]().union(*meanings)]
    own = _S.c.company_id == session.company_id
    having = [_P.c.id.in_(select(_S.c.person_id).where(own, _S.c.folded.in_(sorted(words)))) for words in wanted]
    return [_shown(session, "skills"), *having]


def _shown(session: CompanySession, field: str) -> Any:
    """The field is one that its person shows to HR: otherwise who is counted would tell it."""
    hidden = and_(_V.c.field == field, _V.c.audience == Audience.HIDDEN)
    own = _V.c.company_id == session.company_id, _V.c.person_id == _P.c.id
    return ~select(_V.c.person_id).where(*own, hidden).exists()
