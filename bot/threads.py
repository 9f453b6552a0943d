"""What is typed under one of our messages goes to the other side of the conversation it belongs to."""

from sqlmodel import select

from bot import answers, cases
from bot.turn import Answer, Say, Turn
from storage import ledger
from storage.ledger import DeliveryRow
from storage.tables import Case, Gig, GigState


def carry(turn: Turn) -> Answer | bool:
    """What was typed under one of our messages, carried to the other side. False when it is under none of them."""
    row = _root(turn)
    if row is None or row.subject is None or turn.person is None:
        return False
    kind, number, *rest = row.subject.split(":")
    text = turn.inbound.text
    match kind, rest:
        case "gig", [] if row.person_id == turn.person.id:
            return _from_alumnus(turn, int(number), text)
        case "case", ["alumnus"] if row.person_id == turn.person.id:
            case = turn.session.get(Case, int(number))
            return _from_alumnus(turn, case.gig_id, text) if case else False
        case "case", [] if turn.is_staff:
            case = turn.session.get(Case, int(number))
            return cases.answer_case(turn, case, text) if case else False
        case "gig", ["desk"] if turn.is_staff:
            case = cases.waiting_case(turn, int(number))
            return cases.answer_case(turn, case, text) if case else Say("which_case", notice=True)
        case _:
            return False


def _root(turn: Turn) -> DeliveryRow | None:
    """The message that heads the thread. Somebody may be quicker than the platform's answer to us: then it is the only
    message to them whose ref we do not know yet."""
    known = ledger.by_ref(turn.session, turn.inbound.thread or "")
    if known is not None:
        return known
    waiting = ledger.unsettled(turn.session, turn.inbound.address)
    return waiting[0] if len(waiting) == 1 else None


def _from_alumnus(turn: Turn, gig_id: int, text: str) -> Answer:
    """A conversation that has begun goes on after its gig is closed; a new one does not start then."""
    gig = turn.session.get(Gig, gig_id)
    if gig is None:
        return Say("gig_unknown", notice=True)
    begun = turn.session.exec(select(Case.id).where(Case.gig_id == gig_id, Case.person_id == turn.member.id)).first()
    if gig.state is not GigState.OPEN and begun is None:
        return Say("gig_closed", {"gig": gig_id}, notice=True)
    if gig.state is GigState.OPEN:
        return answers.ask_about(turn, gig, text)
    cases.say_to_desk(turn, gig, text)
    return Say("question_passed_on", {"gig": gig_id}, notice=True)
