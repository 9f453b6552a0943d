"""The ledger of messages to people: queued → sending → sent | refused | unconfirmed | cancelled.

A row is written in the transaction that causes it and is unique for its cause and recipient. Couriers claim
due rows, send them, and settle them. A copy that was sent goes stale when what it shows changes, and is edited
until it shows what is wanted; while a form stands in its place, that waits (storage.open_forms). A row that was being
sent when its courier died is looked up, never guessed at.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Integer,
    String,
    and_,
    bindparam,
    case,
    cast,
    delete,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    union,
    update,
)

from storage import open_forms
from storage.db import CompanySession
from storage.lanes import conversations_in, workspaces_in
from storage.listed import aside, one_of
from storage.prepared import Prepared, insert_of
from storage.tables import Delivery, DeliveryState, table
from storage.types import UTCDateTime

_T = table(Delivery)

_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
LEASE = timedelta(seconds=15)
"""How long a courier may hold a row: above the 10 s after which its request has ended for certain, with some
seconds more for a request that takes effect late."""
CONVERSATION = "case:"
"""How the subjects of messages begin that must not overtake each other."""
PAGES = 4
"""A claim reads on this often past rows that it cannot take."""


class DeliveryRow(NamedTuple):
    """A row of the ledger as it was read. See storage.tables.Delivery for the fields."""

    id: int
    company_id: int
    cause: str
    recipient: str
    person_id: int | None
    platform: str
    workspace: str
    address: str
    thread: str | None
    thread_of: int | None
    template: str
    args: dict[str, Any]
    locale: str
    subject: str | None
    unasked: bool
    state: DeliveryState
    due_at: datetime
    check_at: datetime | None
    attempts: int
    ref: str | None
    reason: str
    detail: str
    wanted: int
    shown: int
    edit_due_at: datetime | None
    created_at: datetime
    settled_at: datetime | None


_ROW = tuple(_T.c[name] for name in DeliveryRow._fields)
_NOW: Any = bindparam("now", type_=UTCDateTime())
_UNTIL: Any = bindparam("until", type_=UTCDateTime())
_CLAIMED = {"state": DeliveryState.SENDING, "attempts": 1, "check_at": _UNTIL}
"""What a claim writes into a row that is about to be sent."""


def _read(session: CompanySession, statement: Any) -> list[DeliveryRow]:
    return [DeliveryRow(*row) for row in session.core.execute(statement)]


def _read_first(session: CompanySession, statement: Any) -> DeliveryRow | None:
    row = session.core.execute(statement.limit(1)).first()
    return DeliveryRow(*row) if row else None


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be: see storage.tables.Delivery for the fields."""

    cause: str
    recipient: str
    platform: str
    workspace: str
    address: str
    template: str
    args: Mapping[str, Any] = field(default_factory=dict[str, Any])
    person_id: int | None = None
    locale: str = ""
    subject: str | None = None
    unasked: bool = False
    thread: str | None = None
    thread_of: int | None = None


ONCE = ["company_id", "cause", "recipient"]


def _insert_once(insert: Any) -> Any:
    return insert(_T).on_conflict_do_nothing(index_elements=ONCE)


_DUE = "ledger.due"


def is_due(session: CompanySession) -> bool:
    """Whether this session has given couriers something to do."""
    return _DUE in session.info


_FRESH, _MANY = "ledger.fresh", "ledger.many"


def written(session: CompanySession) -> Sequence[DeliveryRow]:
    """The messages that this session has written one by one. None of a session that has written to many as well: a
    card that counts those takes longer than whoever pressed the button should wait."""
    return () if _MANY in session.info else session.info.get(_FRESH, ())


def note_many(session: CompanySession) -> None:
    """The session writes to many: `written` tells of nobody, and couriers have something to do."""
    session.info[_DUE] = session.info[_MANY] = True


def have_work(session: CompanySession) -> None:
    """Couriers are given something to do by a statement that is not this file's."""
    session.info[_DUE] = True


def enqueue(session: CompanySession, drafts: Sequence[Draft], now: datetime) -> None:
    """Write messages that are due now. One already written for the same cause and recipient stays as it is."""
    _write(session, ((draft, now) for draft in drafts), now)


def enqueue_at(session: CompanySession, due: Sequence[tuple[Draft, datetime]], now: datetime) -> None:
    """Write messages, each with the moment at which it is due."""
    _write(session, due, now)


_INSERT = Prepared(
    lambda insert: _insert_once(insert).returning(*_ROW),
    [name for name in DeliveryRow._fields if name not in ("id", "ref", "edit_due_at", "settled_at")],
)


