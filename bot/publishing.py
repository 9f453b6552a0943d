"""When a post goes out: at once, at its moment, or not at all."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlmodel import col, func, select

from bot import audiences, clock, desks, drafts, origin, spreading, subjects, versions
from bot.channels import Channel
from bot.ports import Pace
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import circulars, ledger, people
from storage.circulars import Circular
from storage.db import CompanySession
from storage.ledger import Draft
from storage.tables import Gig, GigState, Person, PersonState, Role


def publish(turn: Turn) -> Answer:
    """Of two who press at once the second sees that it is out."""
    gig = drafts.held(turn.session, turn.args.get("draft", ""))
    if gig is None:
        return Say("gig_unknown", notice=True)
    if gig.state in drafts.PENDING:
        lacking = drafts.lacking(turn, gig)
        if lacking is not None:
            return lacking
        go_out(turn.session, gig, turn.paces, turn.now, turn.locale)
    return Refresh(Say("gig_draft", {"draft": gig.id}))


def posted(turn: Turn, gig: Gig) -> Answer:
    number = go_out(turn.session, gig, turn.paces, turn.now, turn.locale)
    done = ledger.last_due(turn.session, subjects.gig(gig.id or 0)) or turn.now
    return Say("gig_posted", {"gig": gig.id, "people": number, "done": done.isoformat()})


def go_out(session: CompanySession, gig: Gig, paces: Mapping[str, Pace], now: datetime, locale: str) -> int:
    """Publish: the first version, HR's own card, an offer to everybody it may suit, and the channels' copies. Returns
    how many people it goes to."""
    gig.state, gig.version, gig.published_at, gig.publish_at = GigState.OPEN, 1, now, None
    session.add(gig)
    session.flush()
    versions.keep(session, gig, [], gig.author_id, now)
    desks.of_gig(session, gig, now)
    gig_id = gig.id or 0
    card = origin.draft(
        gig,
        locale=locale,
        cause=subjects.gig_desk(gig_id),
        template="gig_desk",
        args={"gig": gig_id},
        subject=subjects.gig_desk(gig_id),
    )
    ledger.enqueue(session, [card], now)
    ledger.mark_stale(session, subjects.gig_draft(gig_id), now)
    return _offer(session, gig, paces, now)


def go_on(session: CompanySession, gig: Gig, paces: Mapping[str, Pace], now: datetime) -> int:
    """An open gig is for others from now on: who has not been written to yet gets it, once; what waits for those whom
    it is not for any more does not leave; and everybody who has it keeps it."""
    circulars.take_back(session, _cause(gig), audiences.everybody(session, gig, now))
    return _offer(session, gig, paces, now)


def _cause(gig: Gig) -> str:
    return f"gig:{gig.id}"


def _to_channel(gig: Gig, place: Channel) -> Draft:
    """What everybody in the channel sees; who presses there is answered alone."""
    return Draft(
        cause=_cause(gig),
        recipient=place["address"],
        platform=place["platform"],
        workspace=place["workspace"],
        address=place["address"],
        template="gig_offer",
        args={"gig": gig.id},
        subject=subjects.gig(gig.id),
    )


def _offer(session: CompanySession, gig: Gig, paces: Mapping[str, Pace], now: datetime) -> int:
    ledger.enqueue(session, [_to_channel(gig, place) for place in gig.channels], now)
    offer = Circular(_cause(gig), "gig_offer", {"gig": gig.id}, subjects.gig(gig.id))
    return spreading.circulate(session, audiences.newcomers(session, gig, now), offer, paces, now)


def schedule(turn: Turn) -> Answer:
    """It goes out by itself at a wall time of the company's zone, if nothing is wrong with it then."""
    gig = drafts.meant(turn)
    if isinstance(gig, Say) or gig is None:
        return gig or Say("gig_unknown", notice=True)
    if gig.state not in drafts.PENDING:
        return Refresh(Say("gig_draft", {"draft": gig.id}))
    if not turn.values:
        return drafts.lacking(turn, gig) or Ask("gig.schedule", {"draft": str(gig.id)}, _filled_schedule(turn, gig))
    at = clock.time_of_day(turn.values["time"])
    if at is None:
        return Ask("gig.schedule", turn.args, turn.values, errors={"time": "not_a_time"})
    wall = datetime.combine(date.fromisoformat(turn.values["day"]), at)
    moment = clock.instant(wall, turn.company.timezone)
    if moment <= turn.now:
        return Ask("gig.schedule", turn.args, turn.values, errors={"day": "moment_is_past"})
    if gig.deadline_at is not None and gig.deadline_at <= moment:
        return Ask("gig.schedule", turn.args, turn.values, errors={"day": "after_deadline"})
    lacking = drafts.lacking(turn, gig)
    if lacking is not None:
        return lacking
    gig.state, gig.publish_at = GigState.SCHEDULED, moment
    turn.session.add(gig)
    turn.session.flush()
    ledger.mark_stale(turn.session, subjects.gig_draft(gig.id), turn.now)
    return drafts.previewed(turn, gig)


