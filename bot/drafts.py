"""A gig before it is out: how HR sees it, what is wrong with it, and who holds it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import col, func, select

from bot import audiences, gig_forms, gigs, lint, origin, subjects, texts, versions
from bot.audiences import Segment
from bot.scene import Scene
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import ledger
from storage.db import CompanySession
from storage.tables import Company, Gig, GigState, Role

LISTED = 4
"""Drafts in one list, with a button each."""
PENDING = (GigState.DRAFT, GigState.SCHEDULED)
"""States from which it can go out."""
_ENDED = (GigState.FILLED, GigState.WITHDRAWN, GigState.EXPIRED, GigState.DISCARDED)


# What it looks like


@dataclass(frozen=True, slots=True)
class FaultView:
    """What is wrong with an item: the key of a sentence, and what that is about."""

    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class DraftView:
    """A gig as HR sees it before it is published, or while it is edited. `failed` is when it should have gone out and
    could not."""

    id: int
    gig: gigs.GigView
    state: str
    people: int
    faults: tuple[FaultView, ...]
    all_skills: bool
    cities: str
    joined_from: int | None
    joined_to: int | None
    departments: str
    named: str
    channels: str
    publish_at: datetime | None
    failed: datetime | None
    law: str
    checked: date | None
    offered: tuple[tuple[str, str], ...] = ()
    """The company's channels for gigs: key and name of each."""
    pays_unchecked: bool = False
    """Whether the payment date is given in words alone."""
    segment: Segment = field(default_factory=Segment)

    @property
    def ready(self) -> bool:
        return not self.faults and (self.people > 0 or bool(self.channels))


def draft_view(scene: Scene, gig_id: str | int) -> DraftView:
    """Raises LookupError when there is no such gig, and for whoever is not of HR."""
    gig = gigs.gig_of(scene.session, gig_id)
    if gig is None or (scene.reader is not None and scene.reader.role is Role.ALUMNUS):
        raise LookupError(f"no draft {gig_id}")
    company = scene.session.get_one(Company, scene.session.company_id)
    rules = lint.rules(company.country)
    segment = audiences.of(gig)
    unpublished = gig.state in PENDING
    faults = faults_of(scene.session, gig, scene.now) if unpublished else {}
    return DraftView(
        id=gig.id or 0,
        gig=gigs.gig_view(scene, gig.id or 0),
        state=gig.state,
        people=audiences.count(scene.session, gig, scene.now) if unpublished or gig.state is GigState.OPEN else 0,
        faults=tuple(FaultView(item, fault) for item, fault in faults.items()),
        all_skills=segment.match == audiences.ALL,
        cities=texts.joined(segment.cities, scene.locale),
        joined_from=segment.joined_from,
        joined_to=segment.joined_to,
        departments=texts.joined(segment.departments, scene.locale),
        named=gigs.name_of(scene.session, gig.named_id),
        channels=texts.joined((one["name"] for one in gig.channels), scene.locale),
        publish_at=gig.publish_at if gig.state is GigState.SCHEDULED else None,
        failed=gig.publish_at if gig.state is GigState.DRAFT else None,
        law=rules.law.get(scene.locale, ""),
        checked=rules.checked,
        offered=tuple((one["key"], one["name"]) for one in company.gig_channels),
        pays_unchecked=unpublished and lint.pays_unchecked(versions.content_of(gig), rules),
        segment=segment,
    )


@dataclass(frozen=True, slots=True)
class DraftLine:
    id: int
    title: str
    publish_at: datetime | None


@dataclass(frozen=True, slots=True)
class DraftsView:
    drafts: tuple[DraftLine, ...]
    more: int
    next: int


def drafts_view(scene: Scene, page: int) -> DraftsView:
    """One page of what is not published yet, newest first; the first page is 1."""
    if scene.reader is not None and scene.reader.role is Role.ALUMNUS:
        raise LookupError("drafts are HR's")
    own = col(Gig.state).in_(PENDING)
    total = scene.session.exec(select(func.count()).select_from(Gig).where(own)).one()
    query = select(Gig).where(own).order_by(col(Gig.id).desc()).offset((page - 1) * LISTED).limit(LISTED)
    lines = tuple(
        DraftLine(gig.id or 0, gig.title, gig.publish_at if gig.state is GigState.SCHEDULED else None)
        for gig in scene.session.exec(query)
    )
    return DraftsView(lines, max(0, total - (page - 1) * LISTED - len(lines)), page + 1)


def drafts(turn: Turn) -> Answer:
    page = texts.number(turn.args.get("page", "")) or 1
    return Say("drafts", {"drafts": min(page, 10_000)})


# Whose turn it is


def meant(turn: Turn) -> Gig | Say | None:
    """The draft or open gig that the form is about, which nobody else changes until the transaction ends; None for a
    new one."""
    if "draft" not in turn.args:
        return None
    gig = held(turn.session, turn.args["draft"])
    if gig is None:
        return Say("gig_unknown", notice=True)
    return Say("gig_closed", {"gig": gig.id}, notice=True) if gig.state in _ENDED else gig


def held(session: CompanySession, gig_id: str | int) -> Gig | None:
    number = texts.number(str(gig_id))
    if number is None:
        return None
    query = select(Gig).where(Gig.id == number).with_for_update(key_share=True)
    return session.exec(query.execution_options(populate_existing=True)).first()


# What is wrong with it


def rules_of(session: CompanySession) -> lint.Rules:
    return lint.rules(session.get_one(Company, session.company_id).country)


def is_public(gig: Gig) -> bool:
    """Whether it goes to more than one person, or into a channel."""
    return gig.named_id is None or bool(gig.channels)


def faults_of(session: CompanySession, gig: Gig, at: datetime) -> dict[str, str]:
    """What keeps the gig from being published at that moment, by item."""
    faults = lint.faults(versions.content_of(gig), rules_of(session), public=is_public(gig))
    past = gig.deadline_at is not None and gig.deadline_at <= at
    return {"deadline": "day_is_past", **faults} if past else faults


def lacking(turn: Turn, gig: Gig) -> Answer:
    """The form in which the first of what is missing is asked for; None when it can be published."""
    faults = faults_of(turn.session, gig, turn.now)
    for step, asked in gig_forms.STEPS.items():
        here = {question.name: faults[question.name] for question in asked if question.name in faults}
        if here:
            return Ask(step, gig_forms.carried(gig), gig_forms.filled(turn, gig, asked), here)
    if not gig.channels and not audiences.anybody(turn.session, gig, turn.now):
        filled = gig_forms.filled_audience(turn.session, gig)
        field = "named" if gig.named_id else "match"
        return Ask("gig.audience", gig_forms.carried(gig), filled, errors={field: "reaches_nobody"})
    return None


# Its card


def previewed(turn: Turn, gig: Gig) -> Answer:
    """The draft's card, as a message that stays where HR works; later changes are shown in it."""
    gig_id = gig.id or 0
    cause = subjects.gig_draft(gig_id)
    if ledger.caused(turn.session, cause) is None:
        post_card(turn.session, gig, turn.locale, cause, turn.now)
        return Say("gig_saved", {"draft": gig_id})
    return Refresh(Say("gig_draft", {"draft": gig_id}))


def post_card(session: CompanySession, gig: Gig, locale: str, cause: str, now: datetime) -> None:
    subject = subjects.gig_draft(gig.id)
    card = origin.draft(
        gig, locale=locale, cause=cause, template="gig_draft", args={"draft": gig.id or 0}, subject=subject
    )
    ledger.enqueue(session, [card], now)
