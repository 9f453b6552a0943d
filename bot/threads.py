"""What is typed under one of our messages goes to the other side of the conversation it belongs to; when it is edited
or deleted, so are its copies there.

Platforms repeat events and let them overtake each other. Every message typed in a thread is noted by its own name when
it is first heard of, be it by an edit or a deletion that overtook it; when it comes at last, it does nothing. An edit
that comes first brings the message along; one that does not say where the message stands waits for it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from sqlmodel import select

from bot import access, answers, case_cards, cases, lines, privately, subjects
from bot.ports import Kind
from bot.turn import Answer, Say, Turn
from storage import early_edits, inbox, ledger
from storage.db import CompanySession
from storage.ledger import DeliveryRow, Draft
from storage.tables import Case, CaseMessage, DeliveryState, Gig, GigState, Role

EARLY = timedelta(hours=1)
"""So long after a message an edit may be the first that is heard of it: Slack gives up on an event after an hour. An
edit of an older message is of something that was carried nowhere."""


def carry(turn: Turn) -> Answer | bool:
    """What was typed under one of our messages, carried to the other side. False when it is under none of them, True
    when it was dealt with before."""
    if not is_first(turn):
        return True
    answer = _carried(turn)
    _catch_up(turn)
    return answer


def change(turn: Turn) -> Answer | bool:
    """A message was edited, deleted or restored. True where nothing is to be said of that."""
    message = lines.of_source(turn.session, turn.inbound.source)
    if message is not None:
        _change(turn, message)
        return True
    if turn.inbound.overheard and not _is_under_gig(turn):
        return True
    kind, typed_at = turn.inbound.kind, turn.inbound.typed_at
    is_recent = typed_at is not None and turn.now - typed_at < EARLY
    if kind is Kind.DELETED:
        is_first(turn)
        early_edits.take(turn.session, _digest(turn.inbound.source))
    elif kind is Kind.EDITED and is_recent and turn.inbound.unplaced and turn.person is not None:
        _keep_for_later(turn, turn.person.id)
    elif kind is Kind.EDITED and is_recent and turn.inbound.thread and is_first(turn):
        return _carried(turn) or True
    return True


def _keep_for_later(turn: Turn, person_id: int) -> None:
    """Whether the message stands in a thread of ours is known when it comes."""
    source, at = turn.inbound.source, turn.inbound.changed_at or turn.now
    if is_first(turn):
        inbox.forget(turn.session, _name(source))
        early_edits.keep(turn.session, _digest(source), person_id, turn.inbound.text, at, turn.now)
    elif (message := lines.of_source(turn.session, source)) is not None:  # it has come at this very moment
        _change(turn, message)


def _catch_up(turn: Turn) -> None:
    """The message reads as the edit says that overtook it."""
    early = early_edits.take(turn.session, _digest(turn.inbound.source)) if turn.inbound.source else None
    message = lines.of_source(turn.session, turn.inbound.source) if early else None
    if early is not None and message is not None:
        edited = replace(turn.inbound, kind=Kind.EDITED, text=early.text, changed_at=early.at)
        _change(replace(turn, inbound=edited), message)


def is_first(turn: Turn) -> bool:
    """Whether the message was not heard of before; from now on it was. Noted as a digest: the name of a message has
    that of its conversation in it, and an erasure has to leave nothing of that."""
    source = turn.inbound.source
    return not source or inbox.record(turn.session, _name(source), turn.now)


def _name(source: str) -> str:
    return f"said:{_digest(source)}"


def _digest(source: str) -> str:
    return sha256(source.encode()).hexdigest()


def _change(turn: Turn, message: CaseMessage) -> None:
    """The newest change by the platform's clock counts, whatever order they come in."""
    inbound = turn.inbound
    at = inbound.changed_at or turn.now
    before = max(filter(None, (message.edited_at, message.removed_at)), default=None)
    if before is not None and at <= before:
        return
    match inbound.kind:
        case Kind.DELETED:
            message.text, message.files, message.removed_at = "", [], at
        case Kind.EDITED if message.removed_at is None:
            message.text, message.edited_at = inbound.text, at
        case Kind.RESTORED:
            message.text, message.edited_at, message.removed_at = inbound.text or message.text, at, None
        case _:
            return
    turn.session.add(message)
    turn.session.flush()
    case_cards.show(turn.session, message.case_id, turn.now)
    copies, cause = subjects.case_alumnus(message.case_id), subjects.case_message(message.case_id, message.id)
    ledger.mark_stale(turn.session, copies, turn.now, cause=cause)


