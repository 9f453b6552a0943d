"""Events of the company's HR system: who leaves, and who stays after all. docs/hris.md tells its makers."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot import clock, eligibility, invitations, leavers, marks, offboarding, states, subjects
from bot.states import Actor, Event
from storage import audit, inbox, ledger, people
from storage.db import CompanySession
from storage.ledger import Draft
from storage.people import CompanyFacts
from storage.tables import HrisMark, Person, Role

AHEAD = timedelta(minutes=5)
"""So far an event's own time may be ahead of ours. One from the future would make all others old."""

Short = Annotated[str, Field(max_length=200)]


class _Part(BaseModel):
    """What we do not know is ignored, so that the sender may say more than we ask."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class Name(_Part):
    family: Annotated[str, Field(max_length=100)] = ""
    given: Annotated[str, Field(max_length=100)] = ""


class Employee(_Part):
    number: Annotated[str, Field(min_length=1, max_length=60, description="The employee number: who this is.")]
    name: Name = Name()
    kana: Name = Name()
    romaji: Short = ""
    former_family_name: Annotated[str, Field(max_length=100)] = ""
    departments: Annotated[list[Short], Field(max_length=leavers.DEPARTMENTS, description="In order.")] = []
    joined_year: int | None = None
    last_day: Annotated[date | None, Field(description="The last day of employment, in the company's time zone.")] = (
        None
    )
    email: Annotated[str, Field(max_length=320, description="A private address.")] = ""
    language: Literal["ja", "en", ""] = ""
    reason: Annotated[
        Literal["voluntary", "company", "retirement", "contract_end", "disciplinary", "other", ""],
        Field(description="Why they leave. Seen by HR and by the person alone."),
    ] = ""


class HrisEvent(_Part):
    """`offboarding.scheduled` needs name, last_day and email; `offboarding.withdrawn` the number alone. Other types
    change nothing."""

    id: Annotated[str, Field(min_length=1, max_length=200, description="The same event again has the same id.")]
    type: Annotated[str, Field(max_length=100, examples=["offboarding.scheduled", "offboarding.withdrawn"])]
    occurred_at: Annotated[AwareDatetime, Field(description="Of two events on one employee the later one counts.")]
    employee: Employee


class Standing(StrEnum):
    """What became of an event."""

    DONE = "done"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    STALE = "stale"
    """A newer one on the same employee has come before."""
    IGNORED = "ignored"
    """Of a type that means nothing here."""
    ERASED = "erased"
    """On somebody who asked to be erased: nothing of it is kept."""


class Unfit(Exception):
    """Nothing was changed: `faults` has a sentence for each part of the event that is wrong."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(faults)
        self.faults = faults


_PLACES: Mapping[str, str] = {
    "name": "employee.name",
    "reading": "employee.kana",
    "former_surname": "employee.former_family_name",
    "employee_number": "employee.number",
    "left_for": "employee.reason",
}


def parsed(data: Any) -> HrisEvent:
    """Raises Unfit."""
    try:
        return HrisEvent.model_validate(data)
    except ValidationError as error:
        raise Unfit(
            {".".join(map(str, fault["loc"])) or "event": fault["msg"] for fault in error.errors(include_input=False)}
        ) from None


def receive(session: CompanySession, event: HrisEvent, now: datetime, *, letters: bool) -> Standing:
    """Deal with the event once, in the session's transaction, and only where it is the newest on its employee. Raises
    Unfit, and then the transaction is to be rolled back: the same id may come again, mended."""
    at = event.occurred_at.astimezone(UTC)
    if at > now + AHEAD:
        raise Unfit({"occurred_at": "is in the future"})
    people.hold_company(session)
    if not inbox.record(session, f"hris:{event.id}", now):
        return Standing.DUPLICATE
    if event.type not in ("offboarding.scheduled", "offboarding.withdrawn"):
        return Standing.IGNORED
    number = leavers.number(event.employee.number)
    if _is_erased(session, event, number, now):
        return Standing.ERASED
    mark = session.get(HrisMark, (session.company_id, number))
    if mark is not None and (at, event.id) <= (mark.at, mark.event):
        return Standing.STALE
    was_withdrawn = mark is not None and mark.withdrawn
    withdrawn = event.type == "offboarding.withdrawn"
    mark = mark or HrisMark(employee_number=number, at=at, event=event.id)
    mark.at, mark.event, mark.withdrawn = at, event.id, withdrawn
    session.add(mark)
    session.flush()
    changed = (
        _withdraw(session, number, now)
        if withdrawn
        else _schedule(session, event, now, letters=letters, anew=was_withdrawn)
    )
    return Standing.DONE if changed else Standing.UNCHANGED


