"""Asking the platforms who somebody is, after the event is answered and outside every transaction.

What is to be asked stands in the rows of join_request, so that nobody is forgotten whatever happens to this process.
Each answer goes back through the front door as an event; so does "nobody could be asked", once asking again is of no
use.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from bot.clock import Clock
from bot.outcomes import Refused, Sent, Throttled, Unconfirmed
from bot.ports import Inbound, Introduces, Kind, Platform, Profile, Speaker
from storage import conversations, join_requests
from storage.db import Database

log = structlog.get_logger()

AT_ONCE = 4
LEASE = timedelta(seconds=30)
"""How long a process may take: more than a request's timeout. Who is not answered for by then is asked about anew."""
LOOKS = 4
AGAIN_AFTER = timedelta(seconds=3)
"""After an attempt without an answer; each further one waits twice as long."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Somebody to be asked about."""

    request: int
    platform: str
    workspace: str
    account: str
    address: str
    looks: int
    at: datetime
    reference: Mapping[str, Any] | None


class Introducer:
    """Asks about those who are due, up to AT_ONCE at a time. `receive` is the front door; `woken` is called when
    another round is worth while."""

    def __init__(
        self,
        database: Database,
        platforms: Mapping[str, Platform],
        clock: Clock,
        receive: Callable[[Inbound], Awaitable[Any]],
        *,
        threads: Executor,
        woken: Callable[[], None],
    ) -> None:
        self._database = database
        self._platforms = {name: p for name, p in platforms.items() if isinstance(p, Introduces)}
        self._clock = clock
        self._receive = receive
        self._threads = threads
        self._woken = woken
        self._under_way: set[asyncio.Task[None]] = set()

    async def round(self) -> None:
        """Start to ask about who is due. Returns at once."""
        room = AT_ONCE - len(self._under_way)
        if room <= 0 or not self._platforms:
            return
        for unknown in await self._in_thread(partial(self._claim, room)):
            task = asyncio.create_task(self._ask(unknown))
            self._under_way.add(task)
            task.add_done_callback(self._done)

    async def finish(self) -> None:
        """Returns when nobody is being asked about any more; start no round meanwhile."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    def _done(self, task: asyncio.Task[None]) -> None:
        full = len(self._under_way) >= AT_ONCE
        self._under_way.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("introducing.failed", exc_info=task.exception())
        if full:
            self._woken()

    async def _in_thread(self, function: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function)

    def _claim(self, room: int) -> list[Unknown]:
        now = self._clock()
        with self._database.installation() as session:
            rows = join_requests.claim(session, now, now + LEASE, sorted(self._platforms), room)
            found: list[Unknown] = []
            for row in rows:
                with self._database.company(row.company_id, within=session) as own:
                    reference = conversations.reference(own, row.address)
                account = (row.platform, row.workspace, row.external_id)
                found.append(Unknown(row.id or 0, *account, row.address, row.looks, now, reference))
            return found

    async def _ask(self, unknown: Unknown) -> None:
        platform = self._platforms[unknown.platform]
        answer = await platform.introduce(unknown.account, unknown.address, unknown.reference)
        now = self._clock()
        match answer:
            case Profile():
                await self._tell(unknown, answer)
            case Throttled(until):
                await self._in_thread(partial(self._park, unknown, until))
            case Unconfirmed(detail) if unknown.looks < LOOKS:
                log.info("introducing.no_answer", platform=unknown.platform, detail=detail)
                wait = AGAIN_AFTER * 2 ** (unknown.looks - 1)
                await self._in_thread(partial(self._look_again, unknown, now + wait))
            case Refused() | Unconfirmed() | Sent():
                log.warning("introducing.refused", platform=unknown.platform, outcome=repr(answer))
                await self._tell(unknown, None)

    async def _tell(self, unknown: Unknown, profile: Profile | None) -> None:
        name, locale = (profile.name, profile.locale) if profile else ("", "")
        where = f"{unknown.platform}:{unknown.workspace}:{unknown.account}"
        await self._receive(
            Inbound(
                key=f"introduced:{where}:{unknown.at.isoformat()}",
                kind=Kind.INTRODUCED,
                speaker=Speaker(unknown.platform, unknown.workspace, unknown.account, name, locale),
                address=unknown.address,
                private_address=unknown.address,
                reference=unknown.reference,
                profile=profile,
            )
        )

    def _park(self, unknown: Unknown, until: datetime) -> None:
        with self._database.installation() as session:
            join_requests.park(session, unknown.request, unknown.platform, unknown.workspace, until)

    def _look_again(self, unknown: Unknown, at: datetime) -> None:
        with self._database.installation() as session:
            join_requests.look_again(session, unknown.request, at)
