"""The ledger's rows of a person who is erased: what was said to them is taken back, what was said about them to others
shows a notice instead, and no row keeps who it was."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import String, Text, and_, case, cast, delete, func, literal, or_, select, update

from storage import open_forms
from storage.db import CompanySession
from storage.ledger import DeliveryRow
from storage.tables import Delivery, DeliveryState, Lane, table

NOTICE = "erased"
"""The template of what stands where a person was."""
SHORT = 3
"""A name of fewer characters is looked for as a whole value only: 林 is a part of many others."""

_T, _L = table(Delivery), table(Lane)
_ROW = tuple(_T.c[name] for name in DeliveryRow._fields)
_AT_REST = (DeliveryState.REFUSED, DeliveryState.CANCELLED, DeliveryState.HELD)


def rows_to(session: CompanySession, person_id: int, places: Iterable[str]) -> list[DeliveryRow]:
    """What was written to the person, or into their conversations; no courier changes it until the transaction ends."""
    to = or_(_T.c.person_id == person_id, _T.c.address.in_(sorted(places)))
    return _locked(session, to)


def rows_about(
    session: CompanySession, subjects: Iterable[str], numbers: Iterable[tuple[str, int]], texts: Iterable[str]
) -> list[DeliveryRow]:
    """What was written to others about these subjects, or with one of these arguments or texts in it."""
    args = cast(_T.c.args, Text)
    patterns = [pattern for name, number in numbers for pattern in _numbered(name, number)]
    patterns += [_as_stored(text) for text in texts if text]
    about = or_(_T.c.subject.in_(sorted(subjects)), *(args.contains(pattern, autoescape=True) for pattern in patterns))
    return _locked(session, about)


def _locked(session: CompanySession, where: Any) -> list[DeliveryRow]:
    own = and_(_T.c.company_id == session.company_id, where)
    rows = session.core.execute(select(*_ROW).where(own).order_by(_T.c.id).with_for_update())
    return [DeliveryRow(*row) for row in rows]


def _numbered(name: str, number: int) -> Iterable[str]:
    yield f'"{name}":{number},'
    yield f'"{name}":{number}}}'
    yield f'"{name}":"{number}"'
    yield f'"{name}":{{"id":{number},'


def _as_stored(text: str) -> str:
    quoted = orjson.dumps(text).decode()
    return quoted if len(text) < SHORT else quoted[1:-1]


def drop(session: CompanySession, rows: Iterable[DeliveryRow]) -> None:
    """These rows are nobody's any more."""
    session.core.execute(delete(_T).where(_T.c.id.in_([row.id for row in rows])))


def drop_one(session: CompanySession, delivery: int) -> None:
    session.core.execute(delete(_T).where(_T.c.id == delivery))


def take_back(session: CompanySession, person_id: int, rows: Iterable[DeliveryRow], now: datetime) -> None:
    """Have these messages deleted on their platform, and then their rows. One that is just being sent is deleted when
    it has arrived. Until then a row keeps its place and nothing of what it said."""
    session.core.execute(
        update(_T)
        .where(_T.c.id.in_([row.id for row in rows]))
        .values(
            cause=_nameless(),
            recipient=_nameless(),
            person_id=person_id,
            delete_due_at=now,
            **_SILENT,
        )
    )


_SILENT: dict[str, Any] = {
    "template": NOTICE,
    "args": {},
    "subject": None,
    "unasked": False,
    "detail": "",
    "edit_due_at": None,
}


def put_notice(session: CompanySession, rows: Sequence[DeliveryRow], now: datetime) -> None:
    """Have these messages say that somebody was here, at once even where a form stands."""
    open_forms.close_all(session, [row.id for row in rows])
    shown = and_(_T.c.state == DeliveryState.SENT, _T.c.ref.is_not(None))
    session.core.execute(
        update(_T)
        .where(_T.c.id.in_([row.id for row in rows]))
        .values(
            cause=_nameless(),
            template=NOTICE,
            args={},
            subject=None,
            detail="",
            wanted=_T.c.wanted + 1,
            edit_due_at=case((shown, literal(now, _T.c.edit_due_at.type)), else_=None),
        )
    )


def _nameless() -> Any:
    return literal("erased:") + cast(_T.c.id, String)


def retry(session: CompanySession, delivery: int, at: datetime) -> None:
    session.core.execute(update(_T).where(_T.c.id == delivery).values(delete_due_at=at))


def sweep(session: CompanySession, person_id: int) -> int:
    """Drop the person's rows that have come to rest; returns how many of those that were to be taken back may be
    there still."""
    unclear = and_(_T.c.state == DeliveryState.UNCONFIRMED, _T.c.check_at.is_(None))
    gone = and_(_T.c.state == DeliveryState.SENT, _T.c.ref.is_(None))
    never = _T.c.state.in_(_AT_REST)
    own = and_(_T.c.company_id == session.company_id, _T.c.person_id == person_id)
    may_be_there = session.core.execute(select(func.count()).select_from(_T).where(own, unclear)).scalar_one()
    session.core.execute(delete(_T).where(own, or_(unclear, gone, never)))
    late = update(_T).where(own, _T.c.delete_due_at.is_(None), _T.c.state == DeliveryState.SENT)
    values = {"cause": _nameless(), "recipient": _nameless(), "delete_due_at": _T.c.settled_at, **_SILENT}
    session.core.execute(late.values(**values))
    return may_be_there


def remaining(session: CompanySession, person_id: int) -> int:
    """How many of the person's messages are still to be taken back."""
    own = and_(_T.c.company_id == session.company_id, _T.c.person_id == person_id)
    return session.core.execute(select(func.count()).select_from(_T).where(own)).scalar_one()


def give_up(session: CompanySession, person_id: int) -> int:
    """Drop what is still to be taken back; returns how many there were."""
    own = and_(_T.c.company_id == session.company_id, _T.c.person_id == person_id)
    return session.core.execute(delete(_T).where(own)).rowcount


def is_at_rest(row: DeliveryRow) -> bool:
    """Whether nothing more happens with the message by itself."""
    if row.state is DeliveryState.UNCONFIRMED:
        return row.check_at is None
    return row.state not in (DeliveryState.QUEUED, DeliveryState.SENDING)


def rows_of(session: CompanySession, template: str) -> list[DeliveryRow]:
    """Messages of that template that stand on their platforms."""
    where = _T.c.company_id == session.company_id, _T.c.template == template, _T.c.ref.is_not(None)
    return [DeliveryRow(*row) for row in session.core.execute(select(*_ROW).where(*where).order_by(_T.c.id))]


def show_again(session: CompanySession, row: DeliveryRow, now: datetime) -> None:
    """The message reads otherwise now, if it still says what it said."""
    same = _T.c.id == row.id, _T.c.template == row.template
    session.core.execute(update(_T).where(*same).values(wanted=_T.c.wanted + 1, edit_due_at=now))


def drop_lanes(session: CompanySession, places: Sequence[str]) -> None:
    """The paces of the person's conversations."""
    session.core.execute(delete(_L).where(_L.c.name.in_([f"at:{place}" for place in places])))
