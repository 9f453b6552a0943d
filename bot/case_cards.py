"""The cards of a case at its desk. The newest has the words and the buttons; those before it say once that it is there,
and rest: a long conversation does not edit all of its cards again with every word."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot import subjects
from storage import ledger
from storage.db import CompanySession
from storage.tables import Case

TEMPLATE = "case_desk"


def args(case: Case) -> Mapping[str, Any]:
    """Of a copy that is the newest until another card comes."""
    return {"case": {"id": case.id, "card": case.cards, "desk": case.desk_id}}


def subject_of(asked: int | Mapping[str, Any]) -> str:
    """Of a card that is told which it is, or only of which case."""
    return subjects.case(asked if isinstance(asked, int) else asked["id"])


def show(session: CompanySession, case_id: int | None, now: datetime) -> None:
    """The case is another one now: the newest card, what HR has had since, and reminders follow."""
    subject = subjects.case(case_id)
    ledger.mark_stale(session, subject, now, resting=ledger.Resting(TEMPLATE, f"{subject}:"))


def show_everywhere(session: CompanySession, case_id: int | None, now: datetime) -> None:
    """What every card of it says has changed: whose case it is, or at which desk."""
    ledger.mark_stale(session, subjects.case(case_id), now)
