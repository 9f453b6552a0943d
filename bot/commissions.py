"""What comes after somebody was chosen: they say that they have the notice, or want it on paper, and HR sees how each
commission stands and is reminded of what is due."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import select

from bot import case_cards, clock, lint, notices, origin, privacy, reminding, subjects, texts
from bot.reminding import Kind, State
from bot.scene import Scene
from bot.turn import Answer, Refresh, Say, Turn
from storage import audit, ledger, people
from storage import commissions as stored
from storage.db import CompanySession
from storage.ledger import Draft
from storage.tables import (
    Case,
    Commission,
    CommissionNotice,
    Company,
    DeliveryState,
    Gig,
    GigState,
    Person,
    PersonState,
    Role,
)

LISTED = 4
"""Commissions in one list: with a button each and "more", a Teams card has room."""


@dataclass(frozen=True, slots=True)
class OpenItem:
    name: str
    why: str
    until: date


@dataclass(frozen=True, slots=True)
class CommissionView:
    """How a commission stands, for HR. `person` is empty when they were erased. `delivery` is how the newest notice
    fared: sent, waiting, refused or unclear. `full`: the gig's last place is taken, and it is still open.
    `announced_by` is the last day on which the end of a long contract can be announced."""

    id: int
    gig: int
    title: str
    person: str
    by: str
    at: datetime
    notices: int
    digest: str
    delivery: str
    received_at: datetime | None
    paper_at: datetime | None
    paper_sent_at: datetime | None
    open: tuple[OpenItem, ...]
    ends_on: date | None
    announced_by: date | None
    full: bool
    url: str
    pdf: str
    pays_unchecked: bool = False
    """Whether the newest notice gives the payment date in words alone."""

    @property
    def undelivered(self) -> bool:
        """Whether the newest notice may be sent once more."""
        there = self.received_at is not None or self.paper_sent_at is not None
        return bool(self.person) and not there and self.delivery in ("refused", "unclear")


def commission_view(scene: Scene, commission_id: int) -> CommissionView:
    """Raises LookupError when there is no such commission, or for alumni."""
    if scene.reader is not None and scene.reader.role is Role.ALUMNUS:
        raise LookupError("how a commission stands is for HR")
    commission = scene.session.get(Commission, commission_id)
    if commission is None:
        raise LookupError(f"no commission {commission_id}")
    gig = scene.session.get_one(Gig, commission.gig_id)
    person, by = (scene.session.get_one(Person, number) for number in (commission.person_id, commission.by_id))
    newest = stored.newest(scene.session, commission_id)
    url = notices.url_of(scene, commission, newest.number)
    full = gig.state is GigState.OPEN and stored.number_of(scene.session, commission.gig_id) >= gig.places
    received = commission.received_number >= newest.number
    return CommissionView(
        id=commission_id,
        gig=commission.gig_id,
        title=gig.title,
        person=person.name,
        by=by.name,
        at=commission.at,
        notices=newest.number,
        digest=newest.digest,
        delivery=_delivery(scene.session, commission, newest.number),
        received_at=commission.received_at if received else None,
        paper_at=commission.paper_at,
        paper_sent_at=commission.paper_sent_at,
        open=tuple(
            OpenItem(notices.item_name(item["item"], scene.locale), item["why"], date.fromisoformat(item["until"]))
            for item in newest.open_items
        ),
        ends_on=commission.ends_on,
        announced_by=reminding.announced_by(commission.ends_on)
        if commission.long_term and commission.ends_on
        else None,
        full=full,
        url=url,
        pdf=f"{url}?pdf" if url else "",
        pays_unchecked=lint.pays_unchecked(newest.content, _rules(scene.session)),
    )


def _rules(session: CompanySession) -> lint.Rules:
    return lint.rules(session.get_one(Company, session.company_id).country)


def _delivery(session: CompanySession, commission: Commission, number: int) -> str:
    row = notices.delivery(session, commission.id, number)
    match row.state if row else None:
        case DeliveryState.SENT:
            return "sent"
        case DeliveryState.QUEUED | DeliveryState.SENDING:
            return "waiting"
        case DeliveryState.UNCONFIRMED:
            return "unclear"
        case _:
            return "refused"


# The person's own words


def receive(session: CompanySession, commission: Commission, number: int, now: datetime) -> None:
    """The person has the notice. Said twice, the first time counts."""
    if not commission.received_number < number <= stored.newest(session, commission.id or 0).number:
        return
    commission.received_number, commission.received_at = number, now
    session.add(commission)
    note(session, "commission.received", commission, now, by=commission.person_id, notice=number)
    plan(session, commission, people.company(session).timezone, now)
    show_again(session, commission, now)


def want_paper(session: CompanySession, commission: Commission, now: datetime) -> None:
    """The person wants it on paper: HR has something to do. Said again before that is done, the first time counts."""
    if commission.paper_at is not None and commission.paper_sent_at is None:
        return
    commission.paper_at, commission.paper_sent_at = now, None
    session.add(commission)
    note(session, "commission.paper", commission, now, by=commission.person_id)
    plan(session, commission, people.company(session).timezone, now)
    show_again(session, commission, now)
    to_desk(session, commission, Kind.PAPER, now)


def received(turn: Turn) -> Answer:
    return _own(turn, lambda commission, number: receive(turn.session, commission, number, turn.now))


def paper(turn: Turn) -> Answer:
    return _own(turn, lambda commission, _number: want_paper(turn.session, commission, turn.now))


def _own(turn: Turn, do: Callable[[Commission, int], None]) -> Answer:
    """What only whom it is about may do."""
    commission = _held(turn)
    number = texts.number(turn.args.get("number", ""))
    notice = turn.session.get(CommissionNotice, (commission.id, number)) if commission else None
    if commission is None or number is None or notice is None:
        return Say("commission_unknown", notice=True)
    if commission.person_id != turn.member.id:
        return Say("denied", {"reason": "not_yours"}, notice=True)
    do(commission, number)
    turn.session.flush()
    return Refresh(Say("terms_notice", {"notice": {"commission": commission.id, "number": number}}))


def paper_sent(turn: Turn) -> Answer:
    """HR has sent it. Pressed twice, the first time counts."""
    commission = _held(turn)
    if commission is None:
        return Say("commission_unknown", notice=True)
    if commission.paper_at is not None and commission.paper_sent_at is None:
        commission.paper_sent_at = turn.now
        turn.session.add(commission)
        note(turn.session, "commission.paper.sent", commission, turn.now, by=turn.member.id)
        plan(turn.session, commission, turn.company.timezone, turn.now)
        show_again(turn.session, commission, turn.now)
    return Refresh(Say("commission_desk", {"commission": commission.id}))


def send_again(turn: Turn) -> Answer:
    """HR's own decision about a notice that is not known to have arrived: it goes to where the person is reached now.
    Pressed twice, it goes once."""
    commission = _held(turn)
    if commission is None:
        return Say("commission_unknown", notice=True)
    person = turn.session.get_one(Person, commission.person_id)
    where = notices.reach(turn.session, person, letters=turn.letters)
    if person.state is PersonState.ERASED or where is None:
        return Say("alumnus_unreachable", notice=True)
    number = stored.newest(turn.session, commission.id or 0).number
    if notices.send_again(turn.session, commission, number, where, turn.now):
        note(turn.session, "commission.resend", commission, turn.now, by=turn.member.id, notice=number)
        show_again(turn.session, commission, turn.now)
    return Refresh(Say("commission_desk", {"commission": commission.id}))


def _held(turn: Turn) -> Commission | None:
    number = texts.number(turn.args.get("commission", ""))
    return None if number is None else stored.held(turn.session, number)


# Lists


@dataclass(frozen=True, slots=True)
class ListedView:
    id: int
    title: str
    person: str
    at: datetime
    received: bool
    paper: bool
    open: int
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class CommissionsView:
    """One page, newest first: HR's of the company, of those that are not over, and anybody else's own."""

    lines: tuple[ListedView, ...]
    total: int
    more: int
    next: int


def commissions_view(scene: Scene, page: int) -> CommissionsView:
    """Raises LookupError without a reader."""
    if scene.reader is None:
        raise LookupError("a list of commissions is somebody's")
    own = scene.reader.id if scene.reader.role is Role.ALUMNUS else None
    today, before = clock.today(scene.now, scene.company.timezone), (page - 1) * LISTED
    total, rows = stored.listed(scene.session, today, of_person=own, before=before, most=LISTED)
    lines = tuple(_line(scene.session, commission) for commission in rows)
    return CommissionsView(lines, total, max(0, total - before - len(lines)), page + 1)


def _line(session: CompanySession, commission: Commission) -> ListedView:
    newest = stored.newest(session, commission.id or 0)
    return ListedView(
        id=commission.id or 0,
        title=session.get_one(Gig, commission.gig_id).title,
        person=session.get_one(Person, commission.person_id).name,
        at=commission.at,
        received=commission.received_number >= newest.number,
        paper=commission.paper_at is not None and commission.paper_sent_at is None,
        open=len(newest.open_items),
        ends_on=commission.ends_on,
    )


def list_(turn: Turn) -> Answer:
    """What others must not read comes in private."""
    page = min(texts.number(turn.args.get("page", "")) or 1, 10_000)
    return privacy.privately(turn, Say("commissions", {"commissions": page}))


def show(turn: Turn) -> Answer:
    """One commission: as HR's card, or to the person as the newest notice."""
    number = texts.number(turn.args.get("commission", ""))
    commission = None if number is None else turn.session.get(Commission, number)
    own = commission is not None and commission.person_id == turn.member.id
    if commission is None or not (own or turn.is_staff):
        return Say("commission_unknown", notice=True)
    if not own:
        return privacy.privately(turn, Say("commission_desk", {"commission": commission.id}))
    newest = stored.newest(turn.session, commission.id or 0).number
    notice = {"commission": commission.id, "number": newest}
    return privacy.privately(turn, Say("terms_notice", {"notice": notice}))


