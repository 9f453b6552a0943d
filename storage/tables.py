"""Every table. All but the install map belong to a company: `Owned` rows are seen only by that company's sessions."""

import secrets
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from storage.types import UTCDateTime

REMINDED = (10_080, 1440, 60)
"""Minutes before an event's start, unless its host says otherwise: a week, a day, an hour."""
NOBODY = 0
"""The company of workspaces that nobody has claimed yet: it has conversations and greetings, never people."""

_Id = BigInteger().with_variant(Integer(), "sqlite")
_Term = String(40).with_variant(String(40, collation="C"), "postgresql")
"""Compared byte by byte, as SQLite does."""
_NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = _NAMES


def table(model: type[SQLModel]) -> Any:
    """The model's Core table, for statements that are too frequent or too large for the ORM."""
    return getattr(model, "__table__")  # noqa: B009 -- SQLModel does not declare it


def utcnow() -> datetime:
    return datetime.now(UTC)


def _new_key() -> str:
    return secrets.token_hex(32)


def _key() -> Any:
    return Field(default=None, primary_key=True, sa_type=_Id)


def _link(table: str, **options: Any) -> Any:
    return Field(sa_type=_Id, sa_column_args=[ForeignKey(f"{table}.id", ondelete="CASCADE")], **options)


def _instant(**options: Any) -> Any:
    return Field(sa_type=UTCDateTime, **options)


def _state(kind: type[StrEnum], **options: Any) -> Any:
    """Stored as its text, without a database enum type: a new state needs no migration."""
    return Field(sa_type=Enum(kind, native_enum=False, length=20, values_callable=_texts), **options)


def _texts(states: type[StrEnum]) -> list[str]:
    return [state.value for state in states]


class Role(StrEnum):
    OWNER = "owner"
    HR = "hr"
    ALUMNUS = "alumnus"


class PersonState(StrEnum):
    """INVITED until they confirm who they are, CONFIRMED until their account opens, ACTIVE, PAUSED by themselves;
    EXPIRED when they never confirmed in time, LEFT when they went or HR took them out: both until they are invited
    again; MERGED into somebody else who is the same person, until that is undone; ERASED for good. What leads where is
    in bot.states."""

    INVITED = "invited"
    CONFIRMED = "confirmed"
    ACTIVE = "active"
    PAUSED = "paused"
    EXPIRED = "expired"
    LEFT = "left"
    MERGED = "merged"
    ERASED = "erased"


class Audience(StrEnum):
    """Who may see a field, and find a person by it; each of them includes those below."""

    EVERYONE = "everyone"
    ALUMNI = "alumni"
    HR = "hr"
    HIDDEN = "hidden"
    """Nobody but the person."""


class ConsentPurpose(StrEnum):
    """What a person agrees to be known or written to for (個人情報保護法: a consent for each purpose)."""

    CONTACT = "contact"
    DIRECTORY = "directory"
    GIGS = "gigs"
    REHIRE = "rehire"
    LEADS = "leads"
    STATISTICS = "statistics"


class Purpose(StrEnum):
    """What a one-time code is good for."""

    CLAIM = "claim"
    JOIN = "join"
    ACCOUNT = "account"
    ADDRESS = "address"
    ERASE = "erase"
    EXPORT = "export"
    AUDIT = "audit"


class JoinState(StrEnum):
    """MET: nobody knows them yet. ASKED: HR has a card. What HR said last: ADMITTED or REFUSED."""

    MET = "met"
    ASKED = "asked"
    ADMITTED = "admitted"
    REFUSED = "refused"


class GigState(StrEnum):
    """DRAFT, SCHEDULED and DISCARDED are HR's own; OPEN is offered; each of the others has ended it."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    DISCARDED = "discarded"
    OPEN = "open"
    FILLED = "filled"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Attitude(StrEnum):
    INTERESTED = "interested"
    ASKED = "asked"
    PASSED = "passed"


class Progress(StrEnum):
    """What has become of an alumnus's answer to a gig, as they are told."""

    RECEIVED = "received"
    IN_TALK = "in_talk"
    CHOSEN = "chosen"
    THANKED = "thanked"
    """The gig ended without them, and they were told so."""


class EventState(StrEnum):
    """DRAFT and DISCARDED are the host's own; OPEN takes answers until its deadline; CANCELLED never takes place; OVER
    has ended."""

    DRAFT = "draft"
    OPEN = "open"
    CANCELLED = "cancelled"
    OVER = "over"
    DISCARDED = "discarded"


class RsvpAnswer(StrEnum):
    GOING = "going"
    MAYBE = "maybe"
    NO = "no"


class Seat(StrEnum):
    """NONE wanted or none any more, TAKEN, WAITING in line, or OFFERED to somebody who moved up and has yet to say."""

    NONE = "none"
    TAKEN = "taken"
    WAITING = "waiting"
    OFFERED = "offered"


class CaseState(StrEnum):
    """WAITING for the desk, ANSWERED by it, CLOSED until somebody writes again or reopens it."""

    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"


class CaseAction(StrEnum):
    ANSWERED = "answered"
    ASSIGNED = "assigned"
    MOVED = "moved"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    REOPENED = "reopened"


class Side(StrEnum):
    ALUMNUS = "alumnus"
    DESK = "desk"
    NOTE = "note"
    """Written by the desk for the desk: no alumnus ever sees it."""


class BroadcastState(StrEnum):
    """DRAFT until it goes out, REVIEW while a second one of HR has to approve it, SCHEDULED until its time; OUT from
    then on, unless it is CANCELLED on the way. DISCARDED drafts reached nobody."""

    DRAFT = "draft"
    REVIEW = "review"
    SCHEDULED = "scheduled"
    OUT = "out"
    CANCELLED = "cancelled"
    DISCARDED = "discarded"


class SurveyState(StrEnum):
    """DRAFT until it goes out, OPEN for answers until its end, then CLOSED. DISCARDED drafts reached nobody."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    DISCARDED = "discarded"


class ReunionState(StrEnum):
    """DRAFT until it goes out, OPEN for answers until its end, then CLOSED until whoever proposed it decides: DROPPED,
    or ORGANISED with a draft of its event, and ANNOUNCED once that is out. DISCARDED drafts reached nobody."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    ORGANISED = "organised"
    ANNOUNCED = "announced"
    DROPPED = "dropped"
    DISCARDED = "discarded"


class Topic(StrEnum):
    """What messages that nobody asked for are about; a person says of each how it reaches them."""

    GIGS = "gigs"
    EVENTS = "events"
    NEWS = "news"
    INTRODUCTIONS = "introductions"
    SURVEYS = "surveys"


class Cadence(StrEnum):
    AT_ONCE = "at_once"
    DIGEST = "digest"
    NEVER = "never"


