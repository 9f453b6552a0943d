"""What HR tells of somebody who leaves: by a form, a file or the HRIS, checked and stored the same way."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select

from bot import clock, hepburn, prompts, questions, states, texts
from bot.cards import FieldKind
from bot.prompts import LOCALES, Question
from bot.states import Actor, Event
from storage import people
from storage.db import CompanySession
from storage.people import CompanyFacts
from storage.tables import Department, Offboarding, Person, PersonState, Role

QUESTIONS: tuple[Question, ...] = (
    Question("name", max_length=200),
    Question("reading", required=False, max_length=200),
    Question("romaji", required=False, max_length=200),
    Question("former_surname", required=False, max_length=100),
    Question("employee_number", required=False, max_length=60),
    Question("departments", required=False, max_length=1000),
    Question("joined_year", required=False, max_length=10),
    Question("last_day", FieldKind.DATE, max_length=10),
    Question("email", FieldKind.EMAIL, max_length=320),
    Question("language", FieldKind.CHOICE, required=False, max_length=10, choices=LOCALES),
)
FAULTS = frozenset(
    {
        "not_a_year",
        "day_too_far",
        "day_before_joining",
        "too_many_departments",
        "unknown_language",
        "address_of_another",
        "number_of_another",
        "belongs_to_staff",
    }
)
"""Sentences of prompts/*/errors.md.j2 for what is wrong beyond bot.questions."""

ENDS_AFTER = timedelta(days=30)
"""An invitation that nobody answers ends so long after it was written, or after the last day where that is later."""
REMINDED_AFTER = timedelta(days=7)
WARNED_BEFORE = timedelta(days=7)
FARTHEST = timedelta(days=732)
"""A last day beyond this is a slip of the pen."""
DEPARTMENTS, DEPARTMENT_LENGTH = 20, 200
_YEAR = re.compile(r"(\d{4})\s*年?")
_AWAITED = (PersonState.INVITED, PersonState.EXPIRED, PersonState.LEFT)
"""Whose name and address HR may still correct. Afterwards they are the person's own."""


@dataclass(frozen=True, slots=True)
class Leaver:
    """Checked. What is empty is not known, and leaves what is stored as it is."""

    name: str
    reading: str
    romaji: str
    former_surname: str
    employee_number: str
    departments: tuple[str, ...]
    joined_year: int | None
    last_day: date
    email: str
    locale: str


def faults(values: Mapping[str, str], today: date, departments: Sequence[str] | None = None) -> dict[str, str]:
    """For each field that is wrong, the key of its sentence."""
    found = questions.faults(QUESTIONS, values)
    if values.get("joined_year") and _year(values["joined_year"], today) is None:
        found.setdefault("joined_year", "not_a_year")
    if "last_day" not in found:
        last_day = date.fromisoformat(values["last_day"])
        joined = _year(values.get("joined_year", ""), today)
        if last_day > today + FARTHEST:
            found["last_day"] = "day_too_far"
        elif joined is not None and last_day.year < joined:
            found["last_day"] = "day_before_joining"
    listed = texts.listed(values.get("departments", "")) if departments is None else departments
    if len(listed) > DEPARTMENTS or any(len(name) > DEPARTMENT_LENGTH for name in listed):
        found.setdefault("departments", "too_many_departments")
    if found.get("language") == "not_a_choice":
        found["language"] = "unknown_language"
    return found


@cache
def _labels(locale: str) -> Mapping[str, str]:
    form = prompts.form("forms/offboard", locale, {"letters": True}, verb="offboard", questions=QUESTIONS, args={})
    return {field.name: field.label for field in form.fields}


def sentences(found: Mapping[str, str], locale: str) -> dict[str, str]:
    """What is wrong with each field, in words."""
    limits = {question.name: question.max_length for question in QUESTIONS}
    return {
        name: prompts.fault(key, locale, _labels(locale).get(name, name), limits.get(name, 0))
        for name, key in found.items()
    }


def read(values: Mapping[str, str], today: date, departments: Sequence[str] | None = None) -> Leaver:
    """The leaver of values that have no faults. Names are one line, whatever was pasted."""
    line = {name: " ".join(value.split()) for name, value in values.items()}
    listed = texts.listed(values.get("departments", "")) if departments is None else departments
    reading = line.get("reading", "")
    return Leaver(
        name=line["name"],
        reading=reading,
        romaji=line.get("romaji") or hepburn.proposed(reading)[:200],
        former_surname=line.get("former_surname", ""),
        employee_number=number(line.get("employee_number", "")),
        departments=tuple(dict.fromkeys(" ".join(name.split()) for name in listed)),
        joined_year=_year(line.get("joined_year", ""), today),
        last_day=date.fromisoformat(line["last_day"]),
        email=line["email"].casefold(),
        locale=line.get("language", ""),
    )


def number(text: str) -> str:
    """An employee number as it is stored and compared."""
    return " ".join(unicodedata.normalize("NFKC", text).split())[:60]


def _year(text: str, today: date) -> int | None:
    found = _YEAR.fullmatch(unicodedata.normalize("NFKC", text).strip())
    year = int(found[1]) if found else 0
    return year if 1900 <= year <= today.year else None


def known(session: CompanySession, leaver: Leaver) -> tuple[Person | None, dict[str, str]]:
    """Who has this employee number, or else this address, held until the transaction ends; and the faults, where the
    two are of different people or the person is one of HR. Call `people.hold_company` before."""
    by_number = numbered(session, leaver.employee_number) if leaver.employee_number else None
    by_email = _one(session, email=leaver.email)
    if by_number is not None and by_email is not None and by_number.id != by_email.id:
        return None, {"email": "address_of_another"}
    person = by_number or by_email
    if person is None:
        return None, {}
    if person.role is not Role.ALUMNUS:
        return None, {"email" if by_number is None else "employee_number": "belongs_to_staff"}
    if leaver.employee_number and person.employee_number not in ("", leaver.employee_number):
        return None, {"employee_number": "number_of_another"}
    return person, {}


def numbered(session: CompanySession, employee_number: str) -> Person | None:
    """Who has this employee number, held until the transaction ends."""
    return _one(session, employee_number=employee_number)


def addressed(session: CompanySession, email: str) -> Person | None:
    """Who has this address, held until the transaction ends."""
    return _one(session, email=email.casefold())


def _one(session: CompanySession, **having: str) -> Person | None:
    there = select(Person).filter_by(**having).where(Person.state != PersonState.ERASED)
    return session.exec(there.order_by(col(Person.id)).with_for_update(key_share=True)).first()


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a leaver. `invite`: the person is to be written to now."""

    person: Person
    added: bool
    changed: bool
    invite: bool


def would_replace(person: Person, leaver: Leaver) -> bool:
    """Whether HR gives another address than the one that the person has confirmed, and may."""
    confirmed = people.confirmed_address(person)
    return person.state in _AWAITED and confirmed not in ("", leaver.email)


def add(session: CompanySession, leaver: Leaver, company: CompanyFacts, now: datetime) -> Taken:
    """A new person who is invited."""
    person = Person(
        name=leaver.name, role=Role.ALUMNUS, locale=leaver.locale or company.locale, email=leaver.email, created_at=now
    )
    _write(person, leaver)
    session.add(person)
    session.flush()
    _keep_departments(session, person, leaver.departments)
    _follow_last_day(person, company)
    begin(session, person, now)
    return Taken(person, added=True, changed=True, invite=True)


def correct(session: CompanySession, person: Person, leaver: Leaver, company: CompanyFacts, now: datetime) -> Taken:
    """Bring what is stored up to what HR says now: of a person who has confirmed, only what the company knows best
    (number, departments, year and last day). Another address or last day makes another invitation; one that has ended
    begins again where the last day is a later one."""
    before = _facts(session, person)
    last_day, email = person.last_day, person.email
    _write(person, leaver)
    session.add(person)
    _keep_departments(session, person, leaver.departments)
    session.flush()
    changed = _facts(session, person) != before
    if person.last_day != last_day:
        _follow_last_day(person, company)
    again = person.state in (PersonState.EXPIRED, PersonState.LEFT) and leaver.last_day > (last_day or date.min)
    if again:
        states.move(person, Event.INVITE, Actor.HR)
    awaited = person.state is PersonState.INVITED
    invite = awaited and (again or person.last_day != last_day or person.email != email)
    if invite:
        begin(session, person, now)
    session.flush()
    return Taken(person, added=False, changed=changed, invite=invite)


def begin(session: CompanySession, person: Person, now: datetime) -> None:
    """From now on the person has time to answer, is reminded, and is warned before it ends."""
    person.expires_at = max(now, person.opens_at or now) + ENDS_AFTER
    row = session.get(Offboarding, (session.company_id, person.id)) or Offboarding(person_id=person.id or 0)
    row.warn_at = person.expires_at - WARNED_BEFORE
    row.remind_at = now + REMINDED_AFTER
    row.expired_at = None
    session.add(row)
    session.add(person)
    session.flush()


def end(session: CompanySession, person: Person) -> None:
    """Nothing about the invitation is due any more."""
    person.expires_at = None
    row = session.get(Offboarding, (session.company_id, person.id))
    if row is not None:
        row.remind_at = row.warn_at = None
        session.add(row)
    session.add(person)
    session.flush()


def _write(person: Person, leaver: Leaver) -> None:
    person.last_day = leaver.last_day
    person.employee_number = leaver.employee_number or person.employee_number
    person.joined_year = leaver.joined_year or person.joined_year
    if person.state not in _AWAITED:
        return
    person.name = leaver.name
    person.email = people.confirmed_address(person) or leaver.email
    person.folded = texts.folded(person.name)
    person.reading = leaver.reading or person.reading
    person.romaji = leaver.romaji or person.romaji
    person.former_surname = leaver.former_surname or person.former_surname
    person.locale = leaver.locale or person.locale


def _follow_last_day(person: Person, company: CompanyFacts) -> None:
    if person.last_day is not None and person.state in (*_AWAITED, PersonState.CONFIRMED):
        person.opens_at = clock.end_of_day(person.last_day, company.timezone)


def departments_of(session: CompanySession, person_id: int | None) -> list[str]:
    rows = select(Department).where(Department.person_id == person_id).order_by(col(Department.place))
    return [row.name for row in session.exec(rows)]


def _keep_departments(session: CompanySession, person: Person, names: Sequence[str]) -> None:
    if not names or departments_of(session, person.id) == list(names):
        return
    session.exec(delete(Department).where(col(Department.person_id) == person.id))
    for place, name in enumerate(names):
        session.add(Department(person_id=person.id or 0, place=place, name=name))
    session.flush()


def _facts(session: CompanySession, person: Person) -> tuple[Any, ...]:
    columns = ("name", "reading", "romaji", "former_surname", "employee_number", "joined_year", "last_day", "email")
    return (*(getattr(person, name) for name in columns), person.locale, *departments_of(session, person.id))
