"""Whose each row is when two people turn out to be one, and again when they do not: nothing is lost on the way, nobody
sees more than before, and nothing is agreed to that was taken back.

A record of what was moved comes back from `join`, for `part`. People's own rows are bot.merging's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import JSON, Enum, Text, and_, cast, delete, func, insert, or_, select, update

from storage import consents, index, visibility
from storage.db import CompanySession
from storage.tables import (
    AddressChange,
    Audience,
    CalendarFeed,
    Case,
    CaseMessage,
    CaseState,
    Click,
    Code,
    Consent,
    ConsentPurpose,
    Delivery,
    DeliveryState,
    Department,
    Feedback,
    Hiding,
    Merger,
    Offboarding,
    Person,
    PersonState,
    Progress,
    Purpose,
    Referral,
    ReunionAnswer,
    Rsvp,
    RsvpAnswer,
    Seat,
    Skill,
    Stance,
    SurveyAnswer,
    Visibility,
    table,
)

Row = dict[str, Any]
Record = dict[str, Any]
"""Plain JSON."""

MOVED: tuple[str, ...] = (
    "account.person_id",
    "acknowledgement.person_id",
    "audit.actor_id",
    "audit.subject_id",
    "broadcast.approver_id",
    "broadcast.author_id",
    "case.assignee_id",
    "case.person_id",
    "case_event.actor_id",
    "case_event.whom_id",
    "casemessage.author_id",
    "code.person_id",
    "commission.by_id",
    "commission.person_id",
    "consent.person_id",
    "delivery.person_id",
    "early_edit.person_id",
    "event.host_id",
    "event_reminder.person_id",
    "gig.author_id",
    "gig.named_id",
    "people_file.person_id",
    "join_request.decided_by",
    "join_request.person_id",
    "reunion.author_id",
    "survey.author_id",
)
"""Columns of which a row goes over as it is: one person may have many."""

STAYING: Mapping[str, str] = MappingProxyType(
    {
        "gig_version.author_id": "a version is never changed: it says who wrote it",
        "event_version.author_id": "a version is never changed: it says who wrote it",
        "posting.person_id": "the index is made anew from what is moved",
        "erasure.person_id": "somebody who is erased is not merged",
        "merger.keeper_id": "says who was merged",
        "merger.other_id": "says who was merged",
    }
)
"""Columns that name a person and are left alone, and why."""

_BATCH = 500
_C, _D, _K, _P, _R = table(Case), table(Delivery), table(Consent), table(Person), table(Merger)
_ENDED_CODES = (Purpose.ERASE, Purpose.EXPORT, Purpose.AUDIT)
"""Codes of which whoever asked meant the data of one of the two."""
MERGED = "merged"
"""Why a message that both were to get goes out once."""


# Who is who


def remaining(session: CompanySession, person_id: int) -> int:
    """Into whom the person was merged in the end; themselves, where into nobody."""
    session.flush()
    while (keeper := _keeper_of(session, person_id)) is not None:
        person_id = keeper
    return person_id


def _keeper_of(session: CompanySession, person_id: int) -> int | None:
    own = _R.c.company_id == session.company_id, _R.c.other_id == person_id, _R.c.undone_at.is_(None)
    return session.core.execute(select(_R.c.keeper_id).where(*own)).scalar()


def of(session: CompanySession, person_id: int) -> set[int]:
    """The mergers of the person, and of whoever was merged into them, directly or not."""
    session.flush()
    own, ids, found = _R.c.company_id == session.company_id, {person_id}, {person_id}
    while found:
        into = own, _R.c.keeper_id.in_(found), _R.c.undone_at.is_(None)
        found = {*session.core.execute(select(_R.c.other_id).where(*into)).scalars()} - ids
        ids |= found
    either = or_(_R.c.keeper_id.in_(ids), _R.c.other_id.in_(ids))
    return {*session.core.execute(select(_R.c.id).where(own, either)).scalars()}


def merged_into(session: CompanySession, person_id: int) -> Sequence[int]:
    """Whoever was merged into the person, directly or not."""
    own = _R.c.company_id == session.company_id, _R.c.id.in_(of(session, person_id)), _R.c.other_id != person_id
    return session.core.execute(select(_R.c.other_id).where(*own).order_by(_R.c.other_id)).scalars().all()


def known_by(session: CompanySession, person_id: int) -> set[tuple[str, str]]:
    """The employee number and the address of the person, and those of whoever was merged into them, as long as that is
    kept."""
    own = _R.c.company_id == session.company_id, _R.c.id.in_(of(session, person_id))
    said = [side for (sides,) in session.core.execute(select(_R.c.profiles).where(*own)) for side in sides.values()]
    said += session.core.execute(select(_P.c.employee_number, _P.c.email).where(_P.c.id == person_id)).mappings()
    return {(side.get("employee_number", ""), side.get("email", "")) for side in said}


def forget(session: CompanySession, person_id: int) -> None:
    """Nothing is kept of whoever was merged into the person, and nothing can be undone."""
    numbers = of(session, person_id)
    if numbers:
        session.core.execute(delete(_R).where(_R.c.company_id == session.company_id, _R.c.id.in_(numbers)))
        session.expire_all()


# Rows of which one person has one each: both people's, to what the one that remains has


def _one_each(own: list[Row], others: list[Row], key: str) -> list[Row]:
    """The first person's, and what only the other has."""
    there = {row[key] for row in own}
    return [*own, *(row for row in others if row[key] not in there)]