class DeliveryState(StrEnum):
    """HELD: for the person's digest, which has it from `settled_at` on."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"
    CANCELLED = "cancelled"
    HELD = "held"


class FileState(StrEnum):
    """FETCHING until its bytes are here and read through, CHECKED until HR says what to do, IMPORTING until its last
    row is stored; then one of the others, and its bytes are gone."""

    FETCHING = "fetching"
    CHECKED = "checked"
    IMPORTING = "importing"
    DONE = "done"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"


class Install(SQLModel, table=True):
    """Which company a Slack team or Teams tenant belongs to: the one map outside every company."""

    platform: str = Field(primary_key=True, max_length=20)
    workspace: str = Field(primary_key=True, max_length=100)
    company_id: int = _link("company", index=True)
    linked_at: datetime = _instant(default_factory=utcnow)


class Company(SQLModel, table=True):
    id: int | None = _key()
    name: str = Field(max_length=200)
    locale: str = Field(default="ja", max_length=10)
    timezone: str = Field(default="Asia/Tokyo", max_length=64)
    least_years: int = 0
    """Years of service from which on somebody may join; 0 for everybody."""
    not_invited: list[str] = Field(
        default_factory=list[str], sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    """Reasons for leaving (bot.eligibility.REASONS) after which nobody is invited."""
    asks: str = Field(default="", max_length=300)
    """With whom somebody talks about these rules."""
    keeps_days: int = 365
    """Days after which a person who never confirmed is forgotten."""
    mark_key: str = Field(default_factory=_new_key, max_length=64)
    """With it the audit log marks people who have been erased, and links to business cards are signed. It is the
    company's own and made here, not one of the installation's settings: a key that is lost or renewed there would part
    the marks of one person."""
    country: str = Field(default="jp", max_length=10)
    """Whose rules a post is checked against (bot/lint)."""
    gig_defaults: dict[str, Any] = Field(
        default_factory=dict[str, Any], sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    """What a new post starts with: items of `Gig.terms`."""
    gig_channels: list[dict[str, str]] = Field(
        default_factory=list[dict[str, str]], sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    """Where posts may be shown to everybody at once (bot.channels)."""

    """Where posts may be shown to everybody at once: platform, workspace, address. Empty for nowhere."""
    digest_weekday: int = 0
    """0 is Monday."""
    digest_hour: int = 9
    """Of the company's zone."""
    broadcasts_need_two: bool = False
    """A broadcast goes out only once a second one of HR has approved it."""
    created_at: datetime = _instant(default_factory=utcnow)


class Owned(SQLModel):
    """Rows of one company. A session of that company fills `company_id` in by itself."""

    company_id: int = Field(default=None, sa_type=_Id, nullable=False)  # type: ignore[assignment]


class Code(Owned, table=True):
    """A one-time code, kept as a digest only. Good once, for its purpose, until it expires."""

    id: int | None = _key()
    digest: str = Field(max_length=64, unique=True)
    purpose: Purpose = _state(Purpose)
    person_id: int | None = _link("person", nullable=True, default=None)
    sent_to: str = Field(default="", max_length=320)
    """The e-mail address to which it went, and which whoever uses it has shown to be theirs."""
    expires_at: datetime = _instant()
    used_at: datetime | None = _instant(default=None, nullable=True)


class Person(Owned, table=True):
    __table_args__ = (
        Index("ix_person_company_id_state", "company_id", "state"),
        Index("ix_person_company_id_email", "company_id", "email"),
        Index("ix_person_company_id_employee_number", "company_id", "employee_number"),
    )

    id: int | None = _key()
    name: str = Field(max_length=200)
    reading: str = Field(default="", max_length=200)
    """How the name is read, in kana or Latin letters."""
    email: str = Field(default="", max_length=320)
    email_confirmed_at: datetime | None = _instant(default=None, nullable=True)
    """When they used what was sent to this very address; None where it is only what somebody has said."""
    role: Role = _state(Role)
    state: PersonState = _state(PersonState, default=PersonState.INVITED)
    locale: str = Field(default="ja", max_length=10)
    opted_out_at: datetime | None = _instant(default=None, nullable=True)
    romaji: str = Field(default="", max_length=200)
    former_surname: str = Field(default="", max_length=100)
    """The surname while employed, where it was another."""
    employee_number: str = Field(default="", max_length=60)
    joined_year: int | None = None
    """A calendar year, as are those of `Department`."""
    last_day: date | None = None
    """The last day of employment, in the company's zone."""
    left_for: str = Field(default="", max_length=20)
    """Why they left (bot.eligibility.REASONS): HR's to know, and the person's own."""
    exempt_for: str = Field(default="", max_length=300)
    """Why they were invited although a rule says otherwise, in HR's words."""
    works_at: str = Field(default="", max_length=200)
    works_as: str = Field(default="", max_length=200)
    city: str = Field(default="", max_length=100)
    helps_with: str = Field(default="", max_length=500)
    looks_for: str = Field(default="", max_length=500)
    availability: str = Field(default="", max_length=300)
    """When they have time for contract work (bot.matching.SLOTS), with a comma between."""
    interests: str = Field(default="", max_length=500)
    """What they would like to work on; labels, like skills."""
    snoozed_until: datetime | None = _instant(default=None, nullable=True)
    """Nothing that was not asked for is sent before."""
    quiet: str = Field(default="", max_length=11)
    """When nothing is to come by itself, as `22:00-07:00`; "off" for never, empty for the usual hours (bot.quiet)."""
    timezone: str = Field(default="", max_length=64)
    """Where the person is, as their platform says; empty: where the company is."""

    receives: str = Field(default="", max_length=200)
    """Of which topics messages do not come at once (storage.topics)."""
    signs: bool = False
    """For HR: alumni read their name, instead of the desk's."""
    hosts: bool = False
    """HR has given them leave to host events."""
    photo: str = Field(default="", max_length=500)
    """Where the platform shows the person's picture: its address, and never the picture."""
    checked_at: datetime | None = _instant(default=None, nullable=True)
    """When the person last said that all this is still so."""
    opens_at: datetime | None = _instant(default=None, nullable=True, index=True)
    """When a confirmed person's account opens: after the last day."""
    expires_at: datetime | None = _instant(default=None, nullable=True, index=True)
    """When an invitation that nobody has confirmed ends."""
    created_at: datetime = _instant(default_factory=utcnow)


class AddressChange(Owned, table=True):
    """An address that a person has given and not confirmed yet. The one before it is in force until then."""

    __tablename__ = "address_change"  # pyright: ignore[reportAssignmentType]

    company_id: int = Field(default=None, sa_type=_Id, primary_key=True)  # type: ignore[assignment]
    person_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="person.id", ondelete="CASCADE")
    email: str = Field(max_length=320)
    at: datetime = _instant()
    letters: int = 0
    """So many were written since `counted_from`."""
    counted_from: datetime = _instant()


