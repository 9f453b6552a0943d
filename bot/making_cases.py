"""A message becomes a case: HR, or whoever wrote it, has found that it belongs there."""

from dataclasses import replace

from bot import cases, inquiries, lines, subjects, threads
from bot.turn import Answer, Say, Turn
from storage import audit, ledger, people
from storage.ledger import Draft
from storage.people import Member
from storage.tables import Case, PersonState, Role


def make(turn: Turn) -> Answer:
    """The message on which the speaker has used the shortcut goes to the default desk, in the name of the alumnus who
    wrote it. The same message, from whomever and whenever, is one case; its author is told."""
    inbound = turn.inbound
    author = people.by_account(
        turn.session, inbound.speaker.platform, turn.args.get("workspace", ""), turn.args.get("author", "")
    )
    own = author is not None and author.id == turn.member.id
    if not inbound.source:
        return Say("button_old", notice=True)
    if not turn.is_staff and not own:
        return Say("case_not_yours", notice=True)
    if author is None or author.role is not Role.ALUMNUS or author.state is not PersonState.ACTIVE:
        return Say("case_of_nobody", notice=True)
    if not inbound.text:
        return Say("case_without_words", notice=True)
    people.held(turn.session, author.id)
    threads.is_first(turn)  # an event that tells of it later tells nothing new
    said = lines.of_source(turn.session, inbound.source)
    if said is not None:
        return _told(turn, said.case_id, own=own, new=False)
    case = cases.open_about(replace(turn, person=author, account=None), "", _cut(inbound.text))
    if case is None:
        return Say("desk_none", notice=True)
    _tell_author(turn, author, case, own=own)
    if not own:
        audit.note(
            turn.session, "case.make", turn.now, actor_id=turn.member.id, subject_id=author.id, detail={"case": case.id}
        )
    return None if own else _told(turn, case.id or 0, own=own, new=True)


def _cut(text: str) -> str:
    """Whoever uses the shortcut cannot shorten what another has written."""
    return text if len(text) <= inquiries.LONGEST else f"{text[: inquiries.LONGEST - 1]}…"


def _told(turn: Turn, case_id: int, *, own: bool, new: bool) -> Answer:
    if own:
        return Say("case_passed_on", {"asked": case_id, "promise": case_id}, notice=True, done=True)
    return Say("case_made", {"case": case_id, "new": new}, notice=True, done=True)


def _tell_author(turn: Turn, author: Member, case: Case, *, own: bool) -> None:
    """HR's answers come below this."""
    accounts = [account for account in people.accounts_of(turn.session, author.id) if account.address]
    here = [account for account in accounts if account.platform == turn.inbound.speaker.platform]
    where = next(iter(here or accounts), None)
    if where is None:
        return
    draft = Draft(
        cause=cases.opened(case),
        recipient=where.address,
        person_id=author.id,
        platform=where.platform,
        workspace=where.workspace,
        address=where.address,
        template="case_opened" if own else "case_taken_up",
        args={"asked": case.id, "promise": case.id},
        subject=subjects.case_alumnus(case.id),
    )
    ledger.enqueue(turn.session, [draft], turn.now)
