"""The audit log: what HR did, and who looked at what only HR sees. It holds ids and never a name: an entry outlives
whom it names."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, or_, select

from storage.db import CompanySession, note_change
from storage.prepared import Prepared
from storage.tables import AuditEntry, table

LOOKED = "looked"
"""Somebody of HR saw a field that only HR sees; `detail` has its name as `field`."""


_E = table(AuditEntry)
_NOTE = Prepared(
    lambda insert: insert(_E),
    ("company_id", "at", "action", "actor_id", "actor_mark", "subject_id", "subject_mark", "detail"),
)


def note(
    session: CompanySession,
    action: str,
    now: datetime,
    *,
    actor_id: int | None = None,
    actor_mark: str = "",
    subject_id: int | None = None,
    subject_mark: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """`actor_id` is None where nobody did it but time; a mark stands for who was erased."""
    actor = {"actor_id": actor_id, "actor_mark": actor_mark}
    subject = {"subject_id": subject_id, "subject_mark": subject_mark}
    _NOTE.all(session, at=now, action=action, **actor, **subject, detail=dict(detail or {}))
    note_change(session)


def looks_at(session: CompanySession, person_id: int, newest: int) -> Sequence[AuditEntry]:
    """Who looked at the person's HR-only fields, newest first."""
    query = select(AuditEntry).where(AuditEntry.subject_id == person_id, AuditEntry.action == LOOKED)
    return session.exec(query.order_by(col(AuditEntry.id).desc()).limit(newest)).all()


def entries(session: CompanySession, newest: int | None = None) -> Sequence[AuditEntry]:
    """The company's log, newest first."""
    return session.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(newest)).all()


def forget(session: CompanySession, person_id: int, mark: str) -> None:
    """The person's entries stay, under a mark that names nobody."""
    own = or_(AuditEntry.actor_id == person_id, AuditEntry.subject_id == person_id)
    for entry in session.exec(select(AuditEntry).where(own)):
        if entry.actor_id == person_id:
            entry.actor_id, entry.actor_mark = None, mark
        if entry.subject_id == person_id:
            entry.subject_id, entry.subject_mark = None, mark
        session.add(entry)
    session.flush()
