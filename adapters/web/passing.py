"""A file that came along in a conversation, behind its link: passed on from where its sender put it, and never kept."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Executor
from functools import partial
from urllib.parse import quote, urlsplit

from aiohttp import web

from adapters.web import guard, html
from adapters.web.html import Words
from bot import file_links, prompts
from bot.clock import Clock
from bot.file_links import OpenedFile
from bot.ports import NotFetched, Platform, Streams
from storage.db import Database

AT_ONCE = 16
"""Files that are passed on at the same time; others wait."""
_AGAIN_AFTER = {"Retry-After": "30"}


class Files:
    """Serves `/files/{token}` from `platforms`, up to `largest` bytes of each."""

    def __init__(
        self,
        database: Database,
        threads: Executor,
        now: Clock,
        platforms: Mapping[str, Platform],
        largest: int,
        *,
        public_url: str = "",
    ) -> None:
        self._database = database
        self._threads = threads
        self._now = now
        self._platforms = platforms
        self._largest = largest
        self._headers = guard.HEADERS | (guard.HSTS if urlsplit(public_url).scheme == "https" else {})
        self._https = urlsplit(public_url).scheme == "https"
        self._slots = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/files/{token}", guard.guarded(self._pass_on, https=self._https), allow_head=False)]

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        opening = partial(self._open, request.match_info["token"])
        file = await asyncio.get_running_loop().run_in_executor(self._threads, opening)
        platform = self._platforms.get(file.platform) if file else None
        if file is None or not isinstance(platform, Streams):
            return self._sorry(request, "gone")
        async with self._slots, platform.stream(file.url, self._largest) as found:
            if isinstance(found, NotFetched):
                return self._sorry(request, "away" if found.again else found.key)
            return await self._stream(request, file, found)

    def _open(self, token: str) -> OpenedFile | None:
        company_id = file_links.company_in(token)
        if company_id is None:
            return None
        with self._database.company(company_id) as session:
            return file_links.opened(session, token, self._now())

    async def _stream(self, request: web.Request, file: OpenedFile, bits: AsyncIterator[bytes]) -> web.StreamResponse:
        """Always to be saved, never to be shown, whatever it is. One that cannot be had whole ends in an error."""
        named = f"attachment; filename=\"file\"; filename*=UTF-8''{quote(file.name, safe='')}"
        headers = self._headers | {"Content-Disposition": named, "Content-Type": "application/octet-stream"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        try:
            async for bit in bits:
                await response.write(bit)
        except OSError:
            if request.transport is not None:
                request.transport.abort()
        return response

    def _sorry(self, request: web.Request, why: str) -> web.Response:
        """The same page for whatever is wrong with a link, and for a file that is not there any more."""
        say = Words("web/file", prompts.locale_for(*html.wished(request)), megabytes=self._largest // 1024 // 1024)
        name = why if why in ("away", "too_large") else "gone"
        text = html.page("notice", say, title=say(f"{name}_title"), name=name)
        status, headers = (503, _AGAIN_AFTER) if name == "away" else (404, {})
        return web.Response(text=text, content_type="text/html", charset="utf-8", status=status, headers=headers)
