"""One person who is there twice: HR says so, chooses who remains and whose values, and can undo it for thirty days.

The other's row is emptied, so that nothing finds it, and keeps its number; what it said is in the merger's row for as
long as it can be undone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col, func, or_, select

from bot import (
    case_cards,
    directory,
    duplicates,
    erasure,
    events,
    looks,
    privacy,
    queries,
    rsvps,
    states,
    subjects,
    texts,
    visibility,
)
from bot.cards import FieldKind
from bot.duplicates import Pair
from bot.prompts import Question, phrase
from bot.scene import Scene
from bot.states import Actor, Event
from bot.turn import Answer, Ask, Say, Turn
from storage import audit, ledger, people, topics
from storage import merging as rows
from storage.db import CompanySession
from storage.tables import Case, Merger, Person, PersonState, Role, Stance

UNDO_WITHIN = timedelta(days=30)
LISTED = 4
"""Pairs, or mergers, with a button."""
NAMING = tuple(name for name in erasure.NAMING if name not in ("invitation", "invited"))
"""Arguments of messages that name who remains from then on. An invitation stays that of whom it was written to."""

FIELDS = (
    "name",
    "reading",
    "romaji",
    "former_surname",
    "email",
    "employee_number",
    "joined_year",
    "last_day",
    "left_for",
    "works_at",
    "works_as",
    "city",
    "helps_with",
    "looks_for",
)
"""Of which HR chooses whose counts, where both say something else."""
QUESTIONS = (
    *(Question(field, FieldKind.CHOICE, required=False, max_length=20, choices=("keep", "other")) for field in FIELDS),
    Question("sure", FieldKind.CHOICE, max_length=20, choices=("yes",)),
)
_FILLED = (*FIELDS, "availability", "interests", "exempt_for", "photo")
"""What the one that remains takes over where they say nothing."""
_RANKS = (Role.ALUMNUS, Role.HR, Role.OWNER)
_NEAREST = (
    PersonState.PAUSED,
    PersonState.ACTIVE,
    PersonState.CONFIRMED,
    PersonState.INVITED,
    PersonState.EXPIRED,
    PersonState.LEFT,
)
"""Who of two remains: nobody who has joined is put back to an invitation, and a pause is not ended."""
_BETWEEN = re.compile(r"\s*[、,，;；]\s*")
_LONGEST = 60
"""Characters of a value that is one of a form's choices."""


# Whom


def merge(turn: Turn) -> Answer:
    """The likely duplicates; with words, those whom they mean: one person (and who that may be as well), several of one
    name, or two with a comma between them."""
    asked = turn.args.get("text", "")
    if len(asked) > 2 * queries.LONGEST:
        return Say("merge_whom", notice=True)
    if not asked:
        return _proposed(turn, duplicates.likely(turn.session))
    sides = [duplicates.named(turn.session, side) for side in _BETWEEN.split(asked) if side][:3]
    if len(sides) == 2:
        chosen = [side[0] for side in sides if len(side) == 1]
        return _compare(turn, *chosen) if len({*chosen}) == 2 else Say("merge_whom", notice=True)
    found = sides[0] if len(sides) == 1 else []
    match found:
        case []:
            return Say("merge_whom", notice=True)
        case [one]:
            return _proposed(turn, duplicates.likely(turn.session, one))
        case [one, other]:
            return _compare(turn, one, other)
        case _:
            return _proposed(turn, [p for one in found for p in duplicates.likely(turn.session, one)])


def _proposed(turn: Turn, pairs: Sequence[Pair]) -> Answer:
    named = list(dict.fromkeys(_named(pair.one, pair.other) for pair in pairs))
    if not named:
        return Say("merge_nobody", notice=True)
    return privacy.privately(turn, Say("merge_likely", {"pairs": named}))


def compare(turn: Turn) -> Answer:
    """The two that a button names, side by side."""
    ids = _numbers(turn.args.get("pair", ""))
    return _compare(turn, *ids) if ids else Say("button_old", notice=True)


def _compare(turn: Turn, one: int, other: int) -> Answer:
    both = [turn.session.get(Person, number) for number in (one, other)]
    if not all(person and person.state not in duplicates.GONE for person in both):
        return Say("merge_refused", {"reason": "gone"}, notice=True)
    for person in both:
        if person is not None:
            told = {**directory.profile_fields(turn.session, person, turn.locale), "left_for": person.left_for}
            looks.note(turn, person.id or 0, told, shared=False)
    return privacy.privately(turn, Say("merge_compare", {"pair": _named(one, other)}))


