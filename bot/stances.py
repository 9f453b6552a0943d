"""What people have said to a gig, what has become of it, and how much of that HR is told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, literal
from sqlalchemy import select as columns
from sqlmodel import col, func, select

from bot import audiences, subjects
from storage import ledger
from storage.db import CompanySession
from storage.people import Member
from storage.prepared import Prepared
from storage.tables import Attitude, Gig, GigState, Progress, Role, Stance, table

UNPUBLISHED = (GigState.DRAFT, GigState.SCHEDULED, GigState.DISCARDED)
"""States in which HR alone knows of it."""
WITHDRAWN = "withdrawn"


def counts(session: CompanySession, gig_id: int | None) -> dict[str, int]:
    """How many people last said what."""
    rows = session.exec(select(Stance.attitude, func.count()).where(Stance.gig_id == gig_id).group_by(Stance.attitude))
    return dict(rows.all())


def may_see(session: CompanySession, gig: Gig, reader: Member | None, now: datetime) -> bool:
    """HR sees every gig; alumni those that are on their board, and what they have been written to about."""
    if reader is None or reader.role is not Role.ALUMNUS:
        return reader is not None
    if gig.state in UNPUBLISHED:
        return False
    return bool(on_board(session, [gig], reader.id, now)) or (
        ledger.offered_to(session, subjects.gig(gig.id), reader.id) is not None
    )


def on_board(session: CompanySession, gigs: Sequence[Gig], person_id: int, now: datetime) -> list[Gig]:
    """Those of these published gigs that the alumnus finds by themselves: what is in a channel, what is meant for them,
    and what they have answered."""
    said = select(Stance.gig_id).where(Stance.person_id == person_id, col(Stance.attitude) != Attitude.PASSED)
    answered = set(session.exec(said.where(col(Stance.gig_id).in_([gig.id for gig in gigs]))))
    asked = [gig for gig in gigs if not gig.channels and gig.id not in answered]
    meant = audiences.meant_for(session, asked, person_id, now)
    return [gig for gig in gigs if gig.channels or gig.id in answered or gig.id in meant]


def is_public(gig: Gig) -> bool:
    """Whether everybody may read it: it was posted in a channel for gigs, and is for nobody alone."""
    return bool(gig.channels) and gig.named_id is None and gig.state not in UNPUBLISHED


def told(stance: Stance | None) -> str:
    """A person's word, as HR reads it beside their name. A pass is never told: of somebody who had told HR of their
    interest that is withdrawn, and whoever only asked goes on having asked."""
    if stance is None:
        return ""
    if stance.attitude is not Attitude.PASSED:
        return stance.attitude.value
    return WITHDRAWN if stance.interested_at is not None else Attitude.ASKED.value


def in_talk(session: CompanySession, gig_id: int | None, person_id: int, now: datetime) -> None:
    """HR has answered them. What became of their interest since is left as it is."""
    session.flush()
    if gig_id is None or _RECEIVED.first(session, gig=gig_id, person=person_id) is None:
        return
    stance = session.get(Stance, (gig_id, person_id))
    if stance is not None and stance.progress is Progress.RECEIVED:
        move(session, stance, Progress.IN_TALK, now)


_S = table(Stance)
_RECEIVED = Prepared(
    lambda _: columns(literal(1)).where(
        _S.c.company_id == bindparam("company"),
        _S.c.gig_id == bindparam("gig"),
        _S.c.person_id == bindparam("person"),
        _S.c.progress == Progress.RECEIVED,
    )
)


def move(session: CompanySession, stance: Stance, progress: Progress, now: datetime) -> None:
    """The person's own copies say so too."""
    stance.progress = progress
    session.add(stance)
    session.flush()
    ledger.mark_stale(session, subjects.gig(stance.gig_id), now, person_id=stance.person_id)