def _stances(own: list[Row], others: list[Row]) -> list[Row]:
    """The newer word on each gig, but that of whom was chosen stands."""
    newest: dict[int, Row] = {}
    for row in sorted((*others, *own), key=lambda row: (row["progress"] == Progress.CHOSEN, row["at"])):
        newest[row["gig_id"]] = row
    return list(newest.values())


def _newer(key: str) -> Callable[[list[Row], list[Row]], list[Row]]:
    """The newer answer to each survey or reunion. Of an anonymous survey nobody knows whose any are: those stay."""

    def rows(own: list[Row], others: list[Row]) -> list[Row]:
        newest = {row[key]: row for row in sorted((*others, *own), key=lambda row: row["at"])}
        return [*newest.values()]

    return rows


_SEATS = (Seat.NONE, Seat.WAITING, Seat.OFFERED, Seat.TAKEN)


def _rsvps(own: list[Row], others: list[Row]) -> list[Row]:
    """The newer word on each event. Where that is "going", it is with the better of two seats, or the earlier place in
    the line, and with the guests of that one: no seat is used that was not theirs. Who has come has come."""
    found: dict[int, list[Row]] = {}
    for row in sorted((*own, *others), key=lambda row: row["at"]):
        found.setdefault(row["event_id"], []).append(row)
    return [_one_rsvp(rows) for rows in found.values()]


def _one_rsvp(rows: list[Row]) -> Row:
    going = rows[-1]["answer"] is RsvpAnswer.GOING
    said = [row for row in rows if row["answer"] is RsvpAnswer.GOING] if going else rows[-1:]
    came = [row for row in rows if row["arrived_at"] is not None]
    return max(came or said, key=lambda row: (_SEATS.index(row["seat"]), -row["number"]))


def _audiences(own: list[Row], others: list[Row]) -> list[Row]:
    """The narrower audience of each field."""
    mine, theirs = ({row["field"]: row["audience"] for row in rows} for rows in (own, others))
    rows: list[Row] = []
    for row in _one_each(own, others, "field"):
        field = row["field"]
        if field not in visibility.FIELDS:
            rows.append(row)
            continue
        narrow = narrower(field, mine.get(field), theirs.get(field))
        if narrow is not visibility.FIELDS[field].usual:
            rows.append({**row, "audience": narrow})
    return rows


def narrower(field: str, one: Audience | None, other: Audience | None) -> Audience:
    both = visibility.audience(field, one), visibility.audience(field, other)
    return max(both, key=lambda audience: visibility.LEVELS[audience])


