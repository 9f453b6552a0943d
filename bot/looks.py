"""Who of HR looked at what only HR sees: written down, once a day for each person and field."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import col, select

from bot import clock, visibility
from bot.turn import Turn
from storage import people
from storage.db import CompanySession
from storage.people import Member
from storage.tables import Audience, AuditEntry

LOOKED = "looked"


def note(turn: Turn, person_id: int, fields: Mapping[str, Any], *, shared: bool) -> None:
    """The speaker is being shown this person, whose fields say this."""
    note_for(turn.session, turn.person, turn.now, turn.company.timezone, person_id, fields, shared=shared)


def note_for(
    session: CompanySession,
    reader: Member | None,
    now: datetime,
    timezone: str,
    person_id: int,
    fields: Mapping[str, Any],
    *,
    shared: bool,
) -> None:
    """The same, wherever the reader looks."""
    looking = visibility.viewer(reader, shared=shared)
    if looking.reach is not Audience.HR or looking.id == person_id:
        return
    seen = visibility.seen(session, looking, [person_id])
    told = [field for field, value in fields.items() if value and _is_hrs(seen, person_id, field)]
    if not told:
        return
    people.held(session, looking.id)  # the same look, twice at once, is one
    noted = _noted_since(session, _midnight(now, timezone), looking.id, person_id)
    for field in sorted(set(told) - noted):
        session.add(
            AuditEntry(at=now, action=LOOKED, actor_id=looking.id, subject_id=person_id, detail={"field": field})
        )
    session.flush()


def _is_hrs(seen: visibility.Seen, person_id: int, field: str) -> bool:
    """What is no field of a profile is nobody's but HR's."""
    return field not in visibility.FIELDS or seen.audience(person_id, field) is Audience.HR


def _noted_since(session: CompanySession, midnight: datetime, reader_id: int, person_id: int) -> set[str]:
    query = select(AuditEntry).where(
        AuditEntry.subject_id == person_id,
        AuditEntry.actor_id == reader_id,
        AuditEntry.action == LOOKED,
        col(AuditEntry.at) >= midnight,
    )
    return {entry.detail["field"] for entry in session.exec(query)}


def _midnight(now: datetime, timezone: str) -> datetime:
    today = clock.today(now, timezone)
    return clock.end_of_day(today - timedelta(days=1), timezone).astimezone(UTC)
