"""What people have said to a gig, what has become of it, and how much of that HR is told."""

from datetime import datetime

from sqlmodel import func, select

from bot import subjects
from storage import ledger
from storage.db import CompanySession
from storage.people import Member
from storage.tables import Attitude, Gig, GigState, Progress, Role, Stance

UNPUBLISHED = (GigState.DRAFT, GigState.SCHEDULED, GigState.DISCARDED)
"""States in which HR alone knows of it."""
WITHDRAWN = "withdrawn"


def counts(session: CompanySession, gig_id: int | None) -> dict[str, int]:
    """How many people last said what."""
    rows = session.exec(select(Stance.attitude, func.count()).where(Stance.gig_id == gig_id).group_by(Stance.attitude))
    return dict(rows.all())


def may_see(gig: Gig, reader: Member | None) -> bool:
    """HR sees every gig; others what is published, and what is for one person alone only where that is they."""
    if reader is not None and reader.role is not Role.ALUMNUS:
        return True
    for_them = gig.named_id is None or bool(gig.channel) or (reader is not None and gig.named_id == reader.id)
    return for_them and gig.state not in UNPUBLISHED


def is_public(gig: Gig) -> bool:
    """Whether everybody may read it: it was posted in the channel for gigs, and is for nobody alone."""
    return bool(gig.channel) and gig.named_id is None and gig.state not in UNPUBLISHED


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
    stance = session.get(Stance, (gig_id, person_id)) if gig_id is not None else None
    if stance is not None and stance.progress is Progress.RECEIVED:
        move(session, stance, Progress.IN_TALK, now)


def move(session: CompanySession, stance: Stance, progress: Progress, now: datetime) -> None:
    """The person's own copies say so too."""
    stance.progress = progress
    session.add(stance)
    session.flush()
    ledger.mark_stale(session, subjects.gig(stance.gig_id), now, person_id=stance.person_id)
