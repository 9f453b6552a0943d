"""Which rows are about a person: the map by which one's own data is exported, and by which a test makes sure that no
table of a later day is forgotten."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, and_, or_, select
from sqlmodel import SQLModel

from storage.db import CompanySession
from storage.tables import Account, Case, CaseMessage, Commission, CommissionNotice, Conversation, Side, table

EXPORTED: Mapping[str, tuple[str, ...]] = {
    "person": ("id",),
    "address_change": ("person_id",),
    "department": ("person_id",),
    "offboarding": ("person_id",),
    "visibility": ("person_id",),
    "hiding": ("person_id",),
    "consent": ("person_id",),
    "skill": ("person_id",),
    "account": ("person_id",),
    "join_request": ("person_id",),
    "code": ("person_id",),
    "stance": ("person_id",),
    "commission": ("person_id",),
    "referral": ("referrer_id", "person_id"),
    "case": ("person_id",),
    "casemessage": ("author_id",),
    "early_edit": ("person_id",),
    "case_event": ("actor_id", "whom_id"),
    "gig": ("author_id", "named_id"),
    "gig_version": ("author_id",),
    "event": ("host_id",),
    "event_version": ("author_id",),
    "rsvp": ("person_id",),
    "broadcast": ("author_id", "approver_id"),
    "click": ("person_id",),
    "acknowledgement": ("person_id",),
    "survey": ("author_id",),
    "survey_answer": ("person_id",),
    "reunion": ("author_id",),
    "reunion_answer": ("person_id",),
    "delivery": ("person_id",),
    "event_reminder": ("person_id",),
    "feedback": ("person_id",),
    "calendar_feed": ("person_id",),
    "merger": ("keeper_id",),
    "people_file": ("person_id",),
    "audit": ("subject_id", "actor_id"),
}
"""Tables, and their columns that say whose a row is."""

EXCEPTIONS: Mapping[str, str] = {
    "hiding.viewer_id": "somebody else's choice to hide from this person, who cannot tell",
    "join_request.decided_by": "somebody else's request; who decided is in the audit log, which is exported",
    "case.assignee_id": "somebody else's conversation; that it was assigned to this person is in case_event",
    "commission.by_id": "somebody else's commission; who chose them is in the audit log, which is exported",
    "posting.person_id": "made from the profile, which is exported; it holds no word of its own",
    "merger.other_id": "the emptied row of somebody who was merged, and has nothing to export",
    "erasure.person_id": "the emptied row of somebody who is erased, and has nothing to export",
}
"""Columns that name a person and are not exported, and why."""

LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    "skill": ("folded",),
    "case": ("revision", "cards", "nudge_at"),
    "join_request": ("look_at", "looks", "owed"),
    "code": ("digest",),
    "audit": ("actor_mark", "subject_mark"),
    "early_edit": ("source",),
    "commission": ("remind_at",),
    "event_reminder": ("look_at",),
    "feedback": ("mark",),
    "calendar_feed": ("digest",),
    "survey": ("key",),
    "merger": ("moved", "stayed"),
    "people_file": ("url", "digest", "fault", "wrong", "unread", "done_line", "attempts", "due_at"),
    "delivery": ("args", "detail", "check_at", "edit_due_at", "delete_due_at", "wanted", "shown", "attempts", "cause"),
}
"""Columns of the machinery: digests of secrets, copies for comparing, and how far a delivery has come."""

_PERSON_COLUMNS = frozenset(
    {"person_id", "viewer_id", "author_id", "actor_id", "subject_id", "keeper_id", "other_id"}
    | {"assignee_id", "whom_id", "named_id"}
)

Row = dict[str, Any]


def columns_of_people() -> set[str]:
    """Every column, as `table.column`, that names a person."""
    return {
        f"{name}.{column.name}"
        for name, each in SQLModel.metadata.tables.items()
        for column in each.columns
        if _names(column)
    }


def _names(column: Column[Any]) -> bool:
    return column.name in _PERSON_COLUMNS or any(key.column.table.name == "person" for key in column.foreign_keys)


def of(session: CompanySession, person_id: int) -> dict[str, list[Row]]:
    """Everything that is stored about the person, by table, oldest first."""
    session.flush()
    found = {name: _rows(session, name, _own(name, person_id)) for name in EXPORTED}
    found["casemessage"] = [_without_keys(row) for row in _rows(session, "casemessage", _said(person_id))]
    found["commission_notice"] = _rows(session, "commission_notice", _terms(person_id))
    found["conversation"] = _rows(session, "conversation", _places(person_id))
    return found


def _own(name: str, person_id: int) -> Any:
    columns = SQLModel.metadata.tables[name].c
    return or_(*(columns[own] == person_id for own in EXPORTED[name]))


def _said(person_id: int) -> Any:
    """What the person wrote, and what was written to them. Not what HR noted of them among themselves."""
    messages, cases = table(CaseMessage), table(Case)
    theirs = select(cases.c.id).where(cases.c.person_id == person_id)
    return or_(messages.c.author_id == person_id, and_(messages.c.case_id.in_(theirs), messages.c.side != Side.NOTE))


def _terms(person_id: int) -> Any:
    """The notices that the person was given."""
    commissions = table(Commission)
    theirs = select(commissions.c.id).where(commissions.c.person_id == person_id)
    return table(CommissionNotice).c.commission_id.in_(theirs)


def _places(person_id: int) -> Any:
    accounts = table(Account)
    return table(Conversation).c.address.in_(select(accounts.c.address).where(accounts.c.person_id == person_id))


def _rows(session: CompanySession, name: str, where: Any) -> list[Row]:
    each = SQLModel.metadata.tables[name]
    shown = [c for c in each.columns if c.name != "company_id" and c.name not in LEFT_OUT.get(name, ())]
    query = select(*shown).where(and_(each.c.company_id == session.company_id, where))
    order = [column for column in each.primary_key.columns if column.name != "company_id"]
    rows = session.core.execute(query.order_by(*order))
    return [{key: _plain(value) for key, value in row.items()} for row in rows.mappings()]


def _without_keys(row: Row) -> Row:
    """Where a platform keeps the bytes of a file may be an address that lets anybody in."""
    return row | {"files": [{name: file[name] for name in ("name", "url", "size")} for file in row["files"]]}


def _plain(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case StrEnum():
            return value.value
        case _:
            return value


def header(name: str) -> Sequence[str]:
    """The columns of a table in the export."""
    columns = SQLModel.metadata.tables[name].columns
    return [c.name for c in columns if c.name != "company_id" and c.name not in LEFT_OUT.get(name, ())]
