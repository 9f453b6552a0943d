"""The page behind a link to an export. Opening it, as a link preview does, uses nothing up; its button does."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from html import escape
from typing import Any, Protocol, TypeVar

from aiohttp import web

from adapters.web import html
from bot import account_links, exports, prompts
from bot.clock import Clock
from bot.exports import File
from storage.db import CompanySession, Database

T = TypeVar("T")

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
_STYLE = (
    "body{font:1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}button{font:inherit;padding:.7rem 1.4rem;border:0;border-radius:.4rem;background:#174ea6;"
    "color:#fff}button:focus-visible{outline:3px solid #000;outline-offset:2px}"
)


class Files(Protocol):
    """Where a link leads, what is there, and what its button gives."""

    def path(self, token: str, /) -> str: ...
    def find(self, session: CompanySession, token: str, now: datetime, /) -> Any: ...
    def redeem(self, session: CompanySession, token: str, now: datetime, /) -> File | None: ...


class Exports:
    """Serves `/exports/{token}`, or what else `files` has at its own place, from `database`, in `threads`."""

    def __init__(self, database: Database, threads: Executor, now: Clock, files: Files = exports) -> None:
        self._database = database
        self._threads = threads
        self._now = now
        self._files = files

    def routes(self) -> list[web.RouteDef]:
        place = self._files.path("{token}")
        return [web.get(place, self._show), web.post(place, self._hand_over)]

    async def _show(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        there = await self._within(token, lambda session: self._files.find(session, token, self._now()) is not None)
        return _page(request, token) if there else _page(request)

    async def _hand_over(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        file = await self._within(token, lambda session: self._files.redeem(session, token, self._now()))
        return _page(request) if file is None else _download(file)

    async def _within(self, token: str, ask: Callable[[CompanySession], T]) -> T | None:
        """What the token's company says; None where it names none."""
        company_id = account_links.company_in(token)

        def run() -> T | None:
            if company_id is None:
                return None
            with self._database.company(company_id) as session:
                return ask(session)

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)


def _download(file: File) -> web.Response:
    headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{file.name}"', "Content-Type": file.kind}
    return web.Response(body=file.body, headers=headers)


def _page(request: web.Request, token: str = "") -> web.Response:
    """With a token the page of a link that works; without, the same 404 for whatever is wrong with it."""
    locale = prompts.locale_for(*html.wished(request))

    def words(block: str) -> str:
        return escape(prompts.phrase("export_page", locale, block))

    button = f'<form method="post"><button>{words("download")}</button></form>' if token else ""
    body = (
        f'<!doctype html><html lang="{locale}"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{words("title")}</title><style>{_STYLE}</style></head><body><main>'
        f"<h1>{words('title')}</h1><p>{words('ready' if token else 'gone')}</p>{button}</main></body></html>"
    )
    return web.Response(text=body, content_type="text/html", headers=_HEADERS, status=200 if token else 404)