class Department(Owned, table=True):
    """Where a person worked in the company, in order."""

    company_id: int = Field(default=None, sa_type=_Id, primary_key=True)  # type: ignore[assignment]
    person_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="person.id", ondelete="CASCADE")
    place: int = Field(primary_key=True)
    name: str = Field(max_length=200)
    since: int | None = None
    until: int | None = None


class Offboarding(Owned, table=True):
    """When the letters of an invitation are due, and when it ended unanswered."""

    company_id: int = Field(default=None, sa_type=_Id, primary_key=True)  # type: ignore[assignment]
    person_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="person.id", ondelete="CASCADE")
    remind_at: datetime | None = _instant(default=None, nullable=True, index=True)
    warn_at: datetime | None = _instant(default=None, nullable=True, index=True)
    expired_at: datetime | None = _instant(default=None, nullable=True)


class PeopleFile(Owned, table=True):
    """A file of people: how far it has come, and what was found in it. No word of what stands in it."""

    __tablename__ = "people_file"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_people_file_company_id_state", "company_id", "state"),)

    id: int | None = _key()
    person_id: int | None = _link("person", nullable=True, default=None, index=True)
    """Who dropped it into the chat; nobody for a file of the command line."""
    platform: str = Field(default="", max_length=20)
    url: str = ""
    """Where the platform keeps its bytes; emptied when they are here."""
    name: str = Field(default="", max_length=200)
    digest: str = Field(default="", max_length=64)
    state: FileState = _state(FileState, default=FileState.FETCHING)
    fault: dict[str, Any] = Field(default_factory=dict[str, Any], sa_column=Column(JSON, nullable=False))
    """Why it cannot be read: the key of a sentence of prompts/*/file_faults.md.j2, and its values."""
    wrong: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]], sa_column=Column(JSON, nullable=False))
    """The first rows that are wrong: their lines, and the sentence keys by column."""
    unread: list[str] = Field(default_factory=list[str], sa_column=Column(JSON, nullable=False))
    """Headings that mean nothing to us."""
    counts: dict[str, int] = Field(default_factory=dict[str, int], sa_column=Column(JSON, nullable=False))
    """Rows by outcome: of the check, and from IMPORTING on of what is stored."""
    rows: int = 0
    done_line: int = 0
    """The last line that is stored."""
    letters: int = 0
    last_letter_at: datetime | None = _instant(default=None, nullable=True)
    attempts: int = 0
    due_at: datetime = _instant(default_factory=utcnow)
    """When it is fetched next; from CHECKED on, when it is let go."""
    created_at: datetime = _instant(default_factory=utcnow)


class PeopleFileBody(Owned, table=True):
    """The bytes of a file that was dropped into the chat, until HR has imported or cancelled it, for a day at most."""

    __tablename__ = "people_file_body"  # pyright: ignore[reportAssignmentType]

    company_id: int = Field(default=None, sa_type=_Id, primary_key=True)  # type: ignore[assignment]
    file_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="people_file.id", ondelete="CASCADE")
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class HrisMark(Owned, table=True):
    """The newest word of the HRIS on an employee, so that an older one that comes late undoes nothing."""

    __tablename__ = "hris_mark"  # pyright: ignore[reportAssignmentType]

    company_id: int = Field(default=None, sa_type=_Id, primary_key=True)  # type: ignore[assignment]
    employee_number: str = Field(primary_key=True, max_length=60)
    at: datetime = _instant()
    event: str = Field(max_length=200)
    withdrawn: bool = False


class Visibility(Owned, table=True):
    """Who may see one field of a person, where it is not the field's usual audience (bot.visibility)."""

    company_id: int = Field(default=None, sa_type=_Id, primary_key=True)  # type: ignore[assignment]
    person_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="person.id", ondelete="CASCADE")
    field: str = Field(primary_key=True, max_length=40)
    audience: Audience = _state(Audience)


class Hiding(Owned, table=True):
    """A person whom `viewer_id` finds nowhere."""

    company_id: int = Field(default=None, sa_type=_Id, primary_key=True)  # type: ignore[assignment]
    person_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="person.id", ondelete="CASCADE")
    viewer_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="person.id", ondelete="CASCADE", index=True)
    at: datetime = _instant(default_factory=utcnow)


class Consent(Owned, table=True):
    """A consent as it was given: for one purpose, to one version of the text. Withdrawn ones stay, as a proof."""

    __table_args__ = (Index("ix_consent_company_id_person_id", "company_id", "person_id"),)

    id: int | None = _key()
    person_id: int = _link("person")
    purpose: ConsentPurpose = _state(ConsentPurpose)
    version: str = Field(max_length=20)
    channel: str = Field(max_length=20)
    """Where it was given: web, slack or teams."""
    given_at: datetime = _instant(default_factory=utcnow)
    withdrawn_at: datetime | None = _instant(default=None, nullable=True)


class AuditEntry(Owned, table=True):
    """Something that HR did, or a look at a field that only HR sees. No foreign keys: an entry outlives whom it names,
    and erasing a person leaves the keyed hash (`actor_mark`, `subject_mark`) and takes the ids away."""

    __tablename__ = "audit"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("ix_audit_company_id_subject_id", "company_id", "subject_id"),)

    id: int | None = _key()
    at: datetime = _instant(default_factory=utcnow)
    action: str = Field(max_length=60)
    actor_id: int | None = Field(default=None, sa_type=_Id)
    actor_mark: str = Field(default="", max_length=64)
    subject_id: int | None = Field(default=None, sa_type=_Id)
    subject_mark: str = Field(default="", max_length=64)
    detail: dict[str, Any] = Field(default_factory=dict[str, Any], sa_column=Column(JSON, nullable=False))


class Skill(Owned, table=True):
    """A skill as its person wrote it; `folded` is what is compared."""

    __table_args__ = (Index("ix_skill_company_id_folded", "company_id", "folded"),)

    company_id: int = Field(default=None, sa_type=_Id, primary_key=True)  # type: ignore[assignment]
    person_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="person.id", ondelete="CASCADE")
    folded: str = Field(primary_key=True, max_length=100)
    label: str = Field(max_length=100)
    place: int = 0


class Vocab(Owned, table=True):
    """A term of a company's index, and how many people have it. A term that nobody has any more is deleted."""

    __table_args__ = (UniqueConstraint("company_id", "term"),)

    term_id: int | None = _key()
    term: str = Field(sa_type=_Term)
    people: int


class Posting(Owned, table=True):
    """A person has a term. `place` says in which field and whether as a whole word (storage.index): the less, the
    better the match."""

    __table_args__ = (
        Index("ix_posting_person_id_term_id_place", "person_id", "term_id", "place"),
        {"sqlite_with_rowid": False},
    )

    term_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="vocab.term_id", ondelete="CASCADE")
    place: int = Field(sa_type=SmallInteger, primary_key=True)
    person_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="person.id", ondelete="CASCADE")


class Bitmap(Owned, table=True):
    """Which of SPAN people, by their ids, have a term that many have (storage.bitmaps)."""

    term_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="vocab.term_id", ondelete="CASCADE")
    block: int = Field(primary_key=True)
    bits: bytes


