"""A link in somebody's copy of the news: on to the address that HR wrote, and counted where a person follows it."""

import asyncio
from concurrent.futures import Executor
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from crawlerdetect import CrawlerDetect

from adapters.web import guard, html
from adapters.web.html import Words
from bot import clicks, prompts
from bot.clock import Clock
from storage.db import Database, Wait

LONGEST_AGENT = 256
"""Characters of a User-Agent that are looked at."""
_IN_ADVANCE = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
"""By these browsers say that they fetch a page for a preview, or before somebody asks for it."""


class Following:
    """Serves `/l/{link}` from `database`, in `threads`."""

    def __init__(self, database: Database, threads: Executor, now: Clock, *, public_url: str = "") -> None:
        self._database = database
        self._threads = threads
        self._now = now
        self._https = urlsplit(public_url).scheme == "https"
        self._crawlers = CrawlerDetect()

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/l/{link}", guard.guarded(self._lead_on, https=self._https))]

    async def _lead_on(self, request: web.Request) -> web.Response:
        address = await asyncio.get_running_loop().run_in_executor(self._threads, self._follow, request)
        # Neither parsed nor quoted anew: it leads exactly where it was written to.
        return web.Response(status=302, headers={hdrs.LOCATION: address}) if address else _over(request)

    def _follow(self, request: web.Request) -> str | None:
        link = request.match_info["link"]
        company_id = clicks.company_in(link)
        if company_id is None:
            return None
        counts = self._is_a_persons(request)
        with self._database.company(company_id, wait=Wait.TURN) as session:
            return clicks.follow(session, link, self._now(), counts=counts)

    def _is_a_persons(self, request: web.Request) -> bool:
        """What a browser sends when somebody opens a page. Programs that look at links in advance do not say that they
        navigate, say what they are, or ask for the head alone. Over http browsers do not say it either."""
        agent = request.headers.get(hdrs.USER_AGENT, "")[:LONGEST_AGENT]
        return (
            request.method == hdrs.METH_GET
            and request.headers.get("Sec-Fetch-Mode", "" if self._https else "navigate") == "navigate"
            and not any(name in request.headers for name in _IN_ADVANCE)
            and bool(agent.strip())
            and not self._crawlers.is_crawler(agent)
        )


def _over(request: web.Request) -> web.Response:
    """The same page for whatever is wrong with a link."""
    say = Words("web/link", prompts.locale_for(*html.wished(request)))
    text = html.page("notice", say, title=say("over_title"), name="over")
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=404)
