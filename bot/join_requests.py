"""What has to be done to an account's row wherever the account becomes somebody's, or is forgotten."""

from datetime import datetime

from bot import subjects
from storage import conversations, forgetting, join_requests, ledger
from storage.db import CompanySession
from storage.tables import Account, JoinRequest, JoinState


def settle(session: CompanySession, account: Account, now: datetime, *, by: int | None = None) -> None:
    """The account is somebody's. Who has asked HR finds the answer on their card, and so does HR; of others nothing is
    kept."""
    row = join_requests.of_account(session, account.platform, account.workspace, account.external_id)
    if row is None:
        return
    if row.asked_at is None:
        session.delete(row)
        session.flush()
        return
    row.state, row.look_at, row.owed = JoinState.ADMITTED, None, False
    row.person_id, row.decided_by, row.decided_at = account.person_id, by, now
    session.add(row)
    session.flush()
    show_changes(session, row.id, now)


def show_changes(session: CompanySession, request_id: int | None, now: datetime) -> None:
    """HR's copies of the card, and the asker's."""
    ledger.mark_stale(session, subjects.joining(request_id), now)
    ledger.mark_stale(session, subjects.way_in(request_id), now)


def take_back_cards(session: CompanySession, row: JoinRequest, now: datetime) -> None:
    """HR's cards say that somebody was here, and no more who; those that have not left never do."""
    ledger.cancel_queued(session, subjects.joining(row.id), "withdrawn", now)
    forgetting.put_notice(session, forgetting.rows_about(session, [subjects.joining(row.id)], (), ()), now)
    ledger.have_work(session)


def clear(session: CompanySession, row: JoinRequest, now: datetime) -> None:
    """The request is over without an answer: what its owner wrote, and what their platform says, is forgotten."""
    row.state, row.looked_at, row.look_at = JoinState.MET, now, None
    for name in ("told_name", "told_email", "name", "email", "employee_number", "worked", "words"):
        setattr(row, name, "")
    session.add(row)
    session.flush()
    take_back_cards(session, row, now)
    show_changes(session, row.id, now)


def forget(session: CompanySession, row: JoinRequest, now: datetime) -> None:
    """The row goes, and where the account is nobody's, what the ledger knows of it too."""
    take_back_cards(session, row, now)
    if row.person_id is None:
        to = forgetting.rows_to(session, 0, {row.address, row.home} - {""})
        forgetting.drop(session, [delivery for delivery in to if forgetting.is_at_rest(delivery)])
        conversations.forget(session, [row.address])
    session.delete(row)
    session.flush()