def _hidings(own: list[Row], others: list[Row]) -> list[Row]:
    """All of both, but nobody hides from themselves."""
    kept: dict[tuple[int, int], Row] = {}
    for row in sorted((*own, *others), key=lambda row: row["at"]):
        kept.setdefault((row["person_id"], row["viewer_id"]), row)
    return [row for row in kept.values() if row["person_id"] != row["viewer_id"]]


def _referrals(own: list[Row], others: list[Row]) -> list[Row]:
    """All of both, each person once; but nobody refers themselves."""
    kept: dict[tuple[Any, ...], Row] = {}
    for row in sorted((*own, *others), key=lambda row: row["at"]):
        whom = row["person_id"] or f"outside:{row['id']}"
        kept.setdefault((row["gig_id"], row["referrer_id"], whom), row)
    return [row for row in kept.values() if row["person_id"] != row["referrer_id"]]


def _clicks(own: list[Row], others: list[Row]) -> list[Row]:
    """Each link once, as it was followed first."""
    kept: dict[tuple[int, int], Row] = {}
    for row in sorted((*own, *others), key=lambda row: row["at"]):
        kept.setdefault((row["broadcast_id"], row["place"]), row)
    return [*kept.values()]


def _feedback(own: list[Row], others: list[Row]) -> list[Row]:
    """Of each event what was said by whoever remains, where both have said something."""
    return _one_each(own, others, "event_id")


def _listed(key: str) -> Callable[[list[Row], list[Row]], list[Row]]:
    def rows(own: list[Row], others: list[Row]) -> list[Row]:
        ordered = _one_each(_placed(own), _placed(others), key)
        return [{**row, "place": place} for place, row in enumerate(ordered)]

    return rows


def _placed(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row["place"])


def _own_alone(own: list[Row], _others: list[Row]) -> list[Row]:
    return own


JOINED: Mapping[str, Callable[[list[Row], list[Row]], list[Row]]] = MappingProxyType(
    {
        "stance": _stances,
        "rsvp": _rsvps,
        "survey_answer": _newer("survey_id"),
        "reunion_answer": _newer("reunion_id"),
        "click": _clicks,
        "referral": _referrals,
        "feedback": _feedback,
        "visibility": _audiences,
        "hiding": _hidings,
        "skill": _listed("folded"),
        "department": _listed("name"),
        "offboarding": _own_alone,
        "address_change": _own_alone,
        "calendar_feed": _own_alone,
    }
)
_PERSON = ("person_id",)
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "hiding": ("person_id", "viewer_id"),
    "referral": ("person_id", "referrer_id"),
}
_KEYS: Mapping[str, tuple[str, ...]] = {
    "stance": ("gig_id",),
    "rsvp": ("event_id",),
    "survey_answer": ("survey_id",),
    "reunion_answer": ("reunion_id",),
    "click": ("broadcast_id", "place"),
    "feedback": ("event_id",),
    "visibility": ("field",),
    "hiding": ("person_id", "viewer_id"),
    "referral": ("id",),
}
"""By what a row is told apart when they are parted; the other tables are parted as a whole."""
_TABLES: Mapping[str, Any] = {
    table(model).name: table(model)
    for model in (
        Stance,
        Rsvp,
        SurveyAnswer,
        ReunionAnswer,
        Click,
        Feedback,
        Referral,
        Visibility,
        Hiding,
        Skill,
        Department,
        Offboarding,
        AddressChange,
        CalendarFeed,
    )
}
_UNSAID = {
    *("address_change", "audit", "calendar_feed", "case_event", "click", "code", "delivery", "event_reminder"),
    *("join_request", "people_file"),
}
"""Of what came into these since, HR is told nothing: it says what the one that remains has done, or ends by itself."""


def parted() -> set[str]:
    """The tables that `part` may say it could not part."""
    return {*(column.partition(".")[0] for column in MOVED), *JOINED, "consent"} - _UNSAID


def columns() -> set[str]:
    """Every column, as `table.column`, for which there is a rule."""
    joined = {f"{name}.{column}" for name in JOINED for column in _COLUMNS.get(name, _PERSON)}
    return {*MOVED, *STAYING, *joined}


# Joining


