"""Links to files that came along in a conversation: signed, so that nothing is stored, nor the file itself. Whoever
opens one gets it from where its sender put it, as long as it is there; who may is asked anew each time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.signed_links import SignedLinks
from storage import merging
from storage.db import CompanySession
from storage.tables import Case, CaseMessage, Person, PersonState, Role, Side

LIFETIME = timedelta(days=14)
LARGEST = 25 * 1024 * 1024
"""Bytes, where nothing else is set."""
_LINKS = SignedLinks("file", r"\d{1,18}\.\d{1,18}\.\d{1,2}")


@dataclass(frozen=True, slots=True)
class FileAccess:
    """`reader` is 0 for a desk, which several of HR read; `place` is the file's among those of the message."""

    reader: int
    message: int
    place: int
    until: datetime


def issue(session: CompanySession, access: FileAccess) -> str:
    """The token, which names its company."""
    return _LINKS.issue(session, (access.reader, access.message, access.place), access.until)


def path(token: str) -> str:
    """Where the file is, below PUBLIC_URL."""
    return f"/files/{token}"


def company_in(token: str) -> int | None:
    """Which company a token says it belongs to, if it looks like one."""
    return _LINKS.company_in(token)


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """`url` is where the platform keeps its bytes."""

    platform: str
    url: str
    name: str


def opened(session: CompanySession, token: str, now: datetime) -> OpenedFile | None:
    """None for a link that is forged or over, for a file whose message was deleted or whose person was erased, and for
    whoever may not read the conversation (any more)."""
    told = _LINKS.read(session, token, now)
    if told is None:
        return None
    (reader, number, place), _ = told
    message = session.get(CaseMessage, number)
    case = session.get(Case, message.case_id) if message else None
    if message is None or case is None or message.removed_at or message.side is Side.NOTE:
        return None
    if reader and not _may_read(session, reader, case):
        return None
    file = message.files[place] if place < len(message.files) else {}
    return OpenedFile(file["platform"], file["at"], file["name"]) if file.get("at") else None


def _may_read(session: CompanySession, reader: int, case: Case) -> bool:
    person = session.get(Person, merging.remaining(session, reader))
    if person is None or person.state not in (PersonState.ACTIVE, PersonState.PAUSED):
        return False
    return person.id == case.person_id or person.role in (Role.OWNER, Role.HR)
