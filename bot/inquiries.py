"""What an alumnus asks HR without a gig: said to be a question, or typed to the bot and not understood."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from bot import cases, desks, privately, subjects, texts
from bot.scene import Scene
from bot.turn import Answer, Ask, Say, Turn
from storage import ledger, people
from storage.tables import Case, CaseMessage, CaseState, Gig, Side

LONGEST = 3000
AGAIN_WITHIN = timedelta(minutes=10)
"""The same words from the same person are the same question for so long."""
OFFERED = 2
"""Conversations, and topics, to which what was not understood can be sent by a button each."""


@dataclass(frozen=True, slots=True)
class OpenCase:
    id: int
    title: str


@dataclass(frozen=True, slots=True)
class OfferView:
    """Where something that was not understood may belong."""

    cases: tuple[OpenCase, ...]
    topics: tuple[str, ...]


def offer_view(scene: Scene, person_id: int) -> OfferView:
    """Raises LookupError for everybody but the person."""
    if scene.reader is None or scene.reader.id != person_id:
        raise LookupError(f"the conversations of {person_id} are nobody else's")
    open_ones = Case.person_id == person_id, Case.state != CaseState.CLOSED
    found = scene.session.exec(select(Case).where(*open_ones).order_by(col(Case.id).desc()).limit(OFFERED)).all()
    gigs = [scene.session.get(Gig, case.gig_id) if case.gig_id else None for case in found]
    pairs = zip(found, gigs, strict=True)
    shown = tuple(OpenCase(case.id or 0, gig.title if gig else case.title) for case, gig in pairs)
    return OfferView(shown, tuple(desks.topics(scene.session)[:OFFERED]))


def not_understood(turn: Turn) -> Answer:
    """Nobody is left without an answer: what was said comes back with a way on. An alumnus who writes to the bot alone
    may mean HR: the words are kept, to be sent with one button; a mistyped command troubles nobody."""
    text = turn.inbound.text
    asks = turn.person is not None and not turn.is_staff and turn.inbound.private and not turn.inbound.immediate
    if not asks:
        return Say("not_understood", {"text": text[:200]}, notice=True)
    return Say("not_understood", {"text": text, "offer": turn.member.id}, notice=True)


def ask(turn: Turn) -> Answer:
    """`ask TEXT`; the first word may be a topic of the company's."""
    topic, text = desks.topic_in(turn.session, turn.values["text"])
    return _open(turn, topic, text)


def send(turn: Turn) -> Answer:
    """What was not understood goes to HR after all: as a new question, or to the conversation that a button names."""
    row = ledger.by_ref(turn.session, turn.inbound.pressed or "")
    text = row.args.get("text", "") if row and row.person_id == turn.member.id else ""
    if not text:
        return Ask("ask")
    if len(text) > LONGEST:
        return Ask("ask", filled={"text": text}, errors={"text": "too_long"})
    number = texts.number(turn.args.get("case", ""))
    if number is not None:
        case = cases.held(turn.session, number)
        if case is None or case.person_id != turn.member.id:
            return Say("case_unknown", notice=True)
        return _told(turn, case) if _same(turn, text, case.id) else cases.go_on(turn, case, text)
    topic = turn.args.get("topic", "")
    return _open(turn, topic if topic in desks.topics(turn.session) else "", text)


def _open(turn: Turn, topic: str, text: str) -> Answer:
    people.held(turn.session, turn.member.id)  # the same, twice at once, is one question
    case = _same(turn, text) or cases.open_about(turn, topic, text)
    if case is None:
        return Say("desk_none", notice=True)
    address = privately.address_of(turn)
    if address:
        said = Say("case_opened", {"asked": case.id, "promise": case.id})
        draft = privately.draft(turn, address, cases.opened(case), said, subject=subjects.case_alumnus(case.id))
        ledger.enqueue(turn.session, [draft], turn.now)
        if turn.inbound.private and not turn.inbound.immediate:
            return None
    return _told(turn, case)


def _told(turn: Turn, case: Case) -> Answer:
    return Say("case_passed_on", {"asked": case.id, "promise": case.id}, notice=True, done=True)


def _same(turn: Turn, text: str, case_id: int | None = None) -> Case | None:
    """The case to which the speaker has just said the same: with `case_id` that one, else one about no gig."""
    since: datetime = turn.now - AGAIN_WITHIN
    said = (
        select(Case)
        .join(CaseMessage, col(CaseMessage.case_id) == col(Case.id))
        .where(Case.person_id == turn.member.id, CaseMessage.side == Side.ALUMNUS, CaseMessage.text == text)
        .where(col(CaseMessage.at) > since, Case.id == case_id if case_id else col(Case.gig_id).is_(None))
        .order_by(col(Case.id).desc())
    )
    return turn.session.exec(said).first()
