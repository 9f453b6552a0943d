"""What is stored of a person, and a company's audit log, as files: behind a link that is good once, for an hour."""

import csv
import hashlib
import io
import json
import secrets
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import select

from bot import privacy
from bot.prompts import phrase
from bot.scene import Scene
from bot.turn import Answer, Say, Turn
from storage import audit, people, personal
from storage.db import CompanySession
from storage.tables import Code, Purpose, Role

LIFETIME = timedelta(hours=1)
FITS = 2500
"""Characters that a message takes; a longer export needs a link."""
LISTED = 15
"""Entries of the audit log that its card shows."""
_BYTES = 32
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ExportView:
    """`url` is a new one where these words leave; `text` is the export where there can be no link and it is short.
    `possible`: the company has set PUBLIC_URL."""

    url: str
    text: str
    possible: bool
    until: datetime


@dataclass(frozen=True, slots=True)
class EntryView:
    at: datetime
    action: str
    who: str
    whom: str
    detail: str


@dataclass(frozen=True, slots=True)
class AuditView:
    entries: tuple[EntryView, ...]
    more: bool
    url: str
    until: datetime


def export_view(scene: Scene, person_id: int) -> ExportView:
    """Raises LookupError for everybody but the person."""
    if scene.reader is None or scene.reader.id != person_id:
        raise LookupError(f"the data of {person_id} is nobody else's to export")
    until = scene.now + LIFETIME
    if scene.public_url:
        return ExportView(_link(scene, Purpose.EXPORT, person_id), "", possible=True, until=until)
    text = as_json(scene.session, person_id)
    return ExportView("", text if len(text) <= FITS else "", possible=False, until=until)


def audit_view(scene: Scene, newest: int) -> AuditView:
    """Raises LookupError for everybody but owners."""
    if scene.reader is None or scene.reader.role is not Role.OWNER:
        raise LookupError("the audit log is the owners'")
    entries = audit.entries(scene.session, newest + 1)
    url = _link(scene, Purpose.AUDIT, scene.reader.id) if scene.public_url else ""
    views = tuple(_entry(row) for row in _log(scene.session, entries[:newest], scene.locale))
    return AuditView(views, len(entries) > newest, url, scene.now + LIFETIME)


def _entry(row: "LogRow") -> EntryView:
    return EntryView(row.at, row.action, row.who, row.whom, row.detail)


def own(turn: Turn) -> Answer:
    return privacy.privately(turn, Say("privacy_export", {"export": turn.member.id}))


def log(turn: Turn) -> Answer:
    return privacy.privately(turn, Say("audit", {"audit": LISTED}))


# Links


def _link(scene: Scene, purpose: Purpose, person_id: int) -> str:
    if not scene.leaves:
        return ""
    return scene.public_url.rstrip("/") + path(issue(scene.session, purpose, person_id, scene.now))


def issue(session: CompanySession, purpose: Purpose, person_id: int, now: datetime) -> str:
    """A new token, which names its company; only its digest is stored."""
    secret = secrets.token_urlsafe(_BYTES)
    session.add(Code(digest=_digest(secret), purpose=purpose, person_id=person_id, expires_at=now + LIFETIME))
    session.flush()
    return f"{session.company_id}.{secret}"


def path(token: str) -> str:
    """Where the file is, below PUBLIC_URL."""
    return f"/exports/{token}"


def find(session: CompanySession, token: str, now: datetime) -> Code | None:
    """The token's code, which this does not use up; None when it is unknown, used or expired."""
    digest = _digest(token.partition(".")[2])
    wanted = Code.purpose == Purpose.EXPORT, Code.purpose == Purpose.AUDIT
    found = session.exec(select(Code).where(Code.digest == digest, wanted[0] | wanted[1]).with_for_update()).first()
    return found if found is not None and found.used_at is None and found.expires_at > now else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class File:
    name: str
    kind: str
    body: bytes


def redeem(session: CompanySession, token: str, now: datetime) -> File | None:
    """The file, once. An owner who is none any more gets no log."""
    code = find(session, token, now)
    if code is None or code.person_id is None:
        return None
    member = people.members(session, [code.person_id]).get(code.person_id)
    if member is None or (code.purpose is Purpose.AUDIT and member.role is not Role.OWNER):
        return None
    code.used_at = now
    session.add(code)
    if code.purpose is Purpose.EXPORT:
        return File("motokai-data.zip", "application/zip", as_zip(session, member.id))
    rows = _log(session, audit.entries(session), member.locale)
    audit.note(session, "audit.exported", now, actor_id=member.id)
    return File("motokai-audit.csv", "text/csv; charset=utf-8", as_csv(LOG_COLUMNS, [row.cells() for row in rows]))


# Files


def as_json(session: CompanySession, person_id: int) -> str:
    return json.dumps(personal.of(session, person_id), ensure_ascii=False, indent=1)


def as_zip(session: CompanySession, person_id: int) -> bytes:
    """One JSON file of everything, and a CSV file a table."""
    stored = personal.of(session, person_id)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(stored, ensure_ascii=False, indent=1))
        for name, rows in stored.items():
            if rows:
                columns = personal.header(name)
                archive.writestr(f"{name}.csv", as_csv(columns, [[row[column] for column in columns] for row in rows]))
    return packed.getvalue()


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a mark, as Excel wants it; what a spreadsheet would calculate is made a text."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(map(_cell, columns))
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    shown = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


# The audit log


LOG_COLUMNS = ("at", "action", "who", "who_mark", "whom", "whom_mark", "detail")


@dataclass(frozen=True, slots=True)
class LogRow:
    at: datetime
    action: str
    who: str
    who_mark: str
    whom: str
    whom_mark: str
    detail: str

    def cells(self) -> Sequence[str]:
        return (self.at.isoformat(), self.action, self.who, self.who_mark, self.whom, self.whom_mark, self.detail)


def _log(session: CompanySession, entries: Sequence[Any], locale: str) -> list[LogRow]:
    named = {n for e in entries for n in (e.actor_id, e.subject_id) if n}
    known = people.members(session, named)

    def name(number: int | None, mark: str, nobody: str) -> str:
        return privacy.name_of(known.get(number or 0), locale) if number or mark else nobody

    itself = phrase("stored", locale, "by_itself")
    return [
        LogRow(
            entry.at,
            entry.action,
            name(entry.actor_id, entry.actor_mark, itself),
            entry.actor_mark,
            name(entry.subject_id, entry.subject_mark, ""),
            entry.subject_mark,
            _detail(entry.detail),
        )
        for entry in entries
    ]


def _detail(detail: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in detail.items())