def _named(one: int, other: int) -> str:
    return f"{one}-{other}"


def _numbers(pair: Any) -> tuple[int, int] | None:
    one, _, other = str(pair).partition("-")
    numbers = texts.number(one), texts.number(other)
    return (numbers[0], numbers[1]) if numbers[0] and numbers[1] and numbers[0] != numbers[1] else None


# Merging


def refusal(turn: Turn, keeper: Person | None, other: Person | None) -> str:
    """Why HR may not merge the other into the keeper (a sentence of prompts/*/merge_refusals.md.j2); empty if they
    may."""
    if keeper is None or other is None or duplicates.GONE[0] in (keeper.state, other.state):
        return "gone"
    return _refused(turn.member.id, turn.member.role, keeper, other)


def _refused(speaker: int, role: Role, keeper: Person, other: Person) -> str:
    if PersonState.ERASED in (keeper.state, other.state):
        return "gone"
    if role is not Role.OWNER and (keeper.role, other.role) != (Role.ALUMNUS, Role.ALUMNUS):
        return "owner_only"
    if other.id == speaker:
        return "yourself"
    if _RANKS.index(keeper.role) < _RANKS.index(other.role):
        return "role_lost"
    if _NEAREST.index(keeper.state) > _NEAREST.index(other.state):
        return "farther"
    return ""


def keep(turn: Turn) -> Answer:
    """The first of the button's two remains. Asks whose values, and then does it."""
    ids = _numbers(turn.args.get("pair", ""))
    if ids is None:
        return Say("button_old", notice=True)
    people.hold_company(turn.session)
    held = {number: _held(turn.session, number) for number in sorted(ids)}
    keeper, other = held[ids[0]], held[ids[1]]
    refused = refusal(turn, keeper, other)
    if refused or keeper is None or other is None:
        return Say("merge_refused", {"reason": refused}, notice=True)
    if not turn.values:
        scene = Scene(turn.session, turn.company, turn.person, turn.locale, turn.now)
        asked = [line.field for line in _lines(scene, keeper, other) if line.asked]
        return Ask("merge.keep", {"pair": _named(*ids)}, dict.fromkeys(asked, "keep"))
    taken = {field for field in FIELDS if turn.values.get(field) == "other"} & _choosable(turn, keeper, other)
    merger = into_one(turn.session, keeper, other, taken, turn.now)
    detail = {"merger": merger.id, "other": other.id}
    audit.note(turn.session, "merge", turn.now, actor_id=turn.member.id, subject_id=keeper.id, detail=detail)
    return Say("merged", {"merger": merger.id})


def _held(session: CompanySession, person_id: int) -> Person | None:
    """Also from whoever is just writing a row that refers to the person: it is to be moved as well."""
    return session.exec(select(Person).where(Person.id == person_id).with_for_update()).first()


def _choosable(turn: Turn, keeper: Person, other: Person) -> set[str]:
    scene = Scene(turn.session, turn.company, turn.person, turn.locale, turn.now)
    return {line.field for line in _lines(scene, keeper, other) if line.asked}


def into_one(session: CompanySession, keeper: Person, other: Person, taken: set[str], now: datetime) -> Merger:
    """Everything of the other is the keeper's, with the other's values for the fields that are `taken`. Ask `refusal`
    before."""
    keeper_id, other_id = keeper.id or 0, other.id or 0
    before = _said(keeper)
    theirs = _said(other)
    answered = rsvps.events_of(session, (keeper_id, other_id))
    for event_id in answered:
        events.held(session, event_id)
    moved = rows.join(session, keeper_id, other_id, now, NAMING)
    rsvps.reseat(session, answered, now)
    if "email" in taken or keeper.email in ("", other.email):
        own = keeper.email_confirmed_at if "email" not in taken and keeper.email else None
        keeper.email_confirmed_at = own or other.email_confirmed_at
    for field in _FILLED:
        if field in taken or not getattr(keeper, field):
            setattr(keeper, field, getattr(other, field))
    stopped = [at for at in (keeper.opted_out_at, other.opted_out_at) if at]
    keeper.opted_out_at = min(stopped, default=None)
    breaks = [until for until in (keeper.snoozed_until, other.snoozed_until) if until]
    keeper.snoozed_until = max(breaks, default=None)
    keeper.hosts = keeper.hosts or other.hosts
    keeper.receives = topics.strictest(keeper.receives, other.receives)
    states.move(other, Event.MERGE, Actor.HR)
    erasure.empty(other, now)
    merger = Merger(
        keeper_id=keeper_id,
        other_id=other_id,
        at=now,
        profiles={"keeper": before, "merged": _said(keeper), "other": theirs},
        moved=moved,
    )
    session.add_all((keeper, other, merger))
    session.flush()
    _show(session, (keeper_id, other_id), now)
    return merger