def _is_erased(session: CompanySession, event: HrisEvent, number: str, now: datetime) -> bool:
    """Whether the employee asked to be erased and HR has not added them again since; the audit log has it that the HR
    system still speaks of them."""
    if leavers.numbered(session, number) is not None:
        return False
    mark = marks.kept(session, number, event.employee.email.casefold())
    if mark is None:
        return False
    audit.note(session, "hris.erased", now, subject_mark=mark.whose)
    return True


def forget(session: CompanySession, employee_number: str) -> None:
    """Nothing of the employee's number is kept any more."""
    mark = session.get(HrisMark, (session.company_id, employee_number))
    if mark is not None:
        session.delete(mark)
        session.flush()


def _withdraw(session: CompanySession, number: str, now: datetime) -> bool:
    person = leavers.numbered(session, number)
    return person is not None and person.role is Role.ALUMNUS and offboarding.take_back(session, person, now)


def _schedule(session: CompanySession, event: HrisEvent, now: datetime, *, letters: bool, anew: bool) -> bool:
    """`anew`: the event before had taken the offboarding back, so that whoever is out is invited again."""
    company = people.company(session)
    today = clock.today(now, company.timezone)
    values, departments = _values(event.employee), event.employee.departments
    faults = leavers.faults(values, today, departments)
    if faults:
        raise Unfit(_sentences(faults))
    leaver = leavers.read(values, today, departments)
    person, faults = leavers.known(session, leaver)
    if faults:
        raise Unfit(_sentences(faults))
    faults = leavers.broken(eligibility.rules(session), leaver, person)
    if faults:
        raise Unfit(_sentences(faults))
    if person is None:
        taken = leavers.add(session, leaver, company, now)
    else:
        taken = leavers.correct(session, person, leaver, company, now)
    invite = taken.invite
    if anew and states.move(taken.person, Event.INVITE, Actor.HR):
        leavers.begin(session, taken.person, now)
        invite = True
    if invite:
        _invite(session, taken.person, company, event, now, letters=letters)
    elif taken.changed:
        invitations.show_changes(session, taken.person.id, now)
    return taken.changed or invite


def _invite(
    session: CompanySession, person: Person, company: CompanyFacts, event: HrisEvent, now: datetime, *, letters: bool
) -> None:
    """By mail, or where none is configured by a card with which HR makes a code."""
    if letters:
        invitations.write_letter(session, person, now, template="invitation")
        return
    ledger.enqueue(
        session,
        [
            Draft(
                cause=f"hris:{event.id}",
                recipient=f"person:{hr.id}",
                person_id=hr.id,
                platform=account.platform,
                workspace=account.workspace,
                address=account.address,
                template="invited",
                args={"invited": person.id},
                locale=hr.locale or company.locale,
                subject=subjects.invitation_desk(person.id),
            )
            for hr, account in people.staff(session)
        ],
        now,
    )


def _values(employee: Employee) -> dict[str, str]:
    return {
        "name": f"{employee.name.family} {employee.name.given}".strip(),
        "reading": f"{employee.kana.family} {employee.kana.given}".strip(),
        "romaji": employee.romaji,
        "former_surname": employee.former_family_name,
        "employee_number": employee.number,
        "joined_year": "" if employee.joined_year is None else str(employee.joined_year),
        "last_day": employee.last_day.isoformat() if employee.last_day else "",
        "email": employee.email,
        "language": employee.language,
        "left_for": employee.reason,
    }


def _sentences(faults: Mapping[str, str]) -> dict[str, str]:
    return {_PLACES.get(name, f"employee.{name}"): words for name, words in leavers.sentences(faults, "en").items()}
