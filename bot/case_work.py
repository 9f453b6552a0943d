"""What HR does with a case besides answering: assign, note, hand over, snooze, close, reopen.

Of two who do something at once one is first; the other is told, and may do theirs all the same.
"""

from datetime import datetime, timedelta

from sqlmodel import col, func, select

from bot import case_cards, cases, clock, desks, lines, promises, subjects, texts, working_time
from bot.privacy import privately
from bot.turn import Answer, Refresh, Say, Turn
from storage import ledger, people
from storage.db import CompanySession
from storage.ledger import Draft
from storage.tables import Case, CaseAction, CaseMessage, CaseState, Desk, PersonState, Role, Side

SNOOZES = ("hour", "tomorrow", "week")


def _unknown() -> Answer:
    return Say("case_unknown", notice=True)


def _shown(case: Case) -> Answer:
    return Refresh(Say("case_desk", {"case": case.id}))


def _overtaken(case: Case, since: str, did: str, **args: str) -> Answer:
    """Others were quicker: what they did, and a button to do it all the same."""
    return Say("case_meanwhile", {"meanwhile": since, "did": did, "assign_to": "", "desk_id": "", "until": "", **args})


def _since(turn: Turn, case: Case) -> str:
    since = cases.overtaken(turn, case)
    return "" if since is None else f"{case.id}-{since}"


def show(turn: Turn) -> Answer:
    case = cases.asked_for(turn)
    return in_desk(turn, Say(case_cards.TEMPLATE, case_cards.args(case))) if case else _unknown()


def in_desk(turn: Turn, answer: Say) -> Answer:
    """The answer where only HR reads: at a desk or in private; else as a message to the speaker alone."""
    place = Desk.address == turn.inbound.address, Desk.platform == turn.inbound.speaker.platform
    return answer if turn.session.exec(select(Desk.id).where(*place)).first() else privately(turn, answer)


def more(turn: Turn) -> Answer:
    """What is done less often."""
    case = cases.asked_for(turn)
    return Say("case_more", {"case": case.id}, in_place=True) if case else _unknown()


def choose_whom(turn: Turn) -> Answer:
    case, page = cases.asked_for(turn), _page(turn)
    asked = {"case": case.id, "page": page} if case else {}
    return Say("case_whom", {"case_assignees": asked}, in_place=True) if case else _unknown()


def choose_where(turn: Turn) -> Answer:
    case, page = cases.asked_for(turn), _page(turn)
    asked = {"case": case.id, "page": page} if case else {}
    return Say("case_where", {"case_desks": asked}, in_place=True) if case else _unknown()


def _page(turn: Turn) -> int:
    return min(texts.number(turn.args.get("page", "")) or 1, 1000)


def take(turn: Turn) -> Answer:
    return _assign(turn, turn.member.id)


def assign(turn: Turn) -> Answer:
    """To the one of HR that a button names; 0 to nobody."""
    number = texts.number(turn.args.get("whom", ""))
    return Say("button_old", notice=True) if number is None else _assign(turn, number or None)


def _assign(turn: Turn, whom: int | None) -> Answer:
    case = cases.asked_for(turn)
    if case is None:
        return _unknown()
    if case.assignee_id == whom:
        return _shown(case)
    if since := _since(turn, case):
        return _overtaken(case, since, "assign", assign_to=str(whom or 0))
    member = people.members(turn.session, [whom]).get(whom) if whom else None
    if whom and (member is None or member.state is not PersonState.ACTIVE or member.role is Role.ALUMNUS):
        return Say("case_not_hr", notice=True)
    case.assignee_id = whom
    cases.record(turn, case, CaseAction.ASSIGNED, whom=whom)
    place = promises.reach(turn.session, whom) if whom != turn.member.id else None
    if place is not None:
        told = Draft(
            cause=f"case:{case.id}:assigned:{case.revision}",
            template="case_assigned",
            args={"case": case.id},
            subject=subjects.case(case.id),
            **place,
        )
        ledger.enqueue(turn.session, [told], turn.now)
    return _shown(case)


def note(turn: Turn) -> Answer:
    """For the desk alone. It decides nothing, so that any number may write at once."""
    case = cases.asked_for(turn)
    if case is None:
        return _unknown()
    text = turn.values["text"]
    turn.session.add(
        CaseMessage(case_id=case.id or 0, side=Side.NOTE, author_id=turn.member.id, text=text, at=turn.now)
    )
    turn.session.flush()
    case_cards.show(turn.session, case.id, turn.now)
    return _shown(case)