# To HR


def note(
    session: CompanySession,
    action: str,
    commission: Commission,
    now: datetime,
    *,
    by: int,
    notice: int | None = None,
) -> None:
    detail = {"commission": commission.id, "gig": commission.gig_id}
    detail |= {"notice": notice} if notice else {}
    audit.note(session, action, now, actor_id=by, subject_id=commission.person_id, detail=detail)


def show_again(session: CompanySession, commission: Commission, now: datetime) -> None:
    """Every card of it, the person's, HR's and that of the case, says how it stands now."""
    session.flush()
    ledger.mark_stale(session, subjects.notice(commission.id), now)
    ledger.mark_stale(session, subjects.commission(commission.id), now)
    own = Case.gig_id == commission.gig_id, Case.person_id == commission.person_id
    for case_id in session.exec(select(Case.id).where(*own)):
        case_cards.show(session, case_id, now)


def to_desk(session: CompanySession, commission: Commission, about: str, now: datetime) -> None:
    """A card to the gig's desk, or where that is no more to somebody of HR: `about` is "made" or what HR is reminded
    of."""
    gig = session.get_one(Gig, commission.gig_id)
    cause = f"commission:{commission.id}:{about}:{now.isoformat()}"
    author = session.get(Person, gig.author_id)
    posted = ledger.caused(session, subjects.gig_desk(gig.id))
    draft = origin.draft(
        gig,
        locale=author.locale if author else people.company(session).locale,
        cause=cause,
        template="commission_desk" if about == "made" else "commission_due",
        args={"commission": commission.id} | ({} if about == "made" else {"due": str(about)}),
        subject=subjects.commission(commission.id),
        thread_of=posted.id if posted else None,
    )
    reached = draft if gig.desk_address else _to_staff(session, commission, draft)
    ledger.enqueue(session, [reached] if reached else [], now)


