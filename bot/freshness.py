"""Once a year: is what a profile says of somebody's work still so?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, cast, func, literal, or_
from sqlmodel import col, select

from bot import clock, subjects
from bot.scene import Scene
from bot.turn import Answer, Refresh, Say, Turn
from storage import ledger, people
from storage.db import CompanySession
from storage.ledger import Draft
from storage.tables import Delivery, Person, PersonState, Role

AFTER = timedelta(days=365)
ASKED_FROM, ASKED_UNTIL = 10, 16
"""Hours of a weekday, in the company's zone."""
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
    local = now.astimezone(clock.zone(people.company(session).timezone))
    if local.weekday() > 4 or not ASKED_FROM <= local.hour < ASKED_UNTIL:
        return 0
    drafts = [draft for person in _due(session, now - AFTER) if (draft := _draft(session, person, now))]
    ledger.enqueue(session, drafts, now)
    return len(drafts)


def _due(session: CompanySession, before: datetime) -> list[Person]:
    subject = literal(subjects.freshness("")) + cast(col(Person.id), String)
    asked = select(Delivery.id).where(Delivery.subject == subject, col(Delivery.created_at) > before).exists()
    query = (
        select(Person)
        .where(Person.role == Role.ALUMNUS, Person.state == PersonState.ACTIVE, col(Person.opted_out_at).is_(None))
        .where(or_(col(Person.works_at) != "", col(Person.works_as) != ""))
        .where(func.coalesce(col(Person.checked_at), col(Person.created_at)) <= before, ~asked)
        .order_by(col(Person.id))
        .limit(AT_ONCE)
    )
    return list(session.exec(query))


def _draft(session: CompanySession, person: Person, now: datetime) -> Draft | None:
    account = next((one for one in people.accounts_of(session, person.id or 0) if one.address), None)
    if account is None:
        return None
    return Draft(
        cause=f"fresh:{now:%Y-%m-%d}",
        recipient=f"person:{person.id}",
        person_id=person.id,
        platform=account.platform,
        workspace=account.workspace,
        address=account.address,
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