class Account(Owned, table=True):
    """Who a person is on a platform, and the private conversation that reaches them there."""

    __table_args__ = (
        UniqueConstraint("platform", "workspace", "external_id"),
        Index("ix_account_company_id_person_id", "company_id", "person_id"),
        # On which workspaces the company's people are, without reading their accounts.
        Index("ix_account_company_id_workspace", "company_id", "platform", "workspace"),
    )

    id: int | None = _key()
    platform: str = Field(max_length=20)
    workspace: str = Field(max_length=100)
    external_id: str = Field(max_length=200)
    person_id: int = _link("person")
    address: str = Field(max_length=500)
    created_at: datetime = _instant(default_factory=utcnow)


class JoinRequest(Owned, table=True):
    """An account that is nobody's yet: whether its platform is still to be asked whose it is, and what its owner
    asks of HR. What the platform says of them is kept only once they have asked."""

    __tablename__ = "join_request"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("platform", "workspace", "external_id"),)

    id: int | None = _key()
    platform: str = Field(max_length=20)
    workspace: str = Field(max_length=100)
    external_id: str = Field(max_length=200)
    address: str = Field(max_length=500)
    home: str = Field(default="", max_length=500)
    """Their Home tab, if they have opened it."""
    locale: str = Field(default="", max_length=10)
    state: JoinState = _state(JoinState, default=JoinState.MET)
    owed: bool = False
    """They have been told nothing yet."""
    look_at: datetime | None = _instant(default=None, nullable=True, index=True)
    """When the platform is to be asked for their profile (again)."""
    looks: int = 0
    looked_at: datetime | None = _instant(default=None, nullable=True)
    told_name: str = Field(default="", max_length=200)
    """This and `told_email` are the platform's words; `vouched` says whether it answers for the address."""
    told_email: str = Field(default="", max_length=320)
    vouched: bool = False
    name: str = Field(default="", max_length=200)
    """From here on to `words`: what they have written themselves."""
    email: str = Field(default="", max_length=320)
    employee_number: str = Field(default="", max_length=60)
    worked: str = Field(default="", max_length=300)
    words: str = ""
    asked_at: datetime | None = _instant(default=None, nullable=True)
    decided_at: datetime | None = _instant(default=None, nullable=True)
    decided_by: int | None = _link("person", nullable=True, default=None)
    person_id: int | None = _link("person", nullable=True, default=None, index=True)
    """Who they turned out to be."""
    reason: str = Field(default="", max_length=20)
    created_at: datetime = _instant(default_factory=utcnow)


class Conversation(Owned, table=True):
    """What a platform last told of a conversation; kept whole and refreshed by every activity, never rebuilt."""

    company_id: int = Field(default=None, sa_type=_Id, primary_key=True)  # type: ignore[assignment]
    address: str = Field(primary_key=True, max_length=500)
    reference: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    installed: bool = True
    updated_at: datetime = _instant(default_factory=utcnow)


class Desk(Owned, table=True):
    """Where HR reads and answers: a conversation, and what the company calls it. Where HR posts from a conversation
    that is no desk yet, it becomes one without a name."""

    __table_args__ = (
        UniqueConstraint("company_id", "platform", "workspace", "address"),
        Index(
            "ix_desk_company_id_default",
            "company_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    id: int | None = _key()
    name: str = Field(default="", max_length=100)
    """What alumni read; empty for the company's own name."""
    locale: str = Field(default="", max_length=10)
    """The language of what is written there; empty for the company's."""
    topics: str = Field(default="", max_length=300)
    """Which cases come here by themselves, with a comma between; those without a topic go to the default desk."""
    is_default: bool = False
    platform: str = Field(max_length=20)
    workspace: str = Field(max_length=100)
    address: str = Field(max_length=500)
    promised_minutes: int | None = None
    """Working minutes within which alumni are promised an answer; None for no promise."""
    opens: str = Field(default="09:00", max_length=5)
    closes: str = Field(default="18:00", max_length=5)
    """Working hours on working days, as wall times in the company's zone."""
    created_at: datetime = _instant(default_factory=utcnow)


class Gig(Owned, table=True):
    """A piece of contract work. `desk_address` is where HR posted it: replies and cases go there."""

    __table_args__ = (Index("ix_gig_company_id_state", "company_id", "state"),)

    id: int | None = _key()
    title: str = Field(max_length=150)
    work: str
    reward: str = Field(max_length=300)
    place: str = Field(max_length=300)
    skills: str = Field(default="", max_length=500)
    terms: dict[str, str] = Field(
        default_factory=dict[str, str], sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    """Every other item of the checklist (bot.lint.ITEMS) that has been given."""
    places: int = 1
    """How many people can be chosen."""
    audience: dict[str, Any] = Field(
        default_factory=dict[str, Any], sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    """To whom it goes (bot.audiences)."""
    named_id: int | None = Field(default=None, sa_type=_Id, index=True)
    """The one person to whom it goes, where it goes to one alone: that is no public recruitment."""
    version: int = 1
    deadline_on: date | None = None
    deadline_zone: str = Field(default="", max_length=64)
    deadline_at: datetime | None = _instant(default=None, nullable=True, index=True)
    state: GigState = _state(GigState, default=GigState.OPEN)
    author_id: int = _link("person")
    desk_id: int | None = Field(default=None, sa_type=_Id)
    desk_platform: str = Field(max_length=20)
    desk_workspace: str = Field(max_length=100)
    desk_address: str = Field(max_length=500)
    channels: list[dict[str, str]] = Field(
        default_factory=list[dict[str, str]], sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    """Those of Company.gig_channels in which it is posted too."""
    publish_at: datetime | None = _instant(default=None, nullable=True, index=True)
    """When a SCHEDULED one goes out."""
    published_at: datetime | None = _instant(default=None, nullable=True)
    created_at: datetime = _instant(default_factory=utcnow)
    closed_at: datetime | None = _instant(default=None, nullable=True)
    reopened: int = 0
    """How often it was opened again after it had been filled."""


class GigVersion(Owned, table=True):
    """What a gig said, word by word, from `at` on: never changed."""

    __tablename__ = "gig_version"  # pyright: ignore[reportAssignmentType]

    gig_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="gig.id", ondelete="CASCADE")
    version: int = Field(primary_key=True)
    at: datetime = _instant()
    author_id: int = _link("person")
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    changed: list[str] = Field(default_factory=list[str], sa_column=Column(JSON, nullable=False))
    """Which items differ from the version before; none where only its audience does."""
    audience: dict[str, Any] = Field(
        default_factory=dict[str, Any], sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    """For whom it was from then on (bot.versions); of one named person it does not say who."""


class Stance(Owned, table=True):
    """What a person last said to a gig. A pass is counted and never shown to HR by name."""

    gig_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="gig.id", ondelete="CASCADE")
    person_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="person.id", ondelete="CASCADE")
    attitude: Attitude = _state(Attitude)
    note: str = ""
    availability: str = Field(default="", max_length=300)
    """Both in the person's own words, along with their interest."""
    progress: Progress = _state(Progress, default=Progress.RECEIVED)
    version: int = 1
    """Of the gig, which they answered."""
    interested_at: datetime | None = _instant(default=None, nullable=True)
    """When HR was first told of their interest; None for whoever never showed any."""
    at: datetime = _instant(default_factory=utcnow)


class Referral(Owned, table=True):
    """Somebody passes a gig on to one more person: who gets an invitation to talk, and not a post."""

    __table_args__ = (UniqueConstraint("gig_id", "referrer_id", "person_id"),)

    id: int | None = _key()
    gig_id: int = _link("gig")
    referrer_id: int = _link("person", index=True)
    person_id: int | None = _link("person", nullable=True, default=None, index=True)
    """None for somebody who is no alumnus of the company: then HR has `name`, `email` and `words`."""
    name: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=320)
    words: str = ""
    at: datetime = _instant(default_factory=utcnow)


class Synonym(Owned, table=True):
    """A word of the company's for a skill: `folded` means the same as `means`, both folded (see storage.synonyms)."""

    company_id: int = Field(default=None, sa_type=_Id, primary_key=True)  # type: ignore[assignment]
    folded: str = Field(primary_key=True, max_length=100)
    means: str = Field(max_length=100)


class SavedSegment(Owned, table=True):
    """Conditions that HR has saved under a name (bot.saved_segments); `folded` is the name as names are compared."""

    __tablename__ = "saved_segment"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("company_id", "folded"),)

    id: int | None = _key()
    folded: str = Field(max_length=100)
    name: str = Field(max_length=60)
    audience: dict[str, Any] = Field(
        default_factory=dict[str, Any], sa_column=Column(JSON, nullable=False, server_default="{}")
    )


class BroadcastTemplate(Owned, table=True):
    """What a broadcast says, saved under a name (bot.broadcast_templates), which `folded` has as names are compared."""

    __tablename__ = "broadcast_template"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("company_id", "folded"),)

    id: int | None = _key()
    folded: str = Field(max_length=100)
    name: str = Field(max_length=60)
    title_ja: str = Field(default="", max_length=150)
    text_ja: str = ""
    title_en: str = Field(default="", max_length=150)
    text_en: str = ""
    picture: str = Field(default="", max_length=500)
    picture_alt: str = Field(default="", max_length=300)


