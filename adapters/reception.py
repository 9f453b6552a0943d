"""From the event loop to the core's threads and back, with the events that wait at the same time in one go."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor

from bot.dispatch import Dispatcher
from bot.ports import Inbound, Reply


class Reception:
    """Hands events to the dispatcher, up to `together` in one transaction: under load they then wait for the disk
    once, not once each. An event that comes alone is dealt with at once."""

    def __init__(self, dispatcher: Dispatcher, threads: Executor, *, together: int) -> None:
        self._dispatcher = dispatcher
        self._threads = threads
        self._together = together
        self._waiting: list[tuple[Inbound, asyncio.Future[Reply]]] = []
        self._serving: asyncio.Task[None] | None = None

    async def receive(self, inbound: Inbound) -> Reply:
        """As Dispatcher.receive: returns when everything is committed."""
        loop = asyncio.get_running_loop()
        if self._together == 1:
            return await loop.run_in_executor(self._threads, self._dispatcher.receive, inbound)
        answered: asyncio.Future[Reply] = loop.create_future()
        self._waiting.append((inbound, answered))
        if self._serving is None or self._serving.done():
            self._serving = loop.create_task(self._serve())
        return await answered

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting[: self._together], self._waiting[self._together :]
            inbounds = [inbound for inbound, _ in group]
            replies: Sequence[Reply | Exception]
            try:
                replies = await loop.run_in_executor(self._threads, self._dispatcher.receive_together, inbounds)
            except Exception as error:
                replies = [error] * len(group)
            for (_, answered), reply in zip(group, replies, strict=True):
                if answered.done():  # nobody waits any more
                    continue
                if isinstance(reply, Exception):
                    answered.set_exception(reply)
                else:
                    answered.set_result(reply)
