"""To whom news and surveys go: alumni by what HR may see of them and by what they did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import and_, func, or_, select

from bot import audiences, clock, texts
from bot.audiences import Segment
from storage import people
from storage.circulars import Recipients
from storage.db import CompanySession
from storage.tables import (
    Account,
    Attitude,
    Broadcast,
    ConsentPurpose,
    Event,
    EventState,
    Person,
    Rsvp,
    Seat,
    Stance,
    Survey,
    Topic,
    table,
)

_E, _P, _R, _S = map(table, (Event, Person, Rsvp, Stance))
_OTHERS = _R.alias()
_JOINED = table(Account).alias()
"""An account apart from the one at which somebody is written to."""
SAMPLE = 5
"""Names that a draft shows of those whom it would reach."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """`answered`: who has shown interest in a gig or asked about one. Whoever passed is not among them, since HR is
    never told who that was. `attended`: who came to an event; where nobody was checked in, who had a seat when it took
    place. `since`: who has been there since that day, in the company's zone."""

    segment: Segment = field(default_factory=Segment)
    skills: tuple[str, ...] = ()
    answered: bool = False
    attended: bool = False
    since: date | None = None

    def stored(self) -> dict[str, Any]:
        told = {
            **self.segment.stored(),
            "skills": [*self.skills],
            "answered": self.answered,
            "attended": self.attended,
            "since": self.since.isoformat() if self.since else "",
        }
        return {name: value for name, value in told.items() if value}


def read(told: Mapping[str, Any]) -> Chosen:
    since = str(told.get("since", ""))
    return Chosen(
        audiences.read(told),
        tuple(map(str, told.get("skills", ()))),
        bool(told.get("answered")),
        bool(told.get("attended")),
        date.fromisoformat(since) if since else None,
    )


def typed(said: Mapping[str, str], before: Chosen) -> Chosen | Mapping[str, str]:
    """What the first form says, and of the rest what was said before; or for each field that is wrong the key of a
    sentence."""
    segment = audiences.typed(said, before.segment)
    if not isinstance(segment, Segment):
        return segment
    since = date.fromisoformat(said["since"]) if said["since"] else None
    skills = tuple(texts.listed(said["skills"]))
    return Chosen(segment, skills, said["answered"] == "yes", said["attended"] == "yes", since)


def filled(chosen: Chosen) -> dict[str, str]:
    """What the first form starts with."""
    return {
        **audiences.filled(chosen.segment),
        "skills": ", ".join(chosen.skills),
        "answered": "yes" if chosen.answered else "no",
        "attended": "yes" if chosen.attended else "no",
        "since": chosen.since.isoformat() if chosen.since else "",
    }


@dataclass(frozen=True, slots=True)
class Planned:
    """News that nobody has written yet."""

    author_id: int
    audience: Mapping[str, Any]


Sent = Broadcast | Survey | Planned


def everybody(session: CompanySession, sent: Sent, now: datetime) -> Recipients:
    return audiences.recipients(session, _conditions(session, sent, now))


def count(session: CompanySession, sent: Sent, now: datetime) -> int:
    return audiences.reached(session, _conditions(session, sent, now))


def sample(session: CompanySession, sent: Sent, now: datetime) -> Sequence[str]:
    """Some names of those whom it reaches, always the same ones."""
    to = everybody(session, sent, now).order_by(_P.c.id).limit(SAMPLE).subquery()
    names = select(_P.c.name).join(to, to.c.person_id == _P.c.id).order_by(_P.c.id)
    return list(session.core.execute(names).scalars())


def willing(session: CompanySession, sent: Sent, now: datetime) -> list[Any]:
    """Who takes such messages at all."""
    topic = Topic.SURVEYS if isinstance(sent, Survey) else Topic.NEWS
    return audiences.reachable(session, sent.author_id, topic, ConsentPurpose.CONTACT, now)


def _conditions(session: CompanySession, sent: Sent, now: datetime) -> list[Any]:
    chosen = read(sent.audience)
    found = willing(session, sent, now)
    found += audiences.within(session, chosen.segment, chosen.skills, now)
    if chosen.answered:
        said = _S.c.company_id == session.company_id, _S.c.person_id == _P.c.id, _S.c.attitude != Attitude.PASSED
        found.append(select(_S.c.person_id).where(*said).exists())
    if chosen.attended:
        found.append(_attended(session))
    if chosen.since:
        from_then = clock.instant(datetime.combine(chosen.since, time()), people.company(session).timezone)
        own = _JOINED.c.company_id == session.company_id, _JOINED.c.person_id == _P.c.id
        joined = select(func.min(_JOINED.c.created_at)).where(*own).scalar_subquery()
        found.append(joined >= from_then)
    return found


def _attended(session: CompanySession) -> Any:
    """Who came to an event."""
    took_place = _E.c.company_id == session.company_id, _E.c.state.in_((EventState.OPEN, EventState.OVER))
    same = _OTHERS.c.company_id == session.company_id, _OTHERS.c.event_id == _R.c.event_id
    checked_in = select(_OTHERS.c.event_id).where(*same, _OTHERS.c.arrived_at.is_not(None)).exists()
    seated = and_(_R.c.seat == Seat.TAKEN, _E.c.state == EventState.OVER, ~checked_in)
    own = _R.c.company_id == session.company_id, _R.c.person_id == _P.c.id
    came = or_(_R.c.arrived_at.is_not(None), seated)
    return select(_R.c.person_id).join(_E, _E.c.id == _R.c.event_id).where(*own, *took_place, came).exists()