def join(session: CompanySession, keeper: int, other: int, now: datetime, naming: Iterable[str]) -> Record:
    """Everything of the other is the keeper's. `naming` are arguments of messages that are a person's number. Returns
    what `part` needs."""
    session.flush()
    record: Record = {"at": now.isoformat(), "cases": _join_cases(session, keeper, other)}
    record["codes"] = _end_codes(session, other, now)
    record["cancelled"] = _send_once(session, keeper, other, now)
    record["consents"] = _join_consents(session, keeper, other, now)
    record["renamed"] = [[name, other, keeper, _rename(session, name, other, keeper)] for name in naming] + [
        ["case", one, another, _rename(session, "case", one, another)] for one, another, *_ in record["cases"]
    ]
    record["moved"] = {column: _move(session, column, keeper, other, record) for column in MOVED}
    record["joined"] = {name: _join_table(session, name, keeper, other) for name in JOINED}
    session.expire_all()
    record["agreed"] = [purpose for purpose in ConsentPurpose if consents.agrees(session, keeper, purpose)]
    record["newest"] = _newest(session)
    _touch(session, keeper, other)
    return record


def _touch(session: CompanySession, *people: int) -> None:
    for person_id in people:
        index.touch(session, person_id)


def _move(session: CompanySession, column: str, keeper: int, other: int, record: Record) -> list[int]:
    each, named = _column(column)
    own = each.c.company_id == session.company_id, named == other
    ids = list(session.core.execute(select(each.c.id).where(*own).order_by(each.c.id)).scalars())
    if column == "case.person_id":
        ids = [number for number in ids if number not in {one for one, *_ in record["cases"]}]
    if column == "commission.person_id":  # chosen twice for one gig, each keeps what was agreed with them
        twice = select(each.c.gig_id).where(each.c.company_id == session.company_id, named == keeper)
        stays = select(each.c.id).where(each.c.id.in_(ids), each.c.gig_id.in_(twice))
        ids = [*({*ids} - {*session.core.execute(stays).scalars()})]
    _set(session, each, ids, named, keeper)
    return ids


def _column(column: str) -> tuple[Any, Any]:
    name, _, attribute = column.partition(".")
    each = Merger.metadata.tables[name]
    return each, each.c[attribute]


def _set(session: CompanySession, each: Any, ids: Sequence[int], column: Any, value: Any, *where: Any) -> None:
    for some in _batches(ids):
        session.core.execute(update(each).where(each.c.id.in_(some), *where).values({column: value}))


def _batches(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[at : at + _BATCH] for at in range(0, len(ids), _BATCH))


def _join_cases(session: CompanySession, keeper: int, other: int) -> list[list[Any]]:
    """Where both talk with HR about one gig it is one case: the other's words go to the keeper's, and theirs is closed.
    What waits for HR goes on waiting."""
    theirs, mine = _C.alias(), _C.alias()
    both = (
        select(theirs.c.id, mine.c.id, theirs.c.state, mine.c.state)
        .join(mine, and_(mine.c.gig_id == theirs.c.gig_id, mine.c.company_id == theirs.c.company_id))
        .where(theirs.c.company_id == session.company_id, theirs.c.person_id == other, mine.c.person_id == keeper)
        .order_by(theirs.c.id)
    )
    messages = table(CaseMessage)
    joined: list[list[Any]] = []
    for one, another, state, before in session.core.execute(both).all():
        said = select(messages.c.id).where(messages.c.case_id == one).order_by(messages.c.id)
        ids = list(session.core.execute(said).scalars())
        _set(session, messages, ids, messages.c.case_id, another)
        after = CaseState.WAITING if CaseState.WAITING in (state, before) else before
        _set(session, _C, [one], _C.c.state, CaseState.CLOSED)
        _set(session, _C, [another], _C.c.state, after)
        joined.append([one, another, state, before, after, ids])
    return joined


def _end_codes(session: CompanySession, other: int, now: datetime) -> list[int]:
    codes = table(Code)
    own = codes.c.company_id == session.company_id, codes.c.person_id == other
    open_ = codes.c.used_at.is_(None), codes.c.purpose.in_(_ENDED_CODES)
    ids = list(session.core.execute(select(codes.c.id).where(*own, *open_).order_by(codes.c.id)).scalars())
    _set(session, codes, ids, codes.c.used_at, now)
    return ids


