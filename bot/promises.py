"""The time within which a desk promises an answer: told to the alumnus, and to HR before and after it is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_datetime
from sqlmodel import col, func, or_, select

from bot import clock, desks, subjects, working_time
from bot.scene import Scene
from storage import ledger, people
from storage.db import CompanySession
from storage.ledger import Draft
from storage.people import CompanyFacts
from storage.tables import Case, CaseState, Desk, PersonState, Role

EARLY = 0.75
"""The desk is reminded when so much of the time has passed."""


@dataclass(frozen=True, slots=True)
class PromiseView:
    """What an alumnus is told. `due` is None where nothing was promised; `by` says it where only characters are
    shown, in the company's zone."""

    hours: str
    due: datetime | None
    by: str


def promise_view(scene: Scene, case_id: int) -> PromiseView:
    case = scene.session.get(Case, case_id)
    desk = scene.session.get(Desk, case.desk_id) if case and case.desk_id else None
    if case is None or desk is None or case.answer_due_at is None:
        return PromiseView("", None, "")
    there = case.answer_due_at.astimezone(clock.zone(scene.company.timezone))
    pattern = "M月d日(E) HH:mm" if scene.locale == "ja" else "EEE d MMM HH:mm"
    by = f"{format_datetime(there, pattern, locale=scene.locale)} ({scene.company.timezone})"
    return PromiseView(desks.as_hours(desk.promised_minutes), case.answer_due_at, by)


def begin(session: CompanySession, case: Case, desk: Desk | None, company: CompanyFacts, now: datetime) -> None:
    """Somebody waits from now on. Who waits already goes on waiting for what they were promised first."""
    if case.answer_due_at is not None or desk is None or desk.promised_minutes is None:
        return
    hours = desks.hours_of(session, desk, company)
    case.answer_due_at = working_time.add(now, desk.promised_minutes, hours)
    case.nudge_at = working_time.add(now, desk.promised_minutes * EARLY, hours)


OVER: Mapping[str, None] = dict.fromkeys(("answer_due_at", "nudge_at"))
"""What a case's row says of it where nobody waits any more."""


def end(case: Case) -> None:
    for name, value in OVER.items():
        setattr(case, name, value)


def nudge(session: CompanySession, now: datetime) -> int:
    """Remind of cases that wait: once before the promised time is over and once after, however long nobody looked.
    Returns how many."""
    awake = or_(col(Case.snoozed_until).is_(None), col(Case.snoozed_until) <= now)
    due = select(Case).where(Case.state == CaseState.WAITING, col(Case.nudge_at) <= now, awake).order_by(col(Case.id))
    company = people.company(session)
    cases = session.exec(due.with_for_update(skip_locked=True)).all()
    for case in cases:
        late = case.answer_due_at is None or case.answer_due_at <= now
        draft = _draft(session, case, company, now, late=late)
        case.nudge_at = None if late else case.answer_due_at
        session.add(case)
        if draft is not None:
            ledger.enqueue(session, [draft], now)
    session.flush()
    return len(cases)


def _draft(session: CompanySession, case: Case, company: CompanyFacts, now: datetime, *, late: bool) -> Draft | None:
    """To whom the case is assigned, in their own conversation; else to the desk."""
    desk = desks.of_case(session, case, now)
    place = reach(session, case.assignee_id) or (desks.reach(desk, company) if desk else None)
    if place is None:
        return None
    due = case.answer_due_at.isoformat() if case.answer_due_at else ""
    return Draft(
        cause=f"case:{case.id}:nudge:{due}:{'late' if late else 'early'}",
        template="case_nudge",
        args={"case": case.id, "late": late, "due": due},
        subject=subjects.case(case.id),
        **place,
    )


def reach(session: CompanySession, person_id: int | None) -> dict[str, Any] | None:
    """Where one of HR is written to alone, as a Draft has it; None where they cannot be, or are none of HR any more."""
    member = people.members(session, [person_id]).get(person_id) if person_id else None
    if member is None or member.state is not PersonState.ACTIVE or member.role is Role.ALUMNUS:
        return None
    reach = people.reach(session, member.id)
    return None if reach is None else {**reach, "locale": member.locale}


def no_longer_needed(session: CompanySession, args: Mapping[str, Any]) -> str:
    """Why a reminder should not be sent any more, empty when it should."""
    case = session.get(Case, args["case"])
    if case is None or case.state is not CaseState.WAITING:
        return f"case_{case.state if case else 'unknown'}"
    due = case.answer_due_at.isoformat() if case.answer_due_at else ""
    return "" if due == args["due"] else "case_answered"


def next_due(session: CompanySession) -> datetime | None:
    """When the next reminder is due, or the next snooze over."""
    nudged = select(func.min(Case.nudge_at)).where(Case.state == CaseState.WAITING)
    snoozed = select(func.min(Case.snoozed_until)).where(Case.state != CaseState.CLOSED)
    return min((moment for query in (nudged, snoozed) if (moment := session.exec(query).one())), default=None)
