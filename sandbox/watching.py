"""Something that others watch, or wait for: how practice servers tell of what happens in them."""

import asyncio
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """Something that happened, for whoever watches."""

    kind: str
    what: Any


class Watched:
    def __init__(self) -> None:
        self._watchers: list[asyncio.Queue[Change]] = []
        self._waiting: list[asyncio.Future[None]] = []

    def subscribe(self) -> "asyncio.Queue[Change]":
        """A queue that gets every change from now on; give it back to `unsubscribe`."""
        queue: asyncio.Queue[Change] = asyncio.Queue()
        self._watchers.append(queue)
        return queue

    def unsubscribe(self, queue: "asyncio.Queue[Change]") -> None:
        """Stop a queue of `subscribe`."""
        self._watchers.remove(queue)

    def changed(self, kind: str = "state", what: object = None) -> None:
        """Tell the watchers and wake whoever waits for a change."""
        for queue in self._watchers:
            queue.put_nowait(Change(kind, what))
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()

    async def _next_change(self, seconds: float) -> bool:
        """Whether there was one within that time."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        done, _ = await asyncio.wait([future], timeout=max(seconds, 0))
        return bool(done)
