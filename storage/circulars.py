"""Circulars: one message to many, written in one statement, each copy at its moment on its lane."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Interval, Select, String, and_, case, cast, delete, func, literal, select, true
from sqlalchemy.exc import IntegrityError

from storage import ledger
from storage.db import CompanySession
from storage.lanes import free_at, sends, take_until
from storage.ledger import Draft
from storage.prepared import insert_of
from storage.tables import Account, Delivery, DeliveryState, table
from storage.types import UTCDateTime

_T = table(Delivery)
_ACCOUNT = table(Account)

Recipients = Select[Any, Any, Any, Any]
"""Selects person_id, platform, workspace and address, one row a person."""


@dataclass(frozen=True, slots=True)
class Circular:
    """A message to many, each of whom gets their own copy. A reader's locale is found when it is sent."""

    cause: str
    template: str
    args: Mapping[str, Any]
    subject: str | None = None
    unasked: bool = True

    def to(self, person_id: int, platform: str, workspace: str, address: str) -> Draft:
        """One person's copy."""
        return Draft(
            cause=self.cause,
            recipient=f"person:{person_id}",
            platform=platform,
            workspace=workspace,
            address=address,
            template=self.template,
            args=self.args,
            person_id=person_id,
            subject=self.subject,
            unasked=self.unasked,
        )


_Lane = tuple[str, str]


def fan_out(
    session: CompanySession, to: Recipients, circular: Circular, now: datetime, per_minute: Mapping[str, float]
) -> int:
    """Write a copy to everybody in `to`, who are people of this company, within the database and in one statement; to
    how many is what it returns. Each lane is spread by its platform's `per_minute`, and waits for the fan-outs before
    it; a platform that is not among them cannot be spoken to, and what is for it waits. Who was written to before for
    the same cause is passed over.
    """
    session.flush()
    ledger.note_many(session)
    lanes = _lanes(session)
    starts = {lane: max(now, free_at(session, sends(*lane), now)) for lane in sorted(lanes)}
    steps = {lane: timedelta(minutes=1) / per_minute[lane[0]] if lane[0] in per_minute else _AT_ONCE for lane in starts}
    copies = _copies(session, to, circular, now, starts, steps)
    # Asked while the lanes are held: another fan-out of the same cause waits for them.
    is_first = session.core.execute(select(_T.c.id).where(*_of_cause(session, circular.cause)).limit(1)).first() is None
    written = _write_first(session, copies) if is_first else None
    if written is None:
        is_first, written = False, _number(session, copies.on_conflict_do_nothing(index_elements=ledger.ONCE))
    if not written:
        return 0
    if is_first:
        messages = _by_lane(session, circular, written, lanes)
        last = {lane: starts[lane] + steps[lane] * (number - 1) for lane, number in messages.items() if number}
    else:
        last = _last_due(session, circular, now)
    for lane, moment in last.items():
        take_until(session, sends(*lane), moment + steps[lane])
    return written


def _write_first(session: CompanySession, copies: Any) -> int | None:
    """Of a cause of which nobody has anything yet. Looking each copy up before it is written would take PostgreSQL a
    sixth more. None, and nothing is written, where somebody has been written to singly in this very moment."""
    with suppress(IntegrityError), session.core.begin_nested():
        return _number(session, copies)
    return None


def _of_cause(session: CompanySession, cause: str) -> Sequence[Any]:
    """What people have of it; a channel's copy has the same cause, and waits for nobody."""
    return _T.c.company_id == session.company_id, _T.c.cause == cause, _T.c.person_id.is_not(None)


def _lanes(session: CompanySession) -> list[_Lane]:
    """Those that the company's people have accounts on; the one with the most accounts is the last."""
    lane = _ACCOUNT.c.platform, _ACCOUNT.c.workspace
    own = select(*lane).where(_ACCOUNT.c.company_id == session.company_id).group_by(*lane).order_by(func.count())
    return [(platform, workspace) for platform, workspace in session.core.execute(own)]


