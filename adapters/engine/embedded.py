"""The embedded engine: one process, and APScheduler's ticks."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.delivery import Courier
from bot.introducing import Introducer
from bot.ports import Job

log = structlog.get_logger()

EVERY = 1
"""Seconds."""


class EmbeddedEngine:
    """Runs the courier and the introducer when they are woken and once a second, and `housekeeping` (in a thread) once
    a minute.

    It is for one process a database; who starts it holds storage.lock.
    """

    def __init__(
        self,
        make_courier: Callable[[Callable[[], None]], Courier],
        housekeeping: Callable[[], None],
        *,
        threads: Executor,
        make_introducer: Callable[[Callable[[], None]], Introducer],
    ) -> None:
        self._courier = make_courier(self.wake)
        self._introducer = make_introducer(self.meet)
        self._strangers = True
        self._housekeeping = housekeeping
        self._threads = threads
        self._wanted = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: asyncio.Task[None] | None = None
        self._stopping = False
        self._under_way: set[asyncio.Task[Any]] = set()
        # A tick that comes late still counts, several that were missed count as one, none overtakes itself.
        self._scheduler = AsyncIOScheduler(
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}, timezone="UTC"
        )

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._running = asyncio.create_task(self._run())
        self._scheduler.add_job(self._timed, "interval", args=[self.tick], seconds=EVERY)
        self._scheduler.add_job(self._timed, "interval", args=[self.catch_up], minutes=1)
        self._scheduler.start()
        await self.catch_up()

    async def stop(self) -> None:
        """Take nothing new, and let what is under way end."""
        if self._scheduler.running:
            self._scheduler.pause()
            await asyncio.sleep(0)  # what the scheduler has just begun is under way from here on
            await asyncio.gather(*self._under_way)
            await asyncio.sleep(0)
            self._scheduler.shutdown(wait=False)  # would cancel what is under way, and log that as an error
        self._stopping = True
        self._wanted.set()
        if self._running is not None:
            await self._running
        await self._introducer.finish()
        await self._courier.finish()

    def wake(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wanted.set)

    def meet(self) -> None:
        """There may be somebody to ask a platform about. On the event loop."""
        self._strangers = True
        self._wanted.set()

    def take_over(self, job: Job) -> None:
        self._courier.take_over(job)

    def cover(self, delivery: int) -> None:
        self._courier.cover(delivery)

    async def _timed(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            await work()
        finally:
            self._under_way.discard(task)

    async def tick(self) -> None:
        self.meet()

    async def catch_up(self) -> None:
        """Do what time alone has made due, without waiting for the next minute."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._housekeeping)
        self._wanted.set()

    async def _run(self) -> None:
        again: float | None = 0
        while not self._stopping:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), again)
            self._wanted.clear()
            await self._introduce()
            try:
                again = await self._courier.round()
            except Exception:
                log.exception("engine.round_failed")
                again = 1

    async def _introduce(self) -> None:
        """What fails here holds up no message; the next second tries again."""
        if not self._strangers:
            return
        self._strangers = False
        try:
            await self._introducer.round()
        except Exception:
            log.exception("engine.introducing_failed")
