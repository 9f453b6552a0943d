"""Posting a gig: a draft that survives, what it says, to whom it goes, and when."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import col, func, select

from bot import audiences, clock, desk, desks, gigs, lint, queries, subjects, texts, versions, visibility, wording
from bot.audiences import Segment
from bot.cards import FieldKind
from bot.ports import Pace
from bot.prompts import Question
from bot.scene import Scene
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import ledger, people, search
from storage.db import CompanySession
from storage.ledger import Circular, Draft, FannedOut
from storage.tables import Company, Gig, GigState, Person, PersonState, Role

SKILLS_LENGTH = 500
"""Characters, as they are stored: with their separators."""
MOST_PLACES = 999
LISTED = 4
"""Drafts in one list, with a button each."""
NOW, PREVIEW = "publish", "preview"
THEN = (NOW, PREVIEW, "terms", "audience")
"""What comes after the first form."""
WORK = (
    Question("title", max_length=150),
    Question("work", FieldKind.TEXT, max_length=3000),
    Question("reward", max_length=300),
    Question("place", max_length=300),
    Question("skills", required=False, max_length=SKILLS_LENGTH),
    Question("period", required=False, max_length=300),
    Question("hours", required=False, max_length=300),
    Question("places", required=False, max_length=4),
    Question("deadline", FieldKind.DATE, required=False, max_length=10),
    Question("then", FieldKind.CHOICE, required=False, max_length=20, choices=THEN),
)
TERMS = (
    Question("legal_name", required=False, max_length=200),
    Question("legal_address", required=False, max_length=300),
    Question("contact", required=False, max_length=300),
    Question("tax", FieldKind.CHOICE, required=False, max_length=20, choices=lint.CHOICES["tax"]),
    Question("expenses", required=False, max_length=300),
    Question("received_on", FieldKind.DATE, required=False, max_length=10),
    Question("pays_on", FieldKind.DATE, required=False, max_length=10),
    Question("payment_rule", required=False, max_length=300),
    Question("inspection", required=False, max_length=300),
    Question("ip", FieldKind.TEXT, required=False, max_length=500),
    Question("renewal", FieldKind.TEXT, required=False, max_length=500),
    Question("subcontracted", FieldKind.CHOICE, required=False, max_length=20, choices=lint.CHOICES["subcontracted"]),
    Question("client_name", required=False, max_length=200),
    Question("client_pays_on", FieldKind.DATE, required=False, max_length=10),
)
AUDIENCE = (
    Question("match", FieldKind.CHOICE, required=False, max_length=20, choices=(audiences.ANY, audiences.ALL)),
    Question("cities", required=False, max_length=audiences.LONGEST),
    Question("joined_from", required=False, max_length=5),
    Question("joined_to", required=False, max_length=5),
    Question("departments", required=False, max_length=audiences.LONGEST),
    Question("named", required=False, max_length=queries.LONGEST),
    Question("channel", FieldKind.CHOICE, required=False, max_length=20, choices=("yes", "no")),
)
SCHEDULE = (Question("day", FieldKind.DATE, max_length=10), Question("time", max_length=5))
DEFAULTS = tuple(question for question in TERMS if question.name in lint.DEFAULTED)
FAULTS = frozenset(
    {
        *("post_needs", "needed_for_payment", "needed_to_pay_later", "pays_late", "pays_late_after_client"),
        *("day_is_past", "reaches_nobody", "not_joined_year"),
    }
)
"""Sentences of prompts/*/errors.md.j2 for what may be wrong with a post."""
_STEPS = {"gig.post": WORK, "gig.terms": TERMS}
_ENDED = (GigState.FILLED, GigState.WITHDRAWN, GigState.EXPIRED, GigState.DISCARDED)
_UNPUBLISHED = (GigState.DRAFT, GigState.SCHEDULED)


# What a draft looks like


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
    channel: bool
    publish_at: datetime | None
    failed: datetime | None
    law: str
    checked: date | None

    @property
    def ready(self) -> bool:
        return not self.faults and (self.people > 0 or self.channel)


def draft_view(scene: Scene, gig_id: str | int) -> DraftView:
    """Raises LookupError when there is no such gig, and for whoever is not of HR."""
    gig = gigs.gig_of(scene.session, gig_id)
    if gig is None or (scene.reader is not None and scene.reader.role is Role.ALUMNUS):
        raise LookupError(f"no draft {gig_id}")
    company = scene.session.get_one(Company, scene.session.company_id)
    rules = lint.rules(company.country)
    segment = audiences.of(gig)
    unpublished = gig.state in _UNPUBLISHED
    faults = _faults(scene.session, gig, scene.now) if unpublished else {}
    return DraftView(
        id=gig.id or 0,
        gig=gigs.gig_view(scene, gig.id or 0),
        state=gig.state,
        people=audiences.count(scene.session, gig, scene.now) if unpublished else 0,
        faults=tuple(FaultView(item, fault) for item, fault in faults.items()),
        all_skills=segment.match == audiences.ALL,
        cities=texts.joined(segment.cities, scene.locale),
        joined_from=segment.joined_from,
        joined_to=segment.joined_to,
        departments=texts.joined(segment.departments, scene.locale),
        named=gigs.name_of(scene.session, gig.named_id),
        channel=bool(gig.channel),
        publish_at=gig.publish_at if gig.state is GigState.SCHEDULED else None,
        failed=gig.publish_at if gig.state is GigState.DRAFT else None,
        law=rules.law.get(scene.locale, ""),
        checked=rules.checked,
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
    own = col(Gig.state).in_(_UNPUBLISHED)
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


# What it says


def post(turn: Turn) -> Answer:
    """The first form: of a new gig, a draft, or an open one. A new one is published at once where nothing is missing
    and nothing else was asked for; otherwise it is kept as a draft, and what is missing is asked for."""
    gig = _meant(turn)
    if isinstance(gig, Say):
        return gig
    if not turn.values:
        return Ask("gig.post", _carried(gig), _filled(turn, gig, WORK))
    labels = texts.listed(turn.values["skills"])
    skills = texts.joined(labels, turn.company.locale)
    if len(skills) > SKILLS_LENGTH:
        return Ask("gig.post", turn.args, turn.values, errors={"skills": "too_long"})
    if _is_past(turn.values["deadline"], turn):
        return Ask("gig.post", turn.args, turn.values, errors={"deadline": "day_is_past"})
    if turn.values["places"] and not _places(turn.values["places"]):
        return Ask("gig.post", turn.args, turn.values, errors={"places": "not_places"})
    said = {**turn.values, "skills": skills, "places": str(_places(turn.values["places"]) or 1)}
    then = said.pop("then")
    if gig is None:
        gig = _new(turn, said)
        if then in ("", NOW) and not audiences.count(turn.session, gig, turn.now):
            return Ask("gig.post", turn.args, turn.values, errors={"skills": "nobody_matches"})
        turn.session.add(gig)
        turn.session.flush()
        return _go_on(turn, gig, then, new=True)
    return _changed(turn, gig, "gig.post", said, then)


def terms(turn: Turn) -> Answer:
    """The second form: conditions, and who offers the work."""
    gig = _meant(turn)
    if isinstance(gig, Say) or gig is None:
        return gig or Say("gig_unknown", notice=True)
    if not turn.values:
        return Ask("gig.terms", _carried(gig, turn), _filled(turn, gig, TERMS))
    return _changed(turn, gig, "gig.terms", turn.values, turn.args.get("then", ""))


def _changed(turn: Turn, gig: Gig, step: str, said: Mapping[str, str], then: str) -> Answer:
    """A draft or an open gig says something else from now on, unless somebody else has just changed it."""
    before = versions.content_of(gig)
    after = {item: text for item, text in {**before, **said}.items() if text}
    changed = lint.changed(before, after)
    was = turn.args.get("was", "")
    if was and was != versions.mark(gig) and changed:
        args = {**turn.args, "was": versions.mark(gig)}
        return Ask(step, args, turn.values, errors={_STEPS[step][0].name: "changed_meanwhile"})
    if gig.state is GigState.OPEN:
        return _edited(turn, gig, step, after, changed)
    if gig.state is GigState.DRAFT:
        gig.publish_at = None  # nothing that failed is told any more
    _write(turn, gig, after)
    return _go_on(turn, gig, then)


def _edited(turn: Turn, gig: Gig, step: str, after: Mapping[str, str], changed: Sequence[str]) -> Answer:
    """A published gig is only changed into one that could be published."""
    if not changed:
        return Refresh(Say("gig_desk", {"gig": gig.id}))
    after = {**defaults_of(turn.session), **after} if step == "gig.post" else after
    asked = _STEPS[step]
    faults = lint.faults(after, _rules(turn.session), public=_is_public(gig))
    here = {question.name: faults[question.name] for question in asked if question.name in faults}
    if here:
        return Ask(step, turn.args, turn.values, here)
    if faults:
        return Ask(step, turn.args, turn.values, errors={asked[0].name: "terms_first"})
    changed = lint.changed(versions.content_of(gig), after)
    _write(turn, gig, after)
    versions.next_one(turn.session, gig, changed, turn.member.id, turn.now)
    return Refresh(Say("gig_desk", {"gig": gig.id}))


def _write(turn: Turn, gig: Gig, said: Mapping[str, str]) -> None:
    for name, value in _columns(said, turn.company.timezone).items():
        setattr(gig, name, value)
    turn.session.add(gig)
    turn.session.flush()
    ledger.mark_stale(turn.session, subjects.gig_draft(gig.id), turn.now)


def _columns(said: Mapping[str, str], zone: str) -> dict[str, Any]:
    day = date.fromisoformat(said["deadline"]) if said.get("deadline") else None
    return {
        **{name: said.get(name, "") for name in ("title", "work", "reward", "place", "skills")},
        "places": _places(said.get("places", "")) or 1,
        "deadline_on": day,
        "deadline_zone": zone if day else "",
        "deadline_at": clock.end_of_day(day, zone) if day else None,
        "terms": {item: said[item] for item in lint.TERMS if said.get(item)},
    }


def _new(turn: Turn, said: Mapping[str, str]) -> Gig:
    """What was typed, with the company's defaults, and not stored yet."""
    speaker = turn.inbound.speaker
    own = turn.account.address if turn.account else ""
    given = {item: text for item, text in said.items() if text}
    return Gig(
        **_columns({**defaults_of(turn.session), **given}, turn.company.timezone),
        state=GigState.DRAFT,
        author_id=turn.member.id,
        desk_platform=speaker.platform,
        desk_workspace=speaker.workspace,
        desk_address=turn.inbound.address if turn.inbound.reference is not None else own,
        created_at=turn.now,
    )


def defaults_of(session: CompanySession) -> dict[str, str]:
    """What the company's new posts start with, by item."""
    told = session.get_one(Company, session.company_id).gig_defaults
    return {item: str(told[item]) for item in lint.DEFAULTED if told.get(item)}


def _filled(turn: Turn, gig: Gig | None, asked: Sequence[Question]) -> dict[str, str]:
    """What the form starts with: what is known, or for a new gig what was typed behind the verb."""
    known = versions.content_of(gig) if gig else {name: text for name, text in turn.args.items() if name != "text"}
    return {question.name: known.get(question.name, "") for question in asked}


def _carried(gig: Gig | None, turn: Turn | None = None) -> dict[str, str]:
    if gig is None:
        return {}
    then = {"then": PREVIEW} if turn is not None and turn.args.get("then") == PREVIEW else {}
    return {"draft": str(gig.id), "was": versions.mark(gig), **then}


def _meant(turn: Turn) -> Gig | Say | None:
    """The draft or open gig that the form is about, which nobody else changes until the transaction ends; None for a
    new one."""
    if "draft" not in turn.args:
        return None
    gig = _held(turn.session, turn.args["draft"])
    if gig is None:
        return Say("gig_unknown", notice=True)
    return Say("gig_closed", {"gig": gig.id}, notice=True) if gig.state in _ENDED else gig


def _held(session: CompanySession, gig_id: str | int) -> Gig | None:
    number = texts.number(str(gig_id))
    if number is None:
        return None
    query = select(Gig).where(Gig.id == number).with_for_update(key_share=True)
    return session.exec(query.execution_options(populate_existing=True)).first()


def _is_past(day: str, turn: Turn) -> bool:
    return bool(day) and date.fromisoformat(day) < clock.today(turn.now, turn.company.timezone)


def _places(typed: str) -> int | None:
    number = texts.number(unicodedata.normalize("NFKC", typed).strip().removesuffix("名").removesuffix("人").strip())
    return number if number is not None and 0 < number <= MOST_PLACES else None


def _rules(session: CompanySession) -> lint.Rules:
    return lint.rules(session.get_one(Company, session.company_id).country)


def _is_public(gig: Gig) -> bool:
    """Whether it goes to more than one person, or into a channel."""
    return gig.named_id is None or bool(gig.channel)


def _faults(session: CompanySession, gig: Gig, at: datetime) -> dict[str, str]:
    """What keeps the gig from being published at that moment, by item."""
    faults = lint.faults(versions.content_of(gig), _rules(session), public=_is_public(gig))
    past = gig.deadline_at is not None and gig.deadline_at <= at
    return {"deadline": "day_is_past", **faults} if past else faults


def _go_on(turn: Turn, gig: Gig, then: str, *, new: bool = False) -> Answer:
    """What comes after a form of a draft."""
    if then in ("", NOW) and gig.state is GigState.DRAFT:
        lacking = _lacking(turn, gig)
        return lacking or _posted(turn, gig)
    match then:
        case "terms":
            return Ask("gig.terms", {**_carried(gig), "then": PREVIEW}, _filled(turn, gig, TERMS))
        case "audience":
            return Ask("gig.audience", _carried(gig), _filled_audience(turn.session, gig))
        case _:
            return _previewed(turn, gig)


def _previewed(turn: Turn, gig: Gig) -> Answer:
    """The draft's card, as a message that stays where HR works; later changes are shown in it."""
    gig_id = gig.id or 0
    cause = subjects.gig_draft(gig_id)
    if ledger.caused(turn.session, cause) is None:
        _card(turn.session, gig, turn.locale, cause, turn.now)
        return Say("gig_saved", {"draft": gig_id})
    return Refresh(Say("gig_draft", {"draft": gig_id}))


def _card(session: CompanySession, gig: Gig, locale: str, cause: str, now: datetime) -> None:
    subject = subjects.gig_draft(gig.id)
    card = desk.draft(
        gig, locale=locale, cause=cause, template="gig_draft", args={"draft": gig.id or 0}, subject=subject
    )
    ledger.enqueue(session, [card], now)


def _lacking(turn: Turn, gig: Gig) -> Answer:
    """The form in which the first of what is missing is asked for; None when it can be published."""
    faults = _faults(turn.session, gig, turn.now)
    for step, asked in _STEPS.items():
        here = {question.name: faults[question.name] for question in asked if question.name in faults}
        if here:
            return Ask(step, _carried(gig), _filled(turn, gig, asked), here)
    if not gig.channel and not audiences.count(turn.session, gig, turn.now):
        filled = _filled_audience(turn.session, gig)
        field = "named" if gig.named_id else "match"
        return Ask("gig.audience", _carried(gig), filled, errors={field: "reaches_nobody"})
    return None


# To whom it goes


def audience(turn: Turn) -> Answer:
    """The third form. It changes drafts: an offer that is out is not taken back from those who have it."""
    gig = _meant(turn)
    if isinstance(gig, Say) or gig is None:
        return gig or Say("gig_unknown", notice=True)
    if gig.state not in _UNPUBLISHED:
        return Refresh(Say("gig_draft", {"draft": gig.id}))
    if not turn.values:
        return Ask("gig.audience", _carried(gig), _filled_audience(turn.session, gig))
    was = turn.args.get("was", "")
    segment = audiences.typed(turn.values)
    if not isinstance(segment, Segment):
        return Ask("gig.audience", turn.args, turn.values, errors=segment)
    channel = turn.session.get_one(Company, turn.session.company_id).gig_channel
    if turn.values["channel"] == "yes" and not channel:
        return Ask("gig.audience", turn.args, turn.values, errors={"channel": "no_channel"})
    found = _named(turn, turn.values["named"])
    if turn.values["named"] and found is None:
        return Ask("gig.audience", turn.args, turn.values, errors={"named": "nobody_named"})
    new = (segment.stored(), found, dict(channel) if turn.values["channel"] == "yes" else {})
    if was and was != versions.mark(gig) and new != (gig.audience, gig.named_id, gig.channel):
        args = {**turn.args, "was": versions.mark(gig)}
        return Ask("gig.audience", args, turn.values, errors={"match": "changed_meanwhile"})
    gig.audience, gig.named_id, gig.channel = new
    turn.session.add(gig)
    turn.session.flush()
    ledger.mark_stale(turn.session, subjects.gig_draft(gig.id), turn.now)
    return _previewed(turn, gig)


def _filled_audience(session: CompanySession, gig: Gig) -> dict[str, str]:
    return {
        **audiences.filled(audiences.of(gig)),
        "named": gigs.name_of(session, gig.named_id),
        "channel": "yes" if gig.channel else "no",
    }


def _named(turn: Turn, asked: str) -> int | None:
    """The only alumnus whom these words find, as the speaker may find them; of several the one who is called so."""
    if not asked:
        return None
    found = search.find(turn.session, queries.parsed(asked).words, visibility.viewer(turn.person)).people
    exact = [one for one in found if texts.folded(one.name) == texts.folded(asked)] or found
    known = people.members(turn.session, [one.id for one in exact])
    alumni = [one for one in known.values() if one.role is Role.ALUMNUS]
    return alumni[0].id if len(alumni) == 1 else None


def channel(turn: Turn) -> Answer:
    """HR says in a channel that posts may be shown in it; in private, where that is, and `off` for nowhere."""
    company = turn.session.get_one(Company, turn.session.company_id)
    if texts.folded(turn.args.get("text", "")) in ("off", "解除"):
        company.gig_channel = {}
        turn.session.add(company)
        return Say("channel_off")
    if turn.inbound.private:
        return Say("channel_where", {"there": bool(company.gig_channel)}, notice=True)
    speaker = turn.inbound.speaker
    company.gig_channel = {
        "platform": speaker.platform,
        "workspace": speaker.workspace,
        "address": turn.inbound.address,
    }
    turn.session.add(company)
    return Say("channel_set")


# When it goes out


def publish(turn: Turn) -> Answer:
    """Of two who press at once the second sees that it is out."""
    gig = _held(turn.session, turn.args.get("draft", ""))
    if gig is None:
        return Say("gig_unknown", notice=True)
    if gig.state in _UNPUBLISHED:
        lacking = _lacking(turn, gig)
        if lacking is not None:
            return lacking
        go_out(turn.session, gig, turn.paces, turn.now, turn.locale)
    return Refresh(Say("gig_draft", {"draft": gig.id}))


def _posted(turn: Turn, gig: Gig) -> Answer:
    number, done = go_out(turn.session, gig, turn.paces, turn.now, turn.locale)
    return Say("gig_posted", {"gig": gig.id, "people": number, "done": done.isoformat()})


def go_out(session: CompanySession, gig: Gig, paces: Mapping[str, Pace], now: datetime, locale: str) -> FannedOut:
    """Publish: the first version, HR's own card, an offer to everybody it may suit, and the channel's copy. Returns how
    many people it goes to and when the last of them has it."""
    gig.state, gig.version, gig.published_at, gig.publish_at = GigState.OPEN, 1, now, None
    session.add(gig)
    session.flush()
    versions.keep(session, gig, [], gig.author_id, now)
    desks.of_gig(session, gig, now)
    gig_id = gig.id or 0
    card = desk.draft(
        gig,
        locale=locale,
        cause=subjects.gig_desk(gig_id),
        template="gig_desk",
        args={"gig": gig_id},
        subject=subjects.gig_desk(gig_id),
    )
    ledger.enqueue(session, [card], now)
    ledger.mark_stale(session, subjects.gig_draft(gig_id), now)
    if gig.channel:
        ledger.enqueue(session, [_to_channel(gig)], now)
    return _offer(session, gig, paces, now)


def _to_channel(gig: Gig) -> Draft:
    """What everybody in the channel sees; who presses there is answered alone."""
    place = gig.channel
    return Draft(
        cause=f"gig:{gig.id}",
        recipient=place["address"],
        platform=place["platform"],
        workspace=place["workspace"],
        address=place["address"],
        template="gig_offer",
        args={"gig": gig.id},
        subject=subjects.gig(gig.id),
    )


def _offer(session: CompanySession, gig: Gig, paces: Mapping[str, Pace], now: datetime) -> FannedOut:
    offer = Circular(f"gig:{gig.id}", "gig_offer", {"gig": gig.id}, subjects.gig(gig.id))
    rates = {platform: pace.sends_per_minute for platform, pace in paces.items()}
    return ledger.fan_out(session, audiences.everybody(session, gig, now), offer, now, rates)


def schedule(turn: Turn) -> Answer:
    """It goes out by itself at a wall time of the company's zone, if nothing is wrong with it then."""
    gig = _meant(turn)
    if isinstance(gig, Say) or gig is None:
        return gig or Say("gig_unknown", notice=True)
    if gig.state not in _UNPUBLISHED:
        return Refresh(Say("gig_draft", {"draft": gig.id}))
    if not turn.values:
        return _lacking(turn, gig) or Ask("gig.schedule", {"draft": str(gig.id)}, _filled_schedule(turn, gig))
    at = clock.time_of_day(turn.values["time"])
    if at is None:
        return Ask("gig.schedule", turn.args, turn.values, errors={"time": "not_a_time"})
    wall = datetime.combine(date.fromisoformat(turn.values["day"]), at)
    moment = clock.instant(wall, turn.company.timezone)
    if moment <= turn.now:
        return Ask("gig.schedule", turn.args, turn.values, errors={"day": "moment_is_past"})
    if gig.deadline_at is not None and gig.deadline_at <= moment:
        return Ask("gig.schedule", turn.args, turn.values, errors={"day": "after_deadline"})
    lacking = _lacking(turn, gig)
    if lacking is not None:
        return lacking
    gig.state, gig.publish_at = GigState.SCHEDULED, moment
    turn.session.add(gig)
    turn.session.flush()
    ledger.mark_stale(turn.session, subjects.gig_draft(gig.id), turn.now)
    return _previewed(turn, gig)


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
    gig = _held(turn.session, turn.args.get("draft", ""))
    if gig is None:
        return Say("gig_unknown", notice=True)
    if gig.state in _UNPUBLISHED:
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
        reaches = bool(gig.channel) or audiences.count(session, gig, now) > 0
        locale = (author.locale if author else None) or people.company(session).locale
        if staff and reaches and not _faults(session, gig, now):
            go_out(session, gig, paces, now, locale)
            number += 1
            continue
        planned = gig.publish_at
        gig.state = GigState.DRAFT  # with the moment at which it should have gone out
        session.add(gig)
        session.flush()
        ledger.mark_stale(session, subjects.gig_draft(gig.id), now)
        if gig.desk_address:
            _card(session, gig, locale, f"{subjects.gig_draft(gig.id)}:{planned}", now)
    return number


def next_due(session: CompanySession) -> datetime | None:
    """When the next planned gig goes out."""
    return session.exec(select(func.min(Gig.publish_at)).where(Gig.state == GigState.SCHEDULED)).one()


# What a company's posts start with


def defaults(turn: Turn) -> Answer:
    if not turn.values:
        return Ask("gig.defaults", filled=defaults_of(turn.session))
    keep_defaults(turn.session, turn.values)
    return Say("defaults_saved", {"terms": _worded(turn.session, turn.locale)})


def keep_defaults(session: CompanySession, given: Mapping[str, str]) -> None:
    """New posts start with these; an empty one is forgotten."""
    company = session.get_one(Company, session.company_id)
    company.gig_defaults = {item: given[item] for item in lint.DEFAULTED if given.get(item)}
    session.add(company)
    session.flush()


def _worded(session: CompanySession, locale: str) -> list[list[str]]:
    known = defaults_of(session)
    return [[item, wording.value(item, text, locale)] for item, text in known.items()]