class Case(Owned, table=True):
    """One alumnus's conversation with HR: about one gig, or about something else (`gig_id` None)."""

    __table_args__ = (UniqueConstraint("gig_id", "person_id"), Index("ix_case_company_id_state", "company_id", "state"))

    id: int | None = _key()
    gig_id: int | None = _link("gig", nullable=True, default=None)
    person_id: int = _link("person", index=True)
    topic: str = Field(default="", max_length=40)
    title: str = Field(default="", max_length=150)
    """What it is about, where that is no gig."""
    desk_id: int | None = Field(default=None, sa_type=_Id, index=True)
    assignee_id: int | None = Field(default=None, sa_type=_Id, index=True)
    state: CaseState = _state(CaseState, default=CaseState.WAITING)
    revision: int = 1
    """Counts what HR does with it, so that of two who do something at once the second is told."""
    cards: int = 0
    """So many cards of it were written to desks: the newest has its buttons."""
    snoozed_until: datetime | None = _instant(default=None, nullable=True, index=True)
    answer_due_at: datetime | None = _instant(default=None, nullable=True)
    """When the promised time is over; None when nothing waits or nothing was promised."""
    nudge_at: datetime | None = _instant(default=None, nullable=True, index=True)
    """When the desk is next reminded."""
    closed_at: datetime | None = _instant(default=None, nullable=True)
    created_at: datetime = _instant(default_factory=utcnow)


class CaseMessage(Owned, table=True):
    __table_args__ = (Index("ix_casemessage_company_id_source", "company_id", "source"),)

    id: int | None = _key()
    case_id: int = _link("case", index=True)
    side: Side = _state(Side)
    author_id: int = _link("person")
    text: str
    source: str = Field(default="", max_length=500)
    """The ref of the message on its platform, where it was typed there: edits and deletions name it."""
    files: list[dict[str, Any]] = Field(
        default_factory=list[dict[str, Any]], sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    """What came along, as links: name, url, size."""
    edited_at: datetime | None = _instant(default=None, nullable=True)
    removed_at: datetime | None = _instant(default=None, nullable=True)
    at: datetime = _instant(default_factory=utcnow)


class CaseEvent(Owned, table=True):
    """What HR did with a case, when it became that revision."""

    __tablename__ = "case_event"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("case_id", "revision"),)

    id: int | None = _key()
    case_id: int = _link("case")
    revision: int
    action: CaseAction = _state(CaseAction)
    actor_id: int = _link("person")
    whom_id: int | None = Field(default=None, sa_type=_Id)
    """Who is assigned since; None for nobody."""
    desk_id: int | None = Field(default=None, sa_type=_Id)
    """Where it went."""
    at: datetime = _instant()


class Commission(Owned, table=True):
    """A person was chosen for a gig. What was agreed is in its notices."""

    __table_args__ = (UniqueConstraint("gig_id", "person_id"),)

    id: int | None = _key()
    gig_id: int = _link("gig")
    person_id: int = _link("person", index=True)
    by_id: int = _link("person")
    at: datetime = _instant()
    ends_on: date | None = None
    """The last day of the contract."""
    long_term: bool = False
    """Of six months or more: its end is announced 30 days before."""
    remind_at: datetime | None = _instant(default=None, nullable=True, index=True)
    """When HR is next reminded of something (bot.reminding)."""
    received_at: datetime | None = _instant(default=None, nullable=True)
    received_number: int = 0
    """The newest notice of which the person has said that they have it."""
    paper_at: datetime | None = _instant(default=None, nullable=True)
    """When the person asked to have it on paper."""
    paper_sent_at: datetime | None = _instant(default=None, nullable=True)


