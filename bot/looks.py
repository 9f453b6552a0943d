"""Who of HR looked at what only HR sees: written down, once a day for each person and field."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import col, select

from bot import clock, visibility
from bot.turn import Turn
from storage import people
from storage.tables import Audience, AuditEntry

LOOKED = "looked"


def note(turn: Turn, person_id: int, fields: Mapping[str, Any], *, shared: bool) -> None:
    """The speaker is being shown this person, whose fields say this."""
    looking = visibility.viewer(turn.person, shared=shared)
    if looking.reach is not Audience.HR or looking.id == person_id:
        return
    seen = visibility.seen(turn.session, looking, [person_id])
    told = [field for field, value in fields.items() if value and _is_hrs(seen, person_id, field)]
    if not told:
        return
    people.held(turn.session, looking.id)  # the same look, twice at once, is one
    for field in sorted(set(told) - _noted_today(turn, person_id)):
        entry = AuditEntry(
            at=turn.now, action=LOOKED, actor_id=looking.id, subject_id=person_id, detail={"field": field}
        )
        turn.session.add(entry)
    turn.session.flush()


def _is_hrs(seen: visibility.Seen, person_id: int, field: str) -> bool:
    """What is no field of a profile is nobody's but HR's."""
    return field not in visibility.FIELDS or seen.audience(person_id, field) is Audience.HR


def _noted_today(turn: Turn, person_id: int) -> set[str]:
    query = select(AuditEntry).where(
        AuditEntry.subject_id == person_id,
        AuditEntry.actor_id == turn.member.id,
        AuditEntry.action == LOOKED,
        col(AuditEntry.at) >= _midnight(turn),
    )
    return {entry.detail["field"] for entry in turn.session.exec(query)}


def _midnight(turn: Turn) -> datetime:
    today = clock.today(turn.now, turn.company.timezone)
    return clock.end_of_day(today - timedelta(days=1), turn.company.timezone).astimezone(UTC)
