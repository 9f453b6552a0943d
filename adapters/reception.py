"""From the event loop to the core and back, with the events that wait at the same time in one go."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

from bot.dispatch import Dispatcher
from bot.ports import Inbound, Reply

RECENT = 1.0
"""Seconds."""
LOG_IS_COPIED_EVERY = 100
"""Look-ups on the event loop leave it to the core's thread to copy SQLite's log back: so often it gets one to do."""

_Waiting = tuple[Inbound, "asyncio.Future[Reply]"]


class CoreThreads(ThreadPoolExecutor):
    """The threads of the core, which know whether they have anything to do."""

    def __init__(self, threads: int) -> None:
        super().__init__(threads, thread_name_prefix="core")
        self._tasks = 0
        self._counting = Lock()

    @property
    def idle(self) -> bool:
        return self._tasks == 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self._count(1)
        try:
            task = super().submit(fn, *args, **kwargs)
        except BaseException:
            self._count(-1)
            raise
        task.add_done_callback(lambda _: self._count(-1))
        return task

    def _count(self, more: int) -> None:
        with self._counting:
            self._tasks += more


class Reception:
    """Hands events to the dispatcher, up to `together` in one transaction: under load they then wait for the disk
    once, not once each. An event that comes alone is dealt with at once.

    On SQLite look-ups stay on the event loop while the core's thread rests: two threads that take turns at Python's
    lock need twice the time of one.
    """

    def __init__(self, dispatcher: Dispatcher, threads: CoreThreads, *, together: int) -> None:
        self._dispatcher = dispatcher
        self._threads = threads
        self._together = together
        self._waiting: list[_Waiting] = []
        self._serving: asyncio.Task[None] | None = None
        self._looked_up = 0
        self._latest = float("-inf")

    def is_busy(self) -> bool:
        """Whether an event came just now: the next one should not find the database busy for long."""
        return asyncio.get_running_loop().time() < self._latest + RECENT

    async def receive(self, inbound: Inbound) -> Reply:
        """As Dispatcher.receive: returns when everything is committed."""
        loop = asyncio.get_running_loop()
        self._latest = loop.time()
        if self._together == 1:
            return await loop.run_in_executor(self._threads, self._dispatcher.receive, inbound)
        answered: asyncio.Future[Reply] = loop.create_future()
        self._waiting.append((inbound, answered))
        if self._serving is None or self._serving.done():
            self._serving = loop.create_task(self._serve())
        return await answered

    async def _serve(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[: self._together], self._waiting[self._together :]
            inbounds = [inbound for inbound, _ in group]
            for (_, answered), reply in zip(group, await self._replies(inbounds), strict=True):
                _answer(answered, reply)

    async def _replies(self, inbounds: Sequence[Inbound]) -> Sequence[Reply | Exception]:
        if self._threads.idle and self._looked_up < LOG_IS_COPIED_EVERY:
            self._looked_up += 1
            replies = self._dispatcher.look_up(inbounds)
            if replies is not None:
                return replies
        self._looked_up = 0
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, self._dispatcher.receive_together, inbounds)
        except Exception as error:
            return [error] * len(inbounds)


def _answer(answered: "asyncio.Future[Reply]", reply: Reply | Exception) -> None:
    if answered.done():  # nobody waits any more
        return
    if isinstance(reply, Exception):
        answered.set_exception(reply)
    else:
        answered.set_result(reply)
