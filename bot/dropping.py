"""Files of people that HR drops into the chat: checked first, shown on a card, imported when HR says so.

The card is a view of the file's row. What takes time (fetching, checking, storing) is bot.intake's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from sqlmodel import and_, col, delete, or_, select

from bot import importing, people_files, privately, subjects, texts
from bot.ports import Dropped
from bot.scene import Scene
from bot.turn import Answer, Refresh, Say, Turn
from storage import ledger
from storage.db import CompanySession
from storage.tables import FileState, PeopleFile, PeopleFileBody, Role

LARGEST = 20 * 1024 * 1024
"""Bytes of a file."""
KEPT = timedelta(hours=24)
"""How long a file's bytes wait for HR's word."""
REMEMBERED = timedelta(days=30)
AT_ONCE = 5
"""Files of one message."""
LISTED = 20
"""Wrong rows that the card names."""
_SUFFIXES = ("", ".csv", ".tsv", ".txt")
_WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".numbers", ".ods")
_LIVE = (FileState.FETCHING, FileState.CHECKED)


@dataclass(frozen=True, slots=True)
class WrongLine:
    line: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileView:
    """`done` rows of `rows` are stored. `more` wrong ones are not listed. `until`: when the file is let go."""

    id: int
    name: str
    state: str
    fault: str = ""
    rows: int = 0
    done: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    wrong: int = 0
    lines: tuple[WrongLine, ...] = ()
    unread: str = ""
    letters: int = 0
    last_letter_at: datetime | None = None
    until: datetime | None = None

    @property
    def more(self) -> int:
        return self.wrong - len(self.lines)

    @property
    def importable(self) -> bool:
        return self.state == FileState.CHECKED and not self.wrong and bool(self.added or self.changed)


def file_view(scene: Scene, file_id: int) -> FileView:
    """Raises LookupError for whoever is not of HR (any more)."""
    row = scene.session.get(PeopleFile, file_id)
    if row is None or scene.reader is None or scene.reader.role not in (Role.OWNER, Role.HR):
        raise LookupError(f"no file {file_id}")
    counts = row.counts
    return FileView(
        id=file_id,
        name=row.name,
        state=row.state,
        fault=_fault_of(row, scene.locale),
        rows=row.rows,
        done=sum(counts.values()),
        added=counts.get(importing.Outcome.ADDED, 0),
        changed=counts.get(importing.Outcome.CHANGED, 0),
        same=counts.get(importing.Outcome.SAME, 0),
        wrong=counts.get(importing.Outcome.WRONG, 0),
        lines=tuple(_wrong_line(one, scene.locale) for one in row.wrong),
        unread=texts.joined(row.unread, scene.locale),
        letters=row.letters,
        last_letter_at=row.last_letter_at,
        until=row.due_at if row.state is FileState.CHECKED else None,
    )


def _fault_of(row: PeopleFile, locale: str) -> str:
    if row.state is not FileState.FAILED:
        return ""
    return people_files.sentence(row.fault["key"], row.fault.get("values", {}), locale)


def _wrong_line(one: Mapping[str, Any], locale: str) -> WrongLine:
    return WrongLine(one["line"], tuple(dict.fromkeys(importing.sentences(one["faults"], locale).values())))


# What HR does


def drop(turn: Turn) -> Answer:
    """A card for each file, which follows what becomes of it."""
    address = privately.address_of(turn)
    if not turn.inbound.private or not address:
        return Say("file_in_private", notice=True)
    drafts = [_taken(turn, file, address) for file in turn.inbound.files[:AT_ONCE]]
    ledger.enqueue(turn.session, drafts, turn.now)
    return None


def _taken(turn: Turn, file: Dropped, address: str) -> ledger.Draft:
    fault = _fault(file)
    row = PeopleFile(
        person_id=turn.member.id,
        platform=turn.inbound.speaker.platform,
        url="" if fault else file.url,
        name=texts.cleaned(file.name)[:200],
        state=FileState.FAILED if fault else FileState.FETCHING,
        fault=fault,
        due_at=turn.now,
        created_at=turn.now,
    )
    turn.session.add(row)
    turn.session.flush()
    subject = subjects.people_file(row.id)
    return privately.draft(turn, address, subject, Say("people_file", {"people_file": row.id}), subject=subject)


def _fault(file: Dropped) -> dict[str, Any]:
    """What is wrong with it before anything is fetched."""
    suffix = PurePath(file.name).suffix.lower()
    if suffix in _WORKBOOKS:
        return {"key": "workbook"}
    if suffix not in _SUFFIXES:
        return {"key": "not_csv"}
    if file.size > LARGEST:
        return too_large()
    return {} if file.url else {"key": "gone"}


def too_large() -> dict[str, Any]:
    return {"key": "too_large", "values": {"limit": LARGEST // 1024 // 1024}}


def import_(turn: Turn) -> Answer:
    """Store what the card says was checked. Pressed twice, by two at once or too late, it shows what is."""
    row = _pressed(turn)
    if row is None:
        return Say("button_old", notice=True)
    if row.state is FileState.CHECKED and row.due_at <= turn.now:
        let_go(turn.session, row, FileState.EXPIRED, turn.now)
    elif row.state is FileState.CHECKED and not row.counts.get(importing.Outcome.WRONG):
        row.state, row.counts, row.due_at, row.attempts = FileState.IMPORTING, {}, turn.now, 0
        turn.session.add(row)
        show(turn.session, row.id, turn.now)
    return _card(row)


def cancel(turn: Turn) -> Answer:
    """The file's bytes are deleted; what is being imported is not stopped half-way."""
    row = _pressed(turn)
    if row is None:
        return Say("button_old", notice=True)
    if row.state in _LIVE:
        let_go(turn.session, row, FileState.CANCELLED, turn.now)
    return _card(row)