def begin(session: CompanySession, draft: Draft, now: datetime) -> DeliveryRow | None:
    """Write a message that this process sends as soon as the transaction is committed: it is `sending` already, so no
    claim is needed. None when it was written before. Give it back with a Throttled outcome if it cannot be sent now."""
    values = row_values(session, draft, now, now) | {
        "state": DeliveryState.SENDING,
        "attempts": 1,
        "check_at": now + LEASE,
    }
    row = _INSERT.first(session, **values)
    return DeliveryRow(*row) if row else None


def _begin_written(_insert: Any) -> Any:
    own = _T.c.company_id == bindparam("company"), _T.c.id == bindparam("id")
    return update(_T).where(*own, _to_send(_NOW), _in_turn(_NOW)).values(_CLAIMED).returning(_T.c.id)


_BEGIN_WRITTEN = Prepared(_begin_written)


def begin_written(session: CompanySession, row: DeliveryRow, now: datetime) -> bool:
    """Claim a message that this session has written, as `begin` does, where it is due and nothing that has to leave
    before it is still on its way."""
    return _BEGIN_WRITTEN.first(session, id=row.id, now=now, until=now + LEASE) is not None


def _write(session: CompanySession, due: Iterable[tuple[Draft, datetime]], now: datetime) -> None:
    rows = [row_values(session, draft, due_at, now) for draft, due_at in due]
    if not rows:
        return
    session.info[_DUE] = True
    if len(rows) > 1:
        session.core.execute(_insert_once(insert_of(session.core.dialect.name)), rows)
    elif row := _INSERT.first(session, **rows[0], check_at=None):
        session.info.setdefault(_FRESH, []).append(DeliveryRow(*row))


def row_values(session: CompanySession, draft: Draft, due_at: datetime, now: datetime) -> dict[str, Any]:
    """The columns of a message that is queued."""
    return {
        "company_id": session.company_id,
        "cause": draft.cause,
        "recipient": draft.recipient,
        "person_id": draft.person_id,
        "platform": draft.platform,
        "workspace": draft.workspace,
        "address": draft.address,
        "thread": draft.thread,
        "thread_of": draft.thread_of,
        "template": draft.template,
        "args": dict(draft.args),
        "locale": draft.locale,
        "subject": draft.subject,
        "unasked": draft.unasked,
        "state": DeliveryState.QUEUED,
        "due_at": due_at,
        "attempts": 0,
        "reason": "",
        "detail": "",
        "wanted": 1,
        "shown": 0,
        "created_at": now,
    }


_BEFORE, _ABOVE = _T.alias("before"), _T.alias("above")


def _to_send(now: datetime) -> Any:
    return and_(_T.c.state == DeliveryState.QUEUED, _T.c.due_at <= now)


def _is_under_way(row: Any, now: datetime) -> Any:
    """Whether the message of that row has begun to leave and may leave yet, or is about to. One whose moment is still
    to come holds up nobody, one that is unclear for good neither."""
    return or_(
        row.state == DeliveryState.SENDING,
        and_(row.state == DeliveryState.UNCONFIRMED, row.check_at.is_not(None)),
        and_(row.state == DeliveryState.QUEUED, or_(row.due_at <= now, row.attempts > 0)),
    )


def _in_turn(now: datetime) -> Any:
    """What is said in one conversation leaves in the order in which it was said, whatever becomes of each message on
    the way; and a reply leaves after what it replies to."""
    same = and_(
        _BEFORE.c.company_id == _T.c.company_id,
        _BEFORE.c.subject == _T.c.subject,
        _BEFORE.c.address == _T.c.address,
        _BEFORE.c.id < _T.c.id,
    )
    before = select(literal(1)).where(same, _is_under_way(_BEFORE.c, now)).exists()
    above = select(literal(1)).where(_ABOVE.c.id == _T.c.thread_of, _is_under_way(_ABOVE.c, now)).exists()
    free = or_(_T.c.subject.is_(None), _T.c.subject.not_like(f"{CONVERSATION}%"), ~before)
    return and_(free, or_(_T.c.thread_of.is_(None), ~above))


def _to_edit(now: datetime) -> Any:
    return and_(_T.c.edit_due_at <= now, _T.c.state == DeliveryState.SENT, ~open_forms.stands_on(_T.c.id, now))


_FREE_EDIT = _T.c.edit_due_at.is_not(None), ~open_forms.waits(_T.c.id)


def _to_delete(now: datetime) -> Any:
    return and_(_T.c.delete_due_at <= now, _T.c.state == DeliveryState.SENT, _T.c.ref.is_not(None))


_ATTEMPTED = or_(_T.c.state == DeliveryState.SENDING, _T.c.state == DeliveryState.UNCONFIRMED)


def _to_check(now: datetime) -> Any:
    return and_(_T.c.check_at <= now, _ATTEMPTED)


_WORK = {"send": _to_send, "edit": _to_edit, "check": _to_check, "delete": _to_delete}


