"""From what HR has done to an entry of the audit log: one place, which every verb of theirs passes."""

from typing import Any

from bot import texts
from bot.access import STAFF
from bot.turn import Answer, Ask, Refresh, Say, Turn
from storage import audit, ledger, people
from storage.db import CompanySession, has_changed
from storage.tables import Case
from storage.tables import Person as PersonRow

_OF_PEOPLE = ("person", "invited", "invitation")
_KEPT = ("gig", "event", "case", "broadcast", "survey", "joining", "desk", "whom", "segment", "template")
_WRITES_ITSELF = frozenset(
    {
        "privacy.erase.confirm",
        "offboard.withdraw",
        "merge",
        "merge.compare",
        "merge.keep",
        "merge.undo",
        "unmerge",
        "gig.choose",
        "commission.resend",
        "commission.supplement",
        "commission.paper.sent",
    }
)


def is_audited(name: str, who: frozenset[Any] | None) -> bool:
    """Whether what this verb does belongs into the log: it is for HR alone."""
    return who is not None and who <= STAFF and name not in _WRITES_ITSELF


def note(turn: Turn, action: str, answer: Answer) -> None:
    """Write down what the speaker has done, unless nothing has changed. Names are left out: ids say who it was for as
    long as that is known."""
    changed = has_changed(turn.session) or ledger.is_due(turn.session)
    if isinstance(answer, Ask) or turn.person is None or not changed:
        return
    told = {**_told(answer), **turn.args}
    detail = {name: number for name in _KEPT if (number := _number(told.get(name))) is not None}
    subject = _subject(turn, told)
    audit.note(turn.session, action, turn.now, actor_id=turn.person.id, subject_id=subject, detail=detail)


def _told(answer: Answer) -> dict[str, Any]:
    said = answer.shown if isinstance(answer, Refresh) else answer
    return dict(said.args) if isinstance(said, Say) else {}


def _subject(turn: Turn, told: dict[str, Any]) -> int | None:
    """The person concerned: named by a button, by their case, or by the address in a form."""
    for name in _OF_PEOPLE:
        number = _number(told.get(name))
        if number is not None:
            return number if turn.session.get(PersonRow, number) else None
    case_id = _number(told.get("case"))
    case = turn.session.get(Case, case_id) if case_id is not None else None
    if case is not None:
        return case.person_id
    return _by_email(turn.session, turn.values.get("email", ""))


def _by_email(session: CompanySession, email: str) -> int | None:
    person = people.by_email(session, email.casefold()) if email else None
    return person.id if person else None


def _number(value: Any) -> int | None:
    return texts.number(str(value)) if value is not None else None