def _to_staff(session: CompanySession, commission: Commission, draft: Draft) -> Draft | None:
    """To who chose, if they are still of HR, else to one of the others."""
    staff = select(Person).where(Person.state == PersonState.ACTIVE, Person.role != Role.ALUMNUS)
    everybody = sorted(session.exec(staff).all(), key=lambda person: (person.id != commission.by_id, person.id))
    for person in everybody:
        where = notices.reach(session, person, letters=False)
        if where is not None:
            return replace(
                draft,
                recipient=f"person:{person.id}",
                person_id=person.id,
                platform=where.platform,
                workspace=where.workspace,
                address=where.address,
                locale="",
                thread_of=None,
            )
    return None


# Reminders


def _state(session: CompanySession, commission: Commission, zone: str) -> State:
    person = session.get_one(Person, commission.person_id)
    if person.state is PersonState.ERASED:
        return State(zone)
    newest = stored.newest(session, commission.id or 0)
    arrived = commission.received_number >= newest.number or commission.paper_sent_at is not None
    if not arrived:
        arrived = _delivery(session, commission, newest.number) == "sent"
    return State(
        zone,
        open_until=tuple(date.fromisoformat(item["until"]) for item in newest.open_items),
        paper_at=commission.paper_at if commission.paper_sent_at is None else None,
        undelivered_since=None if arrived else newest.at,
        ends_on=commission.ends_on if commission.long_term else None,
    )


def plan(session: CompanySession, commission: Commission, zone: str, now: datetime) -> None:
    """Write down when HR is reminded next. What is due already and not told yet stays due."""
    session.flush()
    waits = commission.remind_at is not None and commission.remind_at <= now
    since = commission.remind_at - timedelta(microseconds=1) if waits and commission.remind_at else now
    commission.remind_at = reminding.next_after(_state(session, commission, zone), since)
    session.add(commission)
    session.flush()


def remind(session: CompanySession, now: datetime) -> int:
    """Tell HR what is due; returns how many cards. What a person or HR has dealt with since is not told."""
    told = 0
    for commission in stored.due(session, now):
        zone = session.get_one(Company, session.company_id).timezone
        state = _state(session, commission, zone)
        since = commission.remind_at or now
        for kind in reminding.between(state, since, now):
            to_desk(session, commission, kind, now)
            told += 1
        commission.remind_at = reminding.next_after(state, now)
        session.add(commission)
        show_again(session, commission, now)
    return told


def next_due(session: CompanySession) -> datetime | None:
    """When HR is reminded next, if ever; an installation's question."""
    return stored.next_due(session)