def _pressed(turn: Turn) -> PeopleFile | None:
    number = texts.number(turn.args.get("file", ""))
    return held(turn.session, number) if number is not None else None


def _card(row: PeopleFile) -> Answer:
    return Refresh(Say("people_file", {"people_file": row.id}))


# What becomes of it


def held(session: CompanySession, file_id: int) -> PeopleFile | None:
    """The file's row, which nobody else changes until the transaction ends."""
    return session.exec(select(PeopleFile).where(PeopleFile.id == file_id).with_for_update()).first()


def show(session: CompanySession, file_id: int | None, now: datetime, within: timedelta = timedelta()) -> None:
    """The card is to say how the file stands now."""
    session.flush()
    ledger.mark_stale(session, subjects.people_file(file_id), now, within=within)


def let_go(session: CompanySession, row: PeopleFile, state: FileState, now: datetime) -> None:
    """Nothing more happens to the file, and its bytes are deleted."""
    row.state, row.url = state, ""
    session.add(row)
    session.exec(delete(PeopleFileBody).where(col(PeopleFileBody.file_id) == row.id))
    show(session, row.id, now)


def expire(session: CompanySession, now: datetime) -> None:
    """Let go of files on which HR has said nothing, and forget those that were long ago."""
    checked, fetching = col(PeopleFile.state) == FileState.CHECKED, col(PeopleFile.state) == FileState.FETCHING
    waiting = or_(
        and_(checked, col(PeopleFile.due_at) <= now), and_(fetching, col(PeopleFile.created_at) <= now - KEPT)
    )
    _expire(session, session.exec(select(PeopleFile).where(waiting)).all(), now)
    session.exec(delete(PeopleFile).where(col(PeopleFile.created_at) <= now - REMEMBERED))


def someone_erased(session: CompanySession, now: datetime) -> None:
    """Who is erased must not stand in a file that waits here, nor come back by it: those that wait are let go."""
    waiting = select(PeopleFile).where(col(PeopleFile.state).in_(_LIVE))
    _expire(session, session.exec(waiting.order_by(col(PeopleFile.id)).with_for_update()).all(), now)


def _expire(session: CompanySession, rows: Sequence[PeopleFile], now: datetime) -> None:
    for row in rows:
        let_go(session, row, FileState.EXPIRED, now)