def _said(person: Person) -> dict[str, Any]:
    return {name: rows.plain(getattr(person, name)) for name in _columns()}


def _columns() -> list[str]:
    own = Person.metadata.tables["person"].columns
    return [column.name for column in own if column.name not in ("id", "company_id")]


def _typed(said: Mapping[str, Any]) -> dict[str, Any]:
    own = Person.metadata.tables["person"].c
    return {name: rows.typed(own[name], value) for name, value in said.items()}


def _show(session: CompanySession, both: tuple[int, int], now: datetime) -> None:
    """Cards that show either are right again."""
    for person_id in both:
        ledger.mark_stale(session, subjects.invitation_desk(person_id), now)
        for case_id in session.exec(select(Case.id).where(Case.person_id == person_id)):
            case_cards.show_everywhere(session, case_id, now)
        for gig_id in session.exec(select(Stance.gig_id).where(Stance.person_id == person_id)):
            ledger.mark_stale(session, subjects.gig_desk(gig_id), now)
            ledger.mark_stale(session, subjects.gig(gig_id), now, person_id=person_id)


# Undoing


def recent(turn: Turn) -> Answer:
    """What can be undone; with words, of the people of that name."""
    asked = turn.args.get("text", "")
    wanted = set(duplicates.named(turn.session, asked)) if asked else None
    found = [m.id for m in _undoable(turn.session, turn.now) if wanted is None or m.keeper_id in wanted]
    if not found:
        return Say("merge_none", notice=True)
    return privacy.privately(turn, Say("mergers", {"mergers": found[:LISTED]}))


def _undoable(session: CompanySession, now: datetime) -> Sequence[Merger]:
    """Newest first."""
    lately = col(Merger.undone_at).is_(None), col(Merger.at) > now - UNDO_WITHIN
    return session.exec(select(Merger).where(*lately).order_by(col(Merger.id).desc())).all()


def undo(turn: Turn) -> Answer:
    """The two are two again."""
    number = texts.number(turn.args.get("merger", ""))
    people.hold_company(turn.session)
    merger = turn.session.get(Merger, number) if number is not None else None
    if merger is None:
        return Say("button_old", notice=True)
    turn.session.refresh(merger)
    refused = _undo_refused(turn, merger)
    if refused:
        return Say("merge_refused", {"reason": refused}, notice=True)
    both = (merger.keeper_id, merger.other_id)
    held = {number: _held(turn.session, number) for number in sorted(both)}
    keeper, other = held[both[0]], held[both[1]]
    if keeper is None or other is None:
        return Say("button_old", notice=True)
    apart(turn.session, merger, keeper, other, turn.now)
    detail = {"merger": merger.id, "other": merger.other_id}
    audit.note(turn.session, "merge.undo", turn.now, actor_id=turn.member.id, subject_id=keeper.id, detail=detail)
    ledger.mark_stale(turn.session, subjects.merger(merger.id), turn.now)
    return Say("merged", {"merger": merger.id}, in_place=True)


def _undo_refused(turn: Turn, merger: Merger) -> str:
    if merger.undone_at is not None:
        return "undone"
    if not merger.moved or turn.now - merger.at > UNDO_WITHIN:
        return "too_late"
    since = or_(Merger.keeper_id == merger.keeper_id, Merger.other_id == merger.keeper_id)
    later = select(Merger.id).where(since, col(Merger.id) > merger.id, col(Merger.undone_at).is_(None))
    if turn.session.exec(later).first() is not None:
        return "later_first"
    roles = {merger.profiles[side]["role"] for side in ("keeper", "other")}
    return "owner_only" if turn.member.role is not Role.OWNER and roles != {Role.ALUMNUS} else ""


