"""One turn of a conversation: what a handler is given, and what it may answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import SQLModel

from bot.file_links import LARGEST
from bot.ports import MAIL, Inbound, Pace
from storage.db import CompanySession
from storage.people import CompanyFacts, Contact, Member
from storage.tables import Person, Role


@dataclass(frozen=True, slots=True)
class Turn:
    """An inbound event inside its company's transaction. `account` and `person` are None for a stranger.

    `args` are a button's or a parsed command's, `values` a form's, checked against its questions.
    """

    session: CompanySession
    now: datetime
    inbound: Inbound
    company: CompanyFacts
    account: Contact | None
    person: Member | None
    locale: str
    paces: Mapping[str, Pace]
    args: Mapping[str, str] = field(default_factory=dict[str, str])
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    public_url: str = ""
    largest_file: int = LARGEST
    """Bytes of a file that is passed on."""
    kept: list[SQLModel] = field(default_factory=list[SQLModel])
    """Rows that are asked for again before the turn ends: a session lets go of what nobody holds, and reads it anew."""

    @property
    def member(self) -> Member:
        """The speaker, for verbs that strangers may not use."""
        if self.person is None:
            raise LookupError("this verb needs a known speaker; its row in bot/verbs.py admits strangers")
        return self.person

    def own_row(self) -> Person:
        """The speaker's row, to change it."""
        return self.session.get_one(Person, self.member.id)

    @property
    def letters(self) -> bool:
        """Whether mail is configured."""
        return MAIL in self.paces

    @property
    def is_staff(self) -> bool:
        return self.person is not None and self.person.role in (Role.OWNER, Role.HR)


@dataclass(frozen=True, slots=True)
class Say:
    """Answer with the message `template`. A `notice` is a short word that replaces nothing on the screen; with `done`
    it is about something that has happened, and the form that asked for it may go. `locale` is the language where
    this very turn has changed it. `in_place`: it is the card that was pressed, turned to another page, and takes its
    place where the platform can."""

    template: str
    args: Mapping[str, Any] = field(default_factory=dict[str, Any])
    notice: bool = False
    done: bool = False
    locale: str = ""
    in_place: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Answer with the form of `verb`. `errors` has the key of a sentence of prompts/*/errors.md.j2 for a field."""

    verb: str
    args: Mapping[str, str] = field(default_factory=dict[str, str])
    filled: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Refresh:
    """Answer by showing the card that was pressed as it is now, or `shown` where the ledger does not know it (yet)."""

    shown: Say


@dataclass(frozen=True, slots=True)
class Results:
    """Answer with cards of which the speaker chooses one for a message of their own; none where there are no more."""

    cards: Sequence[Say]


Answer = Say | Ask | Refresh | Results | None
