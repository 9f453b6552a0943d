"""What a practice Teams remembers of its traffic, and how a watcher is told of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Received:
    """One request that the bot made, and what came of it.

    `status` is what the connector itself made of the request; 0 when `fault`, the name of a fault on
    order, kept it from taking effect. Under a fault the bot may have been told something else.
    """

    at: float
    method: str
    operation: str
    path: str
    conversation_id: str | None
    activity_id: str | None
    body: Any
    status: int
    code: str | None
    answer_id: str | None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Something changed; `kind` is one of posted, updated, deleted, viewed, request, sent, member."""

    kind: str
    conversation_id: str | None = None
    activity_id: str | None = None


class Subscription:
    """Changes from the moment of subscribing on; an async iterator that `close()` ends."""

    def __init__(self, leave: Callable[["Subscription"], None]) -> None:
        self._queue: asyncio.Queue[Change | None] = asyncio.Queue()
        self._leave = leave

    def put(self, change: Change) -> None:
        self._queue.put_nowait(change)

    def close(self) -> None:
        self._leave(self)
        self._queue.put_nowait(None)

    def __enter__(self) -> "Subscription":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aiter__(self) -> AsyncIterator[Change]:
        while (change := await self._queue.get()) is not None:
            yield change


class NotYet(AssertionError):
    """What a test waited for did not come true in time; the text shows how things stand."""


class Bell:
    """Rings at every change; waiters look again when it rings, and never in between."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        self._subscribers: list[Subscription] = []

    def ring(self, change: Change) -> None:
        """Wake every waiter and tell every subscriber. Cheap when nobody listens."""
        if self._waiting:
            for future in self._waiting:
                if not future.done():
                    future.set_result(None)
            self._waiting.clear()
        for subscriber in self._subscribers:
            subscriber.put(change)

    def subscribe(self) -> Subscription:
        subscription = Subscription(self._leave)
        self._subscribers.append(subscription)
        return subscription

    def _leave(self, subscription: Subscription) -> None:
        if subscription in self._subscribers:
            self._subscribers.remove(subscription)

    async def until(self, look: Callable[[], T], timeout: float, dump: Callable[[], str]) -> T:  # noqa: ASYNC109
        """What `look` returns once it is truthy. Raises NotYet with the dump after `timeout` seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not (found := look()):
            future = loop.create_future()
            self._waiting.add(future)
            try:
                await asyncio.wait_for(future, deadline - loop.time())
            except TimeoutError:
                raise NotYet(f"not true after {timeout:g} s\n{dump()}") from None
            finally:
                self._waiting.discard(future)
        return found