_DUE_KINDS = Prepared(
    lambda _: select(*(select(_T.c.id).where(where(_NOW)).exists() for where in _WORK.values())), installation=True
)


def due(session: CompanySession, now: datetime) -> frozenset[str]:
    """Of what a courier could claim something if nothing held it back: sends, edits, checks, deletes; an installation's
    question."""
    (found,) = _DUE_KINDS.all(session, now=now)
    return frozenset(kind for kind, is_due in zip(_WORK, found, strict=True) if is_due)


_WAITED_FOR = Prepared(
    lambda _: union(
        *(select(_T.c.address).where(where(_NOW), one_of(_T.c.address, "among")) for where in _WORK.values())
    ),
    installation=True,
)


def waited_for(session: CompanySession, now: datetime, addresses: Iterable[str]) -> frozenset[str]:
    """Those of the conversations for which something is due; an installation's question."""
    among = sorted(addresses)
    return frozenset(address for (address,) in _WAITED_FOR.all(session, now=now, among=among)) if among else frozenset()


Admit = Callable[[DeliveryRow], bool]
"""Asked for each row in turn before it is taken; one that is not admitted stays as it is."""


def _everybody(_row: DeliveryRow) -> bool:
    return True


def claim_sends(
    session: CompanySession,
    now: datetime,
    limit: int,
    busy: Iterable[str] = (),
    closed: Iterable[str] = (),
    admit: Admit = _everybody,
    platforms: Iterable[str] | None = None,
) -> list[DeliveryRow]:
    """Take up to `limit` due messages, at most one a conversation, oldest first; they are `sending` from now on. One of
    a case waits for those before it that are still on their way.

    `busy` are addresses with a message under way; `closed` are lanes that are `parked` or have used up their pace;
    `platforms` are those that can be spoken to (all, when not given). `attempts` counts from here: a look-up is an
    attempt too.
    """
    rows = _pick(session, "send", closed, platforms, now, limit, busy, admit)
    _mark(session, _SENDING, rows, now)
    return rows


def claim_edits(
    session: CompanySession,
    now: datetime,
    limit: int,
    busy: Iterable[str] = (),
    closed: Iterable[str] = (),
    admit: Admit = _everybody,
    platforms: Iterable[str] | None = None,
) -> list[DeliveryRow]:
    """Take up to `limit` stale copies. A claim that is not settled comes back when its lease ends: editing twice
    does no harm."""
    rows = _pick(session, "edit", closed, platforms, now, limit, busy, admit)
    _mark(session, _EDITING, rows, now)
    return rows


def claim_deletes(
    session: CompanySession,
    now: datetime,
    limit: int,
    busy: Iterable[str] = (),
    closed: Iterable[str] = (),
    admit: Admit = _everybody,
    platforms: Iterable[str] | None = None,
) -> list[DeliveryRow]:
    """Take up to `limit` messages that are to be taken back, on the lanes of edits. A claim that is not settled comes
    back when its lease ends: deleting twice does no harm."""
    rows = _pick(session, "delete", closed, platforms, now, limit, busy, admit)
    _mark(session, _DELETING, rows, now)
    return rows


def claim_checks(
    session: CompanySession,
    now: datetime,
    limit: int,
    busy: Iterable[str] = (),
    closed: Iterable[str] = (),
    admit: Admit = _everybody,
    platforms: Iterable[str] | None = None,
) -> list[DeliveryRow]:
    """Take messages whose fate is unclear: their courier died, or the platform gave no usable answer."""
    rows = _pick(session, "check", closed, platforms, now, limit, busy, admit)
    _mark(session, _CHECKING, rows, now)
    return rows


def _until(**values: Any) -> Prepared:
    """These rows are claimed until then."""
    return Prepared(lambda _: update(_T).where(one_of(_T.c.id, "ids")).values(**values), installation=True)


def _mark(session: CompanySession, how: Prepared, rows: Sequence[DeliveryRow], now: datetime) -> None:
    if rows:
        how.all(session, ids=[row.id for row in rows], until=now + LEASE)


_SENDING = _until(**_CLAIMED)
_EDITING = _until(edit_due_at=_UNTIL)
_DELETING = _until(delete_due_at=_UNTIL)
_CHECKING = _until(state=DeliveryState.UNCONFIRMED, check_at=_UNTIL, attempts=_T.c.attempts + 1)


def _open(closed: Iterable[tuple[str, str]], platforms: Iterable[str] | None) -> Any:
    """Rows of these platforms in none of the closed workspaces."""
    conditions = [or_(_T.c.platform != platform, _T.c.workspace != workspace) for platform, workspace in closed]
    if platforms is not None:
        conditions.append(or_(*(_T.c.platform == name for name in sorted(platforms)), false()))
    return and_(True, *conditions)