def _send_once(session: CompanySession, keeper: int, other: int, now: datetime) -> list[int]:
    """What both were to get is not sent to the other as well."""
    same = _D.alias()
    twice = select(same.c.id).where(
        same.c.company_id == _D.c.company_id, same.c.person_id == keeper, same.c.cause == _D.c.cause
    )
    waiting = _D.c.company_id == session.company_id, _D.c.person_id == other, _D.c.state == DeliveryState.QUEUED
    ids = list(session.core.execute(select(_D.c.id).where(*waiting, twice.exists()).order_by(_D.c.id)).scalars())
    for some in _batches(ids):
        still = _D.c.id.in_(some), _D.c.state == DeliveryState.QUEUED
        cancelled = {"state": DeliveryState.CANCELLED, "reason": MERGED, "settled_at": now}
        session.core.execute(update(_D).where(*still).values(cancelled))
    return ids


def _join_consents(session: CompanySession, keeper: int, other: int, now: datetime) -> list[list[Any]]:
    """A consent counts that either gave and neither has taken back, or not given, since. The newer of two ends the
    older one. Who has said nothing at all agrees to what the other does. Returns which were ended, and when."""
    rows: dict[int, list[Any]] = {keeper: [], other: []}
    own = _K.c.company_id == session.company_id, _K.c.person_id.in_([keeper, other])
    for row in session.core.execute(select(_K).where(*own).order_by(_K.c.id)):
        rows[row.person_id].append(row)
    ended: list[list[Any]] = []
    for purpose in ConsentPurpose:
        given = [r for r in (*rows[keeper], *rows[other]) if r.purpose is purpose and r.withdrawn_at is None]
        given.sort(key=lambda row: (row.given_at, row.id))
        stands = bool(given) and not any(_declined(said, purpose, given[-1].given_at) for said in rows.values())
        for row in given[:-1] if stands else given:
            at = given[-1].given_at if stands else now
            _set(session, _K, [row.id], _K.c.withdrawn_at, at)
            ended.append([row.id, at.isoformat()])
    return ended


def _declined(said: Sequence[Any], purpose: ConsentPurpose, given_at: datetime) -> bool:
    """Whether somebody, having said something on consents, did not agree to this one then or later."""
    if not said or any(row.purpose is purpose and row.withdrawn_at is None for row in said):
        return False
    return max(max(row.given_at, row.withdrawn_at or row.given_at) for row in said) >= given_at


def _rename(session: CompanySession, name: str, one: int, another: int, ids: Sequence[int] | None = None) -> list[int]:
    """Have messages that name `one` in that argument (and, for cases, in their subject) name the other."""
    if name == "case":
        subjects = {f"case:{one}": f"case:{another}", f"case:{one}:alumnus": f"case:{another}:alumnus"}
    else:
        subjects = {}
    args = cast(_D.c.args, Text)
    named = [args.contains(f'"{name}":{one}{end}', autoescape=True) for end in (",", "}")]
    named.append(args.contains(f'"{name}":{{"id":{one},', autoescape=True))
    where = _D.c.company_id == session.company_id, or_(_D.c.subject.in_([*subjects]), *named)
    rows = session.core.execute(select(_D.c.id, _D.c.subject, _D.c.args).where(*where).order_by(_D.c.id)).all()
    renamed: list[int] = []
    for number, subject, told in rows:
        if ids is None or number in ids:
            values = {"subject": subjects.get(subject, subject), "args": _renamed(told, name, one, another)}
            session.core.execute(update(_D).where(_D.c.id == number).values(values))
            renamed.append(number)
    return renamed


def _renamed(args: Mapping[str, Any], name: str, one: int, another: int) -> Row:
    told = dict(args)
    value: Any = told.get(name)
    if value == one:
        told[name] = another
    elif isinstance(value, dict) and value["id"] == one:
        told[name] = {**value, "id": another}
    return told


