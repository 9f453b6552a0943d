"""A person's account page: what it shows, what it takes, and what comes of that. Knows no HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlmodel import select

from bot import (
    account_links,
    addresses,
    clock,
    codes,
    confirming,
    consents,
    directory,
    eligibility,
    privately,
    profiles,
    prompts,
    questions,
    texts,
    visibility,
)
from bot.cards import FieldKind
from bot.prompts import Question
from bot.scene import Scene
from bot.turn import Answer, Say, Turn
from storage import common_skills, index, ledger, people
from storage.db import CompanySession
from storage.people import CompanyFacts
from storage.tables import Audience, Code, ConsentPurpose, Person, PersonState, Purpose, Role, Visibility

SUGGESTED = 200
"""Skills that the page suggests."""
ROOM = 3
"""Empty lines for skills below those that are there."""
LINK_LIFETIME = timedelta(days=1)
"""Of a link that somebody has asked for themselves."""

QUESTIONS = (
    Question("name", max_length=200),
    Question("reading", required=False, max_length=200),
    Question("romaji", required=False, max_length=200),
    Question("former_surname", required=False, max_length=100),
    Question("email", FieldKind.EMAIL, max_length=320),
)
_MAY = (PersonState.INVITED, PersonState.CONFIRMED, PersonState.ACTIVE, PersonState.PAUSED)
"""Who has a page. An expired invitation is for HR to renew."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What stands in the form, as it was typed: texts by the names of QUESTIONS, consents by purpose, audiences by
    field. A field without an audience keeps the one it has."""

    texts: Mapping[str, str]
    consents: frozenset[str] = frozenset()
    audiences: Mapping[str, str] = field(default_factory=dict[str, str])
    skills: tuple[str, ...] = ()
    locale: str = prompts.DEFAULT_LOCALE


@dataclass(frozen=True, slots=True)
class Opened:
    """The page of a person. `entered` is what is stored of them, and `consents` those that they have to give to take
    part. `newcomer`: they confirm all this for the first time."""

    company: CompanyFacts
    name: str
    newcomer: bool
    entered: Entered
    needed: frozenset[ConsentPurpose]
    suggested: Sequence[str]
    last_day: date | None = None
    rules: str = ""
    """The page on whom the company invites."""
    waiting: str = ""
    """An address that is not confirmed yet."""


@dataclass(frozen=True, slots=True)
class Faulty:
    """Nothing is stored; the key of a sentence for each field that is wrong."""

    opened: Opened
    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """What happens next. `code` lets the person join from Slack or Teams, and is empty for somebody who is there
    already. `opens_on` is the day from which the account works, where that is to come. `again`: the page had been sent
    before, and was not taken now."""

    company: CompanyFacts
    name: str
    locale: str
    newcomer: bool
    code: str = ""
    until: datetime | None = None
    opens_on: date | None = None
    again: bool = False
    confirming: str = ""
    """The address that a letter has gone to, and that is in force once its link is used."""


def choices(name: str) -> list[Audience]:
    """The audiences that a field may have, the widest first."""
    return [audience for audience in Audience if visibility.includes(audience, visibility.FIELDS[name].widest)]


def look(session: CompanySession, token: str, now: datetime) -> Opened | None:
    """The page that the token opens, which this does not use up. None where it opens none (any more)."""
    person = _person_of(session, account_links.find(session, token, now))
    return _opened(session, person, now) if person is not None else None


def send(
    session: CompanySession, token: str, entered: Entered, now: datetime, *, letters: bool = False
) -> Kept | Faulty | None:
    """Store what was entered and use the token up, all or nothing. Another address waits until it is confirmed, where
    `letters` can be written that lead back here; otherwise it is what the person says. None where the token opens no
    page; Kept(again=True) where it was used a moment ago, by a second tab or a second press."""
    code = account_links.find(session, token, now)
    person = _person_of(session, code)
    if code is None or person is None:
        return _sent_before(session, token, entered.locale, now)
    opened = _opened(session, person, now)
    entered = tidied(entered)
    people.hold_company(session)  # so that an address stays one person's
    confirms = letters and not addresses.is_proven(person, code, entered.texts["email"])
    found = faults(session, person, entered, opened, confirms=confirms, now=now)
    if found:
        return Faulty(opened, found)
    code.used_at = now
    session.add(code)
    addresses.proven(person, code, now)
    _store(session, person, entered, now, email=not confirms)
    confirming.confirm(session, person, now, opened.company.timezone)
    session.flush()
    if confirms and addresses.may_ask(session, person, entered.texts["email"], now):
        addresses.ask(session, person, entered.texts["email"], now)
    return _kept(session, person, opened, entered.locale, now)


def tidied(entered: Entered) -> Entered:
    """Without what no database carries, each text on one line, and skills apart that were typed into one line."""
    lines = {question.name: _line(entered.texts.get(question.name, "")) for question in QUESTIONS}
    return Entered(
        {**lines, "email": lines["email"].casefold()},
        entered.consents,
        entered.audiences,
        tuple(texts.listed("\n".join(texts.cleaned(skill) for skill in entered.skills))),
        prompts.locale_for(entered.locale),
    )


def _line(text: str) -> str:
    line = " ".join(texts.cleaned(text).split())
    return "" if texts.is_blank(line) else line


def faults(
    session: CompanySession, person: Person, entered: Entered, opened: Opened, *, confirms: bool, now: datetime
) -> dict[str, str]:
    """By field (`skills`, `consent.PURPOSE` and `see.FIELD` too) the key of the sentence that says what is wrong."""
    found = questions.faults(QUESTIONS, entered.texts)
    email = entered.texts["email"]
    if (
        "email" not in found
        and confirms
        and email != person.email
        and not addresses.may_ask(session, person, email, now)
    ):
        found["email"] = "too_many_letters"
    # With a letter on its way nobody has to be told whose an address is.
    if "email" not in found and not confirms and _is_anothers(session, person, email):
        found["email"] = "email_taken"
    if profiles.too_many(entered.skills):
        found["skills"] = "too_many_skills"
    for purpose in (purpose for purpose in ConsentPurpose if purpose in opened.needed - entered.consents):
        found[f"consent.{purpose}"] = "consent_needed" if opened.newcomer else "consent_needed_to_stay"
    for name, audience in entered.audiences.items():
        if name in visibility.FIELDS and audience not in choices(name):
            found[f"see.{name}"] = "choose_again"
    return found


def _is_anothers(session: CompanySession, person: Person, email: str) -> bool:
    query = select(Person.id).where(Person.email == email, Person.state != PersonState.ERASED, Person.id != person.id)
    return session.exec(query).first() is not None


def _person_of(session: CompanySession, code: Code | None) -> Person | None:
    person = people.held(session, code.person_id) if code is not None and code.person_id is not None else None
    return person if person is not None and person.state in _MAY else None


def _opened(session: CompanySession, person: Person, now: datetime) -> Opened:
    person_id = person.id or 0
    newcomer = person.state is PersonState.INVITED
    alumni = [audience for audience in Audience if visibility.includes(Audience.ALUMNI, audience)]
    usual = visibility.FIELDS["skills"].usual in alumni
    company = people.company(session)
    return Opened(
        company=company,
        name=person.name,
        newcomer=newcomer,
        entered=Entered(
            {question.name: getattr(person, question.name) for question in QUESTIONS},
            frozenset(
                purpose
                for purpose, consent in consents.given(session, person_id).items()
                if consent.version == consents.CURRENT[purpose]
            ),
            {name: visibility.audience(name, chosen) for name, chosen in _chosen(session, person_id).items()},
            tuple(people.skills_of(session, [person_id])[person_id]),
            prompts.locale_for(person.locale, company.locale),
        ),
        needed=consents.NEEDED if person.role is Role.ALUMNUS else frozenset(),
        suggested=common_skills.shown_to(session, person_id, alumni, usual=usual, limit=SUGGESTED),
        last_day=person.last_day,
        rules=eligibility.page_name(session),
        waiting=addresses.pending(session, person_id, now),
    )


def _chosen(session: CompanySession, person_id: int) -> dict[str, Audience | None]:
    rows = session.exec(select(Visibility).where(Visibility.person_id == person_id))
    return dict.fromkeys(visibility.FIELDS) | {
        row.field: row.audience for row in rows if row.field in visibility.FIELDS
    }


def _store(session: CompanySession, person: Person, entered: Entered, now: datetime, *, email: bool) -> None:
    if entered.texts["email"] != person.email and email:
        person.email_confirmed_at = None
    for name, text in entered.texts.items():
        if name != "email" or email:
            setattr(person, name, text)
    person.locale = entered.locale
    person.checked_at = now
    directory.keep_skills(session, person, entered.skills)
    wanted = frozenset(purpose for purpose in ConsentPurpose if purpose in entered.consents)
    consents.choose(session, person.id or 0, wanted, "web", now)
    _show_to(session, person.id or 0, entered.audiences)


def _show_to(session: CompanySession, person_id: int, audiences: Mapping[str, str]) -> None:
    """Only what differs from a field's usual audience is a row."""
    rows = {row.field: row for row in session.exec(select(Visibility).where(Visibility.person_id == person_id))}
    for name in visibility.FIELDS.keys() & audiences.keys():
        audience, row = Audience(audiences[name]), rows.get(name)
        if audience is visibility.FIELDS[name].usual:
            if row is not None:
                session.delete(row)
        elif row is None:
            session.add(Visibility(person_id=person_id, field=name, audience=audience))
        else:
            row.audience = audience
            session.add(row)
    index.touch(session, person_id)


