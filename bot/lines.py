"""What was said in a case, line by line: as it was typed, as it reads since, and how far it came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import literal
from sqlalchemy import select as columns
from sqlmodel import col, select

from bot import file_links, subjects, texts
from bot.file_links import FileAccess
from bot.ports import Dropped
from bot.scene import Scene
from bot.turn import Turn
from storage import ledger
from storage.db import CompanySession, note_change
from storage.prepared import Prepared, as_object
from storage.tables import CaseMessage, DeliveryState, Person, Side, table

_M = table(CaseMessage)
_BEFORE = _M.alias("before")
LATE = (
    columns(literal(1))
    .where(
        _BEFORE.c.case_id == _M.c.case_id,
        _BEFORE.c.side == _M.c.side,
        _BEFORE.c.id < _M.c.id,
        _BEFORE.c.at > _M.c.at,
    )
    .exists()
)
"""The condition that something which was said after the line of a statement's row, by its side, had come before it."""

AT_ONCE = 10
"""Files of one message."""
LONGEST_LINK, LONGEST_NAME = 2000, 200


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file that came along. With `until` the link is ours, and its reader needs no access there until then; without,
    it opens where the file was put, for those who may see it there. `source` is that place, beside a link of ours."""

    name: str
    url: str
    size: str = ""
    until: datetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class LineView:
    """`fate` says of HR's words whether they are `unclear` or were `refused`; empty while nothing is amiss."""

    alumnus: bool
    author: str
    text: str
    at: datetime
    edited: bool = False
    removed: bool = False
    files: tuple[FileLink, ...] = ()
    fate: str = ""
    note: bool = False
    """Of HR's own, which no alumnus reads."""


def spoken(turn: Turn, case_id: int, side: Side, text: str) -> CaseMessage:
    """The words that this turn says in the case, as a row. What was typed stands at its moment on its platform: of two
    replies that come in the wrong order, the one that was typed first stands first."""
    inbound = turn.inbound
    turn.session.flush()  # a new case comes before its words
    (row,) = _SAY.all(
        turn.session,
        case_id=case_id,
        side=side,
        author_id=turn.member.id,
        text=text,
        source=inbound.source,
        files=[_kept(turn, file) for file in passable(turn)],
        edited_at=inbound.changed_at,
        at=min(inbound.typed_at or turn.now, turn.now),
    )
    note_change(turn.session)
    return as_object(turn.session, CaseMessage, row)


_SAY = Prepared(
    lambda insert: insert(_M).returning(*_M.c),
    ("company_id", "case_id", "side", "author_id", "text", "source", "files", "edited_at", "at"),
)


def of_source(session: CompanySession, source: str) -> CaseMessage | None:
    """The line that was typed as that message on its platform."""
    if not source:
        return None
    return session.exec(select(CaseMessage).where(CaseMessage.source == source).order_by(col(CaseMessage.id))).first()


def last(scene: Scene, case_id: int, number: int) -> tuple[list[LineView], int]:
    """The newest lines of the case, in the order in which they were said, and how many come before them."""
    session = scene.session
    query = select(CaseMessage, Person).join(Person, col(Person.id) == col(CaseMessage.author_id))
    order = col(CaseMessage.at), col(CaseMessage.id)
    said = session.exec(query.where(CaseMessage.case_id == case_id).order_by(*order)).all()
    shown = said[-number:]
    by_hr = [message for message, _ in shown if message.side is Side.DESK]
    fates = _fates(session, [subjects.case_message(case_id, message.id) for message in by_hr])
    views = [
        LineView(
            alumnus=message.side is Side.ALUMNUS,
            author=author.name,
            text=message.text,
            at=message.at,
            note=message.side is Side.NOTE,
            fate=fates.get(subjects.case_message(case_id, message.id), "") if message.side is Side.DESK else "",
            **marks(scene, message),
        )
        for message, author in shown
    ]
    return views, len(said) - len(shown)


def marks(scene: Scene, message: CaseMessage) -> dict[str, Any]:
    """What became of a line since it was said, and what came with it: arguments of its view."""
    removed = message.removed_at is not None
    return {
        "edited": message.edited_at is not None and not removed,
        "removed": removed,
        "files": tuple(link for place in range(len(message.files)) if (link := _link(scene, message, place)).url),
    }


