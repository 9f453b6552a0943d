"""Carries on with files that were dropped into the chat: fetches, checks and stores them, a step at a time.

Every step is committed before the next, and starts from what is stored: after a restart the next one is taken.
"""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import Executor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar

import structlog
from sqlmodel import col, select

from bot import dropping, importing, people_files
from bot.clock import Clock
from bot.importing import Outcome, RowReport
from bot.people_files import Unreadable
from bot.ports import Fetches, NotFetched, Platform
from storage.db import CompanySession, Database
from storage.tables import FileState, PeopleFile, PeopleFileBody

log = structlog.get_logger()

AGAIN = (timedelta(seconds=2), timedelta(seconds=10), timedelta(seconds=30))
"""After these waits it is tried once more; the addresses of files end within minutes."""
SHOWN_EVERY = timedelta(seconds=2)

T = TypeVar("T")


class _Job(NamedTuple):
    company_id: int
    file_id: int


class Intake:
    """One for a database. `woken` tells that the ledger has something to deliver; `mails_per_minute` is None where no
    mail is configured."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        clock: Clock,
        *,
        threads: Executor,
        woken: Callable[[], None],
        mails_per_minute: float | None,
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._clock = clock
        self._threads = threads
        self._woken = woken
        self._mails_per_minute = mails_per_minute
        self._wanted = asyncio.Event()

    def wake(self) -> None:
        """There may be a file to carry on with. On the event loop."""
        self._wanted.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        again: float | None = 0
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), again)
            self._wanted.clear()
            try:
                again = await self.round()
            except Exception:
                log.exception("intake.round_failed")
                again = AGAIN[-1].total_seconds()

    async def round(self) -> float | None:
        """Carry on with every file that is due. Returns the seconds until another one is, None for "when woken"."""
        jobs, _ = await self._in_thread(self._due)
        for job in jobs:
            try:
                await self._carry_on(job)
            except Exception:
                log.exception("intake.failed", company=job.company_id, file=job.file_id)
                await self._in_thread(partial(self._put_off, job, NotFetched("broken_off", again=True)))
            self._woken()
        return (await self._in_thread(self._due))[1]

    async def _in_thread(self, function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)

    def _due(self) -> tuple[list[_Job], float | None]:
        now = self._clock()
        under_way = col(PeopleFile.state).in_([FileState.FETCHING, FileState.IMPORTING])
        live = under_way, col(PeopleFile.person_id).is_not(None)
        with self._database.installation() as session:
            due = select(PeopleFile.company_id, PeopleFile.id).where(*live, col(PeopleFile.due_at) <= now)
            jobs = [_Job(company, file or 0) for company, file in session.exec(due.order_by(col(PeopleFile.id)))]
            first = session.exec(select(PeopleFile.due_at).where(*live).order_by(col(PeopleFile.due_at))).first()
        return jobs, max(0.0, (first - now).total_seconds()) if first else None

    async def _carry_on(self, job: _Job) -> None:
        file, there = await self._in_thread(partial(self._look, job))
        if file is None:
            return
        if file.state is FileState.FETCHING and not there:
            await self._fetch(job, file)
            file, there = await self._in_thread(partial(self._look, job))
        if file is None or not there:
            return
        try:
            if file.state is FileState.FETCHING:
                await self._check(job)
            elif file.state is FileState.IMPORTING:
                await self._store(job)
        except Unreadable as error:
            await self._in_thread(partial(self._give_up, job, {"key": error.key, "values": dict(error.values)}))

    def _look(self, job: _Job) -> tuple[PeopleFile | None, bool]:
        """The file, and whether its bytes are here."""
        with self._database.company(job.company_id) as session:
            there = select(PeopleFileBody.file_id).where(PeopleFileBody.file_id == job.file_id)
            return session.get(PeopleFile, job.file_id), session.exec(there).first() is not None

    # Fetching

    async def _fetch(self, job: _Job, file: PeopleFile) -> None:
        platform = self._platforms.get(file.platform)
        fetched = (
            await platform.fetch(file.url, dropping.LARGEST) if isinstance(platform, Fetches) else NotFetched("gone")
        )
        if isinstance(fetched, NotFetched):
            await self._in_thread(partial(self._put_off, job, fetched))
        else:
            await self._in_thread(partial(self._keep, job, fetched))

    def _keep(self, job: _Job, body: bytes) -> None:
        with self._database.company(job.company_id) as session:
            file = dropping.held(session, job.file_id)
            if file is not None and file.state is FileState.FETCHING:
                file.url, file.attempts = "", 0
                session.add(file)
                session.add(PeopleFileBody(file_id=job.file_id, body=body))

    def _put_off(self, job: _Job, why: NotFetched) -> None:
        now = self._clock()
        with self._database.company(job.company_id) as session:
            file = dropping.held(session, job.file_id)
            if file is None or file.state not in (FileState.FETCHING, FileState.IMPORTING):
                return
            if why.again and file.attempts < len(AGAIN):
                file.due_at = now + AGAIN[file.attempts]
                file.attempts += 1
                session.add(file)
            else:
                fault = dropping.too_large() if why.key == "too_large" else {"key": why.key}
                _fail(session, file, fault, now)

    def _give_up(self, job: _Job, fault: dict[str, Any]) -> None:
        with self._database.company(job.company_id) as session:
            file = dropping.held(session, job.file_id)
            if file is not None and file.state in (FileState.FETCHING, FileState.IMPORTING):
                _fail(session, file, fault, self._clock())

    # Checking and storing

    def _opened(self, job: _Job) -> people_files.PeopleFile:
        with self._database.company(job.company_id) as session:
            row = session.get_one(PeopleFileBody, (job.company_id, job.file_id))
            return people_files.PeopleFile(io.BytesIO(row.body))

    async def _check(self, job: _Job) -> None:
        file = await self._in_thread(partial(self._opened, job))
        counts: dict[str, int] = {}
        wrong: list[RowReport] = []
        steps = importing.checking(self._database, job.company_id, file, self._clock())
        async for batch in self._stepwise(steps):
            for outcome, number in importing.tally(batch).items():
                counts[outcome] = counts.get(outcome, 0) + number
            wrong += [row for row in batch if row.outcome is Outcome.WRONG]
            del wrong[dropping.LISTED :]
        await self._in_thread(partial(self._checked, job, file, counts, wrong))

    def _checked(
        self, job: _Job, read: people_files.PeopleFile, counts: dict[str, int], wrong: list[RowReport]
    ) -> None:
        now = self._clock()
        with self._database.company(job.company_id) as session:
            file = dropping.held(session, job.file_id)
            if file is None or file.state is not FileState.FETCHING:
                return
            file.digest, file.unread = read.digest, [heading[:100] for heading in read.unread[:20]]
            file.counts, file.rows = counts, sum(counts.values())
            file.wrong = [
                {"line": row.line, "faults": {name: list(fault) for name, fault in row.faults.items()}} for row in wrong
            ]
            file.due_at = now + dropping.KEPT
            nothing_to_do = not counts.get(Outcome.ADDED) and not counts.get(Outcome.CHANGED)
            if wrong or nothing_to_do:  # there is nothing that it could be kept for
                dropping.let_go(session, file, FileState.CHECKED, now)
                return
            file.state = FileState.CHECKED
            session.add(file)
            dropping.show(session, file.id, now)

    async def _store(self, job: _Job) -> None:
        file = await self._in_thread(partial(self._opened, job))
        pace = self._mails_per_minute
        steps = importing.storing(self._database, job.company_id, file, job.file_id, self._clock, pace)
        async for _ in self._stepwise(steps):
            await self._in_thread(partial(self._show, job))
            self._woken()
        await self._in_thread(partial(importing.finish, self._database, job.company_id, job.file_id, self._clock()))

    def _show(self, job: _Job) -> None:
        with self._database.company(job.company_id) as session:
            dropping.show(session, job.file_id, self._clock(), within=SHOWN_EVERY)

    async def _stepwise(self, steps: Iterator[list[RowReport]]) -> AsyncIterator[list[RowReport]]:
        """Each step in a thread of its own turn, so that others have theirs between."""
        while (batch := await self._in_thread(partial(next, steps, None))) is not None:
            yield batch


def _fail(session: CompanySession, file: PeopleFile, fault: dict[str, Any], now: datetime) -> None:
    file.fault = fault
    dropping.let_go(session, file, FileState.FAILED, now)
