"""Undoing "filled": for a while a gig can be opened again, and whoever was told that it had ended is told that too."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select

from bot import stances, subjects, texts
from bot.turn import Answer, Refresh, Say, Turn
from storage import ledger
from storage.commissions import held_gig
from storage.db import CompanySession
from storage.ledger import DeliveryRow, Draft
from storage.tables import Case, CaseAction, CaseEvent, DeliveryState, Gig, GigState, Progress, Stance

WITHIN = timedelta(days=7)
_REACHED = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNCONFIRMED)
"""Of a message that may be on its reader's screen."""


def until(gig: Gig, now: datetime) -> datetime | None:
    """Until when it can be opened again; None when it cannot (any more)."""
    if gig.state is not GigState.FILLED or gig.closed_at is None:
        return None
    end = gig.closed_at + WITHIN
    end = min(end, gig.deadline_at) if gig.deadline_at else end
    return end if end > now else None


def reopen(turn: Turn) -> Answer:
    """Of two who press at once the second sees that it is open."""
    number = texts.number(turn.args.get("gig", ""))
    gig = held_gig(turn.session, number) if number is not None else None
    if gig is None or gig.state in stances.UNPUBLISHED:
        return Say("gig_unknown", notice=True)
    if gig.state is not GigState.OPEN:
        if until(gig, turn.now) is None:
            return Say("gig_not_reopened", {"gig": gig.id, "days": WITHIN.days}, notice=True)
        _open_again(turn.session, gig, turn.now)
    return Refresh(Say("gig_desk", {"gig": gig.id}))


def _open_again(session: CompanySession, gig: Gig, now: datetime) -> None:
    """Every copy is open again. Offers that the end has held back go out, and thanks that have not left yet do not."""
    thanks = subjects.gig_end(gig.id, gig.reopened, "thanks")
    gig.state, gig.closed_at, gig.reopened = GigState.OPEN, None, gig.reopened + 1
    session.add(gig)
    session.flush()
    ledger.cancel_caused(session, thanks, "gig_open", now)
    ledger.offer_again(session, subjects.gig(gig.id), f"gig_{GigState.FILLED}", now)
    _wait_again(session, gig)
    ledger.mark_stale(session, subjects.gig(gig.id), now)
    ledger.mark_stale(session, subjects.gig_desk(gig.id), now)
    for case_id in session.exec(select(Case.id).where(Case.gig_id == gig.id)):
        ledger.mark_stale(session, subjects.case(case_id), now)
    told = [row for row in ledger.caused_by(session, [thanks]) if row.state in _REACHED]
    ledger.enqueue(session, [word(gig, row, row.thread_of) for row in told], now)


def _wait_again(session: CompanySession, gig: Gig) -> None:
    """Whoever was thanked waits for HR again, or is in talk with them where HR has answered."""
    answered = set(
        session.exec(
            select(Case.person_id)
            .join(CaseEvent, col(CaseEvent.case_id) == col(Case.id))
            .where(Case.gig_id == gig.id, CaseEvent.action == CaseAction.ANSWERED)
        )
    )
    thanked = select(Stance).where(Stance.gig_id == gig.id, Stance.progress == Progress.THANKED)
    for stance in session.exec(thanked).all():
        stance.progress = Progress.IN_TALK if stance.person_id in answered else Progress.RECEIVED
        session.add(stance)
    session.flush()


def word(gig: Gig, row: DeliveryRow, thread_of: int | None) -> Draft:
    """That it is open again, to whom `row` went."""
    return Draft(
        cause=subjects.gig_end(gig.id, gig.reopened, "reopened"),
        recipient=row.recipient,
        person_id=row.person_id,
        platform=row.platform,
        workspace=row.workspace,
        address=row.address,
        template="gig_reopened",
        args={"gig": gig.id},
        subject=row.subject if subjects.is_case(row.subject) else None,
        thread_of=thread_of,
    )


def told_of_end(session: CompanySession, gig: Gig, recipient: str) -> bool:
    """Whether they were told, below a copy that could not be edited, that it was filled the last time."""
    end = subjects.gig_end(gig.id, gig.reopened - 1, GigState.FILLED)
    return any(row.recipient == recipient and row.state in _REACHED for row in ledger.caused_by(session, [end]))


def unheard(session: CompanySession, gig: Gig, now: datetime) -> Sequence[int | None]:
    """It ends once more before some have heard that it was open again: they are not told of either."""
    cause = subjects.gig_end(gig.id, gig.reopened, "reopened")
    ledger.cancel_caused(session, cause, f"gig_{gig.state}", now)
    return [row.person_id for row in ledger.caused_by(session, [cause]) if row.state is DeliveryState.CANCELLED]
