"""One alumnus and HR about one gig, or about something else: what either says reaches the other where they are."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy import select as columns
from sqlmodel import col, select

from bot import case_cards, desks, lines, promises, stances, subjects, texts
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import ledger, people
from storage.db import CompanySession
from storage.ledger import Draft
from storage.people import CompanyFacts
from storage.prepared import Prepared, as_object
from storage.tables import Case, CaseAction, CaseEvent, CaseState, Desk, Gig, Side, table


def held(session: CompanySession, case_id: int | None) -> Case | None:
    """The case as it is now, which nobody else who asks so changes until the transaction ends."""
    session.flush()
    row = _HELD.first(session, case=case_id)
    return None if row is None else as_object(session, Case, row)


_C = table(Case)
_HELD = Prepared(
    lambda _: (
        columns(*_C.c)
        .where(_C.c.company_id == bindparam("company"), _C.c.id == bindparam("case"))
        .with_for_update(key_share=True)
    )
)


def asked_for(turn: Turn) -> Case | None:
    """The held case that a button names."""
    number = texts.number(turn.args.get("case", ""))
    return None if number is None else held(turn.session, number)


# What the alumnus says


def _case_of(turn: Turn, gig: Gig) -> Case:
    people.held(turn.session, turn.member.id)  # the same, twice at once, is one case
    case_id = turn.session.exec(select(Case.id).where(Case.gig_id == gig.id, Case.person_id == turn.member.id)).first()
    case = held(turn.session, case_id) if case_id else None
    return case or Case(gig_id=gig.id, person_id=turn.member.id, created_at=turn.now)


def raise_interest(turn: Turn, gig: Gig) -> None:
    """HR gets the person's case; once, however often interest is shown."""
    case = _case_of(turn, gig)
    wait(turn.session, case, turn.company, turn.now)
    cause = f"case:{case.id}:interest"
    if ledger.caused(turn.session, cause) is None:
        post_card(turn.session, case, turn.company, turn.now, cause)
    else:
        case_cards.show(turn.session, case.id, turn.now)


def say_to_desk(turn: Turn, gig: Gig, text: str) -> None:
    """The alumnus's words become a new card of the case, and earlier cards show them too."""
    _add_words(turn, _case_of(turn, gig), text)


def passed_on(turn: Turn, gig: Gig) -> Answer:
    """What the alumnus is told then: by when they have an answer, where the desk promises that."""
    case_id = turn.session.exec(select(Case.id).where(Case.gig_id == gig.id, Case.person_id == turn.member.id)).one()
    return Say("question_passed_on", {"gig": gig.id, "promise": case_id}, notice=True, done=True)


def go_on(turn: Turn, case: Case, text: str) -> Answer:
    """The alumnus writes more on a case that is theirs, whatever it is about."""
    case = held(turn.session, case.id) or case
    _add_words(turn, case, text)
    return Say("case_passed_on", {"asked": case.id, "promise": case.id}, notice=True, done=True)


def open_about(turn: Turn, topic: str, text: str) -> Case | None:
    """A case about something else than a gig, with its first words; None where there is nobody to read it."""
    desk = desks.of_topic(turn.session, topic, turn.now)
    if desk is None:
        return None
    case = Case(
        person_id=turn.member.id,
        topic=topic,
        title=_first_words(text),
        desk_id=desk.id,
        created_at=turn.now,
    )
    _add_words(turn, case, text)
    return case


_TITLE = 40


