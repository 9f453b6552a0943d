"""Forms and questions in the place of the card whose button was pressed: while one is there, the card's edits wait."""

from hashlib import sha256

from bot.ports import Kind
from bot.turn import Answer, Ask, Say, Turn
from storage import ledger, open_forms
from storage.ledger import DeliveryRow


def note(turn: Turn, answer: Answer) -> int | None:
    """What the answer to a press puts on the card is minded; any other answer ends what stood there. A refusal changes
    nothing on the screen. Returns the message in whose place a form stands now."""
    inbound = turn.inbound
    if inbound.kind not in (Kind.PRESSED, Kind.SUBMITTED) or not inbound.pressed:
        return None
    if isinstance(answer, Say) and answer.notice and not answer.done:
        return None
    row = ledger.by_ref(turn.session, inbound.pressed)
    if row is None or row.subject is None:  # nothing ever edits it
        return None
    if _takes_its_place(turn, answer, row):
        open_forms.open_one(turn.session, row.id, _holder(turn), turn.now)
        return row.id
    if open_forms.close(turn.session, row.id, _holder(turn)):
        ledger.have_work(turn.session)
    return None


def _takes_its_place(turn: Turn, answer: Answer, row: DeliveryRow) -> bool:
    match answer:
        case Ask():
            return turn.inbound.immediate
        case Say(in_place=True) if turn.inbound.immediate or turn.inbound.turns:
            return answer.template != row.template
        case _:
            return False


def _holder(turn: Turn) -> str:
    """An answer in the response is for whoever pressed, and for nobody else in a channel; where a page is turned, all
    see it."""
    if not turn.inbound.immediate:
        return ""
    speaker = turn.inbound.speaker
    return sha256(f"{speaker.platform}:{speaker.workspace}:{speaker.account}".encode()).hexdigest()
