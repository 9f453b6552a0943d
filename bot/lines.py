"""What was said in a case, line by line: as it was typed, as it reads since, and how far it came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bot import subjects, texts
from bot.ports import Dropped
from bot.turn import Turn
from storage import ledger
from storage.db import CompanySession
from storage.tables import CaseMessage, DeliveryState, Person, Side

LARGEST = 25 * 1024 * 1024
"""Bytes of a file whose link is passed on."""
AT_ONCE = 10
"""Files of one message."""
LONGEST_LINK, LONGEST_NAME = 2000, 200


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file that came along. It opens where it was put, for those who may see it there."""

    name: str
    url: str
    size: str = ""


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
    message = CaseMessage(
        case_id=case_id,
        side=side,
        author_id=turn.member.id,
        text=text,
        source=inbound.source,
        files=[_kept(file) for file in passable(inbound.files)],
        edited_at=inbound.changed_at,
        at=min(inbound.typed_at or turn.now, turn.now),
    )
    turn.session.add(message)
    turn.session.flush()
    return message


def of_source(session: CompanySession, source: str) -> CaseMessage | None:
    """The line that was typed as that message on its platform."""
    if not source:
        return None
    return session.exec(select(CaseMessage).where(CaseMessage.source == source).order_by(col(CaseMessage.id))).first()


def last(session: CompanySession, case_id: int, number: int) -> tuple[list[LineView], int]:
    """The newest lines of the case, in the order in which they were said, and how many come before them."""
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
            **marks(message),
        )
        for message, author in shown
    ]
    return views, len(said) - len(shown)


def marks(message: CaseMessage) -> dict[str, Any]:
    """What became of a line since it was said, and what came with it: arguments of its view."""
    removed = message.removed_at is not None
    return {
        "edited": message.edited_at is not None and not removed,
        "removed": removed,
        "files": tuple(FileLink(**file) for file in message.files),
    }


def late(session: CompanySession, message: CaseMessage) -> datetime | None:
    """When it was said, where something that was said after it by its side had come before it."""
    before = select(CaseMessage.id).where(
        CaseMessage.case_id == message.case_id,
        CaseMessage.side == message.side,
        col(CaseMessage.id) < message.id,
        col(CaseMessage.at) > message.at,
    )
    return message.at if session.exec(before.limit(1)).first() is not None else None


def no_longer_said(session: CompanySession, message_id: int) -> str:
    """Why a line should not be sent any more, empty when it should."""
    message = session.get(CaseMessage, message_id)
    return "deleted" if message is not None and message.removed_at is not None else ""


def _fates(session: CompanySession, causes: Sequence[str]) -> Mapping[str, str]:
    rows = ledger.caused_by(session, causes)
    unclear = {row.cause for row in rows if row.state is DeliveryState.UNCONFIRMED and row.check_at is None}
    refused = {row.cause for row in rows if row.state is DeliveryState.REFUSED}
    return dict.fromkeys(unclear, "unclear") | dict.fromkeys(refused, "refused")


# Files


def why_not(file: Dropped) -> str:
    """Why a file's link is not passed on, empty where it is."""
    if file.size > LARGEST:
        return "too_large"
    good = file.link.startswith("https://") and len(file.link) <= LONGEST_LINK
    return "" if good else "no_link"


def passable(files: Sequence[Dropped]) -> list[Dropped]:
    return [file for file in files[:AT_ONCE] if not why_not(file)]


def left(files: Sequence[Dropped]) -> list[dict[str, str]]:
    """The files whose links are not passed on: their names, and why."""
    faulty = [{"name": name_of(file), "why": why_not(file)} for file in files[:AT_ONCE] if why_not(file)]
    return faulty + [{"name": name_of(file), "why": "too_many"} for file in files[AT_ONCE:]]


def name_of(file: Dropped) -> str:
    return texts.cleaned(file.name).strip()[:LONGEST_NAME] or "–"


def _kept(file: Dropped) -> dict[str, Any]:
    return {"name": name_of(file), "url": file.link, "size": _size(file.size)}


def _size(number: int) -> str:
    if not number:
        return ""
    return f"{number / 1024 / 1024:.1f} MB" if number >= 1024 * 1024 else f"{max(1, round(number / 1024))} KB"
