"""What HR tells of somebody who leaves: by a form, a file or the HRIS, checked and stored the same way."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import delete, insert
from sqlmodel import col, select

from bot import clock, eligibility, hepburn, prompts, questions, states, texts
from bot.cards import FieldKind
from bot.eligibility import Rules
from bot.prompts import LOCALES, Question
from bot.states import Actor, Event
from storage import index, people
from storage.db import CompanySession
from storage.people import CompanyFacts
from storage.tables import Department, Offboarding, Person, PersonState, Role, table

_P = table(Person)

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
    Question("left_for", FieldKind.CHOICE, required=False, max_length=20, choices=tuple(eligibility.REASONS)),
    Question("exception", required=False, max_length=300),
)
_LIMITS = {question.name: question.max_length for question in QUESTIONS}
FAULTS = frozenset(
    {
        "not_a_year",
        "day_too_far",
        "day_before_joining",
        "too_many_departments",
        "unknown_language",
        "unknown_reason",
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
    left_for: str = ""
    exception: str = ""
    """Why HR invites them although a rule says otherwise."""


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
    for name, key in (("language", "unknown_language"), ("left_for", "unknown_reason")):
        if found.get(name) == "not_a_choice":
            found[name] = key
    return found


@cache
def _labels(locale: str) -> Mapping[str, str]:
    form = prompts.form("forms/offboard", locale, {"letters": True}, verb="offboard", questions=QUESTIONS, args={})
    return {field.name: field.label for field in form.fields}


def sentences(found: Mapping[str, str], locale: str) -> dict[str, str]:
    """What is wrong with each field, in words."""
    return {name: sentence(name, key, locale) for name, key in found.items()}


def sentence(name: str, key: str, locale: str, limit: int | None = None) -> str:
    """What is wrong with this field, in words."""
    longest = _LIMITS.get(name, 0) if limit is None else limit
    return prompts.fault(key, locale, _labels(locale).get(name, name), longest)


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
        left_for=line.get("left_for", ""),
        exception=line.get("exception", ""),
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
    return known_all(session, [leaver])[0]


def known_all(session: CompanySession, several: Sequence[Leaver]) -> list[tuple[Person | None, dict[str, str]]]:
    """`known` for each of several, by two queries."""
    numbers = _by(session, "employee_number", {leaver.employee_number for leaver in several} - {""})
    emails = _by(session, "email", {leaver.email for leaver in several})
    return [_meant(leaver, numbers.get(leaver.employee_number), emails.get(leaver.email)) for leaver in several]


def _by(session: CompanySession, column: str, values: Collection[str]) -> dict[str, Person]:
    """The first person with each of the values."""
    if not values:
        return {}
    having = col(getattr(Person, column)).in_(sorted(values)), Person.state != PersonState.ERASED
    found = session.exec(select(Person).where(*having).order_by(col(Person.id)).with_for_update(key_share=True)).all()
    return {getattr(person, column): person for person in reversed(found)}


def _meant(leaver: Leaver, by_number: Person | None, by_email: Person | None) -> tuple[Person | None, dict[str, str]]:
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


def broken(rules: Rules, leaver: Leaver, person: Person | None) -> dict[str, str]:
    """What the company's rules say against inviting them, by field. Who has confirmed is not asked again, and neither
    is who waits for an answer with the same facts, or for whom HR has made an exception."""
    if person is None:
        return eligibility.faults(rules, leaver.joined_year, leaver.last_day, leaver.left_for)
    known = (person.joined_year, person.last_day, person.left_for)
    told = (leaver.joined_year or person.joined_year, leaver.last_day, leaver.left_for or person.left_for)
    settled = person.state not in _AWAITED or (person.state is PersonState.INVITED and told == known)
    return {} if settled or person.exempt_for else eligibility.faults(rules, *told)


def numbered(session: CompanySession, employee_number: str) -> Person | None:
    """Who has this employee number, held until the transaction ends."""
    return _by(session, "employee_number", {employee_number}).get(employee_number)


def addressed(session: CompanySession, email: str) -> Person | None:
    """Who has this address, held until the transaction ends."""
    return _by(session, "email", {email.casefold()}).get(email.casefold())


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
    (person_id,) = add_all(session, [leaver], company, now, [now])
    return Taken(session.get_one(Person, person_id), added=True, changed=True, invite=True)


def add_all(
    session: CompanySession,
    several: Sequence[Leaver],
    company: CompanyFacts,
    now: datetime,
    invited_at: Sequence[datetime],
) -> list[int]:
    """New people, each of whom is invited at a moment of their own. In three statements, however many they are."""
    session.flush()
    rows = [_new(session, leaver, company, now, at) for leaver, at in zip(several, invited_at, strict=True)]
    numbered = insert(_P).returning(_P.c.id, sort_by_parameter_order=True)
    ids = list(session.core.execute(numbered, rows).scalars())
    key = [{"company_id": session.company_id, "person_id": person_id} for person_id in ids]
    schedules = [_schedule(row["expires_at"], at) for row, at in zip(rows, invited_at, strict=True)]
    session.core.execute(insert(table(Offboarding)), [k | schedule for k, schedule in zip(key, schedules, strict=True)])
    departments = [
        k | {"place": place, "name": name}
        for k, leaver in zip(key, several, strict=True)
        for place, name in enumerate(leaver.departments)
    ]
    if departments:
        session.core.execute(insert(table(Department)), departments)
    for person_id in ids:
        index.touch(session, person_id)
    return ids


def _new(
    session: CompanySession, leaver: Leaver, company: CompanyFacts, now: datetime, invited_at: datetime
) -> dict[str, Any]:
    opens_at = clock.end_of_day(leaver.last_day, company.timezone)
    return {
        "company_id": session.company_id,
        "name": leaver.name,
        "reading": leaver.reading,
        "romaji": leaver.romaji,
        "former_surname": leaver.former_surname,
        "employee_number": leaver.employee_number,
        "joined_year": leaver.joined_year,
        "last_day": leaver.last_day,
        "email": leaver.email,
        "locale": leaver.locale or company.locale,
        "role": Role.ALUMNUS,
        "state": PersonState.INVITED,
        "left_for": leaver.left_for,
        "opens_at": opens_at,
        "expires_at": _ends(opens_at, invited_at),
        "created_at": now,
    }


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
    person.expires_at = _ends(person.opens_at, now)
    row = session.get(Offboarding, (session.company_id, person.id)) or Offboarding(person_id=person.id or 0)
    for name, value in _schedule(person.expires_at, now).items():
        setattr(row, name, value)
    session.add(row)
    session.add(person)
    session.flush()


def _ends(opens_at: datetime | None, begun: datetime) -> datetime:
    return max(begun, opens_at or begun) + ENDS_AFTER


def _schedule(ends: datetime, begun: datetime) -> dict[str, datetime | None]:
    return {"warn_at": ends - WARNED_BEFORE, "remind_at": begun + REMINDED_AFTER, "expired_at": None}


def end(session: CompanySession, person: Person) -> None:
    """Nothing about the invitation is due any more."""
    person.expires_at = None
    row = session.get(Offboarding, (session.company_id, person.id))
    if row is not None:
        row.remind_at = row.warn_at = None
        session.add(row)
    session.add(person)
    session.flush()


def says_nothing_new(person: Person, departments: Sequence[str], leaver: Leaver) -> bool:
    """Whether `correct` would leave everything as it is."""
    kept = not leaver.departments or list(departments) == list(leaver.departments)
    return kept and all(getattr(person, name) == value for name, value in _said(person, leaver).items())


def _said(person: Person, leaver: Leaver) -> dict[str, Any]:
    """The person's columns as HR's word leaves them. What is empty leaves what is stored."""
    said: dict[str, Any] = {"last_day": leaver.last_day}
    names = ["employee_number", "joined_year", "left_for"]
    if person.state in _AWAITED:
        names += ["name", "email", "reading", "romaji", "former_surname", "locale"]
    said |= {name: getattr(leaver, name) or getattr(person, name) for name in names}
    confirmed = people.confirmed_address(person)
    return said | {"email": confirmed} if confirmed else said


def _write(person: Person, leaver: Leaver) -> None:
    for name, value in _said(person, leaver).items():
        setattr(person, name, value)


def _follow_last_day(person: Person, company: CompanyFacts) -> None:
    if person.last_day is not None and person.state in (*_AWAITED, PersonState.CONFIRMED):
        person.opens_at = clock.end_of_day(person.last_day, company.timezone)


def departments_of(session: CompanySession, person_id: int | None) -> list[str]:
    return departments_of_all(session, [person_id or 0]).get(person_id or 0, [])


def departments_of_all(session: CompanySession, person_ids: Sequence[int]) -> dict[int, list[str]]:
    """Each person's departments, in their order; who has none is not among them."""
    rows = select(Department).where(col(Department.person_id).in_(person_ids))
    found: dict[int, list[str]] = {}
    for row in session.exec(rows.order_by(col(Department.person_id), col(Department.place))):
        found.setdefault(row.person_id, []).append(row.name)
    return found


def _keep_departments(session: CompanySession, person: Person, names: Sequence[str]) -> None:
    if not names or departments_of(session, person.id) == list(names):
        return
    session.exec(delete(Department).where(col(Department.person_id) == person.id))
    for place, name in enumerate(names):
        session.add(Department(person_id=person.id or 0, place=place, name=name))
    session.flush()


def _facts(session: CompanySession, person: Person) -> tuple[Any, ...]:
    columns = (
        "name",
        "reading",
        "romaji",
        "former_surname",
        "employee_number",
        "joined_year",
        "last_day",
        "email",
        "left_for",
    )
    return (*(getattr(person, name) for name in columns), person.locale, *departments_of(session, person.id))