def _join_table(session: CompanySession, name: str, keeper: int, other: int) -> dict[str, list[Row]]:
    before = _rows(session, name, keeper, other)
    own = [_of(row, name, keeper, other) for row in before if not _names(row, name, other)]
    others = [_of(row, name, keeper, other) for row in before if _names(row, name, other)]
    after = JOINED[name](own, others)
    _delete(session, name, keeper, other)
    _insert(session, name, after)
    return {"before": [_packed(row) for row in before], "after": [_packed(row) for row in after]}


def _named(name: str) -> tuple[str, ...]:
    return _COLUMNS.get(name, _PERSON)


def _names(row: Row, name: str, person_id: int) -> bool:
    return any(row[column] == person_id for column in _named(name))


def _of(row: Row, name: str, keeper: int, other: int) -> Row:
    """The row, as the keeper's."""
    return {**row, **{column: keeper for column in _named(name) if row[column] == other}}


def _where(session: CompanySession, name: str, keeper: int, other: int) -> Any:
    each = _TABLES[name]
    own = or_(*(each.c[column].in_([keeper, other]) for column in _named(name)))
    return and_(each.c.company_id == session.company_id, own)


def _rows(session: CompanySession, name: str, keeper: int, other: int) -> list[Row]:
    each = _TABLES[name]
    order = list(each.primary_key.columns)
    found = session.core.execute(select(each).where(_where(session, name, keeper, other)).order_by(*order))
    return [dict(row) for row in found.mappings()]


def _delete(session: CompanySession, name: str, keeper: int, other: int) -> None:
    session.core.execute(delete(_TABLES[name]).where(_where(session, name, keeper, other)))


def _insert(session: CompanySession, name: str, rows: Sequence[Row]) -> None:
    if rows:
        session.core.execute(insert(_TABLES[name]), list(rows))


# JSON and back


def _packed(row: Row) -> Row:
    return orjson.loads(orjson.dumps({key: plain(value) for key, value in row.items()}))


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value


def _unpacked(name: str, row: Row) -> Row:
    return {key: typed(_TABLES[name].c[key], value) for key, value in row.items()}


def typed(column: Any, value: Any) -> Any:
    """The column's value of what `plain` made of it."""
    if value is None or isinstance(column.type, JSON):
        return value
    if isinstance(column.type, Enum):
        kind: Any = column.type.enum_class
        return kind(value)
    kind = getattr(column.type, "impl_instance", column.type).python_type
    return kind.fromisoformat(value) if issubclass(kind, date) else value


# Parting


def part(session: CompanySession, keeper: int, other: int, record: Record, now: datetime) -> set[str]:
    """Everything goes back to whom it belonged. What came since stays the keeper's, and what was narrowed since is so
    for both. Returns the tables of which something could not be parted."""
    session.flush()
    taken_back = [p for p in record["agreed"] if not consents.agrees(session, keeper, ConsentPurpose(p))]
    stayed: set[str] = set()
    for name, tables in record["joined"].items():
        if _part_table(session, name, keeper, other, tables):
            stayed.add(name)
    for column, ids in record["moved"].items():
        each, named = _column(column)
        if _has_others(session, each, named, keeper, record["newest"].get(column, 0)):
            stayed.add(each.name)
        _set(session, each, ids, named, other, named == keeper)
    _part_cases(session, record["cases"])
    for name, one, another, ids in record["renamed"]:
        _rename(session, name, another, one, ids)
    _reopen(session, record)
    session.expire_all()
    for purpose in map(ConsentPurpose, taken_back):
        for person_id in (keeper, other):
            if consents.agrees(session, person_id, purpose):
                consents.withdraw(session, person_id, purpose, now)
    _touch(session, keeper, other)
    return stayed - _UNSAID


def _newest(session: CompanySession) -> dict[str, int]:
    """The last row of each table of MOVED: what has a higher number came later."""
    session.flush()
    found: dict[str, int] = {}
    for column in MOVED:
        each, _ = _column(column)
        last = select(func.max(each.c.id)).where(each.c.company_id == session.company_id)
        found[column] = session.core.execute(last).scalar() or 0
    return found