class CommissionNotice(Owned, table=True):
    """The terms as they were given to the person (フリーランス・事業者間取引適正化等法 art. 3): never changed. Number 1
    comes with the commission; a later one supplements what was open then."""

    __tablename__ = "commission_notice"  # pyright: ignore[reportAssignmentType]

    commission_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="commission.id", ondelete="CASCADE")
    number: int = Field(primary_key=True)
    at: datetime = _instant()
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    digest: str = Field(max_length=64)
    """SHA-256 of the content, written canonically."""
    open_items: list[dict[str, Any]] = Field(
        default_factory=list[dict[str, Any]], sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    """What was not fixed: item, why, and by when it will be."""


class Event(Owned, table=True):
    """A gathering. Times are what people typed, as wall time in `zone` (YYYY-MM-DDTHH:MM), and the instants that follow
    from it (bot.clock). `desk_address` is where it was created from: its counts are shown there."""

    __table_args__ = (Index("ix_event_company_id_state", "company_id", "state"),)

    id: int | None = _key()
    uid: str = Field(default_factory=_new_key, max_length=100)
    """Its name in calendars (RFC 5545 UID): never changes."""
    sequence: int = 0
    """RFC 5545 SEQUENCE: rises with every change that calendars have to know."""
    title: str = Field(max_length=150)
    words: str = ""
    zone: str = Field(max_length=64)
    starts_wall: str = Field(max_length=16)
    starts_at: datetime = _instant(index=True)
    ends_wall: str = Field(max_length=16)
    ends_at: datetime = _instant(index=True)
    place: str = Field(default="", max_length=300)
    link: str = Field(default="", max_length=500)
    place_for_guests: bool = False
    """Place and link are shown to those alone who have a seat."""
    host_id: int = _link("person")
    capacity: int | None = None
    """Seats, guests of guests included; None: as many as come."""
    guests_each: int = 0
    """How many people somebody may bring."""
    deadline_wall: str = Field(default="", max_length=16)
    deadline_at: datetime | None = _instant(default=None, nullable=True, index=True)
    audience: dict[str, Any] = Field(
        default_factory=dict[str, Any], sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    """To whom it is shown (bot.audiences)."""
    questions: list[str] = Field(default_factory=list[str], sa_column=Column(JSON, nullable=False, server_default="[]"))
    """Asked of whoever signs up."""
    reminders: list[int] = Field(
        default_factory=lambda: [*REMINDED], sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    """Minutes before the start."""
    confirm_minutes: int = 1440
    """How long somebody who moves up from the waiting list has to take the seat."""
    anonymous: bool = False
    """Feedback is asked for without names."""
    series_id: int | None = Field(default=None, sa_type=_Id, index=True)
    """The first of a row of recurring events; its `rule` is the RFC 5545 RRULE."""
    rule: str = Field(default="", max_length=200)
    version: int = 1
    state: EventState = _state(EventState, default=EventState.OPEN)
    desk_id: int | None = Field(default=None, sa_type=_Id)
    desk_platform: str = Field(max_length=20)
    desk_workspace: str = Field(max_length=100)
    desk_address: str = Field(max_length=500)
    channels: list[dict[str, str]] = Field(
        default_factory=list[dict[str, str]], sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    """Those of Company.gig_channels in which it is posted too."""
    created_at: datetime = _instant(default_factory=utcnow)
    published_at: datetime | None = _instant(default=None, nullable=True)
    closed_at: datetime | None = _instant(default=None, nullable=True)
    """When its copies began to say that nobody can sign up any more."""
    cancelled_at: datetime | None = _instant(default=None, nullable=True)
    reception_links: int = 0
    """Which links to the reception's pages are good: a higher number ends those of before."""
    thanks_at: datetime | None = _instant(default=None, nullable=True, index=True)
    """When those who came are thanked; None before it is over, and once they were."""
    feedback_until: datetime | None = _instant(default=None, nullable=True)
    """Until when they may say how it was; None where they were not asked."""
    results_at: datetime | None = _instant(default=None, nullable=True, index=True)
    """When the host is told what they said; None once that is done."""


class EventVersion(Owned, table=True):
    """What an event said, word by word, from `at` on: never changed."""

    __tablename__ = "event_version"  # pyright: ignore[reportAssignmentType]

    event_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="event.id", ondelete="CASCADE")
    version: int = Field(primary_key=True)
    at: datetime = _instant()
    author_id: int = _link("person")
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    changed: list[str] = Field(default_factory=list[str], sa_column=Column(JSON, nullable=False))


class Rsvp(Owned, table=True):
    """What a person last answered to an invitation, and whether they have a seat."""

    __table_args__ = (Index("ix_rsvp_event_id_seat_number", "event_id", "seat", "number"),)

    event_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="event.id", ondelete="CASCADE")
    person_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="person.id", ondelete="CASCADE", index=True)
    answer: RsvpAnswer = _state(RsvpAnswer)
    seat: Seat = _state(Seat, default=Seat.NONE)
    number: int = 0
    """The order in which those who want to come asked: a later one never overtakes on the waiting list. Whoever comes
    back after a withdrawal has a new one."""
    guests: int = 0
    answers: dict[str, str] = Field(
        default_factory=dict[str, str], sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    offered_until: datetime | None = _instant(default=None, nullable=True, index=True)
    """Until when an OFFERED seat waits for its confirmation."""
    version: int = 1
    """Of the event, which they answered."""
    arrived_at: datetime | None = _instant(default=None, nullable=True)
    arrived_guests: int = 0
    at: datetime = _instant(default_factory=utcnow)


class Feedback(Owned, table=True):
    """How somebody found an event, from 1 to 5. `mark` is a keyed hash of who it was, so that each counts once; where
    the host asks without names nothing else leads to them: no number, and no time."""

    event_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="event.id", ondelete="CASCADE")
    mark: str = Field(max_length=64, primary_key=True)
    person_id: int | None = _link("person", nullable=True, default=None, index=True)
    score: int
    words: str = ""


class EventReminder(Owned, table=True):
    """So many minutes before an event's start whoever takes part is reminded: `person_id` alone, or everybody who has
    no rows of their own. A person's row of 0 minutes says that they want none."""

    __tablename__ = "event_reminder"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_event_reminder_event_id_person_id", "event_id", "person_id"),
        Index(
            "ix_event_reminder_look_at",
            "look_at",
            sqlite_where=text("look_at IS NOT NULL"),
            postgresql_where=text("look_at IS NOT NULL"),
        ),
    )

    id: int | None = _key()
    event_id: int = _link("event")
    person_id: int | None = _link("person", nullable=True, default=None, index=True)
    minutes: int
    due_at: datetime = _instant()
    look_at: datetime | None = _instant(default=None, nullable=True)
    """When somebody may have to be written to next, or at the start, when it is seen whether all were; then None."""
    written_at: datetime | None = _instant(default=None, nullable=True)
    """When everybody who was to be reminded was written to the ledger."""
    missed_at: datetime | None = _instant(default=None, nullable=True)


class CalendarFeed(Owned, table=True):
    """A person's calendar feed can be read with the secret of which this is the SHA-256."""

    __tablename__ = "calendar_feed"  # pyright: ignore[reportAssignmentType]

    company_id: int = Field(default=None, sa_type=_Id, primary_key=True)  # type: ignore[assignment]
    person_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="person.id", ondelete="CASCADE")
    digest: str = Field(max_length=64, unique=True)
    at: datetime = _instant()


