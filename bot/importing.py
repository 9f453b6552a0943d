"""People from a file, in two passes: every row is checked first, and only then stored, a batch at a time.

Nothing is stored while any row is wrong. A batch is committed with how far the file has come, so that whoever is killed
goes on behind the last batch; and as rows are known by employee number or address, the same file again changes nothing.
"""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from typing import NamedTuple, TypeVar

from sqlalchemy.exc import OperationalError
from sqlmodel import col, delete, select

from bot import clock, eligibility, invitations, leavers, marks, subjects
from bot.leavers import Leaver
from bot.people_files import PeopleFile, Row
from bot.ports import MAIL
from storage import lanes, ledger, people, tables
from storage.db import CompanySession, Database, was_deadlocked
from storage.people import CompanyFacts
from storage.tables import FileState, Person, PersonState

FAULTS = frozenset({"twice_in_file", "was_erased_on"})
"""Sentences of prompts/*/errors.md.j2 for what is wrong between rows."""
BATCH = 500
"""Rows of a transaction: on SQLite everybody else waits for it."""
_DEADLOCKS = 3

T = TypeVar("T")


class Outcome(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"


class Fault(NamedTuple):
    """A sentence of prompts/*/errors.md.j2, and the number in it."""

    key: str
    limit: int = 0


@dataclass(frozen=True, slots=True)
class RowReport:
    """What becomes of one row, or would. `faults` by column."""

    line: int
    name: str
    outcome: Outcome
    faults: Mapping[str, Fault] = field(default_factory=dict[str, Fault])


def sentences(faults: Mapping[str, Sequence[object]], locale: str) -> dict[str, str]:
    """In words, by column; also from how JSON has kept them."""
    return {
        column: leavers.sentence(column, str(key), locale, int(str(limit))) for column, (key, limit) in faults.items()
    }


def checking(database: Database, company_id: int, file: PeopleFile, now: datetime) -> Iterator[list[RowReport]]:
    """The first pass: what would become of the rows, a batch at a step. Stores nothing. Raises Unreadable."""
    with closing(_Seen()) as seen:
        for rows in _batches(file.rows()):
            yield _in_transaction(database, company_id, lambda session, rows=rows: _check(session, rows, seen, now))


def begin(database: Database, company_id: int, file: PeopleFile, now: datetime) -> tuple[int, int]:
    """The number under which the rows of a file from the command line are stored, and the line behind which to go on:
    of the same file that was broken off, else 0."""
    with database.company(company_id) as session:
        people.hold_company(session)
        broken_off = select(tables.PeopleFile).where(
            tables.PeopleFile.digest == file.digest,
            tables.PeopleFile.state == FileState.IMPORTING,
            col(tables.PeopleFile.person_id).is_(None),
        )
        run = session.exec(broken_off).first()
        if run is None:
            run = tables.PeopleFile(digest=file.digest, state=FileState.IMPORTING, due_at=now, created_at=now)
            session.add(run)
            session.flush()
        return run.id or 0, run.done_line


def storing(
    database: Database, company_id: int, file: PeopleFile, run_id: int, now: clock.Clock, mails_per_minute: float | None
) -> Iterator[list[RowReport]]:
    """The second pass: store the rows behind the last one stored, a batch at a step, with invitations as fast as the
    mail server takes them (none, without mail). What a row has come to clash with since the check is left out and
    reported. Two that store the same file at once share its rows. Raises Unreadable."""
    with database.company(company_id) as session:
        done_line = session.get_one(tables.PeopleFile, run_id).done_line
    for rows in _batches(row for row in file.rows() if row.line > done_line):
        yield _in_transaction(
            database,
            company_id,
            lambda session, rows=rows: _store(session, rows, run_id, now(), mails_per_minute),
        )


def finish(database: Database, company_id: int, run_id: int, now: datetime) -> tables.PeopleFile:
    """The last row is stored: the bytes are not needed any more, and the card says so."""
    with database.company(company_id) as session:
        run = session.get_one(tables.PeopleFile, run_id)
        run.state = FileState.DONE
        session.add(run)
        session.exec(delete(tables.PeopleFileBody).where(col(tables.PeopleFileBody.file_id) == run_id))
        session.flush()
        ledger.mark_stale(session, subjects.people_file(run_id), now)
        return run


def tally(reports: Iterable[RowReport]) -> dict[str, int]:
    return dict(Counter(str(report.outcome) for report in reports))


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while some := list(islice(left, BATCH)):
        yield some


def _in_transaction(database: Database, company_id: int, work: Callable[[CompanySession], T]) -> T:
    for _ in range(_DEADLOCKS):
        try:
            with database.company(company_id) as session:
                return work(session)
        except OperationalError as error:
            if not was_deadlocked(error):
                raise
    with database.company(company_id) as session:
        return work(session)


class _Seen:
    """What stands in rows before, on which line: on disk, as digests, since memory would grow with the file."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID")

    def first(self, column: str, value: str, line: int) -> int:
        """The first line with this value, which may be this one."""
        key = hashlib.blake2b(f"{column}:{value}".encode(), digest_size=16).digest()
        if self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, line)).rowcount:
            return line
        return self._db.execute("SELECT line FROM seen WHERE key = ?", (key,)).fetchone()[0]

    def close(self) -> None:
        self._db.close()


class _Meant(NamedTuple):
    """A row, who of the company it is about, their departments, and which rules are passed over for them; or what is
    wrong with it."""

    row: Row
    leaver: Leaver | None
    person: Person | None
    departments: Sequence[str]
    faults: Mapping[str, str]
    exceptions: Mapping[str, str]

    def report(self, outcome: Outcome, faults: Mapping[str, Fault] | None = None) -> RowReport:
        return RowReport(self.row.line, self.row.values["name"], outcome, faults or {})

    def pass_over(self, session: CompanySession, person: Person, now: datetime) -> None:
        """Write down which rules are, if any."""
        why = self.leaver.exception if self.leaver is not None else ""
        eligibility.exempt(session, person, why, self.exceptions, now, None)

    def wrong(self) -> RowReport:
        return self.report(
            Outcome.WRONG, {column: Fault(key, _LIMITS.get(column, 0)) for column, key in self.faults.items()}
        )


_LIMITS = {question.name: question.max_length for question in leavers.QUESTIONS}


def _meant(session: CompanySession, rows: Sequence[Row], today: date) -> list[_Meant]:
    faults = [leavers.faults(row.values, today) for row in rows]
    told = [None if wrong else leavers.read(row.values, today) for row, wrong in zip(rows, faults, strict=True)]
    known = iter(leavers.known_all(session, [leaver for leaver in told if leaver is not None]))
    found = [(None, wrong) if leaver is None else next(known) for leaver, wrong in zip(told, faults, strict=True)]
    ids = [person.id or 0 for person, _ in found if person is not None]
    departments = leavers.departments_of_all(session, ids) if ids else {}
    rules = eligibility.rules(session)
    zone = people.company(session).timezone
    erased = marks.kept_of_all(session, [(one.employee_number, one.email) if one else ("", "") for one in told])
    meant: list[_Meant] = []
    for row, leaver, (person, wrong), mark in zip(rows, told, found, erased, strict=True):
        if leaver is not None and person is None and mark is not None and not wrong:
            column = "employee_number" if leaver.employee_number else "email"
            wrong = {column: f"was_erased_on:{clock.today(mark.at, zone)}"}
        broken = {} if leaver is None or wrong else leavers.broken(rules, leaver, person)
        if leaver is not None and broken and not leaver.exception:
            wrong, broken = broken, {}
        own = departments.get(person.id or 0, ()) if person is not None else ()
        meant.append(_Meant(row, leaver, person, own, wrong, broken))
    return meant


def _check(session: CompanySession, rows: Sequence[Row], seen: _Seen, now: datetime) -> list[RowReport]:
    today = clock.today(now, people.company(session).timezone)
    return [_checked(one, seen) for one in _meant(session, rows, today)]


def _checked(one: _Meant, seen: _Seen) -> RowReport:
    leaver, person = one.leaver, one.person
    if leaver is None:
        return one.wrong()
    marks = {"employee_number": leaver.employee_number, "email": leaver.email}
    lines = {name: seen.first(name, value, one.row.line) for name, value in marks.items() if value}
    if person is not None:  # known by the number in one row, by the address in another
        lines.setdefault("email", one.row.line)
        lines["email"] = min(lines["email"], seen.first("person", str(person.id), one.row.line))
    earlier = {name: Fault("twice_in_file", line) for name, line in lines.items() if line != one.row.line}
    if earlier:
        return one.report(Outcome.WRONG, earlier)
    if one.faults:
        return one.wrong()
    if person is None:
        return one.report(Outcome.ADDED)
    same = leavers.says_nothing_new(person, one.departments, leaver)
    return one.report(Outcome.SAME if same else Outcome.CHANGED)


def _store(
    session: CompanySession, rows: Sequence[Row], run_id: int, now: datetime, mails_per_minute: float | None
) -> list[RowReport]:
    company = people.company(session)
    people.hold_company(session)
    run = session.get_one(tables.PeopleFile, run_id, with_for_update=True)
    meant = _meant(session, [row for row in rows if row.line > run.done_line], clock.today(now, company.timezone))
    adding = [one for one in meant if one.leaver is not None and one.person is None and not one.faults]
    new = [one.leaver for one in adding if one.leaver is not None]
    moments = _moments(session, len(new), now, mails_per_minute)
    ids = leavers.add_all(session, new, company, now, moments) if new else []
    for person_id, one in zip(ids, adding, strict=True):
        if one.exceptions:
            one.pass_over(session, session.get_one(Person, person_id), now)
    if mails_per_minute:
        added = zip(ids, new, moments, strict=True)
        letters = ((number, new.email, new.locale or company.locale, at) for number, new, at in added)
        invitations.write_first_letters(session, letters, now)
        _note_letters(run, moments)
    reports = [_stored(session, one, run, company, now, mails_per_minute) for one in meant]
    if meant:
        run.done_line = meant[-1].row.line
        run.counts = dict(Counter(run.counts) + Counter(tally(reports)))
        session.add(run)
    return reports


def _stored(
    session: CompanySession,
    one: _Meant,
    run: tables.PeopleFile,
    company: CompanyFacts,
    now: datetime,
    mails_per_minute: float | None,
) -> RowReport:
    if one.faults or one.leaver is None:
        return one.wrong()
    if one.person is None:
        return one.report(Outcome.ADDED)
    if leavers.says_nothing_new(one.person, one.departments, one.leaver):
        return one.report(Outcome.SAME)
    one.pass_over(session, one.person, now)
    taken = leavers.correct(session, one.person, one.leaver, company, now)
    if taken.invite and mails_per_minute:
        moments = _moments(session, 1, now, mails_per_minute)
        leavers.begin(session, taken.person, moments[0])
        invitations.write_letter(session, taken.person, now, template="invitation", at=moments[0])
        _note_letters(run, moments)
    elif taken.person.state is not PersonState.INVITED:
        invitations.show_changes(session, taken.person.id, now)
    return one.report(Outcome.CHANGED if taken.changed else Outcome.SAME)


def _moments(session: CompanySession, letters: int, now: datetime, per_minute: float | None) -> list[datetime]:
    """When each letter may leave: behind those of files before it, at the pace of the mail server."""
    return lanes.reserve(session, MAIL, "", letters, now, per_minute) if per_minute and letters else [now] * letters


def _note_letters(run: tables.PeopleFile, moments: Sequence[datetime]) -> None:
    if moments:
        run.letters += len(moments)
        run.last_letter_at = moments[-1]