def no_longer_said(session: CompanySession, message_id: int) -> str:
    """Why a line should not be sent any more, empty when it should."""
    message = session.get(CaseMessage, message_id)
    return "deleted" if message is not None and message.removed_at is not None else ""


def unclear(session: CompanySession, case_id: int | None) -> list[int]:
    """The messages with answers of HR of which nobody can say whether they arrived."""
    rows = ledger.unclear(session, subjects.case_alumnus(case_id), unasked=False)
    return [row.id for row in rows if row.template == "case_answer"]


def _fates(session: CompanySession, causes: Sequence[str]) -> Mapping[str, str]:
    rows = ledger.caused_by(session, causes)
    unclear = {row.cause for row in rows if row.state is DeliveryState.UNCONFIRMED and row.check_at is None}
    refused = {row.cause for row in rows if row.state is DeliveryState.REFUSED}
    return dict.fromkeys(unclear, "unclear") | dict.fromkeys(refused, "refused")


# Files


def why_not(file: Dropped, largest: int, *, served: bool) -> str:
    """Why a file is not passed on, empty where it is. `served`: browsers reach us, so that no link to where it was put
    is needed."""
    if file.size > largest:
        return "too_large"
    return "" if _opens(file.link) or (served and _is_kept(file)) else "no_link"


def _opens(link: str) -> bool:
    return link.startswith("https://") and len(link) <= LONGEST_LINK


def _is_kept(file: Dropped) -> bool:
    """Whether the platform has told where it keeps the bytes."""
    return bool(file.url) and len(file.url) <= LONGEST_LINK


def served(turn: Turn) -> timedelta:
    """For how long every file that is passed on opens for its reader without access to where it was put."""
    files = passable(turn)
    if not turn.public_url or not all(map(_is_kept, files)):
        return timedelta()
    return min((file.lasts or file_links.LIFETIME for file in files), default=timedelta())


def passable(turn: Turn) -> list[Dropped]:
    return [file for file in turn.inbound.files[:AT_ONCE] if not _why_not(turn, file)]


def left(turn: Turn) -> list[dict[str, str]]:
    """The files that are not passed on: their names, and why."""
    faulty = [(file, _why_not(turn, file)) for file in turn.inbound.files[:AT_ONCE]]
    faulty += [(file, "too_many") for file in turn.inbound.files[AT_ONCE:]]
    return [{"name": name_of(file), "why": why} for file, why in faulty if why]


def _why_not(turn: Turn, file: Dropped) -> str:
    return why_not(file, turn.largest_file, served=bool(turn.public_url))


def name_of(file: Dropped) -> str:
    return texts.cleaned(file.name).strip()[:LONGEST_NAME] or "–"


def _kept(turn: Turn, file: Dropped) -> dict[str, Any]:
    told = {"name": name_of(file), "url": file.link if _opens(file.link) else "", "size": _size(file.size)}
    if not _is_kept(file):
        return told
    until = {"until": (turn.now + file.lasts).isoformat()} if file.lasts else {}
    return {**told, "at": file.url, "platform": turn.inbound.speaker.platform, **until}


def _link(scene: Scene, message: CaseMessage, place: int) -> FileLink:
    file = message.files[place]
    until = scene.now + file_links.LIFETIME
    until = min(until, datetime.fromisoformat(file["until"])) if "until" in file else until
    if not scene.public_url or "at" not in file or until <= scene.now:
        return FileLink(file["name"], file["url"], file["size"])
    access = FileAccess(scene.reader.id if scene.reader else 0, message.id or 0, place, until)
    url = scene.public_url.rstrip("/") + file_links.path(file_links.issue(scene.session, access))
    return FileLink(file["name"], url, file["size"], until, file["url"])


def _size(number: int) -> str:
    if not number:
        return ""
    return f"{number / 1024 / 1024:.1f} MB" if number >= 1024 * 1024 else f"{max(1, round(number / 1024))} KB"
