"""Broadcasts: HR writes news, looks at it, has it approved where the company asks for two, and sends it to a segment.

Whatever ends a step holds the broadcast's row: of two who press at once the second sees what the first has done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, func, select

from bot import (
    audiences,
    broadcast_templates,
    clicks,
    clock,
    conditions,
    named,
    news,
    saved_segments,
    segments,
    spreading,
    subjects,
    texts,
)
from bot.cards import FieldKind
from bot.clicks import Counting, Followed
from bot.ports import Pace
from bot.prompts import Question
from bot.scene import Scene
from bot.segments import Chosen
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import ledger, people
from storage.circulars import Circular
from storage.db import CompanySession
from storage.ledger import Draft
from storage.tables import Broadcast, BroadcastState, Company, DeliveryState, Person, PersonState, Role

LONGEST = 2500
"""Characters of a text: both languages stand on one card."""
TEXT = (
    Question("title_ja", required=False, max_length=150),
    Question("text_ja", FieldKind.TEXT, required=False, max_length=LONGEST),
    Question("title_en", required=False, max_length=150),
    Question("text_en", FieldKind.TEXT, required=False, max_length=LONGEST),
    Question("picture", required=False, max_length=500),
    Question("picture_alt", required=False, max_length=300),
)
FORM = (*TEXT, broadcast_templates.NAMED)
AUDIENCE = (
    saved_segments.PICKED,
    Question("skills", required=False, max_length=500),
    Question("match", FieldKind.CHOICE, required=False, max_length=20, choices=(audiences.ANY, audiences.ALL)),
    Question("cities", required=False, max_length=audiences.LONGEST),
    Question("joined_from", required=False, max_length=5),
    Question("joined_to", required=False, max_length=5),
    Question("departments", required=False, max_length=audiences.LONGEST),
    Question("answered", FieldKind.CHOICE, required=False, max_length=20, choices=("no", "yes")),
    Question("attended", FieldKind.CHOICE, required=False, max_length=20, choices=("no", "yes")),
    Question("since", FieldKind.DATE, required=False, max_length=10),
    conditions.THEN,
    saved_segments.NAMED,
)
SCHEDULE = (Question("day", FieldKind.DATE, max_length=10), Question("time", max_length=5))
SKIPS = ("broadcast_cancelled", "opted_out", "snoozed", "topic_stopped", "consent_withdrawn", "person_left", "merged")
"""Guards that have a sentence of their own in prompts/*/skips.md.j2."""
FAULTS = frozenset({"title_and_text", "not_a_picture", "picture_needs_words"})
_BEFORE = (BroadcastState.DRAFT, BroadcastState.REVIEW, BroadcastState.SCHEDULED)
_ON = frozenset(map(texts.folded, ("on", "yes", "する", "オン")))
_OFF = frozenset(map(texts.folded, ("off", "no", "しない", "オフ")))
LISTED = 4
"""Broadcasts in the list, with a button each."""


# What HR sees


@dataclass(frozen=True, slots=True)
class BroadcastView:
    """`skipped` are those to whom it was not sent, by the guard that said so. `people` is whom it would reach now, and
    `saved` the name under which HR has saved this audience. `counting`: whether it is counted who follows its `links`;
    where it is not, nobody has."""

    id: int
    state: str
    title_ja: str
    text_ja: str
    title_en: str
    text_en: str
    picture: str
    picture_alt: str
    revision: int
    author: str
    own: bool
    approver: str
    needs_two: bool
    send_at: datetime | None
    sent_at: datetime | None
    closed_at: datetime | None
    people: int
    sample: str
    chosen: Chosen
    saved: str
    audience: int
    sent: int
    waiting: int
    held: int
    refused: int
    refusals: tuple[tuple[str, int], ...]
    unclear: int
    skipped: tuple[tuple[str, int], ...]
    read: int
    done_at: datetime | None
    counting: str = Counting.YES
    links: tuple[Followed, ...] = ()

    @property
    def title(self) -> str:
        return self.title_ja or self.title_en


def broadcast_view(scene: Scene, broadcast_id: int) -> BroadcastView:
    """Raises LookupError when there is no such broadcast, and for whoever is not of HR."""
    broadcast = news.broadcast_of(scene.session, broadcast_id)
    if broadcast is None or (scene.reader is not None and scene.reader.role is Role.ALUMNUS):
        raise LookupError(f"no broadcast {broadcast_id}")
    session, subject, before = scene.session, subjects.broadcast(broadcast_id), broadcast.state in _BEFORE
    states = {} if before else ledger.counts(session, subject)
    waiting = states.get(DeliveryState.QUEUED, 0) + states.get(DeliveryState.SENDING, 0)
    reached = segments.count(session, broadcast, scene.now) if before else 0
    return BroadcastView(
        id=broadcast_id,
        state=broadcast.state,
        title_ja=broadcast.title_ja,
        text_ja=broadcast.text_ja,
        title_en=broadcast.title_en,
        text_en=broadcast.text_en,
        picture=broadcast.picture,
        picture_alt=broadcast.picture_alt,
        revision=broadcast.revision,
        author=_name(session, broadcast.author_id),
        own=scene.reader is not None and scene.reader.id == broadcast.author_id,
        approver=_name(session, broadcast.approver_id),
        needs_two=session.get_one(Company, session.company_id).broadcasts_need_two,
        send_at=broadcast.send_at,
        sent_at=broadcast.sent_at,
        closed_at=broadcast.closed_at,
        people=reached,
        sample=texts.joined(segments.sample(session, broadcast, scene.now), scene.locale) if before else "",
        chosen=segments.read(broadcast.audience),
        saved=saved_segments.name_of(session, broadcast.audience) if before else "",
        audience=sum(states.values()),
        sent=states.get(DeliveryState.SENT, 0),
        waiting=waiting,
        held=states.get(DeliveryState.HELD, 0),
        refused=states.get(DeliveryState.REFUSED, 0),
        refusals=tuple(ledger.refusals(session, subject).items()) if states.get(DeliveryState.REFUSED) else (),
        unclear=states.get(DeliveryState.UNCONFIRMED, 0),
        skipped=_skipped(session, subject) if states.get(DeliveryState.CANCELLED) else (),
        read=0 if before else news.read_by(session, broadcast_id),
        done_at=ledger.last_due(session, subject) if waiting else None,
        counting=clicks.counting(scene.public_url, reached if before else sum(states.values())),
        links=clicks.followed(session, broadcast),
    )


def _skipped(session: CompanySession, subject: str) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for reason, number in ledger.reasons(session, subject, DeliveryState.CANCELLED).items():
        known = reason if reason in SKIPS else "other"
        found[known] = found.get(known, 0) + number
    return tuple(found.items())


def _name(session: CompanySession, person_id: int | None) -> str:
    person = session.get(Person, person_id) if person_id is not None else None
    return person.name if person else ""


@dataclass(frozen=True, slots=True)
class ListedView:
    id: int
    title: str
    state: str


def broadcasts_view(scene: Scene, _newest: int) -> tuple[ListedView, ...]:
    """The newest ones. Raises LookupError for whoever is not of HR."""
    if scene.reader is not None and scene.reader.role is Role.ALUMNUS:
        raise LookupError("broadcasts are HR's")
    query = select(Broadcast).where(Broadcast.state != BroadcastState.DISCARDED).order_by(col(Broadcast.id).desc())
    return tuple(
        ListedView(one.id or 0, one.title_ja or one.title_en, one.state)
        for one in scene.session.exec(query.limit(LISTED))
    )


def list_(_turn: Turn) -> Answer:
    return Say("broadcasts", {"broadcasts": LISTED})


def show(turn: Turn) -> Answer:
    broadcast = news.broadcast_of(turn.session, turn.args.get("broadcast", ""))
    return _shown(broadcast) if broadcast else Say("broadcast_unknown", notice=True)


def _shown(broadcast: Broadcast) -> Say:
    return Say("broadcast_card", {"broadcast": broadcast.id or 0})


# What it says, and to whom


def write(turn: Turn) -> Answer:
    """The first form: of a new one, or of one that is not out yet. What was changed is approved anew."""
    broadcast = _held(turn)
    if isinstance(broadcast, Say):
        return broadcast
    if not turn.values:
        known = _said(broadcast) if broadcast else _begun(turn)
        return broadcast_templates.unknown() if known is None else Ask("broadcast", _carried(broadcast), known)
    faults = _faults(turn.values)
    if faults:
        return Ask("broadcast", turn.args, turn.values, errors=faults)
    asked = broadcast_templates.keep(turn, "broadcast", turn.values)
    if asked is not None:
        return asked
    said = {question.name: turn.values[question.name] for question in TEXT}
    if broadcast is None:
        speaker, own = turn.inbound.speaker, turn.account.address if turn.account else ""
        broadcast = Broadcast(
            author_id=turn.member.id,
            desk_platform=speaker.platform,
            desk_workspace=speaker.workspace,
            desk_address=turn.inbound.address if turn.inbound.reference is not None else own,
            created_at=turn.now,
        )
        return _added(turn, broadcast, said, kept=named.tidied(turn.values["save_as"]))
    for name, text in said.items():
        setattr(broadcast, name, text)
    return _changed(turn, broadcast)


def _said(broadcast: Broadcast) -> dict[str, str]:
    return {question.name: str(getattr(broadcast, question.name)) for question in TEXT}


def _begun(turn: Turn) -> dict[str, str] | None:
    """What a new one says at first: nothing, or what the template says that was chosen, where it is still there."""
    chosen = turn.args.get("template")
    return {} if chosen is None else broadcast_templates.says(turn.session, chosen)


def keep(turn: Turn) -> Answer:
    """What it says becomes a template, under a name that is asked for."""
    broadcast = news.broadcast_of(turn.session, turn.args.get("broadcast", ""))
    if broadcast is None:
        return Say("broadcast_unknown", notice=True)
    if not turn.values:
        title = broadcast.title_ja or broadcast.title_en
        return Ask("broadcast.template", _carried(broadcast), {"save_as": title[: named.LENGTH]})
    asked = broadcast_templates.keep(turn, "broadcast.template", _said(broadcast))
    return asked or Say("template_saved", {"kept": named.tidied(turn.values["save_as"])}, notice=True, done=True)


def _added(turn: Turn, broadcast: Broadcast, said: Mapping[str, str], kept: str = "") -> Answer:
    """A new draft, and its card. `kept` is the template that was saved with it."""
    for name, text in said.items():
        setattr(broadcast, name, text)
    turn.session.add(broadcast)
    turn.session.flush()
    ledger.enqueue(turn.session, [_card(broadcast, turn.locale)], turn.now)
    args = {"broadcast": broadcast.id or 0, **({"kept": kept} if kept else {})}
    return Say("broadcast_saved", args, notice=True, done=True)


def _faults(said: Mapping[str, str]) -> dict[str, str]:
    """One language is enough, and what is said in it has a title and a text."""
    for language in ("ja", "en"):
        title, text = said[f"title_{language}"], said[f"text_{language}"]
        if bool(title) != bool(text):
            return {f"{'text' if title else 'title'}_{language}": "title_and_text"}
    if not said["title_ja"] and not said["title_en"]:
        return {"title_ja": "title_and_text"}
    if said["picture"] and not said["picture"].startswith("https://"):
        return {"picture": "not_a_picture"}
    return {"picture_alt": "picture_needs_words"} if said["picture"] and not said["picture_alt"] else {}


def audience(turn: Turn) -> Answer:
    broadcast = _held(turn)
    if isinstance(broadcast, Say) or broadcast is None:
        return broadcast or Say("broadcast_unknown", notice=True)
    chosen = saved_segments.chosen(turn, "broadcast.audience", _carried(broadcast), broadcast.audience)
    if isinstance(chosen, Ask):
        return chosen
    broadcast.audience = chosen.stored()
    answer = _changed(turn, broadcast)
    return saved_segments.more(turn, "broadcast.conditions", _carried(broadcast), chosen) or answer


def narrow(turn: Turn) -> Answer:
    """The second form of its audience."""
    broadcast = _held(turn)
    if isinstance(broadcast, Say) or broadcast is None:
        return broadcast or Say("broadcast_unknown", notice=True)
    chosen = saved_segments.narrowed(turn, "broadcast.conditions", _carried(broadcast), broadcast.audience)
    if isinstance(chosen, Ask):
        return chosen
    broadcast.audience = chosen.stored()
    return _changed(turn, broadcast)


def _changed(turn: Turn, broadcast: Broadcast) -> Answer:
    """Nobody has approved what it says now, and whoever changed it cannot be the second."""
    broadcast.author_id, broadcast.approver_id, broadcast.send_at = turn.member.id, None, None
    return _moved(turn, broadcast, BroadcastState.DRAFT)


def _moved(turn: Turn, broadcast: Broadcast, state: BroadcastState) -> Answer:
    move(turn.session, broadcast, state, turn.now)
    return Refresh(_shown(broadcast))


def move(session: CompanySession, broadcast: Broadcast, state: BroadcastState, now: datetime) -> None:
    broadcast.state, broadcast.revision = state, broadcast.revision + 1
    session.add(broadcast)
    session.flush()
    ledger.mark_stale(session, subjects.desk_of(subjects.broadcast(broadcast.id)), now)


def _carried(broadcast: Broadcast | None) -> dict[str, str]:
    return {"broadcast": str(broadcast.id)} if broadcast else {}


def _held(turn: Turn) -> Broadcast | Say | None:
    """The one that is not out yet, which nobody else changes until the transaction ends; None for a new one."""
    if "broadcast" not in turn.args:
        return None
    broadcast = _locked(turn.session, turn.args["broadcast"])
    if broadcast is None:
        return Say("broadcast_unknown", notice=True)
    return broadcast if broadcast.state in _BEFORE else _shown(broadcast)


def _locked(session: CompanySession, broadcast_id: str) -> Broadcast | None:
    query = select(Broadcast).where(Broadcast.id == (texts.number(broadcast_id) or 0))
    query = query.with_for_update(key_share=True)
    return session.exec(query.execution_options(populate_existing=True)).first()


def _card(broadcast: Broadcast, locale: str, address: tuple[str, str, str] | None = None) -> Draft:
    """HR's card, where it was written, or for somebody who is to approve it."""
    platform, workspace, where = address or (
        broadcast.desk_platform,
        broadcast.desk_workspace,
        broadcast.desk_address,
    )
    subject = subjects.desk_of(subjects.broadcast(broadcast.id))
    return Draft(
        cause=f"{subject}:{broadcast.revision}" if address else subject,
        recipient=where,
        platform=platform,
        workspace=workspace,
        address=where,
        template="broadcast_card",
        args={"broadcast": broadcast.id or 0},
        locale=locale,
        subject=subject,
    )


# How it goes out


def test(turn: Turn) -> Answer:
    """As alumni will read it, to the one who presses."""
    broadcast = _locked(turn.session, turn.args.get("broadcast", ""))
    if broadcast is None:
        return Say("broadcast_unknown", notice=True)
    account = turn.account
    if account is not None and account.address:
        speaker = turn.inbound.speaker
        drafts = [
            Draft(
                cause=f"news:test:{turn.inbound.key}:{locale}",
                recipient=account.address,
                platform=speaker.platform,
                workspace=speaker.workspace,
                address=account.address,
                template="news",
                args={"news": broadcast.id or 0},
                person_id=turn.member.id,
                locale=locale,
            )
            for locale in ("ja", "en")
            if getattr(broadcast, f"title_{locale}")
        ]
        ledger.enqueue(turn.session, drafts, turn.now)
    return Refresh(_shown(broadcast))


def send(turn: Turn) -> Answer:
    """At once, or to whoever has to approve it first."""
    broadcast = _held(turn)
    if broadcast is None or isinstance(broadcast, Say):
        return broadcast or Say("broadcast_unknown", notice=True)
    if not _is_seen(turn, broadcast) or not segments.count(turn.session, broadcast, turn.now):
        return Refresh(_shown(broadcast))
    broadcast.send_at = None
    return _released(turn, broadcast)


def schedule(turn: Turn) -> Answer:
    """At a wall time of the company's zone."""
    broadcast = _held(turn)
    if broadcast is None or isinstance(broadcast, Say):
        return broadcast or Say("broadcast_unknown", notice=True)
    if not turn.values:
        return Ask("broadcast.schedule", _carried(broadcast), {"time": "09:00"})
    at = clock.time_of_day(turn.values["time"])
    if at is None:
        return Ask("broadcast.schedule", turn.args, turn.values, errors={"time": "not_a_time"})
    moment = clock.instant(datetime.combine(date.fromisoformat(turn.values["day"]), at), turn.company.timezone)
    if moment <= turn.now:
        return Ask("broadcast.schedule", turn.args, turn.values, errors={"day": "moment_is_past"})
    broadcast.send_at = moment
    return _released(turn, broadcast)


def _released(turn: Turn, broadcast: Broadcast) -> Answer:
    """Its writer has done their part. Where two are needed, everybody else of HR gets the card."""
    company = turn.session.get_one(Company, turn.session.company_id)
    if not company.broadcasts_need_two:
        return _on_its_way(turn, broadcast)
    answer = _moved(turn, broadcast, BroadcastState.REVIEW)
    others = [(one, at) for one, at in people.staff(turn.session) if one.id != turn.member.id]
    cards = [_card(broadcast, one.locale, (at.platform, at.workspace, at.address)) for one, at in others]
    here = (broadcast.desk_platform, broadcast.desk_workspace, broadcast.desk_address)
    ledger.enqueue(turn.session, [card for card in cards if card.address != here[2]], turn.now)
    return answer


def approve(turn: Turn) -> Answer:
    """A second one of HR: not who wrote it, and only what they have seen."""
    broadcast = _held(turn)
    if broadcast is None or isinstance(broadcast, Say):
        return broadcast or Say("broadcast_unknown", notice=True)
    if broadcast.state is not BroadcastState.REVIEW or not _is_seen(turn, broadcast):
        return Refresh(_shown(broadcast))
    if broadcast.author_id == turn.member.id:
        return Say("approve_another", notice=True)
    broadcast.approver_id = turn.member.id
    return _on_its_way(turn, broadcast)


def _is_seen(turn: Turn, broadcast: Broadcast) -> bool:
    """The button is of the card as it is now, and not of one from before somebody changed it."""
    return turn.args.get("revision", "") == str(broadcast.revision)


def _on_its_way(turn: Turn, broadcast: Broadcast) -> Answer:
    if broadcast.send_at is not None and broadcast.send_at > turn.now:
        return _moved(turn, broadcast, BroadcastState.SCHEDULED)
    go_out(turn.session, broadcast, turn.paces, turn.now)
    return Refresh(_shown(broadcast))


def go_out(session: CompanySession, broadcast: Broadcast, paces: Mapping[str, Pace], now: datetime) -> None:
    broadcast.sent_at = now
    to = segments.everybody(session, broadcast, now)
    move(session, broadcast, BroadcastState.OUT, now)
    broadcast_id = broadcast.id or 0
    subject = subjects.broadcast(broadcast_id)
    circular = Circular(cause=subject, template="news", args={"news": broadcast_id}, subject=subject)
    spreading.circulate(session, to, circular, paces, now)


def back(turn: Turn) -> Answer:
    """It is a draft again."""
    return _ended(turn, BroadcastState.DRAFT)


def discard(turn: Turn) -> Answer:
    return _ended(turn, BroadcastState.DISCARDED)


def _ended(turn: Turn, state: BroadcastState) -> Answer:
    broadcast = _held(turn)
    if broadcast is None or isinstance(broadcast, Say):
        return broadcast or Say("broadcast_unknown", notice=True)
    broadcast.send_at = broadcast.approver_id = None
    broadcast.closed_at = turn.now if state is BroadcastState.DISCARDED else None
    return _moved(turn, broadcast, state)


def cancel(turn: Turn) -> Answer:
    """Nothing more leaves, but what is being sent at this moment. Who has it keeps it."""
    broadcast = _locked(turn.session, turn.args.get("broadcast", ""))
    if broadcast is None:
        return Say("broadcast_unknown", notice=True)
    if broadcast.state is BroadcastState.OUT:
        broadcast.closed_at = turn.now
        ledger.cancel_queued(turn.session, subjects.broadcast(broadcast.id), "broadcast_cancelled", turn.now)
        return _moved(turn, broadcast, BroadcastState.CANCELLED)
    return Refresh(_shown(broadcast))


def resend(turn: Turn) -> Answer:
    """To those alone to whom it could not be delivered; with `unclear`, to those of whom nobody knows."""
    broadcast = _locked(turn.session, turn.args.get("broadcast", ""))
    if broadcast is None:
        return Say("broadcast_unknown", notice=True)
    if broadcast.state is BroadcastState.OUT:
        subject = subjects.broadcast(broadcast.id)
        again = ledger.send_again if turn.args.get("which") == "unclear" else ledger.send_refused_again
        again(turn.session, subject, turn.now)
        ledger.mark_stale(turn.session, subjects.desk_of(subject), turn.now)
    return Refresh(_shown(broadcast))


def duplicate(turn: Turn) -> Answer:
    """A new draft that says the same to the same segment."""
    broadcast = news.broadcast_of(turn.session, turn.args.get("broadcast", ""))
    if broadcast is None:
        return Say("broadcast_unknown", notice=True)
    copy = Broadcast(
        author_id=turn.member.id,
        audience=broadcast.audience,
        desk_platform=broadcast.desk_platform,
        desk_workspace=broadcast.desk_workspace,
        desk_address=broadcast.desk_address,
        created_at=turn.now,
    )
    return _added(turn, copy, _said(broadcast))


def send_due(session: CompanySession, paces: Mapping[str, Pace], now: datetime) -> int:
    """Send what was planned for now; returns how many. One that has become wrong is a draft again: its author is none
    of HR any more, nobody is reached, or two are needed by now and one has seen it."""
    due = select(Broadcast).where(Broadcast.state == BroadcastState.SCHEDULED, col(Broadcast.send_at) <= now)
    number = 0
    for broadcast in session.exec(due.order_by(col(Broadcast.id)).with_for_update(key_share=True)).all():
        author = session.get(Person, broadcast.author_id)
        staff = author is not None and author.state is PersonState.ACTIVE and author.role is not Role.ALUMNUS
        lacks = session.get_one(Company, session.company_id).broadcasts_need_two and not broadcast.approver_id
        if staff and not lacks and segments.count(session, broadcast, now):
            go_out(session, broadcast, paces, now)
            number += 1
        else:
            move(session, broadcast, BroadcastState.DRAFT, now)
    return number


def next_due(session: CompanySession) -> datetime | None:
    """When the next planned broadcast goes out."""
    planned = Broadcast.state == BroadcastState.SCHEDULED
    return session.exec(select(func.min(Broadcast.send_at)).where(planned)).one()


def approval(turn: Turn) -> Answer:
    """`broadcast approval on`, or `off`; without a word, how it is."""
    company = turn.session.get_one(Company, turn.session.company_id)
    word = texts.folded(turn.args.get("text", ""))
    if word in _ON | _OFF:
        company.broadcasts_need_two = word in _ON
        turn.session.add(company)
        turn.session.flush()
    return Say("broadcast_approval", {"on": company.broadcasts_need_two}, notice=True, done=True)