class Broadcast(Owned, table=True):
    """News that HR writes to many. A language in which it says nothing is told in the other."""

    id: int | None = _key()
    title_ja: str = Field(default="", max_length=150)
    text_ja: str = ""
    title_en: str = Field(default="", max_length=150)
    text_en: str = ""
    picture: str = Field(default="", max_length=500)
    picture_alt: str = Field(default="", max_length=300)
    audience: dict[str, Any] = Field(
        default_factory=dict[str, Any], sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    """To whom it goes (bot.segments)."""
    state: BroadcastState = _state(BroadcastState, default=BroadcastState.DRAFT)
    revision: int = 1
    """Counts its changes: what is approved or sent is what was looked at."""
    author_id: int = _link("person")
    """Who of HR changed it last."""
    approver_id: int | None = _link("person", nullable=True, default=None)
    desk_platform: str = Field(max_length=20)
    desk_workspace: str = Field(max_length=100)
    desk_address: str = Field(max_length=500)
    send_at: datetime | None = _instant(default=None, nullable=True, index=True)
    """When it is to go out; None for at once."""
    sent_at: datetime | None = _instant(default=None, nullable=True)
    closed_at: datetime | None = _instant(default=None, nullable=True)
    followed: list[int] = Field(default_factory=list[int], sa_column=Column(JSON, nullable=False, server_default="[]"))
    """How many people had followed each of its links when the links ended."""
    created_at: datetime = _instant(default_factory=utcnow)


class Click(Owned, table=True):
    """Somebody followed a link of a broadcast for the first time. `place` is the link's among those of the broadcast,
    `address` where it leads. Gone when the links end (bot.clicks)."""

    broadcast_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="broadcast.id", ondelete="CASCADE")
    place: int = Field(primary_key=True)
    person_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="person.id", ondelete="CASCADE", index=True)
    address: str = ""
    at: datetime = _instant()


class Acknowledgement(Owned, table=True):
    """Somebody pressed "read it". Of several by one person the first counts."""

    __table_args__ = (Index("ix_acknowledgement_broadcast_id_person_id", "broadcast_id", "person_id"),)

    id: int | None = _key()
    broadcast_id: int = _link("broadcast")
    person_id: int = _link("person", index=True)
    at: datetime = _instant(default_factory=utcnow)


class Survey(Owned, table=True):
    """Questions that HR asks many. What it asks, and whether it is anonymous, is settled when it goes out."""

    id: int | None = _key()
    title: str = Field(max_length=150)
    words: str = ""
    questions: list[dict[str, Any]] = Field(
        default_factory=list[dict[str, Any]], sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    """Each with `kind`, `label` and `options` (bot.asking)."""
    anonymous: bool = False
    key: str = Field(default_factory=_new_key, max_length=64)
    """With it the ballots of an anonymous survey are marked while it is open; empty from its end on."""
    audience: dict[str, Any] = Field(
        default_factory=dict[str, Any], sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    """To whom it goes (bot.segments)."""
    state: SurveyState = _state(SurveyState, default=SurveyState.DRAFT)
    revision: int = 1
    """Counts its changes: what goes out is what was looked at."""
    author_id: int = _link("person")
    """Who of HR changed it last."""
    desk_platform: str = Field(max_length=20)
    desk_workspace: str = Field(max_length=100)
    desk_address: str = Field(max_length=500)
    closes_at: datetime = _instant(index=True)
    sent_at: datetime | None = _instant(default=None, nullable=True)
    reminded_at: datetime | None = _instant(default=None, nullable=True)
    closed_at: datetime | None = _instant(default=None, nullable=True)
    created_at: datetime = _instant(default_factory=utcnow)


class SurveyAnswer(Owned, table=True):
    """What somebody last answered to a survey that is not anonymous: a text a question, in their order."""

    __tablename__ = "survey_answer"  # pyright: ignore[reportAssignmentType]

    survey_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="survey.id", ondelete="CASCADE")
    person_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="person.id", ondelete="CASCADE", index=True)
    answers: list[str] = Field(default_factory=list[str], sa_column=Column(JSON, nullable=False))
    at: datetime = _instant()


class Ballot(Owned, table=True):
    """What nobody knows who answered to an anonymous survey. `mark` is a keyed hash of who it was, by which they can
    change their mind, as long as the survey is open; chance from its end on. There is no time and no number: a row
    lies where its mark puts it."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    survey_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="survey.id", ondelete="CASCADE")
    mark: str = Field(primary_key=True, max_length=64)
    answers: list[str] = Field(default_factory=list[str], sa_column=Column(JSON, nullable=False))


class Reunion(Owned, table=True):
    """A gathering of a cohort that somebody proposes: a poll for day and place, which becomes an event once one of
    those who were asked organises it. What it asks is settled when it goes out."""

    id: int | None = _key()
    author_id: int = _link("person")
    audience: dict[str, Any] = Field(
        default_factory=dict[str, Any], sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    """The cohort: years of joining and departments (bot.audiences)."""
    words: str = ""
    days: list[str] = Field(default_factory=list[str], sa_column=Column(JSON, nullable=False))
    """Calendar days, earliest first; it would begin at `starts` (HH:MM) in the company's zone."""
    starts: str = Field(max_length=5)
    places: list[str] = Field(default_factory=list[str], sa_column=Column(JSON, nullable=False))
    state: ReunionState = _state(ReunionState, default=ReunionState.DRAFT)
    revision: int = 1
    """Counts its changes: what goes out is what was looked at, and each end is told once."""
    desk_platform: str = Field(max_length=20)
    desk_workspace: str = Field(max_length=100)
    desk_address: str = Field(max_length=500)
    closes_at: datetime = _instant(index=True)
    decide_by: datetime | None = _instant(default=None, nullable=True)
    """When it is dropped by itself unless whoever proposed it decides; once it is organised, when its event must be
    out."""
    event_id: int | None = Field(default=None, sa_type=_Id, foreign_key="event.id", ondelete="SET NULL")
    created_at: datetime = _instant(default_factory=utcnow)


class ReunionAnswer(Owned, table=True):
    """What somebody last answered: the numbers of the days and places that suit them, with commas. One with neither,
    who does not offer to organise it either, does not come."""

    __tablename__ = "reunion_answer"  # pyright: ignore[reportAssignmentType]

    reunion_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="reunion.id", ondelete="CASCADE")
    person_id: int = Field(sa_type=_Id, primary_key=True, foreign_key="person.id", ondelete="CASCADE", index=True)
    days: str = Field(default="", max_length=50)
    places: str = Field(default="", max_length=50)
    offers: bool = False
    at: datetime = _instant()


