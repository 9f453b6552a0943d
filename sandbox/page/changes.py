"""Telling every open page what has changed, as server-sent events."""

import asyncio
import json
from dataclasses import dataclass, field

from aiohttp import web

GATHER = 0.05
"""Seconds for which changes are gathered: a fan-out to hundreds of people is a few events."""
HEARTBEAT = 15.0
"""Seconds after which a silent line says that it is there."""


@dataclass(eq=False)
class _Listener:
    kinds: set[str] = field(default_factory=set[str])
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Changes:
    """`tell` is cheap, and never waits for a page that does not read."""

    def __init__(self) -> None:
        self._listeners: set[_Listener] = set()
        self._is_over = False

    def tell(self, kind: str) -> None:
        """Something of this kind has changed: slack, teams, calls, mail, story, clock, faults or reset."""
        for listener in self._listeners:
            listener.kinds.add(kind)
            listener.news.set()

    def close(self) -> None:
        """End every stream."""
        self._is_over = True
        for listener in self._listeners:
            listener.news.set()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """A text/event-stream of {kind} until the page goes or `close` is called."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        listener = _Listener()
        self._listeners.add(listener)
        try:
            await response.write(b": here\n\n")
            while not self._is_over:
                await response.write(await self._next(listener))
        except ConnectionResetError:
            return response
        finally:
            self._listeners.discard(listener)
        return response

    async def _next(self, listener: _Listener) -> bytes:
        try:
            await asyncio.wait_for(listener.news.wait(), HEARTBEAT)
        except TimeoutError:
            return b": still here\n\n"
        await asyncio.sleep(GATHER)
        kinds, listener.kinds = listener.kinds, set()
        listener.news.clear()
        return b"".join(b"data: " + json.dumps({"kind": kind}).encode() + b"\n\n" for kind in sorted(kinds))
