"""One alumnus and HR about one gig: what either says reaches the other where they are."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col, select

from bot import desk, stances, subjects, texts, visibility
from bot.scene import Scene
from bot.turn import Answer, Refresh, Say, Turn
from storage import ledger, people
from storage.ledger import Draft
from storage.tables import Audience, Case, CaseMessage, CaseState, Gig, GigState, Person, Side, Stance

REMEMBERED = 6
"""Messages that a case's card shows."""


@dataclass(frozen=True, slots=True)
class LineView:
    alumnus: bool
    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseView:
    id: int
    gig: int
    title: str
    gig_state: str
    person: str
    skills: str
    attitude: str
    state: str
    lines: tuple[LineView, ...]
    earlier: int
    note: str = ""
    when: str = ""
    """What they said along with their interest, and when they have time."""


def case_view(scene: Scene, case_id: int) -> CaseView:
    """Raises LookupError when there is no such case in the company."""
    case = scene.session.get(Case, case_id)
    gig = scene.session.get(Gig, case.gig_id) if case else None
    person = scene.session.get(Person, case.person_id) if case else None
    if case is None or gig is None or person is None:
        raise LookupError(f"no case {case_id}")
    stance = scene.session.get(Stance, (case.gig_id, case.person_id))
    messages = scene.session.exec(
        select(CaseMessage, Person)
        .join(Person, col(Person.id) == col(CaseMessage.author_id))
        .where(CaseMessage.case_id == case_id)
        .order_by(col(CaseMessage.id))
    ).all()
    lines = tuple(
        LineView(message.side is Side.ALUMNUS, author.name, message.text, message.at)
        for message, author in messages[-REMEMBERED:]
    )
    skills = _skills_for_hr(scene, case.person_id)
    return CaseView(
        id=case_id,
        gig=case.gig_id,
        title=gig.title,
        gig_state=gig.state,
        person=person.name,
        skills=texts.joined(skills, scene.locale),
        attitude=stances.told(stance),
        state=case.state,
        lines=lines,
        earlier=max(0, len(messages) - REMEMBERED),
        note=stance.note if stance else "",
        when=stance.availability if stance else "",
    )


def _skills_for_hr(scene: Scene, person_id: int) -> list[str]:
    """The case is there since its person wrote to HR: the name is shown even to whom they hide from."""
    shown = visibility.seen(scene.session, visibility.Viewer(0, Audience.HR), [person_id])
    return people.skills_of(scene.session, [person_id])[person_id] if shown.shows(person_id, "skills") else []


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What HR answered, as the alumnus reads it: from the company, not from one of its people."""

    text: str
    title: str
    gig: int
    gig_open: bool


def answer_view(scene: Scene, message_id: int) -> AnswerView:
    message = scene.session.get(CaseMessage, message_id)
    case = scene.session.get(Case, message.case_id) if message else None
    gig = scene.session.get(Gig, case.gig_id) if case else None
    if message is None or case is None or gig is None:
        raise LookupError(f"no case message {message_id}")
    return AnswerView(message.text, gig.title, case.gig_id, gig.state is GigState.OPEN)


def _case_of(turn: Turn, gig: Gig) -> Case:
    case = turn.session.exec(select(Case).where(Case.gig_id == gig.id, Case.person_id == turn.member.id)).first()
    if case is None:
        case = Case(gig_id=gig.id or 0, person_id=turn.member.id, created_at=turn.now)
    case.state = CaseState.WAITING
    turn.session.add(case)
    turn.session.flush()
    return case


def raise_interest(turn: Turn, gig: Gig) -> None:
    """HR gets the person's case; once, however often interest is shown."""
    case = _case_of(turn, gig)
    _card_to_desk(turn, gig, case, f"case:{case.id}:interest")


def say_to_desk(turn: Turn, gig: Gig, text: str) -> None:
    """The alumnus's words become a new card of the case, and earlier cards show them too."""
    case = _case_of(turn, gig)
    message = CaseMessage(case_id=case.id or 0, side=Side.ALUMNUS, author_id=turn.member.id, text=text, at=turn.now)
    turn.session.add(message)
    turn.session.flush()
    _card_to_desk(turn, gig, case, f"case:{case.id}:message:{message.id}")


def _card_to_desk(turn: Turn, gig: Gig, case: Case, cause: str) -> None:
    case_id = case.id or 0
    ledger.mark_stale(turn.session, subjects.case(case_id), turn.now)
    author = turn.session.get(Person, gig.author_id)
    posted = ledger.caused(turn.session, subjects.gig_desk(gig.id))
    draft = desk.draft(
        gig,
        locale=author.locale if author else turn.company.locale,
        cause=cause,
        template="case_desk",
        args={"case": case_id},
        subject=subjects.case(case_id),
        thread_of=posted.id if posted else None,
    )
    ledger.enqueue(turn.session, [draft], turn.now)


def answer(turn: Turn) -> Answer:
    case_id = texts.number(turn.args.get("case", ""))
    case = None if case_id is None else turn.session.get(Case, case_id)
    if case is None:
        return Say("case_unknown", notice=True)
    return answer_case(turn, case, turn.values["text"])


def answer_case(turn: Turn, case: Case, text: str) -> Answer:
    """HR's words, from the card or typed in its thread, go to the alumnus's thread under the gig."""
    where = _alumnus_address(turn, case)
    if where is None:
        return Say("alumnus_unreachable", notice=True)
    case_id = case.id or 0
    message = CaseMessage(case_id=case_id, side=Side.DESK, author_id=turn.member.id, text=text, at=turn.now)
    case.state = CaseState.ANSWERED
    turn.session.add(message)
    turn.session.add(case)
    turn.session.flush()
    ledger.enqueue(
        turn.session,
        [replace(where, cause=f"case:{case_id}:message:{message.id}", args={"answer": message.id})],
        turn.now,
    )
    ledger.mark_stale(turn.session, subjects.case(case_id), turn.now)
    stances.in_talk(turn.session, case.gig_id, case.person_id, turn.now)
    return Refresh(Say("case_desk", {"case": case_id}))


def _alumnus_address(turn: Turn, case: Case) -> Draft | None:
    """A draft to the conversation that has the gig, in its thread; else to the person's oldest account."""
    offer = ledger.offered_to(turn.session, subjects.gig(case.gig_id), case.person_id)
    accounts = [account for account in people.accounts_of(turn.session, case.person_id) if account.address]
    where = offer or next(iter(accounts), None)
    if where is None:
        return None
    return Draft(
        cause="",
        recipient=f"person:{case.person_id}",
        person_id=case.person_id,
        platform=where.platform,
        workspace=where.workspace,
        address=where.address,
        template="case_answer",
        subject=subjects.case_alumnus(case.id),
        thread_of=offer.id if offer is not None else None,
    )


def word_changed(turn: Turn, gig: Gig) -> None:
    """The speaker's case, if HR has one, shows what they last said."""
    query = select(Case.id).where(Case.gig_id == gig.id, Case.person_id == turn.member.id)
    for case_id in turn.session.exec(query):
        ledger.mark_stale(turn.session, subjects.case(case_id), turn.now)


def waiting_case(turn: Turn, gig_id: int) -> Case | None:
    """The only case of the gig that waits for HR; None when there is none or more than one."""
    waiting = turn.session.exec(
        select(Case).where(Case.gig_id == gig_id, Case.state == CaseState.WAITING).limit(2)
    ).all()
    return waiting[0] if len(waiting) == 1 else None