def _kept(session: CompanySession, person: Person, opened: Opened, locale: str, now: datetime) -> Kept:
    opens_at = person.opens_at if person.state is PersonState.CONFIRMED else None
    until = max(now, opens_at or now) + codes.LIFETIME
    is_new = person.state in (PersonState.CONFIRMED, PersonState.ACTIVE) and not people.accounts_of(
        session, person.id or 0
    )
    return Kept(
        opened.company,
        person.name,
        locale,
        opened.newcomer,
        codes.issue(session, Purpose.JOIN, now, person.id, until - now) if is_new else "",
        until if is_new else None,
        clock.today(opens_at, opened.company.timezone) if opens_at else None,
        confirming=addresses.pending(session, person.id or 0, now),
    )


def _sent_before(session: CompanySession, token: str, locale: str, now: datetime) -> Kept | None:
    person = _person_of(session, account_links.used_lately(session, token, now))
    if person is None:
        return None
    kept = _kept(session, person, _opened(session, person, now), prompts.locale_for(locale), now)
    return replace(kept, again=True)


# Asked for in a conversation


@dataclass(frozen=True, slots=True)
class AccountLinkView:
    """A link to one's own page. `url` is a new one where these words leave, and empty where they are only looked at or
    where the product has no address."""

    url: str
    until: datetime


def link_view(scene: Scene, person_id: int) -> AccountLinkView:
    url = ""
    if scene.public_url and scene.leaves:
        token = account_links.issue(scene.session, person_id, scene.now, LINK_LIFETIME)
        url = scene.public_url.rstrip("/") + account_links.path(token)
    return AccountLinkView(url, scene.now + LINK_LIFETIME)


def account(turn: Turn) -> Answer:
    """A link to the speaker's own page, which nobody else is shown."""
    if not turn.public_url:
        return Say("account_no_address", notice=True)
    link = Say("account_link", {"account_page": turn.member.id})
    if turn.inbound.private:
        return link
    address = privately.address_of(turn)
    if not address:
        return Say("account_in_private", {"sent": False}, notice=True)
    draft = privately.draft(turn, address, f"account:{turn.inbound.key}", link)
    ledger.enqueue(turn.session, [draft], turn.now)
    return Say("account_in_private", {"sent": True}, notice=True)
