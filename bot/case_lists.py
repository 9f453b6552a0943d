"""HR's list of cases, narrowed by words in either language: whose, in which state, about what, where, of whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import and_, case, col, func, or_, select

from bot import case_views, case_work, cases, desks, queries, texts, visibility
from bot.scene import Scene
from bot.turn import Answer, Say, Turn
from storage import search
from storage.db import CompanySession
from storage.tables import Audience, Case, CaseState, Desk, Gig, Person

LISTED = 4
"""Cases in one list: with "before" and "next", a Teams card has the six buttons that it may have."""

_WORDS: Mapping[str, tuple[str, ...]] = {
    "mine": ("mine", "自分", "担当"),
    "unassigned": ("unassigned", "未割当", "担当なし"),
    "open": ("open", "waiting", "未対応", "対応待ち"),
    "answered": ("answered", "返信済み", "返信済"),
    "closed": ("closed", "終了", "完了"),
    "snoozed": ("snoozed", "保留", "スヌーズ"),
    "late": ("late", "overdue", "期限切れ", "遅延"),
    "all": ("all", "すべて", "全部", "全て"),
    "gigs": ("gigs", "gig", "仕事", "募集"),
    "questions": ("questions", "question", "質問", "相談"),
}
_MEANING = {texts.folded(word): name for name, words in _WORDS.items() for word in words}


@dataclass(frozen=True, slots=True)
class CaseLine:
    id: int
    person: str
    title: str
    state: str
    assignee: str
    desk: str
    due: datetime | None
    overdue: bool
    snoozed_until: datetime | None


@dataclass(frozen=True, slots=True)
class CasesView:
    text: str
    cases: tuple[CaseLine, ...]
    total: int
    page: int
    pages: int


def list_(turn: Turn) -> Answer:
    """`cases mine`, `cases open gigs`, `cases 田中`: what is not closed, unless asked for; who waits comes first."""
    text = " ".join(turn.args.get("text", "").split())[: queries.LONGEST]
    page = texts.number(turn.args.get("page", "")) or 1
    asked = {"text": text, "page": min(page, 10_000), "by": turn.member.id}
    return case_work.in_desk(turn, Say("cases", {"cases": asked}, in_place=True))


def cases_view(scene: Scene, asked: Mapping[str, Any]) -> CasesView:
    where = _criteria(scene, asked["text"], asked["by"])
    total = scene.session.exec(select(func.count()).select_from(Case).where(*where)).one()
    pages = max(1, -(-total // LISTED))
    page = min(max(asked["page"], 1), pages)
    waits = case((col(Case.state) == CaseState.WAITING, 0), else_=1)
    undated = case((col(Case.answer_due_at).is_(None), 1), else_=0)
    order = waits, undated, col(Case.answer_due_at), col(Case.id)
    query = select(Case).where(*where).order_by(*order).offset((page - 1) * LISTED).limit(LISTED)
    lines = tuple(_line(scene, row) for row in scene.session.exec(query).all())
    return CasesView(asked["text"], lines, total, page, pages)


def _line(scene: Scene, row: Case) -> CaseLine:
    gig = scene.session.get(Gig, row.gig_id) if row.gig_id else None
    person = scene.session.get_one(Person, row.person_id)
    return CaseLine(
        id=row.id or 0,
        person=person.name,
        title=gig.title if gig else row.title,
        state=row.state,
        assignee=case_views.colleague(scene, row.assignee_id),
        desk=cases.named(scene.session, row.desk_id),
        due=row.answer_due_at,
        overdue=row.answer_due_at is not None and row.answer_due_at <= scene.now,
        snoozed_until=row.snoozed_until,
    )


def _criteria(scene: Scene, text: str, by: int) -> list[Any]:
    """What each word asks for, all of it at once. A desk's name may be of several words."""
    session, rest = scene.session, f" {texts.folded(text)} "
    found: list[Any] = []
    for desk in session.exec(select(Desk).where(Desk.name != "").order_by(func.length(Desk.name).desc())):
        if f" {texts.folded(desk.name)} " in rest:
            rest = rest.replace(f" {texts.folded(desk.name)} ", " ", 1)
            found.append(Case.desk_id == desk.id)
    meanings = [(word, _MEANING.get(word, "")) for word in rest.split()]
    topics = {texts.folded(topic): topic for topic in desks.topics(session)}
    for word, meaning in meanings:
        found.append(_meant(scene, meaning, by) if meaning else _named(session, word, topics))
    asked = {meaning for _, meaning in meanings}
    if not asked & {"closed", "all"}:
        found.append(Case.state != CaseState.CLOSED)
    if "open" in asked:
        found.append(or_(col(Case.snoozed_until).is_(None), col(Case.snoozed_until) <= scene.now))
    return found


def _meant(scene: Scene, meaning: str, by: int) -> Any:
    match meaning:
        case "mine":
            return Case.assignee_id == by
        case "unassigned":
            return col(Case.assignee_id).is_(None)
        case "open":
            return Case.state == CaseState.WAITING
        case "answered" | "closed":
            return Case.state == CaseState(meaning)
        case "snoozed":
            return col(Case.snoozed_until) > scene.now
        case "late":
            return and_(Case.state == CaseState.WAITING, col(Case.answer_due_at) <= scene.now)
        case "gigs":
            return col(Case.gig_id).is_not(None)
        case "questions":
            return col(Case.gig_id).is_(None)
        case _:
            return col(Case.id).is_not(None)


def _named(session: CompanySession, word: str, topics: Mapping[str, str]) -> Any:
    """A topic, else people: whoever wrote to HR is named to HR, and other spellings are those that `find` knows."""
    if word in topics:
        return Case.topic == topics[word]
    found = search.find(session, queries.parsed(word).words, visibility.Viewer(0, Audience.HR)).people
    named = select(Person.id).where(col(Person.name).icontains(word, autoescape=True))
    return or_(col(Case.person_id).in_(named), col(Case.person_id).in_([person.id for person in found]))
