"""The board of gigs: for alumni what is open, what suits them and what they have answered; for HR every gig by its
state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import col, func, select

from bot import matching, stances, texts
from bot.ports import Kind
from bot.scene import Scene
from bot.turn import Answer, Say, Turn
from storage.db import CompanySession
from storage.tables import Attitude, Gig, GigState, Role, Stance

LISTED = 3
"""Gigs on one page: with a button each, the other tabs and the next page a Teams card has the six that it may have."""
LOOKED_AT = 300
"""Open gigs, the newest first, among which those that are for somebody are looked for."""
TABS = ("open", "for_me", "mine")
"""Of alumni."""
ENDED = (GigState.FILLED, GigState.WITHDRAWN, GigState.EXPIRED)
STATES: Mapping[str, Sequence[GigState]] = {"ended": ENDED, **{state.value: (state,) for state in GigState}}
"""Of HR; the first that is shown is what is open."""
_WORDS: Mapping[str, str] = {
    "open": "open", "募集中": "open",
    "for me": "for_me", "自分向け": "for_me", "おすすめ": "for_me",
    "mine": "mine", "自分": "mine", "回答済み": "mine",
    "ended": "ended", "closed": "ended", "終了": "ended",
    "draft": "draft", "drafts": "draft", "下書き": "draft",
    "scheduled": "scheduled", "予約": "scheduled",
    "filled": "filled", "決定": "filled",
    "withdrawn": "withdrawn", "取り下げ": "withdrawn",
    "expired": "expired", "締切": "expired",
}  # fmt: skip
_FOLDED = {texts.folded(word): tab for word, tab in _WORDS.items()}


@dataclass(frozen=True, slots=True)
class BoardLine:
    """`interested` and `asked` are for HR; `attitude` and `progress` the reader's own."""

    id: int
    title: str
    reward: str
    place: str
    deadline: date | None
    interested: int
    asked: int = 0
    state: str = "open"
    attitude: str = ""
    progress: str = ""
    match: matching.Match | None = None


@dataclass(frozen=True, slots=True)
class BoardView:
    """One page. `by_state` is for HR: each state with its number of gigs, where there are any."""

    gigs: tuple[BoardLine, ...]
    total: int
    more: int
    """How many come after these."""
    next: int
    """The page with those."""
    tab: str = "open"
    by_state: tuple[tuple[str, int], ...] = ()


def board_view(scene: Scene, asked: Mapping[str, Any] | int) -> BoardView:
    """One page of a tab, newest first; the first page is 1. A number alone is a page of what is open."""
    asked = {"tab": "open", "page": asked} if isinstance(asked, int) else asked
    staff = scene.reader is not None and scene.reader.role is not Role.ALUMNUS
    tab = asked["tab"] if asked["tab"] in (STATES if staff else TABS) else "open"
    before = (max(asked["page"], 1) - 1) * LISTED
    found, total = _of_hr(scene, tab, before) if staff else _of_alumnus(scene, tab, before)
    lines = _lines(scene, found, staff=staff)
    states = _by_state(scene.session) if staff else ()
    return BoardView(lines, total, max(0, total - before - len(lines)), asked["page"] + 1, tab, states)


def _of_hr(scene: Scene, tab: str, before: int) -> tuple[Sequence[Gig], int]:
    return _page(scene.session, col(Gig.state).in_(STATES[tab]), before)


def _page(session: CompanySession, where: Any, before: int) -> tuple[Sequence[Gig], int]:
    total = session.exec(select(func.count()).select_from(Gig).where(where)).one()
    query = select(Gig).where(where).order_by(col(Gig.id).desc())
    return session.exec(query.offset(before).limit(LISTED)).all(), total


def _of_alumnus(scene: Scene, tab: str, before: int) -> tuple[Sequence[Gig], int]:
    """What is for others is on nobody's board, unless they have answered it."""
    own = scene.reader.id if scene.reader else 0
    if tab == "mine":
        said = select(Stance.gig_id).where(Stance.person_id == own, Stance.attitude != Attitude.PASSED)
        return _page(scene.session, col(Gig.id).in_(said), before)
    newest = select(Gig).where(Gig.state == GigState.OPEN).order_by(col(Gig.id).desc()).limit(LOOKED_AT)
    found = stances.on_board(scene.session, scene.session.exec(newest).all(), own, scene.now)
    if tab == "for_me":
        offered = matching.offered(scene.session, own)
        found = [
            gig
            for gig in found
            if gig.named_id == own or matching.of(matching.wanted(scene.session, gig), offered).suits
        ]
    return found[before : before + LISTED], len(found)


def _lines(scene: Scene, gigs: Sequence[Gig], *, staff: bool) -> tuple[BoardLine, ...]:
    counts = _counts(scene.session, [gig.id or 0 for gig in gigs]) if staff else {}
    own = {} if staff or scene.reader is None else _own(scene.session, scene.reader.id, gigs)
    return tuple(
        BoardLine(
            id=gig.id or 0,
            title=gig.title,
            reward=gig.reward,
            place=gig.place,
            deadline=gig.deadline_on,
            interested=counts.get((gig.id or 0, Attitude.INTERESTED), 0),
            asked=counts.get((gig.id or 0, Attitude.ASKED), 0),
            state=gig.state,
            attitude=own[gig.id].attitude if gig.id in own else "",
            progress=own[gig.id].progress if gig.id in own else "",
            match=matching.of_reader(scene, gig),
        )
        for gig in gigs
    )


def _counts(session: CompanySession, ids: Sequence[int]) -> dict[tuple[int, str], int]:
    query = select(Stance.gig_id, Stance.attitude, func.count()).where(col(Stance.gig_id).in_(ids))
    rows = session.exec(query.group_by(col(Stance.gig_id), col(Stance.attitude))).all()
    return {(gig_id, attitude): number for gig_id, attitude, number in rows}


def _own(session: CompanySession, person_id: int, gigs: Sequence[Gig]) -> dict[int | None, Stance]:
    said = select(Stance).where(Stance.person_id == person_id, col(Stance.gig_id).in_([gig.id for gig in gigs]))
    return {stance.gig_id: stance for stance in session.exec(said)}


def _by_state(session: CompanySession) -> tuple[tuple[str, int], ...]:
    found = dict(session.exec(select(Gig.state, func.count()).group_by(Gig.state)).all())
    return tuple((state.value, found[state]) for state in GigState if state in found)


def board(turn: Turn) -> Answer:
    """`gigs`, with the name of a tab behind it, or a tab's or page's button."""
    page = texts.number(turn.args.get("page", "")) or 1
    tab = turn.args.get("tab") or _FOLDED.get(texts.folded(turn.args.get("text", "")), "open")
    known = tab if tab in (STATES if turn.is_staff else TABS) else "open"
    return Say(
        "board", {"board": {"tab": known, "page": min(page, 10_000)}}, in_place=turn.inbound.kind is Kind.PRESSED
    )