def _has_others(session: CompanySession, each: Any, named: Any, keeper: int, last: int) -> bool:
    since = each.c.company_id == session.company_id, named == keeper, each.c.id > last
    return session.core.execute(select(each.c.id).where(*since).limit(1)).first() is not None


def _part_cases(session: CompanySession, joined: Sequence[Sequence[Any]]) -> None:
    messages = table(CaseMessage)
    for one, another, state, before, after, ids in joined:
        _set(session, messages, ids, messages.c.case_id, one, messages.c.case_id == another)
        _set(session, _C, [one], _C.c.state, CaseState(state))
        _set(session, _C, [another], _C.c.state, CaseState(before), _C.c.state == CaseState(after))


def _reopen(session: CompanySession, record: Record) -> None:
    """What was ended by the merge, and by nothing since."""
    codes = table(Code)
    at = datetime.fromisoformat(record["at"])
    _set(session, codes, record["codes"], codes.c.used_at, None, codes.c.used_at == at)
    for number, ended in record["consents"]:
        same = _K.c.withdrawn_at == datetime.fromisoformat(ended)
        _set(session, _K, [number], _K.c.withdrawn_at, None, same)
    for some in _batches(record["cancelled"]):
        still = _D.c.id.in_(some), _D.c.state == DeliveryState.CANCELLED, _D.c.reason == MERGED
        queued = {"state": DeliveryState.QUEUED, "reason": "", "settled_at": None}
        session.core.execute(update(_D).where(*still).values(queued))


def _part_table(session: CompanySession, name: str, keeper: int, other: int, tables: Mapping[str, list[Row]]) -> bool:
    """Returns whether something of it could not be parted."""
    before, after = ([_unpacked(name, row) for row in tables[when]] for when in ("before", "after"))
    before = _there(session, name, before, keeper, other)
    current = [_of(row, name, keeper, other) for row in _rows(session, name, keeper, other)]
    keys = {_key(name, _of(row, name, keeper, other)) for row in (*before, *after, *current)}
    restored: list[Row] = []
    changed = False
    for key in sorted(keys, key=repr):
        was, became, now = (
            [r for r in rows if _key(name, _of(r, name, keeper, other)) == key] for rows in (before, after, current)
        )
        if _same(now, became):
            restored += was
            continue
        changed = True
        restored += now
        others = [row for row in was if _names(row, name, other)]
        restored += _narrowed(name, now, others, keeper, other)
    _delete(session, name, keeper, other)
    _insert(session, name, restored)
    return changed


def _key(name: str, row: Row) -> tuple[Any, ...]:
    return tuple(row[column] for column in _KEYS.get(name, ()))


def _same(one: list[Row], another: list[Row]) -> bool:
    return sorted(map(repr, (_packed(r) for r in one))) == sorted(map(repr, (_packed(r) for r in another)))


def _narrowed(name: str, now: list[Row], others: list[Row], keeper: int, other: int) -> list[Row]:
    """The other's rows of a key on which the keeper has decided since: no wider than that."""
    match name:
        case "hiding":
            return _hidings(others, [_swapped(row, name, keeper, other) for row in now])
        case "visibility":
            return _audiences(others, [_swapped(row, name, keeper, other) for row in now])
        case _:
            return others


def _swapped(row: Row, name: str, keeper: int, other: int) -> Row:
    return {**row, **{column: other for column in _named(name) if row[column] == keeper}}


def _there(session: CompanySession, name: str, rows: Sequence[Row], keeper: int, other: int) -> list[Row]:
    """Without those that name somebody who was erased since; somebody who was merged is who remains."""
    if name != "hiding":
        return list(rows)
    found: list[Row] = []
    for row in rows:
        named = {column: row[column] for column in _named(name)}
        now = {c: n if n in (keeper, other) else remaining(session, n) for c, n in named.items()}
        erased = select(_P.c.id).where(_P.c.id.in_([*now.values()]), _P.c.state == PersonState.ERASED)
        if session.core.execute(erased).first() is None:
            found.append({**row, **now})
    return found
