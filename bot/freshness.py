"""Once a year: is what a profile says of somebody's work still so?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, literal, or_, true, type_coerce
from sqlmodel import col, select

from bot import clock, subjects
from bot.scene import Scene
from bot.turn import Answer, Refresh, Say, Turn
from storage import ledger, people
from storage.db import CompanySession
from storage.ledger import Draft
from storage.tables import Account, Company, Delivery, Person, PersonState, Role
from storage.types import UTCDateTime

AFTER = timedelta(days=365)
ASKED_FROM, ASKED_UNTIL = 10, 16
"""Hours of a weekday, in the company's zone."""
WEEKEND = 5
"""From this weekday on."""
AT_ONCE = 20
"""People asked in one minute."""


@dataclass(frozen=True, slots=True)
class StillView:
    works_at: str
    works_as: str
    answered: bool


def still_view(scene: Scene, asked: Mapping[str, Any]) -> StillView:
    """Raises LookupError when there is no such person any more, or somebody else reads it."""
    person = scene.session.get(Person, asked["person"])
    if person is None or scene.reader is None or scene.reader.id != person.id:
        raise LookupError(f"no person {asked['person']}")
    return StillView(person.works_at, person.works_as, _is_answered(person, asked))


def _is_answered(person: Person, asked: Mapping[str, Any]) -> bool:
    return person.checked_at is not None and person.checked_at >= datetime.fromisoformat(asked["at"])


def ask(session: CompanySession, now: datetime) -> int:
    """Ask those whose profile nobody has looked over for a year, and who were not asked within one; returns how many.
    The ledger knows who was asked, so that a restart, or two at once, ask nobody twice."""
    if _hour_from(now, people.company(session).timezone) > now:
        return 0
    drafts = [draft for person in _due(session, now - AFTER) if (draft := _draft(session, person, now))]
    ledger.enqueue(session, drafts, now)
    return len(drafts)


def next_due(session: CompanySession, now: datetime) -> datetime | None:
    """When somebody is asked next, if ever; an installation's question. Who was due before `now` is asked as soon as
    it is an hour for it."""
    asked = _asked()
    since = case((asked > _SINCE, asked), else_=_SINCE)
    first = (
        select(Company.timezone, type_coerce(func.min(since), UTCDateTime()))
        .join(Person, col(Person.company_id) == col(Company.id))
        .where(*_may_be_asked())
        .group_by(col(Company.timezone))
    )
    return min((_hour_from(max(at + AFTER, now), zone) for zone, at in session.exec(first)), default=None)


def _hour_from(moment: datetime, zone: str) -> datetime:
    """The first instant from `moment` on at which people there may be asked."""
    local = moment.astimezone(clock.zone(zone))
    if local.weekday() < WEEKEND and ASKED_FROM <= local.hour < ASKED_UNTIL:
        return moment
    day = local.date() + timedelta(days=local.hour >= ASKED_FROM)
    while day.weekday() >= WEEKEND:
        day += timedelta(days=1)
    return clock.instant(datetime.combine(day, time(ASKED_FROM)), zone)


def _due(session: CompanySession, before: datetime) -> list[Person]:
    rested = before >= _SINCE, func.coalesce(_asked() <= before, true())
    return list(session.exec(select(Person).where(*_may_be_asked(), *rested).order_by(col(Person.id)).limit(AT_ONCE)))


_SINCE = func.coalesce(col(Person.checked_at), col(Person.created_at))
"""When a profile was last known to be right."""


def _may_be_asked() -> tuple[ColumnElement[bool], ...]:
    reachable = select(Account.id).where(Account.person_id == Person.id, Account.address != "").exists()
    return (
        col(Person.role) == Role.ALUMNUS,
        col(Person.state) == PersonState.ACTIVE,
        col(Person.opted_out_at).is_(None),
        or_(col(Person.works_at) != "", col(Person.works_as) != ""),
        reachable,
    )


def _asked() -> Any:
    """When the person was asked last. A query for each: of all at once, PostgreSQL reads the whole ledger."""
    subject = literal(subjects.freshness("")) + cast(col(Person.id), String)
    own = col(Delivery.company_id) == col(Person.company_id), col(Delivery.subject) == subject
    return select(func.max(col(Delivery.created_at))).where(*own).scalar_subquery()


def _draft(session: CompanySession, person: Person, now: datetime) -> Draft | None:
    reach = people.reach(session, person.id or 0)
    if reach is None:
        return None
    return Draft(
        **reach,
        cause=f"fresh:{now:%Y-%m-%d}",
        template="still_there",
        args={"still": {"person": person.id, "at": now.isoformat()}},
        subject=subjects.freshness(person.id),
        unasked=True,
    )


def no_longer_needed(session: CompanySession, asked: Mapping[str, Any]) -> str:
    """Why the question need not be sent any more, empty when it should."""
    person = session.get(Person, asked["person"])
    return "answered" if person is None or _is_answered(person, asked) else ""


def confirm(turn: Turn) -> Answer:
    """It is still so. Pressing twice says nothing new."""
    turn.own_row().checked_at = turn.now
    turn.session.flush()
    ledger.mark_stale(turn.session, subjects.freshness(turn.member.id), turn.now)
    return Refresh(Say("profile", {"person": turn.member.id}))
