"""Calendar files behind their links."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from urllib.parse import urlsplit

from aiohttp import web

from adapters.web import guard
from bot import calendar_feeds, calendars
from bot.clock import Clock
from storage.db import CompanySession, Database


class Calendars:
    """Serves `/events/{token}/event.ics` and `/calendar/{token}.ics` from `database`, in `threads`."""

    def __init__(self, database: Database, threads: Executor, now: Clock, *, public_url: str = "") -> None:
        self._database = database
        self._threads = threads
        self._now = now
        self._https = urlsplit(public_url).scheme == "https"

    def routes(self) -> list[web.RouteDef]:
        guarded = partial(guard.guarded, https=self._https)
        return [
            web.get(f"/events/{{token}}/{calendars.FILE}", guarded(self._event)),
            web.get("/calendar/{token}.ics", guarded(self._feed)),
        ]

    async def _event(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        return await self._answer(
            calendars.company_in(token), lambda session: calendars.opened(session, token, self._now())
        )

    async def _feed(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        return await self._answer(
            calendar_feeds.company_in(token), lambda session: calendar_feeds.opened(session, token, self._now())
        )

    async def _answer(self, company_id: int | None, find: Callable[[CompanySession], bytes | None]) -> web.Response:
        """404 for whatever is wrong with a link: calendar programs understand nothing else."""

        def run() -> bytes | None:
            if company_id is None:
                return None
            with self._database.company(company_id) as session:
                return find(session)

        body = await asyncio.get_running_loop().run_in_executor(self._threads, run)
        if body is None:
            return web.Response(status=404)
        named = {"Content-Disposition": f'attachment; filename="{calendars.FILE}"'}
        return web.Response(body=body, content_type=calendars.KIND, charset="utf-8", headers=named)