def apart(session: CompanySession, merger: Merger, keeper: Person, other: Person, now: datetime) -> None:
    """Everything goes back. What has changed since stays with the keeper, and the merger says what that was."""
    for event_id in rsvps.events_of(session, (merger.keeper_id, merger.other_id)):
        events.held(session, event_id)
    stayed = rows.part(session, merger.keeper_id, merger.other_id, merger.moved, now)
    rsvps.stand_back(session, merger.other_id, now)
    before, merged, theirs = (_typed(merger.profiles[side]) for side in ("keeper", "merged", "other"))
    if keeper.email == merged["email"] != before["email"]:
        keeper.email_confirmed_at = merged["email_confirmed_at"]  # what was confirmed since is not the one before
    for name, value in before.items():
        if name != "state" and merged[name] != value and getattr(keeper, name) == merged[name]:
            setattr(keeper, name, value)
    if any(getattr(keeper, name) not in (before[name], merged[name]) for name in _FILLED):
        stayed.add("person")
    if keeper.opted_out_at and keeper.opted_out_at != merged["opted_out_at"]:
        theirs["opted_out_at"] = theirs["opted_out_at"] or keeper.opted_out_at
    if keeper.receives != merged["receives"]:
        theirs["receives"] = topics.strictest(theirs["receives"], keeper.receives)
    for name, value in theirs.items():
        if name != "state":
            setattr(other, name, value)
    for name in ("email", "employee_number"):
        if _is_taken(session, other, name) and before[name] != theirs[name]:
            setattr(other, name, "")
            other.email_confirmed_at = other.email_confirmed_at if other.email else None
            stayed.add("person")
    states.move(other, states.PARTING[theirs["state"]], Actor.HR)
    merger.undone_at, merger.moved, merger.profiles, merger.stayed = now, {}, {}, sorted(stayed)
    session.add_all((keeper, other, merger))
    session.flush()
    _show(session, (merger.keeper_id, merger.other_id), now)


def _is_taken(session: CompanySession, person: Person, name: str) -> bool:
    """Whether what is one person's has become somebody else's meanwhile."""
    value = getattr(person, name)
    column = getattr(Person, name)
    there = col(Person.state).not_in(duplicates.GONE), col(Person.id) != person.id
    return bool(value) and session.exec(select(Person.id).where(column == value, *there)).first() is not None


def settle(session: CompanySession, now: datetime) -> int:
    """After thirty days nothing is kept with which a merge could be undone; returns how many that were."""
    over = session.exec(select(Merger).where(col(Merger.at) <= now - UNDO_WITHIN)).all()
    kept = [merger for merger in over if merger.moved]
    for merger in kept:
        merger.moved, merger.profiles = {}, {}
        session.add(merger)
        ledger.mark_stale(session, subjects.merger(merger.id), now)
    return len(kept)


# What is shown


@dataclass(frozen=True, slots=True)
class SideView:
    id: int
    name: str
    state: str
    role: str
    since: date
    accounts: str
    skills: str
    answers: int
    cases: int
    own: bool
    """The reader's own."""
    reason: str
    """Why this one cannot remain; empty where they can."""


@dataclass(frozen=True, slots=True)
class LineView:
    """A field, as either says it. `asked`: both say something, and not the same."""

    field: str
    label: str
    left: str
    right: str
    asked: bool

    @property
    def left_short(self) -> str:
        return _cut(self.left)

    @property
    def right_short(self) -> str:
        return _cut(self.right)


@dataclass(frozen=True, slots=True)
class PairView:
    """Two people side by side, as the reader of HR may see them."""

    pair: str
    left: SideView
    right: SideView
    lines: tuple[LineView, ...]
    signs: str

    @property
    def swapped(self) -> str:
        return _named(self.right.id, self.left.id)

    @property
    def asked(self) -> Mapping[str, LineView]:
        return {line.field: line for line in self.lines if line.asked}


@dataclass(frozen=True, slots=True)
class ProposedView:
    pair: str
    left: str
    right: str
    signs: str


@dataclass(frozen=True, slots=True)
class ProposalsView:
    """`more` are not shown."""

    pairs: tuple[ProposedView, ...]
    more: int


@dataclass(frozen=True, slots=True)
class MergedView:
    """`state`: done · undone · final. `other` is empty once nothing is kept of them. `stayed` is what could not be
    parted, in words."""

    id: int
    name: str
    other: str
    at: datetime
    until: datetime
    state: str
    stayed: tuple[str, ...]