def _filled_schedule(turn: Turn, gig: Gig) -> dict[str, str]:
    if gig.publish_at is None or gig.state is not GigState.SCHEDULED:
        return {"time": "09:00"}
    wall = gig.publish_at.astimezone(clock.zone(turn.company.timezone))
    return {"day": wall.date().isoformat(), "time": f"{wall:%H:%M}"}


def unschedule(turn: Turn) -> Answer:
    return _back(turn, GigState.DRAFT)


def discard(turn: Turn) -> Answer:
    return _back(turn, GigState.DISCARDED)


def _back(turn: Turn, state: GigState) -> Answer:
    gig = drafts.held(turn.session, turn.args.get("draft", ""))
    if gig is None:
        return Say("gig_unknown", notice=True)
    if gig.state in drafts.PENDING:
        retire(turn.session, gig, state, turn.now)
    return Refresh(Say("gig_draft", {"draft": gig.id}))


def retire(session: CompanySession, gig: Gig, state: GigState, now: datetime) -> None:
    """An unpublished gig is not going out by itself: it is a draft again, or discarded."""
    gig.state, gig.publish_at = state, None
    gig.closed_at = now if state is GigState.DISCARDED else None
    session.add(gig)
    session.flush()
    ledger.mark_stale(session, subjects.gig_draft(gig.id), now)


def publish_due(session: CompanySession, paces: Mapping[str, Pace], now: datetime) -> int:
    """Publish what was planned for now; returns how many. What has become wrong, or whose author is none of HR any
    more, becomes a draft again, and a new card at its desk says so."""
    due = select(Gig).where(Gig.state == GigState.SCHEDULED, col(Gig.publish_at) <= now).order_by(col(Gig.id))
    number = 0
    for gig in session.exec(due.with_for_update(key_share=True)).all():
        author = session.get(Person, gig.author_id)
        staff = author is not None and author.state is PersonState.ACTIVE and author.role is not Role.ALUMNUS
        reaches = bool(gig.channels) or audiences.anybody(session, gig, now)
        locale = (author.locale if author else None) or people.company(session).locale
        if staff and reaches and not drafts.faults_of(session, gig, now):
            go_out(session, gig, paces, now, locale)
            number += 1
            continue
        planned = gig.publish_at
        gig.state = GigState.DRAFT  # with the moment at which it should have gone out
        session.add(gig)
        session.flush()
        ledger.mark_stale(session, subjects.gig_draft(gig.id), now)
        if gig.desk_address:
            drafts.post_card(session, gig, locale, f"{subjects.gig_draft(gig.id)}:{planned}", now)
    return number


def next_due(session: CompanySession) -> datetime | None:
    """When the next planned gig goes out."""
    return session.exec(select(func.min(Gig.publish_at)).where(Gig.state == GigState.SCHEDULED)).one()