def _pick(
    session: CompanySession,
    kind: str,
    closed: Iterable[str],
    platforms: Iterable[str] | None,
    now: datetime,
    limit: int,
    busy: Iterable[str],
    admit: Admit,
) -> list[DeliveryRow]:
    """The first admitted row of each conversation that is not busy. A conversation with many due messages takes one
    place, not all of them: the places that its others would have taken go to the next conversations."""
    taking = _due(kind, workspaces_in(closed, _LANE_OF[kind]), None if platforms is None else frozenset(platforms))
    seen = conversations_in(closed).union(busy)
    rows: list[DeliveryRow] = []
    for _ in range(PAGES):
        free = limit - len(rows)
        page = list(map(DeliveryRow._make, taking.all(session, now=now, free=free, busy=seen)))
        for row in page:
            if row.address not in seen:
                seen.add(row.address)
                if admit(row):
                    rows.append(row)
        if len(page) < free or len(rows) == limit:
            break
    return rows


_LANE_OF = {"send": "send", "edit": "edit", "delete": "edit", "check": "check"}


@lru_cache(maxsize=256)
def _due(kind: str, closed: frozenset[tuple[str, str]], platforms: frozenset[str] | None) -> Prepared:
    """What a courier may take, in its order: `free` rows at `now`, of conversations that are not `busy`. A claim has
    hardly anything to do but to read these, so the statement is made once."""
    ready, moment = {
        "send": (and_(_to_send(_NOW), _in_turn(_NOW)), _T.c.due_at),
        "edit": (_to_edit(_NOW), _T.c.edit_due_at),
        "delete": (_to_delete(_NOW), _T.c.delete_due_at),
        "check": (_to_check(_NOW), _T.c.check_at),
    }[kind]
    where = and_(ready, _open(closed, platforms), ~one_of(_T.c.address, "busy"))
    query = select(*_ROW).where(where).order_by(moment, _T.c.id).limit(bindparam("free", type_=Integer()))
    return Prepared(lambda _: query.with_for_update(skip_locked=True, of=_T), installation=True)


class Settlement(NamedTuple):
    """What to note about a row after an attempt. Fields that stay None are left as they are, but `check_at` and
    `edit_due_at`, which are always written."""

    delivery: int
    state: DeliveryState
    due_at: datetime | None = None
    check_at: datetime | None = None
    ref: str | None = None
    reason: str = ""
    detail: str = ""
    shown: int | None = None
    settled_at: datetime | None = None


_SETTLE = (
    update(_T)
    .where(_T.c.id == bindparam("delivery"), _ATTEMPTED)
    .values(
        state=bindparam("to"),
        due_at=func.coalesce(bindparam("due", type_=_T.c.due_at.type), _T.c.due_at),
        check_at=bindparam("check", type_=_T.c.check_at.type),
        ref=func.coalesce(bindparam("new_ref", type_=_T.c.ref.type), _T.c.ref),
        reason=bindparam("why"),
        detail=bindparam("more"),
        shown=func.coalesce(bindparam("now_shown", type_=_T.c.shown.type), _T.c.shown),
        settled_at=bindparam("at", type_=_T.c.settled_at.type),
        edit_due_at=case(
            (
                and_(
                    bindparam("was_sent", type_=Boolean()),
                    _T.c.wanted > func.coalesce(bindparam("now_shown", type_=_T.c.shown.type), _T.c.shown),
                ),
                bindparam("stamp", type_=_T.c.edit_due_at.type),
            ),
            else_=None,
        ),
    )
)


def settle(session: CompanySession, settlements: Sequence[Settlement], now: datetime) -> None:
    """Write how attempts ended, in one go. A row that something else has settled meanwhile keeps that."""
    plain: list[tuple[Any, ...]] = []
    others: list[Settlement] = []
    for one in settlements:
        if _is_plainly_sent(one, now):
            plain.append((one.delivery, one.shown, one.ref))
        else:
            others.append(one)
    if plain:
        session.core.execute(_settle_sent(session.core.dialect.name), _listed(plain) | {"now": now})
    if not others:
        return
    session.core.execute(
        _SETTLE,
        [
            {
                "delivery": s.delivery,
                "to": s.state,
                "was_sent": s.state is DeliveryState.SENT,
                "due": s.due_at,
                "check": s.check_at,
                "new_ref": s.ref,
                "why": s.reason,
                "more": _storable(s.detail)[:1000],
                "now_shown": s.shown,
                "at": s.settled_at,
                "stamp": now,
            }
            for s in sorted(others, key=lambda s: s.delivery)
        ],
    )


def _is_plainly_sent(settlement: Settlement, now: datetime) -> bool:
    """As nearly all are: many of them are one statement."""
    s = settlement
    told = s.ref is not None and s.shown is not None and s.settled_at == now
    return told and s.state is DeliveryState.SENT and not (s.due_at or s.check_at or s.reason or s.detail)


