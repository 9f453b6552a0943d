"""Accounts that are nobody's yet, looked up and held."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select, update

from storage.db import CompanySession
from storage.prepared import insert_of
from storage.tables import JoinRequest, JoinState, table

_T = table(JoinRequest)


def of_account(session: CompanySession, platform: str, workspace: str, external_id: str) -> JoinRequest | None:
    """The account's row, which nobody else who asks so changes until the transaction ends."""
    query = select(JoinRequest).where(
        JoinRequest.platform == platform,
        JoinRequest.workspace == workspace,
        JoinRequest.external_id == external_id,
    )
    return session.exec(query.with_for_update(key_share=True)).first()


def held(session: CompanySession, request_id: int | None) -> JoinRequest | None:
    """The row of that number, held as by `of_account`."""
    query = select(JoinRequest).where(JoinRequest.id == request_id)
    return session.exec(query.with_for_update(key_share=True)).first()


def keep(session: CompanySession, account: Mapping[str, Any], now: datetime) -> None:
    """A row for the account, if it has none: of two at once the second finds the first's."""
    blank = JoinRequest(**account, created_at=now, look_at=now).model_dump(exclude={"id", "company_id"})
    row = {**blank, "company_id": session.company_id}
    session.core.execute(insert_of(session.core.dialect.name)(_T).values(**row).on_conflict_do_nothing())


_WANTED = "join_requests.wanted"


def want(session: CompanySession) -> None:
    """A platform is to be asked as soon as this is committed."""
    session.info[_WANTED] = True


def is_wanted(session: CompanySession) -> bool:
    return _WANTED in session.info


def waiting(session: CompanySession) -> int:
    """How many wait for HR."""
    return session.exec(select(func.count()).select_from(JoinRequest).where(JoinRequest.state == JoinState.ASKED)).one()


def of_person(session: CompanySession, person_id: int, accounts: Sequence[tuple[str, str, str]]) -> list[JoinRequest]:
    """What is there of a person, by whom they turned out to be and by their accounts."""
    found = {row.id: row for row in session.exec(select(JoinRequest).where(JoinRequest.person_id == person_id))}
    for platform, workspace, external_id in accounts:
        row = of_account(session, platform, workspace, external_id)
        if row is not None:
            found[row.id] = row
    return list(found.values())


def forget_decider(session: CompanySession, person_id: int) -> None:
    """Somebody of HR is erased: who decided is not known any more."""
    session.exec(update(JoinRequest).where(col(JoinRequest.decided_by) == person_id).values(decided_by=None))


# For the installation, which asks the platforms


def claim(
    session: CompanySession, now: datetime, lease_until: datetime, platforms: Sequence[str], limit: int
) -> list[JoinRequest]:
    """Accounts whose profiles are to be asked for now; nobody else asks for them before `lease_until`."""
    due = (
        select(JoinRequest)
        .where(col(JoinRequest.look_at) <= now, col(JoinRequest.platform).in_(platforms))
        .order_by(col(JoinRequest.look_at), col(JoinRequest.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list(session.exec(due))
    for row in rows:
        row.look_at, row.looks = lease_until, row.looks + 1
        session.add(row)
    session.flush()
    return rows


def look_again(session: CompanySession, request_id: int, at: datetime) -> None:
    """The look-up did not work; it is tried again then."""
    still = _T.c.id == request_id, _T.c.look_at.is_not(None)
    session.core.execute(_T.update().where(*still).values(look_at=at))


def park(session: CompanySession, request_id: int, platform: str, workspace: str, until: datetime) -> None:
    """The platform said "slow down": nobody of the workspace is looked up before then, and this attempt did not
    count."""
    still = _T.c.id == request_id, _T.c.look_at.is_not(None), _T.c.looks > 0
    session.core.execute(_T.update().where(*still).values(looks=_T.c.looks - 1, look_at=until))
    early = _T.c.platform == platform, _T.c.workspace == workspace, _T.c.look_at < until
    session.core.execute(_T.update().where(*early).values(look_at=until))