class Delivery(Owned, table=True):
    """The ledger: a message to one recipient, written before it is sent. See storage.ledger for its life."""

    __table_args__ = (
        UniqueConstraint("company_id", "cause", "recipient"),
        Index(
            "ix_delivery_due_at",
            "due_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_delivery_held",
            "due_at",
            sqlite_where=text("state = 'held' AND settled_at IS NULL"),
            postgresql_where=text("state = 'held' AND settled_at IS NULL"),
        ),
        Index(
            "ix_delivery_check_at",
            "check_at",
            sqlite_where=text("check_at IS NOT NULL"),
            postgresql_where=text("check_at IS NOT NULL"),
        ),
        Index(
            "ix_delivery_edit_due_at",
            "edit_due_at",
            sqlite_where=text("edit_due_at IS NOT NULL"),
            postgresql_where=text("edit_due_at IS NOT NULL"),
        ),
        Index(
            "ix_delivery_delete_due_at",
            "delete_due_at",
            sqlite_where=text("delete_due_at IS NOT NULL"),
            postgresql_where=text("delete_due_at IS NOT NULL"),
        ),
        # How the copies of a gig fare is counted, and asked when the last is due, without reading the copies.
        Index("ix_delivery_company_id_subject", "company_id", "subject", "unasked", "state", "due_at"),
        # One person's copies, of what a hundred thousand have.
        Index("ix_delivery_person_id_subject", "person_id", "subject"),
        Index(
            "ix_delivery_company_id_ref",
            "company_id",
            "ref",
            sqlite_where=text("ref IS NOT NULL"),
            postgresql_where=text("ref IS NOT NULL"),
        ),
    )

    id: int | None = _key()
    cause: str = Field(max_length=300)
    recipient: str = Field(max_length=500)
    person_id: int | None = _link("person", nullable=True, default=None)
    platform: str = Field(max_length=20)
    workspace: str = Field(max_length=100)
    address: str = Field(max_length=500)
    thread: str | None = Field(default=None, max_length=500)
    thread_of: int | None = Field(default=None, sa_type=_Id)
    template: str = Field(max_length=100)
    args: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    locale: str = Field(default="", max_length=10)
    subject: str | None = Field(default=None, max_length=60)
    unasked: bool = False
    state: DeliveryState = _state(DeliveryState, default=DeliveryState.QUEUED)
    due_at: datetime = _instant(default_factory=utcnow)
    check_at: datetime | None = _instant(default=None, nullable=True)
    attempts: int = 0
    ref: str | None = Field(default=None, max_length=500)
    reason: str = Field(default="", max_length=40)
    detail: str = ""
    wanted: int = 1
    shown: int = 0
    edit_due_at: datetime | None = _instant(default=None, nullable=True)
    delete_due_at: datetime | None = _instant(default=None, nullable=True)
    """Set where the message is to be taken back from its platform, and the row with it."""
    created_at: datetime = _instant(default_factory=utcnow)
    settled_at: datetime | None = _instant(default=None, nullable=True)


class Erasure(Owned, table=True):
    """A person who is being erased, or was: what is still to be done for it, and what the receipt says. `reach` and
    `places` (where the receipt goes, and the person's conversations) are emptied when it is finished."""

    id: int | None = _key()
    number: str = Field(max_length=20)
    person_id: int = Field(sa_type=_Id)
    """The emptied row, which stays so that its number is never given to somebody else."""
    at: datetime = _instant()
    reach: dict[str, Any] = Field(default_factory=dict[str, Any], sa_column=Column(JSON, nullable=False))
    places: list[str] = Field(default_factory=list[str], sa_column=Column(JSON, nullable=False))
    removed: dict[str, int] = Field(default_factory=dict[str, int], sa_column=Column(JSON, nullable=False))
    left: dict[str, int] = Field(default_factory=dict[str, int], sa_column=Column(JSON, nullable=False))
    finished_at: datetime | None = _instant(default=None, nullable=True, index=True)


class Merger(Owned, table=True):
    """`other_id` was the same person as `keeper_id`, and has been emptied into that one. `profiles` is what either said
    before, `moved` which rows went over and what they were: both are emptied when it is undone or can be no more."""

    __table_args__ = (
        Index("ix_merger_company_id_keeper_id", "company_id", "keeper_id"),
        Index("ix_merger_company_id_other_id", "company_id", "other_id"),
    )

    id: int | None = _key()
    keeper_id: int = Field(sa_type=_Id)
    other_id: int = Field(sa_type=_Id)
    at: datetime = _instant()
    profiles: dict[str, Any] = Field(default_factory=dict[str, Any], sa_column=Column(JSON, nullable=False))
    moved: dict[str, Any] = Field(default_factory=dict[str, Any], sa_column=Column(JSON, nullable=False))
    undone_at: datetime | None = _instant(default=None, nullable=True)
    stayed: list[str] = Field(default_factory=list[str], sa_column=Column(JSON, nullable=False))
    """What could not be parted when it was undone."""


class ErasedMark(Owned, table=True):
    """A keyed hash of the employee number or the address of somebody who asked to be erased, so that no list of HR's
    brings them back. It goes when HR adds them by hand."""

    __tablename__ = "erased_mark"  # pyright: ignore[reportAssignmentType]

    company_id: int = Field(default=None, sa_type=_Id, primary_key=True)  # type: ignore[assignment]
    mark: str = Field(primary_key=True, max_length=64)
    whose: str = Field(max_length=64)
    """The mark under which the audit log has them."""
    at: datetime = _instant()


class Lane(SQLModel, table=True):
    """The pace of one stretch of a platform (a workspace's sends, its edits, one conversation).

    Lanes are the couriers' and carry nobody's data; like the install map they stand outside the companies.
    """

    name: str = Field(primary_key=True, max_length=600)
    free_at: datetime | None = _instant(default=None, nullable=True)
    parked_until: datetime | None = _instant(default=None, nullable=True)


class InboxEntry(Owned, table=True):
    """An event that was dealt with. The primary key is what makes the second one a duplicate."""

    __tablename__ = "inbox"  # pyright: ignore[reportAssignmentType]

    company_id: int = Field(default=None, sa_type=_Id, primary_key=True)  # type: ignore[assignment]
    key: str = Field(primary_key=True, max_length=400)
    at: datetime = _instant(default_factory=utcnow, index=True)


class OpenForm(Owned, table=True):
    """A form, or another question, that stands in the place of a message on somebody's screen: until it is sent or
    left, or at the latest at `until`, the message is not edited. `holder` is a digest of the account that sees it,
    empty where everybody does who sees the message. See storage.open_forms."""

    __tablename__ = "open_form"  # pyright: ignore[reportAssignmentType]

    delivery_id: int = Field(default=None, primary_key=True, sa_type=_Id, sa_column_kwargs={"autoincrement": False})
    holder: str = Field(default="", primary_key=True, max_length=64)
    until: datetime = _instant(index=True)


class EarlyEdit(Owned, table=True):
    """An edit of a message that has not come yet, where the platform does not say in which thread that stands. `source`
    is a digest of the message's name. See storage.early_edits."""

    __tablename__ = "early_edit"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("company_id", "source"),)

    id: int | None = _key()
    source: str = Field(max_length=64)
    person_id: int = _link("person", index=True)
    text: str
    at: datetime = _instant()
    noted_at: datetime = _instant(default_factory=utcnow, index=True)