def hand_over(turn: Turn) -> Answer:
    """Another desk has it from now on, and gets its card with what was said so far; nobody there is assigned yet."""
    case = cases.asked_for(turn)
    number = texts.number(turn.args.get("desk", ""))
    desk = turn.session.get(Desk, number) if number else None
    if case is None or desk is None:
        return _unknown() if case is None else Say("desk_unknown", notice=True)
    if case.desk_id == desk.id:
        return _shown(case)
    if since := _since(turn, case):
        return _overtaken(case, since, "hand_over", desk_id=str(desk.id))
    case.desk_id, case.assignee_id = desk.id, None
    cases.record(turn, case, CaseAction.MOVED, desk=desk.id)
    case_cards.show_everywhere(turn.session, case.id, turn.now)
    cases.post_card(turn.session, case, turn.company, turn.now, f"case:{case.id}:moved:{case.revision}")
    return _shown(case)


def snooze(turn: Turn) -> Answer:
    """The case is out of the way until then, or until the alumnus writes. What was promised to them still runs."""
    case = cases.asked_for(turn)
    until = turn.args.get("until", "")
    if case is None:
        return _unknown()
    if until not in SNOOZES:
        return Say("button_old", notice=True)
    if case.state is CaseState.CLOSED:
        return _shown(case)
    if since := _since(turn, case):
        return _overtaken(case, since, "snooze", until=until)
    case.snoozed_until = _until(turn, case, until)
    cases.record(turn, case, CaseAction.SNOOZED)
    return _shown(case)


def _until(turn: Turn, case: Case, until: str) -> datetime:
    desk = desks.of_case(turn.session, case, turn.now)
    if until == "hour" or desk is None:
        return turn.now + timedelta(hours=1)
    today = clock.today(turn.now, turn.company.timezone)
    day = today + timedelta(days=1 if until == "tomorrow" else 7)
    return working_time.next_opening(turn.now, desks.hours_of(turn.session, desk, turn.company), not_before=day)


def send_again(turn: Turn) -> Answer:
    """HR's own decision about answers of which nobody knows whether they arrived. Pressed twice, they go once."""
    case = cases.asked_for(turn)
    if case is None:
        return _unknown()
    ledger.queue_again(turn.session, lines.unclear(turn.session, case.id), turn.now)
    case_cards.show(turn.session, case.id, turn.now)
    return _shown(case)


def close(turn: Turn) -> Answer:
    """Nothing is left to do, until the alumnus writes again. Not over a message that is not on the pressed card."""
    case = cases.asked_for(turn)
    if case is None:
        return _unknown()
    since = _since(turn, case)
    if case.state is CaseState.CLOSED:
        return _overtaken(case, since, "") if since else _shown(case)
    seen, last = texts.number(turn.args.get("seen", "")), _last_words(turn.session, case)
    if since or (seen is not None and last > seen):
        card = turn.args.get("revision", "") if texts.number(turn.args.get("revision", "")) else str(case.revision)
        return _overtaken(case, f"{case.id}-{card}-{last if seen is None else seen}", "close")
    case.state, case.closed_at, case.snoozed_until = CaseState.CLOSED, turn.now, None
    promises.end(case)
    cases.record(turn, case, CaseAction.CLOSED)
    return _shown(case)


def _last_words(session: CompanySession, case: Case) -> int:
    said = CaseMessage.case_id == case.id, CaseMessage.side == Side.ALUMNUS
    return session.exec(select(func.max(CaseMessage.id)).where(*said)).one() or 0


def reopen(turn: Turn) -> Answer:
    """As it was: the last word says who waits. What was promised is over."""
    case = cases.asked_for(turn)
    if case is None:
        return _unknown()
    since = _since(turn, case)
    if case.state is not CaseState.CLOSED:
        return _overtaken(case, since, "") if since else _shown(case)
    said = CaseMessage.case_id == case.id, CaseMessage.side != Side.NOTE
    last = turn.session.exec(select(CaseMessage.side).where(*said).order_by(col(CaseMessage.id).desc())).first()
    case.state = CaseState.ANSWERED if last is Side.DESK else CaseState.WAITING
    case.closed_at = None
    cases.record(turn, case, CaseAction.REOPENED)
    return _shown(case)


def wake(session: CompanySession, now: datetime) -> int:
    """Show the cases again whose snooze is over; returns how many."""
    over = select(Case).where(Case.state != CaseState.CLOSED, col(Case.snoozed_until) <= now).order_by(col(Case.id))
    found = session.exec(over.with_for_update(skip_locked=True)).all()
    company = people.company(session)
    for case in found:
        cause = f"case:{case.id}:woke:{case.snoozed_until.isoformat() if case.snoozed_until else ''}"
        case.snoozed_until = None
        cases.post_card(session, case, company, now, cause)
        session.flush()
    return len(found)