def _listed(rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    """For `_rows`."""
    return {"rows": orjson.dumps(rows).decode()}


def _rows(dialect: str, *kinds: Any) -> Any:
    """A list of rows that is one parameter, as a table with the columns c0, c1, …"""
    if dialect == "sqlite":
        each = func.json_each(bindparam("rows", type_=String())).table_valued("value")
        columns = [func.json_extract(each.c.value, f"$[{i}]").label(f"c{i}") for i in range(len(kinds))]
    else:
        listed = cast(bindparam("rows", type_=String()), JSON)
        each = func.json_array_elements(listed).table_valued("value")
        columns = [cast(each.c.value.op("->>")(i), kind).label(f"c{i}") for i, kind in enumerate(kinds)]
        # Read first, and then compared: row-level security lets nothing that reads JSON near the rows of a table.
        return select(*columns).offset(0).subquery("told")
    return select(*columns).subquery("told")


def _told_in_order(dialect: str, told: Any) -> list[Any]:
    """SQLite has one writer at a time, and need not be asked for an order."""
    return [] if dialect == "sqlite" else [in_order(_T.c.id.in_(select(told.c.c0)))]


@cache
def _settle_sent(dialect: str) -> Any:
    told = _rows(dialect, BigInteger, Integer, String)
    own = _T.c.id == told.c.c0
    stale = case((_T.c.wanted > told.c.c1, bindparam("now", type_=UTCDateTime())), else_=None)
    return (
        update(_T)
        .where(own, _ATTEMPTED, *_told_in_order(dialect, told))
        .values(
            state=DeliveryState.SENT,
            check_at=None,
            ref=told.c.c2,
            reason="",
            detail="",
            shown=told.c.c1,
            settled_at=bindparam("now", type_=UTCDateTime()),
            edit_due_at=stale,
        )
    )


def _storable(text: str) -> str:
    """What a platform said, without what a database refuses: NULs and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def in_order(where: Any) -> Any:
    """The same rows, locked in the order of their ids: two transactions that change many rows never wait for each
    other in a circle."""
    return _T.c.id.in_(select(_T.c.id).where(where).order_by(_T.c.id).with_for_update())


def settle_edits(
    session: CompanySession, shown: Sequence[tuple[int, int]], now: datetime, *, rest: timedelta = timedelta()
) -> None:
    """Each of these copies shows that version now; one stays due if more has changed since: at once, or after `rest`
    where that can wait."""
    if shown:
        told = {"now": now, "rested": now + rest}
        session.core.execute(_settle_edits(session.core.dialect.name), _listed(shown) | told)


@cache
def _settle_edits(dialect: str) -> Any:
    told = _rows(dialect, BigInteger, Integer)
    now, rested = bindparam("now", type_=UTCDateTime()), bindparam("rested", type_=UTCDateTime())
    changed, hurries = _T.c.wanted > told.c.c1, _T.c.edit_due_at <= now
    stale = case((and_(changed, hurries), now), (changed, rested), else_=None)
    own = _T.c.id == told.c.c0
    return update(_T).where(own, *_told_in_order(dialect, told)).values(shown=told.c.c1, edit_due_at=stale)


def retry_edit(session: CompanySession, delivery: int, at: datetime) -> None:
    session.core.execute(update(_T).where(_T.c.id == delivery).values(edit_due_at=at))


def let_go(session: CompanySession, delivery: int) -> None:
    """The copy is gone from its platform; it is not edited any more."""
    session.core.execute(update(_T).where(_T.c.id == delivery).values(edit_due_at=None, ref=None))


class Resting(NamedTuple):
    """Copies of this template before the newest that was written for a cause beginning so."""

    template: str
    cause: str


def _is_resting() -> Any:
    newest = _T.alias("newest")
    template = bindparam("resting", type_=String())
    own = newest.c.company_id == bindparam("company"), newest.c.subject == bindparam("subject")
    posted = newest.c.template == template, newest.c.cause.like(bindparam("posted", type_=String()), escape="/")
    last = select(func.max(newest.c.id)).where(*own, *posted).scalar_subquery()
    return and_(_T.c.template == template, _T.c.id < func.coalesce(last, 0))


def _beginning(text: str) -> str:
    """The pattern of what begins so, for LIKE with "/" as its escape."""
    return "".join(f"/{letter}" if letter in "%_/" else letter for letter in text) + "%"


def mark_stale(
    session: CompanySession,
    subject: str,
    now: datetime,
    *,
    within: timedelta = timedelta(),
    person_id: int | None = None,
    cause: str | None = None,
    resting: Resting | None = None,
) -> None:
    """What copies of `subject` show has changed: edit them within that time (several changes make one edit). Only that
    person's, or those written for that cause, where it is given; and none that are `resting`.

    A copy that is due may be on its way, until its lease ends: it keeps that moment. One that is due later than that,
    and soon enough, shows the change as it is."""
    session.info[_DUE] = True
    told: dict[str, Any] = {"subject": subject, "person_id": person_id, "cause": cause}
    among = frozenset(name for name in ("person_id", "cause") if told[name] is not None)
    statement = _mark_stale(among, waits=bool(within), rests=within > LEASE, spares=resting is not None)
    if resting is not None:
        told |= {"resting": resting.template, "posted": _beginning(resting.cause)}
    statement.all(session, soon=now + within, leased=now + LEASE, **told)


@cache
def _mark_stale(among: frozenset[str], *, waits: bool, rests: bool, spares: bool) -> Prepared:
    soon: Any = bindparam("soon", type_=UTCDateTime())
    leased: Any = bindparam("leased", type_=UTCDateTime())
    company = aside(_T.c.company_id) if "person_id" in among else _T.c.company_id
    own = company == bindparam("company"), _T.c.subject == bindparam("subject")
    where = and_(*own, *(_T.c[name] == bindparam(name) for name in sorted(among)))
    if spares:
        where = and_(where, not_(_is_resting()))
    if rests:
        where = and_(where, or_(_T.c.edit_due_at.is_(None), _T.c.edit_due_at <= leased, _T.c.edit_due_at > soon))
    shown = and_(_T.c.state == DeliveryState.SENT, _T.c.ref.is_not(None))
    moment = case((_T.c.edit_due_at <= leased, _T.c.edit_due_at), else_=soon) if waits else soon
    due = case((shown, moment), else_=None)
    return Prepared(lambda _: update(_T).where(in_order(where)).values(wanted=_T.c.wanted + 1, edit_due_at=due))


def copies(session: CompanySession, subject: str) -> int:
    """How many messages about `subject` there are that can be edited."""
    shown = _T.c.state == DeliveryState.SENT, _T.c.ref.is_not(None)
    number = select(func.count()).where(_T.c.company_id == session.company_id, _T.c.subject == subject, *shown)
    return session.core.execute(number).scalar_one()


def cancel_queued(session: CompanySession, subject: str, reason: str, now: datetime) -> int:
    """Cancel what is still queued about `subject`; returns how many."""
    return _cancel(session, _T.c.subject == subject, reason, now)


def cancel_caused(session: CompanySession, cause: str, reason: str, now: datetime) -> int:
    """Cancel what is still queued for that cause; returns how many."""
    return _cancel(session, _T.c.cause == cause, reason, now)


def _cancel(session: CompanySession, what: Any, reason: str, now: datetime) -> int:
    still = _T.c.state == DeliveryState.QUEUED
    values = {"state": DeliveryState.CANCELLED, "reason": reason, "settled_at": now}
    where = and_(_T.c.company_id == session.company_id, what, still)
    return session.core.execute(update(_T).where(in_order(where), still).values(**values)).rowcount


def offer_again(session: CompanySession, subject: str, reason: str, now: datetime) -> int:
    """Queue the offers about `subject` once more that were cancelled for that reason: it is none any more."""
    where = and_(
        _T.c.company_id == session.company_id,
        _T.c.subject == subject,
        _T.c.unasked,
        _T.c.state == DeliveryState.CANCELLED,
        _T.c.reason == reason,
    )
    session.info[_DUE] = True
    values = {"state": DeliveryState.QUEUED, "due_at": now, "reason": "", "settled_at": None}
    return session.core.execute(update(_T).where(in_order(where)).values(**values)).rowcount


_WAITS = and_(_T.c.state == DeliveryState.HELD, _T.c.settled_at.is_(None))
"""For a digest that is still to be written."""


def held_due(session: CompanySession, now: datetime, people: int) -> list[DeliveryRow]:
    """What waits for a digest whose time has come, of so many people at most, everything of each of them; nobody else
    has it before the transaction ends."""
    own = and_(_T.c.company_id == session.company_id, _WAITS, _T.c.due_at <= now)
    whose = select(_T.c.person_id).where(own).distinct().order_by(_T.c.person_id).limit(people)
    ids = list(session.core.execute(whose).scalars())
    if not ids:
        return []
    query = select(*_ROW).where(own, _T.c.person_id.in_(ids)).order_by(_T.c.person_id, _T.c.id)
    return _read(session, query.with_for_update())


def put_in_digest(session: CompanySession, ids: Sequence[int], now: datetime) -> None:
    """These are in a digest that this transaction writes."""
    where = and_(_T.c.company_id == session.company_id, _T.c.id.in_(ids), _WAITS)
    session.core.execute(update(_T).where(where).values(settled_at=now))


def put_back(session: CompanySession, digest: int, ids: Sequence[int], due: datetime) -> None:
    """The digest, of which nothing was sent, was never written: what is in it waits for one that is due then."""
    own = _T.c.company_id == session.company_id
    where = and_(own, _T.c.id.in_(ids), _T.c.state == DeliveryState.HELD)
    session.core.execute(delete(_T).where(own, _T.c.id == digest))
    session.core.execute(update(_T).where(in_order(where)).values(due_at=due, settled_at=None))


def move_held(session: CompanySession, at: datetime, ids: Sequence[int] | None = None) -> None:
    """What waits for a digest, or these of it, waits for that of another time."""
    where = and_(_T.c.company_id == session.company_id, _WAITS)
    which = where if ids is None else and_(where, _T.c.id.in_(ids))
    session.core.execute(update(_T).where(which).values(due_at=at))


def next_digest(session: CompanySession) -> datetime | None:
    """When the next digest is to be written, if any; an installation's question."""
    return session.core.execute(select(func.min(_T.c.due_at)).where(_WAITS)).scalar()


def by_ids(session: CompanySession, ids: Iterable[int]) -> list[DeliveryRow]:
    """These messages of the company, oldest first."""
    where = and_(_T.c.company_id == session.company_id, _T.c.id.in_(list(ids)))
    return _read(session, select(*_ROW).where(where).order_by(_T.c.id))


def send_again(session: CompanySession, subject: str, now: datetime) -> int:
    """Queue the messages about `subject` that may not have arrived once more, because a person said so."""
    where = and_(
        _T.c.company_id == session.company_id,
        _T.c.subject == subject,
        _T.c.unasked,
        _T.c.state == DeliveryState.UNCONFIRMED,
        _T.c.check_at.is_(None),
    )
    session.info[_DUE] = True
    values = {"state": DeliveryState.QUEUED, "due_at": now, "reason": "", "detail": "", "settled_at": None}
    return session.core.execute(update(_T).where(where).values(**values)).rowcount


_NOT_SENT = (DeliveryState.UNCONFIRMED, DeliveryState.REFUSED, DeliveryState.CANCELLED)


def queue_again(session: CompanySession, deliveries: Sequence[int], now: datetime, **place: str) -> int:
    """Queue these messages once more, because a person said so: those that were not sent, as far as anybody knows.
    `place` is another platform, workspace and address than before. Returns how many."""
    known = _T.c.check_at.is_(None), _T.c.state.in_(_NOT_SENT), _T.c.id.in_(deliveries)
    values = {"state": DeliveryState.QUEUED, "due_at": now, "reason": "", "detail": "", "settled_at": None, **place}
    own = _T.c.company_id == session.company_id
    queued = session.core.execute(update(_T).where(own, *known).values(**values)).rowcount
    if queued:
        have_work(session)
    return queued


def send_refused_again(session: CompanySession, subject: str, now: datetime) -> int:
    """Queue the messages about `subject` that were refused once more, because a person said so. Each is asked about
    anew when it leaves."""
    where = and_(
        _T.c.company_id == session.company_id,
        _T.c.subject == subject,
        _T.c.unasked,
        _T.c.state == DeliveryState.REFUSED,
    )
    session.info[_DUE] = True
    values = {"state": DeliveryState.QUEUED, "due_at": now, "reason": "", "detail": "", "settled_at": None}
    return session.core.execute(update(_T).where(in_order(where)).values(attempts=0, **values)).rowcount


def counts(session: CompanySession, subject: str) -> dict[DeliveryState, int]:
    """How many messages about `subject` are in each state. One that is still being looked up counts as sending."""
    about = (_T.c.company_id == session.company_id, _T.c.subject == subject, _T.c.unasked)
    rows = session.core.execute(select(_T.c.state, func.count()).where(*about).group_by(_T.c.state))
    found = {DeliveryState(name): number for name, number in rows}
    if DeliveryState.UNCONFIRMED in found:
        looked_up = (_T.c.state == DeliveryState.UNCONFIRMED, _T.c.check_at.is_not(None))
        number = session.core.execute(select(func.count()).where(*about, *looked_up)).scalar_one()
        found[DeliveryState.UNCONFIRMED] -= number
        found[DeliveryState.SENDING] = found.get(DeliveryState.SENDING, 0) + number
    return {state: number for state, number in found.items() if number}


def reached(session: CompanySession, subject: str, most: int) -> int:
    """How many messages about `subject` there are, whatever has become of them; at most `most` of them are counted."""
    about = (_T.c.company_id == session.company_id, _T.c.subject == subject, _T.c.unasked)
    some = select(_T.c.id).where(*about).limit(most).subquery()
    return session.core.execute(select(func.count()).select_from(some)).scalar_one()


def refusals(session: CompanySession, subject: str) -> dict[str, int]:
    """How many messages about `subject` were refused, by reason."""
    return reasons(session, subject, DeliveryState.REFUSED)


def reasons(session: CompanySession, subject: str, state: DeliveryState) -> dict[str, int]:
    """How many unasked messages about `subject` are in that state, by reason."""
    rows = session.core.execute(
        select(_T.c.reason, func.count().label("number"))
        .where(
            _T.c.company_id == session.company_id,
            _T.c.subject == subject,
            _T.c.unasked,
            _T.c.state == state,
        )
        .group_by(_T.c.reason)
        .order_by(_T.c.reason)
    )
    return {row.reason: row.number for row in rows}


def unclear(session: CompanySession, subject: str, *, unasked: bool = True) -> list[DeliveryRow]:
    """Messages about `subject` of which nobody can say whether they arrived."""
    where = (
        _T.c.company_id == session.company_id,
        _T.c.subject == subject,
        _T.c.unasked.is_(unasked),
        _T.c.state == DeliveryState.UNCONFIRMED,
        _T.c.check_at.is_(None),
    )
    return _read(session, select(*_ROW).where(*where).order_by(_T.c.id))


def last_due(session: CompanySession, subject: str) -> datetime | None:
    """When the last message about `subject` that still waits is due."""
    return session.core.execute(
        select(func.max(_T.c.due_at)).where(
            _T.c.company_id == session.company_id,
            _T.c.subject == subject,
            _T.c.unasked,
            _T.c.state == DeliveryState.QUEUED,
        )
    ).scalar()


def by_ref(session: CompanySession, ref: str) -> DeliveryRow | None:
    """The message that the platform knows as `ref`."""
    where = (_T.c.company_id == session.company_id, _T.c.ref == ref)
    return _read_first(session, select(*_ROW).where(*where).order_by(_T.c.id))


def last_about(session: CompanySession, subject: str) -> tuple[int, DeliveryRow | None]:
    """How many messages there are about `subject`, and the newest."""
    where = (_T.c.company_id == session.company_id, _T.c.subject == subject)
    number = session.core.execute(select(func.count()).select_from(_T).where(*where)).scalar_one()
    return number, _read_first(session, select(*_ROW).where(*where).order_by(_T.c.id.desc()))


def offered_to(session: CompanySession, subject: str, person_id: int) -> DeliveryRow | None:
    """The message about `subject` that the person got unasked."""
    row = _OFFERED.first(session, subject=subject, person=person_id)
    return DeliveryRow(*row) if row else None


_OFFERED = Prepared(
    lambda _: (
        select(*_ROW)
        .where(
            aside(_T.c.company_id) == bindparam("company"),
            _T.c.subject == bindparam("subject"),
            _T.c.person_id == bindparam("person"),
            _T.c.unasked,
        )
        .order_by(_T.c.id.desc())
        .limit(1)
    )
)


def caused(session: CompanySession, cause: str) -> DeliveryRow | None:
    """The first message that was written for that cause."""
    where = (_T.c.company_id == session.company_id, _T.c.cause == cause)
    return _read_first(session, select(*_ROW).where(*where).order_by(_T.c.id))


def caused_by(session: CompanySession, causes: Sequence[str]) -> list[DeliveryRow]:
    """The messages that were written for any of these causes."""
    if not causes:
        return []
    where = (_T.c.company_id == session.company_id, _T.c.cause.in_(causes))
    return _read(session, select(*_ROW).where(*where).order_by(_T.c.id))


def unsettled(session: CompanySession, address: str) -> list[DeliveryRow]:
    """Messages about something in that conversation whose refs are not known yet: they are being sent, or unclear."""
    where = (
        _T.c.company_id == session.company_id,
        _T.c.address == address,
        _T.c.subject.is_not(None),
        _T.c.state.in_([DeliveryState.SENDING, DeliveryState.UNCONFIRMED]),
    )
    return _read(session, select(*_ROW).where(*where).order_by(_T.c.id))


def ref_of(session: CompanySession, delivery: int) -> str | None:
    return session.core.execute(
        select(_T.c.ref).where(_T.c.company_id == session.company_id, _T.c.id == delivery)
    ).scalar()


def next_due(session: CompanySession) -> datetime | None:
    """When a courier has something to do next, if ever; an installation's question."""
    connection = session.core
    moments = [
        connection.execute(select(func.min(_T.c.due_at)).where(_T.c.state == DeliveryState.QUEUED)).scalar(),
        connection.execute(select(func.min(_T.c.check_at)).where(_T.c.check_at.is_not(None))).scalar(),
        connection.execute(select(func.min(_T.c.edit_due_at)).where(*_FREE_EDIT)).scalar(),
        open_forms.next_edit(session),
        connection.execute(select(func.min(_T.c.delete_due_at)).where(_to_delete(_FOREVER))).scalar(),
    ]
    return min((moment for moment in moments if moment), default=None)