def pair_view(scene: Scene, pair: str) -> PairView:
    """Raises LookupError for everybody but HR, and where either is not there (any more)."""
    ids = _numbers(pair)
    both = [scene.session.get(Person, number) for number in ids or ()]
    reader = scene.reader
    if reader is None or reader.role not in (Role.OWNER, Role.HR):
        raise LookupError("people are compared by HR alone")
    match both:
        case [Person() as left, Person() as right] if not {left.state, right.state} & {*duplicates.GONE}:
            return PairView(
                pair,
                _side(scene, left, _refused(reader.id, reader.role, left, right)),
                _side(scene, right, _refused(reader.id, reader.role, right, left)),
                _lines(scene, left, right),
                _signs(scene, duplicates.signs_of(left, right)),
            )
        case _:
            raise LookupError(f"no pair {pair}")


def _side(scene: Scene, person: Person, refused: str) -> SideView:
    session, number = scene.session, person.id or 0

    def count(model: Any) -> int:
        return session.exec(select(func.count()).select_from(model).where(model.person_id == number)).one()

    platforms = {account.platform: None for account in people.accounts_of(session, number)}
    skills = people.skills_of(session, [number])[number] if _seen(scene, person, "skills") else []
    return SideView(
        id=number,
        name=person.name,
        state=person.state,
        role=person.role,
        since=person.created_at.date(),
        accounts=texts.joined([platform.capitalize() for platform in platforms], scene.locale),
        skills=texts.joined(skills, scene.locale),
        answers=count(Stance),
        cases=count(Case),
        own=scene.reader is not None and scene.reader.id == number,
        reason=refused,
    )


def _seen(scene: Scene, person: Person, field: str) -> bool:
    looking = visibility.viewer(scene.reader)
    return field not in visibility.FIELDS or visibility.seen(scene.session, looking, [person.id or 0]).shows(
        person.id or 0, field
    )


def _lines(scene: Scene, left: Person, right: Person) -> tuple[LineView, ...]:
    """Of what HR may see of both. The rest is not asked either: the one that remains keeps theirs."""
    lines: list[LineView] = []
    for field in FIELDS:
        if not (_seen(scene, left, field) and _seen(scene, right, field)):
            continue
        one, other = (_word(scene, field, getattr(person, field)) for person in (left, right))
        if one or other:
            asked = bool(one and other) and one != other
            lines.append(LineView(field, phrase("stored", scene.locale, field), one, other, asked))
    return tuple(lines)


def _word(scene: Scene, field: str, value: Any) -> str:
    if field == "left_for" and value:
        return phrase("leaving", scene.locale, value)
    return "" if value is None else str(rows.plain(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _signs(scene: Scene, signs: Sequence[duplicates.Sign]) -> str:
    return texts.joined([phrase("signs", scene.locale, sign) for sign in signs], scene.locale)


def proposals_view(scene: Scene, pairs: Sequence[str]) -> ProposalsView:
    """Those of the pairs who are still two."""
    if scene.reader is None or scene.reader.role not in (Role.OWNER, Role.HR):
        raise LookupError("people are compared by HR alone")
    found: list[ProposedView] = []
    for pair in pairs:
        both = [scene.session.get(Person, number) for number in _numbers(pair) or ()]
        match both:
            case [Person() as left, Person() as right] if not {left.state, right.state} & {*duplicates.GONE}:
                signs = _signs(scene, duplicates.signs_of(left, right))
                found.append(ProposedView(pair, left.name, right.name, signs))
            case _:
                continue
    return ProposalsView(tuple(found[:LISTED]), len(found[LISTED:]))


def merged_view(scene: Scene, merger_id: int) -> MergedView:
    """Raises LookupError where nothing is known of it (any more), and for everybody but HR."""
    merger = scene.session.get(Merger, merger_id)
    keeper = scene.session.get(Person, merger.keeper_id) if merger else None
    if merger is None or keeper is None or scene.reader is None or scene.reader.role is Role.ALUMNUS:
        raise LookupError(f"no merger {merger_id}")
    other = scene.session.get(Person, merger.other_id)
    undone = merger.undone_at is not None
    open_ = bool(merger.moved) and scene.now - merger.at <= UNDO_WITHIN
    return MergedView(
        id=merger_id,
        name=keeper.name,
        other=other.name if undone and other else merger.profiles.get("other", {}).get("name", ""),
        at=merger.at,
        until=merger.at + UNDO_WITHIN,
        state="undone" if undone else "done" if open_ else "final",
        stayed=tuple(phrase("unparted", scene.locale, name) for name in merger.stayed),
    )


def mergers_view(scene: Scene, ids: Sequence[int]) -> tuple[MergedView, ...]:
    there = scene.session.exec(select(Merger.id).where(col(Merger.id).in_(ids)).order_by(col(Merger.id).desc()))
    return tuple(merged_view(scene, number) for number in there if number is not None)