def _carried(turn: Turn) -> Answer | bool:
    row = _root(turn)
    if row is None or row.subject is None or turn.person is None:
        return False
    if not turn.inbound.text and not turn.inbound.files:
        return False
    kind, number, *rest = row.subject.split(":")
    match kind, rest:
        case "gig", [] if row.person_id == turn.person.id:
            return _passed_on(turn, partial(_from_alumnus, turn, int(number)))
        case "gig", [] if row.person_id is None and turn.person.role is Role.ALUMNUS:
            return _in_channel(turn, int(number))
        case "case", ["alumnus"] if row.person_id == turn.person.id:
            case = turn.session.get(Case, int(number))
            if case is None:
                return False
            if case.gig_id is None:
                return _passed_on(turn, partial(cases.go_on, turn, case))
            return _passed_on(turn, partial(_from_alumnus, turn, case.gig_id))
        case "case", [] if turn.is_staff:
            case = cases.held(turn.session, int(number))
            return _passed_on(turn, partial(cases.answer_case, turn, case)) if case else False
        case "gig", ["desk"] if turn.is_staff:
            case = cases.waiting_case(turn, int(number))
            if case is None:
                return Say("which_case", notice=True)
            return _passed_on(turn, partial(cases.answer_case, turn, case))
        case _:
            return False


def _in_channel(turn: Turn, gig_id: int) -> bool:
    """Typed under a channel's copy of a gig: HR gets it as any question, and what becomes of it is told to the writer
    alone. True also of somebody who is no active alumnus: they are no stranger, and nothing of theirs is carried."""
    if access.check(turn.person, access.MEMBERS) is not None:
        return True
    said = _passed_on(turn, partial(_from_alumnus, turn, gig_id))
    address = privately.address_of(turn)
    if isinstance(said, Say) and address:
        draft = privately.draft(turn, address, f"channel:{turn.inbound.key}", said)
        ledger.enqueue(turn.session, [draft], turn.now)
    return True


def overhear(turn: Turn) -> None:
    """Something was typed where the bot is, and not to it: nothing of it is noted but under a copy of a gig."""
    if turn.person is not None and _is_under_gig(turn) and is_first(turn):
        _carried(turn)


def _is_under_gig(turn: Turn) -> bool:
    root = ledger.by_ref(turn.session, turn.inbound.thread or "")
    return root is not None and root.template == "gig_offer" and root.person_id is None


def _passed_on(turn: Turn, to: Callable[[str], Answer]) -> Answer:
    """The words go on with links to the files, and the writer is told what became of these."""
    files = turn.inbound.files
    passed = [lines.name_of(file) for file in lines.passable(turn)]
    told: dict[str, Any] = {"passed": passed, "left": lines.left(turn), "megabytes": turn.largest_file // 1024 // 1024}
    served = lines.served(turn)
    told |= {"days": served.days, "minutes": served.seconds // 60}
    if not turn.inbound.text and not passed:
        return Say("files_passed", told, notice=True)
    answer = to(turn.inbound.text)
    went = lines.of_source(turn.session, turn.inbound.source) if files else None
    if went is None:
        return answer
    return Say("files_passed", told | ({"case": went.case_id} if turn.is_staff else {}), notice=True)


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
    return cases.passed_on(turn, gig)


def did_not_arrive(session: CompanySession, row: DeliveryRow, state: DeliveryState, now: datetime) -> None:
    """HR is told of a message of a case that was refused, or of which nobody can say whether it arrived: where it was
    theirs, their cards mark it; where it was for them, they get a second word, once."""
    if not subjects.is_case(row.subject):
        return
    case_id = int((row.subject or "").split(":")[1])
    if row.template == "case_answer":
        case_cards.show(session, case_id, now)
    elif row.template == case_cards.TEMPLATE and state is DeliveryState.UNCONFIRMED:
        again = Draft(
            cause=f"{row.cause}:unclear",
            recipient=row.recipient,
            platform=row.platform,
            workspace=row.workspace,
            address=row.address,
            thread=row.thread,
            thread_of=row.thread_of,
            template="case_unclear",
            args=row.args,
            locale=row.locale,
            person_id=row.person_id,
            subject=row.subject,
        )
        ledger.enqueue(session, [again], now)