_AT_ONCE = timedelta()


def _copies(
    session: CompanySession,
    to: Recipients,
    circular: Circular,
    now: datetime,
    starts: Mapping[_Lane, datetime],
    steps: Mapping[_Lane, timedelta],
) -> Any:
    dialect = session.core.dialect.name
    person_id, platform, workspace, address = to.subquery("recipients").c
    place = func.row_number().over(partition_by=(platform, workspace), order_by=person_id) - 1
    moments = [
        (and_(platform == lane[0], workspace == lane[1]), _moment(dialect, start, steps[lane], place))
        for lane, start in starts.items()
    ]
    each = {
        "person_id": person_id,
        "recipient": literal("person:") + cast(person_id, String),
        "platform": platform,
        "workspace": workspace,
        "address": address,
        "due_at": case(*moments) if moments else _instant(now),
    }
    values = ledger.row_values(session, circular.to(0, "", "", ""), now, now)
    same = {name: literal(value, _T.c[name].type) for name, value in values.items() if name not in each}
    rows = select(*same.values(), *each.values())
    # Without any WHERE SQLite would take ON CONFLICT for a part of a join.
    return insert_of(dialect)(_T).from_select([*same, *each], rows.where(true()))


def _moment(dialect: str, start: datetime, step: timedelta, place: Any) -> Any:
    """`start` and `place` steps, to the millisecond on SQLite, which keeps instants as text."""
    if dialect == "sqlite":
        seconds = literal(start.timestamp()) + place * literal(step.total_seconds())
        return func.strftime("%Y-%m-%d %H:%M:%f", seconds, "unixepoch") + "000"
    return _instant(start) + cast(place, Integer) * literal(step, Interval())


def _by_lane(session: CompanySession, circular: Circular, written: int, lanes: Sequence[_Lane]) -> dict[_Lane, int]:
    """How many of the cause's messages, which are so many, are on each lane. Those on the largest are the rest: it
    would take a tenth as long to count them as it took to write them. On the others they are found by the people who
    have an account there, of whom each has one copy."""
    found: dict[_Lane, int] = {}
    *others, largest = lanes
    for platform, workspace in others:
        own = _T.c.recipient == literal("person:") + cast(_ACCOUNT.c.person_id, String)
        there = _T.c.platform == platform, _T.c.workspace == workspace
        account = _ACCOUNT.c.platform == platform, _ACCOUNT.c.workspace == workspace
        query = select(func.count(_T.c.id.distinct())).select_from(_ACCOUNT).join(_T, own)
        theirs = query.where(
            _ACCOUNT.c.company_id == session.company_id, *account, *_of_cause(session, circular.cause), *there
        )
        found[platform, workspace] = session.core.execute(theirs).scalar_one()
    return {**found, largest: written - sum(found.values())}


def _last_due(session: CompanySession, circular: Circular, now: datetime) -> dict[_Lane, datetime]:
    """When the last of the cause's messages that were written now is due, on each lane: where some people were passed
    over, their places stay empty."""
    lane = _T.c.platform, _T.c.workspace
    query = select(*lane, func.max(_T.c.due_at)).where(*_of_cause(session, circular.cause), _T.c.created_at >= now)
    return {(platform, workspace): due for platform, workspace, due in session.core.execute(query.group_by(*lane))}


def take_back(session: CompanySession, cause: str, keep: Recipients) -> int:
    """Messages of that cause to people who are not among `keep`, and to whom nothing was sent yet, were never written:
    a fan-out of the same cause may write them anew. Returns how many."""
    kept = select(keep.subquery("kept").c.person_id)
    still = _T.c.state == DeliveryState.QUEUED
    where = and_(*_of_cause(session, cause), still, _T.c.person_id.not_in(kept))
    return _number(session, delete(_T).where(ledger.in_order(where), still))


def _number(session: CompanySession, statement: Any) -> int:
    """Of rows that it has written or deleted."""
    return session.core.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _instant(value: datetime) -> Any:
    return literal(value, UTCDateTime())
