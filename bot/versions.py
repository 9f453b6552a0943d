"""What a gig says, and has said: each version is kept word by word, and whoever answered is told what changed."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlmodel import col, select

from bot import lint, reopening, subjects, texts, wording
from bot.scene import Scene
from storage import ledger, people
from storage.db import CompanySession
from storage.ledger import DeliveryRow, Draft
from storage.tables import Attitude, Gig, GigState, GigVersion, Stance

SHORT = 300
"""Of a longer text a notice says only that it has changed: the card itself shows it."""


def content_of(gig: Gig) -> dict[str, str]:
    """What the gig says, by item; without what was not given."""
    told = {
        "title": gig.title,
        "work": gig.work,
        "reward": gig.reward,
        "place": gig.place,
        "skills": gig.skills,
        "places": str(gig.places),
        "deadline": gig.deadline_on.isoformat() if gig.deadline_on else "",
    }
    told |= {item: gig.terms.get(item, "") for item in lint.TERMS}
    return {item: text for item, text in told.items() if text}


def mark(gig: Gig) -> str:
    """A short sign of what the gig says now: another one when somebody has changed it meanwhile."""
    told = [content_of(gig), gig.audience, gig.named_id, gig.channels]
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def keep(session: CompanySession, gig: Gig, changed: Sequence[str], author_id: int, now: datetime) -> None:
    """Write down what the gig says from now on, under its present version."""
    row = GigVersion(
        gig_id=gig.id or 0,
        version=gig.version,
        at=now,
        author_id=author_id,
        content=content_of(gig),
        changed=list(changed),
        audience=_audience_of(gig),
    )
    session.add(row)
    session.flush()


def _audience_of(gig: Gig) -> dict[str, Any]:
    """For whom it is; of one named person only that it is one, since what is kept here nobody erases."""
    return {
        **({"named": True} if gig.named_id is not None else gig.audience),
        **({"channels": [one["name"] for one in gig.channels]} if gig.channels else {}),
    }


def next_one(session: CompanySession, gig: Gig, changed: Sequence[str], author_id: int, now: datetime) -> None:
    """An open gig says something else from now on, or is for others: every copy on either platform shows its version,
    and whoever is interested or has asked is told what changed, where it says something else."""
    gig.version += 1
    session.add(gig)
    session.flush()
    keep(session, gig, changed, author_id, now)
    ledger.mark_stale(session, subjects.gig(gig.id), now)
    ledger.mark_stale(session, subjects.gig_desk(gig.id), now)
    if not changed:
        return
    answered = select(Stance.person_id).where(Stance.gig_id == gig.id, col(Stance.attitude) != Attitude.PASSED)
    _tell(session, gig, session.exec(answered.order_by(col(Stance.person_id))).all(), now)


def _tell(session: CompanySession, gig: Gig, person_ids: Iterable[int], now: datetime) -> None:
    drafts = (_notice(session, gig, person_id) for person_id in person_ids)
    ledger.enqueue(session, [draft for draft in drafts if draft is not None], now)


def _notice(session: CompanySession, gig: Gig, person_id: int) -> Draft | None:
    """A short word under the person's copy, once a version; None where they cannot be reached."""
    offer = ledger.offered_to(session, subjects.gig(gig.id), person_id)
    accounts = [account for account in people.accounts_of(session, person_id) if account.address]
    where = offer or next(iter(accounts), None)
    if where is None:
        return None
    thread = offer.id if offer is not None and offer.ref else None
    to = f"person:{person_id}", person_id, where.platform, where.workspace, where.address
    return _worded(gig, gig.version, *to, thread)


def _worded(
    gig: Gig,
    version: int,
    recipient: str,
    person_id: int | None,
    platform: str,
    workspace: str,
    address: str,
    thread: int | None,
) -> Draft:
    is_open = gig.state is GigState.OPEN
    return Draft(
        cause=f"gig:{gig.id}:version:{version}" if is_open else subjects.gig_end(gig.id, gig.reopened, gig.state),
        recipient=recipient,
        person_id=person_id,
        platform=platform,
        workspace=workspace,
        address=address,
        template="gig_changed" if is_open else "gig_closed",
        args={"change": f"{gig.id}-{version}"} if is_open else {"gig": gig.id},
        thread_of=thread,
    )


def follow_up(session: CompanySession, row: DeliveryRow, now: datetime) -> None:
    """A copy of an offer cannot be edited any more (not: is gone, which its reader has seen to): what it does not show
    is said below it, once for a version, once for the end, and once when that is undone."""
    if row.template != "gig_offer" or row.subject != subjects.gig(row.args.get("gig")):
        return
    gig = session.get(Gig, row.args["gig"])
    if gig is None:
        return
    if gig.state is GigState.OPEN and gig.reopened and reopening.told_of_end(session, gig, row.recipient):
        ledger.enqueue(session, [reopening.word(gig, row, row.id)], now)
    version = _last_said(session, gig)
    if gig.state is GigState.OPEN and version == 1:
        return
    draft = _worded(gig, version, row.recipient, row.person_id, row.platform, row.workspace, row.address, row.id)
    ledger.enqueue(session, [draft], now)


def _last_said(session: CompanySession, gig: Gig) -> int:
    """The newest version that says something else than the one before."""
    kept = select(GigVersion).where(GigVersion.gig_id == gig.id).order_by(col(GigVersion.version).desc())
    return next((row.version for row in session.exec(kept) if row.changed), 1)


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """`before` and `after` are empty where the text is too long for a notice, and where there was none."""

    item: str
    before: str
    after: str
    long: bool


@dataclass(frozen=True, slots=True)
class ChangeView:
    gig: int
    title: str
    version: int
    at: datetime
    open: bool
    lines: tuple[ChangedLine, ...]


def change_view(scene: Scene, change: str) -> ChangeView:
    """What version `change` (`12-2`) of a gig changed. LookupError when there is none."""
    gig_id, _, number = change.partition("-")
    version = texts.number(number) or 0
    kept = [scene.session.get(GigVersion, (texts.number(gig_id) or 0, one)) for one in (version - 1, version)]
    gig = scene.session.get(Gig, texts.number(gig_id) or 0)
    now = kept[1]
    if gig is None or now is None:
        raise LookupError(f"no change {change}")
    before = kept[0].content if kept[0] else {}
    lines = (_line(item, before.get(item, ""), now.content.get(item, ""), scene.locale) for item in now.changed)
    title = now.content.get("title", gig.title)
    return ChangeView(gig.id or 0, title, version, now.at, gig.state is GigState.OPEN, tuple(lines))


def _line(item: str, before: str, after: str, locale: str) -> ChangedLine:
    if max(len(before), len(after)) > SHORT:
        return ChangedLine(item, "", "", long=True)
    words = [wording.value(item, text, locale) if text else "" for text in (before, after)]
    return ChangedLine(item, words[0], words[1], long=False)
