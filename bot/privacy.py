"""What is stored of a person, what they agreed to, and who looked: shown to nobody but them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import col, func, select

from bot import clock, directory, preferences, texts
from bot import privately as to_oneself
from bot.cards import plain
from bot.consents import CURRENT
from bot.consents import text as consent_text
from bot.prompts import phrase
from bot.scene import Scene
from bot.turn import Answer, Say, Turn
from storage import audit, consents, ledger, people
from storage.people import Member
from storage.tables import (
    AuditEntry,
    CaseMessage,
    Click,
    Consent,
    ConsentPurpose,
    Department,
    Person,
    Stance,
)

LOOKS = 10
"""The last looks that the card shows; the export has all."""

SHOWN = (
    "name",
    "reading",
    "romaji",
    "former_surname",
    "email",
    "email_confirmed_at",
    "employee_number",
    "joined_year",
    "last_day",
    "left_for",
    "exempt_for",
    "works_at",
    "works_as",
    "city",
    "helps_with",
    "looks_for",
    "availability",
    "interests",
    "snoozed_until",
    "quiet",
    "timezone",
    "receives",
    "photo",
)


@dataclass(frozen=True, slots=True)
class StoredField:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class ConsentView:
    """`version` and `since` are empty where nothing was ever given."""

    purpose: str
    agreed: bool
    version: str
    since: datetime | None
    withdrawn_at: datetime | None
    current: str = ""
    """The version that a consent given now is to."""
    text: str = ""
    """What is agreed to, in full: in the version that was, else in the current one."""


@dataclass(frozen=True, slots=True)
class LookView:
    who: str
    field: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PrivacyView:
    fields: tuple[StoredField, ...]
    accounts: tuple[str, ...]
    answers: int
    messages: int
    clicks: int
    consents: tuple[ConsentView, ...]
    looks: tuple[LookView, ...]
    more_looks: bool


def privacy_view(scene: Scene, person_id: int) -> PrivacyView:
    """Raises LookupError for everybody but the person: nobody else gets to read it, by whatever way."""
    person = scene.session.get(Person, person_id)
    if person is None or scene.reader is None or scene.reader.id != person_id:
        raise LookupError(f"what is stored of {person_id} is shown to nobody else")
    session = scene.session
    answers = session.exec(select(func.count()).select_from(Stance).where(Stance.person_id == person_id)).one()
    said = session.exec(select(func.count()).select_from(CaseMessage).where(CaseMessage.author_id == person_id)).one()
    followed = session.exec(select(func.count()).select_from(Click).where(Click.person_id == person_id)).one()
    looks = audit.looks_at(session, person_id, LOOKS + 1)
    return PrivacyView(
        fields=_fields(scene, person),
        accounts=tuple(sorted({account.platform for account in people.accounts_of(session, person_id)})),
        answers=answers,
        messages=said,
        clicks=followed,
        consents=_consents(scene, person_id),
        looks=_looks(scene, looks[:LOOKS]),
        more_looks=len(looks) > LOOKS,
    )


def _fields(scene: Scene, person: Person) -> tuple[StoredField, ...]:
    values = {name: _text(getattr(person, name), scene.company.timezone) for name in SHOWN}
    for name in ("availability", "interests"):
        values[name] = directory.profile_fields(scene.session, person, scene.locale)[name]
    values["receives"] = preferences.in_words(person.receives, scene.locale)
    if person.left_for:
        values["left_for"] = phrase("leaving", scene.locale, person.left_for)
    person_id = person.id or 0
    values["skills"] = texts.joined(people.skills_of(scene.session, [person_id])[person_id], scene.locale)
    worked = select(Department.name).where(Department.person_id == person_id).order_by(col(Department.place))
    values["departments"] = texts.joined(scene.session.exec(worked), scene.locale)
    return tuple(StoredField(_label(scene, name), value) for name, value in values.items() if value)


def _text(value: str | int | date | datetime | None, zone: str) -> str:
    """An instant is told as the day that it was there."""
    match value:
        case None:
            return ""
        case datetime():
            return clock.today(value, zone).isoformat()
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _consents(scene: Scene, person_id: int) -> tuple[ConsentView, ...]:
    last: dict[ConsentPurpose, Consent] = {}
    for consent in consents.history(scene.session, person_id):
        last[consent.purpose] = consent
    return tuple(_consent(scene, person_id, purpose, last.get(purpose)) for purpose in ConsentPurpose)


def _consent(scene: Scene, person_id: int, purpose: ConsentPurpose, last: Consent | None) -> ConsentView:
    agreed = consents.agrees(scene.session, person_id, purpose)
    current = CURRENT[purpose]
    given = last.version if agreed and last is not None and last.version != consents.UNWRITTEN else current
    text = plain(consent_text(purpose, scene.locale, scene.company.name, given))
    if last is None:
        return ConsentView(purpose, agreed, consents.UNWRITTEN if agreed else "", None, None, current, text)
    return ConsentView(purpose, agreed, last.version, last.given_at, last.withdrawn_at, current, text)


def _looks(scene: Scene, entries: Sequence[AuditEntry]) -> tuple[LookView, ...]:
    lookers = people.members(scene.session, {entry.actor_id for entry in entries if entry.actor_id})
    return tuple(
        LookView(
            name_of(lookers.get(entry.actor_id or 0), scene.locale),
            _label(scene, _known(str(entry.detail.get("field", "")))),
            entry.at,
        )
        for entry in entries
    )


def _label(scene: Scene, field: str) -> str:
    return phrase("stored", scene.locale, field)


def _known(field: str) -> str:
    return field if field in (*SHOWN, "skills", "departments") else "some_field"


def show(turn: Turn) -> Answer:
    return privately(turn, Say("privacy", {"privacy": turn.member.id}))


def choices(turn: Turn) -> Answer:
    """The consents one by one, each with its button."""
    return privately(turn, Say("privacy_consents", {"privacy": turn.member.id}))


def withdraw(turn: Turn) -> Answer:
    purpose = _purpose(turn)
    if purpose is None:
        return Say("button_old", notice=True)
    consents.withdraw(turn.session, turn.member.id, purpose, turn.now)
    return privately(turn, replace(_choices(turn), in_place=True))


def give(turn: Turn) -> Answer:
    """To the text that stood above the button. Where that is not the current one (any more), that is shown first."""
    purpose = _purpose(turn)
    if purpose is None:
        return Say("button_old", notice=True)
    version = CURRENT[purpose]
    if turn.args.get("version") == version:
        consents.give(turn.session, turn.member.id, purpose, version, turn.inbound.speaker.platform, turn.now)
    return privately(turn, replace(_choices(turn), in_place=True))


def _choices(turn: Turn) -> Say:
    return Say("privacy_consents", {"privacy": turn.member.id})


def _purpose(turn: Turn) -> ConsentPurpose | None:
    asked = turn.args.get("purpose", "")
    return ConsentPurpose(asked) if asked in set(ConsentPurpose) else None


def privately(turn: Turn, answer: Say) -> Answer:
    """The answer, where others read along as a message to the speaker alone."""
    if turn.inbound.private:
        return answer
    address = to_oneself.address_of(turn)
    if not address:
        return Say("ask_in_private", notice=True)
    draft = to_oneself.draft(turn, address, f"private:{turn.inbound.key}", answer)
    ledger.enqueue(turn.session, [draft], turn.now)
    return Say("sent_in_private", notice=True, done=True)


def name_of(person: Member | None, locale: str) -> str:
    """For an entry of the log: somebody who is erased has no name any more."""
    return person.name if person is not None and person.name else phrase("stored", locale, "erased_person")
