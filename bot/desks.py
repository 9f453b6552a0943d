"""Where HR reads and answers: the conversations that are desks, what each promises, and which case comes to which."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import update
from sqlmodel import col, func, select

from bot import texts
from bot.cards import FieldKind
from bot.prompts import Question
from bot.scene import Scene
from bot.turn import Answer, Ask, Say, Turn
from bot.working_time import Hours
from storage import people
from storage.db import CompanySession
from storage.people import CompanyFacts
from storage.prepared import insert_of
from storage.tables import Case, CaseState, Company, Desk, Gig, table

NAME_LENGTH = 100
TOPIC_LENGTH = 40
MOST_HOURS = 400
"""Working hours that can be promised at most."""
LISTED = 4
"""Desks with a button in one list."""
QUESTIONS = (
    Question("name", max_length=NAME_LENGTH),
    Question("topics", FieldKind.TEXT, required=False, max_length=300),
    Question("hours", required=False, max_length=5),
    Question("opens", max_length=5),
    Question("closes", max_length=5),
    Question("is_default", FieldKind.CHOICE, required=False, max_length=20, choices=("yes",)),
)
FAULTS = frozenset({"topic_too_long", "not_hours", "not_a_time", "closes_too_early", "default_stays"})
"""Keys of sentences in prompts/*/errors.md.j2 that a desk's form may need."""

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


# Which desk


def at(session: CompanySession, platform: str, workspace: str, address: str, locale: str, now: datetime) -> Desk:
    """The desk that is that conversation; where it is none yet, it becomes one without a name."""
    place = {"platform": platform, "workspace": workspace, "address": address}
    made = {**place, "company_id": session.company_id, "name": "", "topics": "", "is_default": False, "locale": locale}
    made |= {"opens": "09:00", "closes": "18:00", "created_at": now}
    statement = insert_of(session.core.dialect.name)(table(Desk)).on_conflict_do_nothing(
        index_elements=["company_id", *place]
    )
    session.core.execute(statement, made)
    return session.exec(select(Desk).filter_by(**place)).one()


def of_gig(session: CompanySession, gig: Gig, now: datetime) -> Desk | None:
    """Where a gig's cases go; None where its desk has gone."""
    desk = session.get(Desk, gig.desk_id) if gig.desk_id else None
    if desk is None and gig.desk_address:
        author = people.members(session, [gig.author_id]).get(gig.author_id)
        locale = author.locale if author else ""
        desk = at(session, gig.desk_platform, gig.desk_workspace, gig.desk_address, locale, now)
        gig.desk_id = desk.id
        session.add(gig)
    return desk


def of_topic(session: CompanySession, topic: str, now: datetime) -> Desk | None:
    """The desk that takes the topic, else the default one, else the oldest; where there is none yet, the conversation
    of the first of HR. None where nobody of HR can be written to."""
    desks = _all(session)
    for desk in desks:
        if topic and texts.folded(topic) in map(texts.folded, texts.listed(desk.topics)):
            return desk
    if desks:
        return desks[0]
    for person, account in people.staff(session):
        return at(session, account.platform, account.workspace, account.address, person.locale, now)
    return None


def of_case(session: CompanySession, case: Case, now: datetime) -> Desk | None:
    """Where a case is worked on. One whose desk has gone goes to another, for good."""
    desk = session.get(Desk, case.desk_id) if case.desk_id else None
    if desk is None:
        gig = session.get(Gig, case.gig_id) if case.gig_id else None
        desk = of_gig(session, gig, now) if gig else None
        desk = desk or of_topic(session, case.topic, now)
        case.desk_id = desk.id if desk else None
        session.add(case)
    return desk


def _all(session: CompanySession) -> list[Desk]:
    """The default one first, then those that have a name, and each in the order in which they were made."""
    order = col(Desk.is_default).desc(), (col(Desk.name) == ""), col(Desk.id)
    return list(session.exec(select(Desk).order_by(*order)))


def topics(session: CompanySession) -> list[str]:
    """Every topic that some desk takes."""
    return texts.listed(",".join(desk.topics for desk in _all(session)))


def topic_in(session: CompanySession, text: str) -> tuple[str, str]:
    """The topic with which a text starts, where it starts with one and goes on after it; and the rest."""
    first, _, rest = text.partition(" ") if " " in text else text.partition("\u3000")
    for topic in topics(session):
        if rest.strip() and texts.folded(first.rstrip(":：")) == texts.folded(topic):
            return topic, rest.strip()
    return "", text


def reach(desk: Desk, company: CompanyFacts) -> dict[str, Any]:
    """Where a desk is written to, as a Draft has it."""
    return {
        "recipient": desk.address,
        "platform": desk.platform,
        "workspace": desk.workspace,
        "address": desk.address,
        "locale": desk.locale or company.locale,
    }


def hours_of(session: CompanySession, desk: Desk, company: CompanyFacts) -> Hours:
    country = session.get_one(Company, session.company_id).country
    opens, closes = (time.fromisoformat(at) for at in (desk.opens, desk.closes))
    return Hours(opens, closes, company.timezone, country)


# What HR sees of them


@dataclass(frozen=True, slots=True)
class DeskView:
    id: int
    name: str
    """Empty for one without a name."""
    topics: str
    is_default: bool
    hours: str
    """Working hours within which an answer is promised; empty where none is."""
    opens: str
    closes: str
    zone: str
    waiting: int
    here: bool = False
    platform: str = ""


@dataclass(frozen=True, slots=True)
class DesksView:
    desks: tuple[DeskView, ...]
    page: int
    pages: int


def as_hours(minutes: int | None) -> str:
    """`90` is 1.5, and None nothing."""
    return "" if minutes is None else f"{minutes / 60:g}"


def desk_view(scene: Scene, desk_id: int | str) -> DeskView:
    """Raises LookupError when there is no such desk (any more)."""
    number = texts.number(str(desk_id))
    desk = scene.session.get(Desk, number) if number is not None else None
    if desk is None:
        raise LookupError(f"no desk {desk_id}")
    waits = Case.desk_id == desk.id, Case.state == CaseState.WAITING
    waiting = scene.session.exec(select(func.count()).select_from(Case).where(*waits)).one()
    return DeskView(
        id=desk.id or 0,
        name=desk.name,
        topics=texts.joined(texts.listed(desk.topics), scene.locale),
        is_default=desk.is_default,
        hours=as_hours(desk.promised_minutes),
        opens=desk.opens,
        closes=desk.closes,
        zone=scene.company.timezone,
        waiting=waiting,
        platform=desk.platform.capitalize(),
    )


def desks_view(scene: Scene, page: int) -> DesksView:
    found = _all(scene.session)
    pages = max(1, -(-len(found) // LISTED))
    page = min(max(page, 1), pages)
    shown = found[(page - 1) * LISTED : page * LISTED]
    return DesksView(tuple(desk_view(scene, desk.id or 0) for desk in shown), page, pages)


# What HR does with them


def list_(turn: Turn) -> Answer:
    page = texts.number(turn.args.get("page", "")) or 1
    return Say("desks", {"desks": min(page, 1000)}, in_place=True)


def add(turn: Turn) -> Answer:
    """The conversation in which it is said is a desk of that name from now on; one that is a desk is renamed."""
    name = " ".join(turn.args.get("text", "").split())
    if texts.is_blank(name) or len(name) > NAME_LENGTH:
        return Say("desk_name", {"limit": NAME_LENGTH}, notice=True)
    speaker = turn.inbound.speaker
    people.hold_company(turn.session)
    desk = at(turn.session, speaker.platform, speaker.workspace, turn.inbound.address, turn.locale, turn.now)
    desk.name = name
    desk.is_default = desk.is_default or not turn.session.exec(select(Desk.id).where(Desk.is_default)).first()
    turn.session.add(desk)
    turn.session.flush()
    return Say("desk", {"desk": desk.id})


def edit(turn: Turn) -> Answer:
    """The form of the desk that a button names, or of the one in which it is typed; and what was filled in there."""
    desk = _meant(turn)
    if desk is None:
        return Say("desk_unknown", notice=True)
    args = {"desk": str(desk.id)}
    if not turn.values:
        filled = {
            "name": desk.name,
            "topics": texts.joined(texts.listed(desk.topics), turn.locale),
            "hours": as_hours(desk.promised_minutes),
            "opens": desk.opens,
            "closes": desk.closes,
            "is_default": "yes" if desk.is_default else "",
        }
        return Ask("desk.edit", args, filled)
    faults = _faults(desk, turn.values)
    if faults:
        return Ask("desk.edit", args, turn.values, faults)
    _store(turn, desk, turn.values)
    return Say("desk", {"desk": desk.id})


def _faults(desk: Desk, values: Mapping[str, str]) -> dict[str, str]:
    faults: dict[str, str] = {}
    if any(len(topic) > TOPIC_LENGTH for topic in texts.listed(values["topics"])):
        faults["topics"] = "topic_too_long"
    if values["hours"] and _minutes(values["hours"]) is None:
        faults["hours"] = "not_hours"
    times = {name: _time(values[name]) for name in ("opens", "closes")}
    faults |= {name: "not_a_time" for name, at in times.items() if at is None}
    if not faults.keys() & times.keys() and (times["closes"] or "") <= (times["opens"] or ""):
        faults["closes"] = "closes_too_early"
    if desk.is_default and not values["is_default"]:
        faults["is_default"] = "default_stays"
    return faults


def _minutes(hours: str) -> int | None:
    """Of `8`, `1.5` and full-width digits; None for what is no number of hours from half an hour on."""
    found = re.fullmatch(r"(\d{1,3})(?:\.(\d))?", texts.folded(hours), re.ASCII)
    minutes = round(float(found[0]) * 60) if found else 0
    return minutes if 30 <= minutes <= MOST_HOURS * 60 else None


def _time(typed: str) -> str | None:
    found = _TIME.fullmatch(texts.folded(typed))
    return f"{int(found[1]):02}:{found[2]}" if found else None


def _store(turn: Turn, desk: Desk, values: Mapping[str, str]) -> None:
    people.hold_company(turn.session)
    if values["is_default"] and not desk.is_default:
        turn.session.core.execute(
            update(table(Desk)).where(table(Desk).c.company_id == turn.session.company_id).values(is_default=False)
        )
        turn.session.expire_all()
        desk.is_default = True
    desk.name, desk.topics = values["name"], ",".join(texts.listed(values["topics"]))
    desk.promised_minutes = _minutes(values["hours"]) if values["hours"] else None
    desk.opens, desk.closes = _time(values["opens"]) or desk.opens, _time(values["closes"]) or desk.closes
    turn.session.add(desk)
    turn.session.flush()


def _meant(turn: Turn) -> Desk | None:
    """The desk that a button names; else the one that is this conversation."""
    if number := texts.number(turn.args.get("desk", "")):
        return turn.session.get(Desk, number)
    speaker = turn.inbound.speaker
    place = {"platform": speaker.platform, "workspace": speaker.workspace, "address": turn.inbound.address}
    return turn.session.exec(select(Desk).filter_by(**place)).first()


def remove(turn: Turn) -> Answer:
    """The conversation is no desk any more. Refused for the default one, and while somebody waits there or may come
    back to it: cases go to another desk first."""
    desk = _meant(turn)
    if desk is None:
        return Say("desk_unknown", notice=True)
    people.hold_company(turn.session)
    still_open = Case.desk_id == desk.id, Case.state != CaseState.CLOSED
    cases = turn.session.exec(select(func.count()).select_from(Case).where(*still_open)).one()
    if desk.is_default or cases:
        return Say("desk_stays", {"desk": desk.id, "left": cases}, notice=True)
    name = desk.name
    turn.session.delete(desk)
    turn.session.flush()
    return Say("desk_removed", {"name": name})