def _first_words(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TITLE else f"{line[: _TITLE - 1]}…"


def _add_words(turn: Turn, case: Case, text: str) -> None:
    wait(turn.session, case, turn.company, turn.now)
    message = lines.spoken(turn, case.id or 0, Side.ALUMNUS, text)
    post_card(turn.session, case, turn.company, turn.now, subjects.case_message(case.id, message.id))


def wait(session: CompanySession, case: Case, company: CompanyFacts, now: datetime) -> None:
    """The case waits for its desk from now on, within what that promises. A snooze is over, a closed one is open."""
    case.state = CaseState.WAITING
    case.snoozed_until = case.closed_at = None
    session.add(case)
    session.flush()
    promises.begin(session, case, desks.of_case(session, case, now), company, now)
    session.add(case)
    session.flush()


def post_card(session: CompanySession, case: Case, company: CompanyFacts, now: datetime, cause: str) -> None:
    """A new card at the case's desk, which has the buttons from now on: under the gig, or under the case's first."""
    case_cards.show(session, case.id, now)
    desk = desks.of_case(session, case, now)
    if desk is None:
        return
    case.cards += 1
    session.add(case)
    first = f"case:{case.id}:at:{desk.id}"
    gig = ledger.caused(session, subjects.gig_desk(case.gig_id)) if case.gig_id else None
    above = gig if gig is not None and gig.address == desk.address else ledger.caused(session, first)
    draft = Draft(
        cause=cause if above else first,
        template=case_cards.TEMPLATE,
        args=case_cards.args(case),
        subject=subjects.case(case.id),
        thread_of=above.id if above else None,
        **desks.reach(desk, company),
    )
    ledger.enqueue(session, [draft], now)


def word_changed(turn: Turn, gig: Gig) -> None:
    """The speaker's case, if HR has one, shows what they last said."""
    query = select(Case.id).where(Case.gig_id == gig.id, Case.person_id == turn.member.id)
    for case_id in turn.session.exec(query):
        case_cards.show(turn.session, case_id, turn.now)


def reply(turn: Turn) -> Answer:
    """The alumnus goes on from a button below an answer."""
    case = asked_for(turn)
    if case is None or case.person_id != turn.member.id:
        return Say("case_unknown", notice=True)
    return go_on(turn, case, turn.values["text"])


# What HR answers


def answer(turn: Turn) -> Answer:
    """From the card. Where somebody else has done something with the case since the card was drawn, nothing is sent
    yet: what was typed is kept, beside what happened."""
    case = asked_for(turn)
    if case is None:
        return Say("case_unknown", notice=True)
    since = overtaken(turn, case)
    if since is not None:
        return Ask(
            "case.answer",
            {"case": str(case.id), "revision": str(case.revision), "meanwhile": f"{case.id}-{since}"},
            turn.values,
        )
    return answer_case(turn, case, turn.values["text"])


def answer_case(turn: Turn, case: Case, text: str) -> Answer:
    """HR's words, from the card or typed in its thread, go to the alumnus's thread under the gig. The case is held."""
    where = _alumnus_address(turn, case)
    if where is None:
        return Say("alumnus_unreachable", notice=True)
    case_id = case.id or 0
    (row,) = _ANSWERED.all(turn.session, case=case_id)
    case = as_object(turn.session, Case, row)
    _note(turn, case, CaseAction.ANSWERED)
    message = lines.spoken(turn, case_id, Side.DESK, text)
    turn.kept.extend((case, message))
    stances.in_talk(turn.session, case.gig_id, case.person_id, turn.now)
    ledger.enqueue(
        turn.session,
        [replace(where, cause=subjects.case_message(case_id, message.id), args={"answer": message.id})],
        turn.now,
    )
    return Refresh(Say("case_desk", {"case": case_id}))


def record(turn: Turn, case: Case, action: CaseAction, *, whom: int | None = None, desk: int | None = None) -> None:
    """The case is another revision from now on, and its cards show it."""
    case.revision += 1
    turn.session.add(case)
    _note(turn, case, action, whom=whom, desk=desk)


def _note(turn: Turn, case: Case, action: CaseAction, *, whom: int | None = None, desk: int | None = None) -> None:
    what = {"case_id": case.id, "revision": case.revision, "action": action, "whom_id": whom, "desk_id": desk}
    _EVENT.all(turn.session, **what, actor_id=turn.member.id, at=turn.now)
    case_cards.show(turn.session, case.id, turn.now)


def _answered(_: Any) -> Any:
    own = _C.c.company_id == bindparam("company"), _C.c.id == bindparam("case")
    ended = {"snoozed_until": None, "closed_at": None, **promises.OVER}
    answered: Any = update(_C).where(*own).values(state=CaseState.ANSWERED, revision=_C.c.revision + 1, **ended)
    return answered.returning(*_C.c)


_ANSWERED = Prepared(_answered)
_EVENT = Prepared(
    lambda insert: insert(table(CaseEvent)),
    ("company_id", "case_id", "revision", "action", "actor_id", "whom_id", "desk_id", "at"),
)


def overtaken(turn: Turn, case: Case) -> int | None:
    """The revision that the pressed card shows, where somebody else has done something with the case since."""
    shown = texts.number(turn.args.get("revision", ""))
    if shown is None or shown >= case.revision:
        return None
    since = CaseEvent.case_id == case.id, col(CaseEvent.revision) > shown, CaseEvent.actor_id != turn.member.id
    return shown if turn.session.exec(select(CaseEvent.id).where(*since)).first() is not None else None


def _alumnus_address(turn: Turn, case: Case) -> Draft | None:
    """A draft to the conversation that has the gig, or what became of a question, in its thread; else to the person's
    oldest account."""
    if case.gig_id:
        above = ledger.offered_to(turn.session, subjects.gig(case.gig_id), case.person_id)
    else:
        above = ledger.caused(turn.session, opened(case))
    if above is not None:
        there = {"platform": above.platform, "workspace": above.workspace, "address": above.address}
        to: dict[str, Any] | None = {"recipient": f"person:{case.person_id}", "person_id": case.person_id, **there}
    else:
        to = people.reach(turn.session, case.person_id)
    if to is None:
        return None
    return Draft(
        cause="",
        **to,
        template="case_answer",
        subject=subjects.case_alumnus(case.id),
        thread_of=above.id if above is not None else None,
    )


def opened(case: Case) -> str:
    """The cause of what tells an alumnus that their question was passed on."""
    return f"case:{case.id}:opened"


def waiting_case(turn: Turn, gig_id: int) -> Case | None:
    """The only case of the gig that waits for HR; None when there is none or more than one."""
    waiting = turn.session.exec(
        select(Case).where(Case.gig_id == gig_id, Case.state == CaseState.WAITING).limit(2)
    ).all()
    return held(turn.session, waiting[0].id) if len(waiting) == 1 else None


def named(session: CompanySession, desk_id: int | None) -> str:
    """The desk's name, empty where it has none."""
    desk = session.get(Desk, desk_id) if desk_id else None
    return desk.name if desk else ""
